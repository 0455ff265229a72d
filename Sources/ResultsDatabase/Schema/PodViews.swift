extension Schema {
    /// Views on pods, refusals and what pods got.
    static let podViews = [
        ViewDefinition(
            "pods", "What became of each pod, under its name, in seconds?",
            example: "SELECT name, node, outcome, attempts, wait_s, run_s FROM pods LIMIT 5",
            """
            SELECT pod.id,
                coalesce(pod.trace_name,
                    workload.name || '-' || pod.owner || '-' || pod.replica
                    || iif(pod.incarnation > 0, '.' || pod.incarnation, '')) AS name,
                printf('%016x', pod.uid) AS uid,
                workload.namespace,
                workload.name AS workload,
                workload.controller,
                pod_shape.qos,
                node.name AS node,
                pod.outcome,
                pod.attempts,
                pod.replaces,
                pod.arrival_ns / 1e9 AS arrival_s,
                pod.scheduled_ns / 1e9 AS scheduled_s,
                pod.started_ns / 1e9 AS started_s,
                pod.finished_ns / 1e9 AS finished_s,
                (pod.started_ns - pod.arrival_ns) / 1e9 AS wait_s,
                (pod.finished_ns - pod.started_ns) / 1e9 AS run_s
            FROM pod
            JOIN workload ON workload.id = pod.workload
            LEFT JOIN pod_shape ON pod_shape.id = pod.pod_shape
            LEFT JOIN node ON node.id = pod.node
            ORDER BY pod.id
            """),
        ViewDefinition(
            "pods_by_outcome", "How did the pods of each workload end?",
            example: "SELECT * FROM pods_by_outcome",
            """
            SELECT workload.name AS workload, pod.outcome, count(*) AS pods
            FROM pod
            JOIN workload ON workload.id = pod.workload
            GROUP BY workload.id, pod.outcome
            ORDER BY workload.id, pods DESC
            """),
        ViewDefinition(
            "rejections_by_reason", "Why were pods refused, and how often?",
            example: "SELECT * FROM rejections_by_reason",
            """
            SELECT stage, reason,
                count(*) AS rejections,
                count(DISTINCT pod) AS pods,
                min(time_ns) / 1e9 AS first_s,
                max(time_ns) / 1e9 AS last_s,
                round(100.0 * count(*) / sum(count(*)) OVER (PARTITION BY stage), 1)
                    AS percent_of_stage
            FROM rejection
            GROUP BY stage, reason
            ORDER BY stage DESC, rejections DESC, reason
            """),
        ViewDefinition(
            "wait_percentiles", "How long did pods wait from arrival to start, by workload?",
            example: "SELECT * FROM wait_percentiles",
            """
            WITH waited AS (
                SELECT workload, started_ns - arrival_ns AS wait_ns
                FROM pod
                WHERE started_ns IS NOT NULL
            ),
            tally AS MATERIALIZED (
                SELECT workload, wait_ns, count(*) AS pods FROM waited GROUP BY workload, wait_ns
                UNION ALL
                SELECT NULL, wait_ns, count(*) FROM waited GROUP BY wait_ns
            ),
            ranked AS (
                SELECT workload, wait_ns,
                    sum(pods) OVER (PARTITION BY workload ORDER BY wait_ns) AS place
                FROM tally
            ),
            total AS MATERIALIZED (
                SELECT workload, sum(pods) AS pods FROM tally GROUP BY workload
            )
            SELECT coalesce(workload.name, '(all)') AS workload,
                total.pods,
                min(iif(place >= (pods * 50 + 99) / 100, wait_ns, NULL)) / 1e9 AS p50_s,
                min(iif(place >= (pods * 90 + 99) / 100, wait_ns, NULL)) / 1e9 AS p90_s,
                min(iif(place >= (pods * 99 + 99) / 100, wait_ns, NULL)) / 1e9 AS p99_s,
                max(wait_ns) / 1e9 AS max_s
            FROM ranked
            JOIN total ON total.workload IS ranked.workload
            LEFT JOIN workload ON workload.id = ranked.workload
            GROUP BY ranked.workload
            ORDER BY ranked.workload IS NULL, ranked.workload
            """),
        ViewDefinition(
            "container_placements", "What did each container get, under its name?",
            example: "SELECT pod_name, container, cpus, cpu_numa_nodes, aligned_numa\n"
                + "FROM container_placements WHERE cpu_count > 0 LIMIT 5",
            """
            SELECT pods.id AS pod,
                pods.name AS pod_name,
                pods.node,
                container_shape.name AS container,
                container_shape.kind,
                container.cpus,
                container.cpu_count,
                container.cpu_numa_nodes,
                (SELECT sum(size_bytes) FROM memory_block
                    WHERE memory_block.pod = container.pod
                        AND memory_block.container = container.position) AS memory_bytes,
                (SELECT group_concat(device, ',') FROM device_allocation
                    WHERE device_allocation.pod = container.pod
                        AND device_allocation.container = container.position) AS devices,
                container.affinity,
                container.affinity_preferred,
                container.aligned_core,
                container.aligned_uncore,
                container.aligned_numa,
                container.aligned_socket
            FROM container
            JOIN pod ON pod.id = container.pod
            JOIN pods ON pods.id = container.pod
            LEFT JOIN container_shape ON container_shape.pod_shape = pod.pod_shape
                AND container_shape.position = container.position
            ORDER BY container.pod, container.position
            """),
        ViewDefinition(
            "alignment", "How many containers got what they have inside one unit of each boundary?",
            example: "SELECT * FROM alignment",
            """
            WITH total AS (
                SELECT count(aligned_core) AS core, sum(aligned_core) AS core_aligned,
                    count(aligned_uncore) AS uncore, sum(aligned_uncore) AS uncore_aligned,
                    count(aligned_numa) AS numa, sum(aligned_numa) AS numa_aligned,
                    count(aligned_socket) AS socket, sum(aligned_socket) AS socket_aligned
                FROM container
            ),
            boundary AS (
                SELECT 'core' AS boundary, core AS containers, core_aligned AS aligned FROM total
                UNION ALL SELECT 'uncore', uncore, uncore_aligned FROM total
                UNION ALL SELECT 'numa', numa, numa_aligned FROM total
                UNION ALL SELECT 'socket', socket, socket_aligned FROM total
            )
            SELECT boundary, containers, coalesce(aligned, 0) AS aligned,
                round(100.0 * aligned / containers, 2) AS aligned_percent
            FROM boundary
            """),
        ViewDefinition(
            "tenants_of_node", "Which pods ran on a node, when, and on which of its CPUs?",
            example: "SELECT name, from_s, until_s, cpus, memory_bytes\n"
                + "FROM tenants_of_node WHERE node = 'worker-0' LIMIT 5",
            """
            SELECT pods.node,
                pods.id AS pod,
                pods.name,
                pods.workload,
                pods.qos,
                pods.started_s AS from_s,
                pods.finished_s AS until_s,
                pods.outcome,
                (SELECT group_concat(cpus, ' ') FROM container WHERE container.pod = pods.id)
                    AS cpus,
                (SELECT sum(cpu_count) FROM container WHERE container.pod = pods.id) AS cpu_count,
                (SELECT sum(size_bytes) FROM memory_block WHERE memory_block.pod = pods.id)
                    AS memory_bytes,
                (SELECT count(*) FROM device_allocation WHERE device_allocation.pod = pods.id)
                    AS device_count
            FROM pods
            WHERE pods.started_s IS NOT NULL
            ORDER BY pods.node, pods.started_s, pods.id
            """),
    ]
}
