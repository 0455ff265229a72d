import GRDB
public import Primitives
public import Records

/// A change of what is taken on a node.
public enum NodeDecision: Sendable, Hashable {
    /// A kubelet admitted a pod.
    case placed(PlacementRecord)
    /// A pod left its node.
    case released(pod: PodIndex, node: NodeIndex, time: SimTime)
}

extension ResultsReader {
    /// Goes through the placements and releases of a run in their order; whoever applies them reaches the same state.
    ///
    /// Needs a file of the level `pods` or more; of a file of less it goes through none.
    public func forEachDecision(
        _ body: (_ sequence: Int64, _ decision: NodeDecision) throws -> Void
    ) throws {
        try database.read { database in
            let lookup = try PlacementLookup(database)
            let decisions = try Row.fetchCursor(
                database,
                sql: """
                    SELECT admission_sequence AS sequence, 1 AS is_placed, id, node,
                        started_ns AS time_ns
                    FROM pod WHERE admission_sequence IS NOT NULL
                    UNION ALL
                    SELECT release_sequence, 0, id, node, finished_ns
                    FROM pod WHERE release_sequence IS NOT NULL
                    ORDER BY sequence
                    """)
            while let row = try decisions.next() {
                let pod = PodIndex(rawValue: row["id"])
                let node = NodeIndex(rawValue: row["node"])
                let time = SimTime(nanoseconds: row["time_ns"])
                let isPlaced: Bool = row["is_placed"]
                try body(
                    row["sequence"],
                    isPlaced
                        ? .placed(
                            PlacementRecord(
                                pod: pod, node: node, time: time,
                                containers: try lookup.containers(of: pod)))
                        : .released(pod: pod, node: node, time: time))
            }
        }
    }
}

/// Finds what a pod got.
private struct PlacementLookup {
    private let containers: Statement
    private let memoryBlocks: Statement
    private let devices: Statement

    init(_ database: Database) throws {
        containers = try database.makeStatement(
            sql: """
                SELECT container.*, container_shape.name
                FROM container
                JOIN pod ON pod.id = container.pod
                LEFT JOIN container_shape ON container_shape.pod_shape = pod.pod_shape
                    AND container_shape.position = container.position
                WHERE container.pod = ?
                ORDER BY container.position
                """)
        memoryBlocks = try database.makeStatement(
            sql: "SELECT * FROM memory_block WHERE pod = ? AND container = ? ORDER BY position")
        devices = try database.makeStatement(
            sql: "SELECT * FROM device_allocation WHERE pod = ? AND container = ? ORDER BY position"
        )
    }

    func containers(of pod: PodIndex) throws -> [ContainerPlacement] {
        try Row.fetchAll(containers, arguments: [Int64(pod.rawValue)]).map { row in
            var placement = ContainerPlacement(name: row["name"] ?? "")
            placement.cpus = try CPUSet(ListText.parse(row["cpus"]))
            placement.cpuNUMANodes = try NUMANodeSet(ListText.parse(row["cpu_numa_nodes"]))
            if let affinity: String = row["affinity"] {
                placement.affinity = try NUMANodeSet(ListText.parse(affinity))
            }
            placement.affinityIsPreferred = row["affinity_preferred"]
            placement.memory = try memory(of: pod, at: row["position"])
            placement.devices = try devices(of: pod, at: row["position"])
            let alignment = Alignment(
                core: row["aligned_core"], uncore: row["aligned_uncore"], numa: row["aligned_numa"],
                socket: row["aligned_socket"])
            placement.alignment = alignment == Alignment() ? nil : alignment
            return placement
        }
    }

    private func memory(of pod: PodIndex, at container: Int64) throws -> [MemoryBlock] {
        try Row.fetchAll(memoryBlocks, arguments: [Int64(pod.rawValue), container]).map { row in
            MemoryBlock(
                resource: ResourceIndex(rawValue: row["resource"]),
                numaNodes: try NUMANodeSet(ListText.parse(row["numa_nodes"])),
                bytes: row["size_bytes"])
        }
    }

    private func devices(of pod: PodIndex, at container: Int64) throws -> [DevicePlacement] {
        try Row.fetchAll(devices, arguments: [Int64(pod.rawValue), container]).map { row in
            DevicePlacement(
                resource: ResourceIndex(rawValue: row["resource"]), id: row["device"],
                numaNodes: try NUMANodeSet(ListText.parse(row["numa_nodes"])))
        }
    }
}

/// The kernel's list format, as the recorder writes it.
private enum ListText {
    /// The numbers of `0-3,8`; none for nil.
    static func parse(_ text: String?) throws -> [Int] {
        guard let text, !text.isEmpty else { return [] }
        return try text.split(separator: ",").flatMap { part -> ClosedRange<Int> in
            let ends = part.split(separator: "-").compactMap { Int($0) }
            guard let first = ends.first, let last = ends.last, first >= 0, first <= last,
                last < CPUSet.capacity
            else { throw DatabaseError(message: "`\(text)` is not a list of numbers") }
            return first...last
        }
    }
}
