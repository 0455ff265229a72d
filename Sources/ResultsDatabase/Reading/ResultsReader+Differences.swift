import GRDB
public import Primitives

/// What a scheduler or kubelet decided about a pod, in words.
public struct DecisionText: Sendable, Hashable {
    public var time: SimTime
    public var pod: String
    /// `placed on worker-1: dpdk CPUs 1-6,33-38 of NUMA node 0`, `refused by worker-2: TopologyAffinityError`.
    public var text: String
}

/// The first decision that two runs do not share.
public struct DecisionDifference: Sendable, Hashable {
    public var time: SimTime
    public var pod: String
    /// The pod's first decision from `time` on; nil when there is none.
    public var was: DecisionText?
    public var now: DecisionText?
}

extension ResultsReader {
    /// The first decision, in the order of simulated time, in which a run differs from this one.
    ///
    /// Needs the level `pods` in both; memory blocks and devices are compared where both recorded them. A file of
    /// less has no decisions, and nil is no promise then.
    public func firstDifference(
        in candidate: ResultsReader
    ) throws(ResultsDatabaseError) -> DecisionDifference? {
        let isFull = run.recordLevel == .full && candidate.run.recordLevel == .full
        return try read { mine in
            try candidate.database.read { others in
                try DecisionRows.firstDifference(mine, others, isFull: isFull)
            }
        }
    }
}

private enum DecisionRows {
    static func firstDifference(
        _ mine: Database, _ others: Database, isFull: Bool
    ) throws -> DecisionDifference? {
        let before = try Row.fetchCursor(mine, sql: sql(isFull: isFull))
        let after = try Row.fetchCursor(others, sql: sql(isFull: isFull))
        while true {
            let old = try before.next().map(decision)
            let new = try after.next().map(decision)
            if old == new {
                if old == nil { return nil }
                continue
            }
            guard let first = [old, new].compactMap(\.self).min(by: { $0.time < $1.time }) else {
                return nil
            }
            return DecisionDifference(
                time: first.time, pod: first.pod,
                was: try decision(of: first.pod, from: first.time, mine, isFull: isFull),
                now: try decision(of: first.pod, from: first.time, others, isFull: isFull))
        }
    }

    private static func decision(_ row: Row) -> DecisionText {
        DecisionText(
            time: SimTime(nanoseconds: row["time"]), pod: row["name"], text: row["text"])
    }

    private static func decision(
        of pod: String, from time: SimTime, _ database: Database, isFull: Bool
    ) throws -> DecisionText? {
        try Row.fetchOne(
            database, sql: "SELECT * FROM (\(sql(isFull: isFull))) WHERE name = ? AND time >= ?",
            arguments: [pod, time.nanoseconds]
        ).map(decision)
    }

    /// Refusals, placements and ends in the order of time; of one instant, by kind and pod.
    private static func sql(isFull: Bool) -> String {
        """
        SELECT decision.time AS time,
            coalesce(pod.trace_name,
                workload.name || '-' || pod.owner || '-' || pod.replica
                || iif(pod.incarnation > 0, '.' || pod.incarnation, '')) AS name,
            CASE decision.kind
                WHEN 0 THEN 'refused by ' || coalesce(node.name, 'the scheduler') || ': '
                    || decision.reason || ', ' || decision.message
                WHEN 1 THEN 'placed on ' || coalesce(node.name, '?') || \(containers(isFull: isFull))
                    \(isFull ? "|| \(memory) || \(devices)" : "")
                ELSE 'ended on ' || coalesce(node.name, '?') || ': ' || pod.outcome
            END AS text
        FROM (
            SELECT time_ns AS time, 0 AS kind, pod, node, reason, message FROM rejection
            UNION ALL
            SELECT started_ns, 1, id, node, NULL, NULL FROM pod WHERE started_ns IS NOT NULL
            UNION ALL
            SELECT finished_ns, 2, id, node, NULL, NULL FROM pod WHERE finished_ns IS NOT NULL
        ) AS decision
        JOIN pod ON pod.id = decision.pod
        JOIN workload ON workload.id = pod.workload
        LEFT JOIN node ON node.id = decision.node
        ORDER BY decision.time, decision.kind, decision.pod
        """
    }

    /// The affinity of a container that nothing was bound to decides nothing.
    private static func containers(isFull: Bool) -> String {
        let holdings = ["memory_block", "device_allocation"].map { table in
            "OR EXISTS (SELECT 1 FROM \(table) WHERE \(table).pod = container.pod "
                + "AND \(table).container = container.position)"
        }
        return """
            coalesce((SELECT group_concat('; ' || text, '') FROM (
                SELECT coalesce(container_shape.name, 'container ' || container.position)
                    || ' CPUs ' || coalesce(container.cpus, 'shared')
                    || iif(container.affinity IS NOT NULL AND (container.cpus IS NOT NULL
                            \(isFull ? holdings.joined(separator: " ") : "")),
                        ', affinity {' || container.affinity || '}'
                        || iif(container.affinity_preferred, '', ' not preferred'), '') AS text
                FROM container
                LEFT JOIN container_shape ON container_shape.pod_shape = pod.pod_shape
                    AND container_shape.position = container.position
                WHERE container.pod = pod.id
                ORDER BY container.position)), '')
            """
    }

    private static let memory = """
        coalesce((SELECT group_concat('; ' || text, '') FROM (
            SELECT memory_block.size_bytes || ' bytes of ' || resource.name || ' on NUMA '
                || memory_block.numa_nodes AS text
            FROM memory_block JOIN resource ON resource.id = memory_block.resource
            WHERE memory_block.pod = pod.id
            ORDER BY memory_block.container, memory_block.position)), '')
        """

    private static let devices = """
        coalesce((SELECT group_concat('; ' || text, '') FROM (
            SELECT resource.name || ' ' || device_allocation.device
                || coalesce(' on NUMA ' || device_allocation.numa_nodes, '') AS text
            FROM device_allocation JOIN resource ON resource.id = device_allocation.resource
            WHERE device_allocation.pod = pod.id
            ORDER BY device_allocation.container, device_allocation.position)), '')
        """
}
