extension Schema {
    /// Views on the cluster and its nodes over time.
    static let sampleViews = [
        ViewDefinition(
            "use_over_time", "How much of each resource was asked for, over time?",
            example: "SELECT * FROM use_over_time WHERE resource = 'cpu' LIMIT 5",
            """
            SELECT cluster_sample.time_ns / 1e9 AS time_s,
                resource.name AS resource,
                resource.unit,
                allocatable,
                requested,
                free,
                round(100.0 * requested / nullif(allocatable, 0), 2) AS use_percent
            FROM cluster_resource_sample
            JOIN cluster_sample ON cluster_sample.id = cluster_resource_sample.cluster_sample
            JOIN resource ON resource.id = cluster_resource_sample.resource
            ORDER BY cluster_sample.id, resource.id
            """),
        ViewDefinition(
            "fragmentation_over_time",
            "How much of each resource was free, but on nodes that no pod of the target mix can use?",
            example: "SELECT * FROM fragmentation_over_time WHERE resource = 'cpu' LIMIT 5",
            """
            SELECT cluster_sample.time_ns / 1e9 AS time_s,
                resource.name AS resource,
                resource.unit,
                free,
                stranded,
                round(100.0 * stranded / nullif(free, 0), 2) AS percent_of_free,
                round(100.0 * stranded / nullif(allocatable, 0), 2) AS percent_of_allocatable
            FROM cluster_resource_sample
            JOIN cluster_sample ON cluster_sample.id = cluster_resource_sample.cluster_sample
            JOIN resource ON resource.id = cluster_resource_sample.resource
            ORDER BY cluster_sample.id, resource.id
            """),
        ViewDefinition(
            "policy_tax_over_time",
            "How many more pods of the target mix would fit, were it not for the nodes' policies?",
            example: "SELECT * FROM policy_tax_over_time LIMIT 5",
            """
            SELECT cluster_sample.time_ns / 1e9 AS time_s,
                target_mix.workload,
                target_mix.weight,
                fitting,
                admitted,
                round(100.0 * (fitting - admitted) / nullif(fitting, 0), 2) AS tax_percent
            FROM mix_sample
            JOIN cluster_sample ON cluster_sample.id = mix_sample.cluster_sample
            JOIN target_mix ON target_mix.member = mix_sample.member
            ORDER BY cluster_sample.id, target_mix.member
            """),
        ViewDefinition(
            "node_use",
            "What held on each NUMA node from one sample of it to the next?",
            example: "SELECT node, numa_node, resource, from_s, until_s, used, free\n"
                + "FROM node_use WHERE resource = 'cpu' LIMIT 5",
            """
            SELECT node.name AS node,
                numa_node,
                resource.name AS resource,
                resource.unit,
                time_ns / 1e9 AS from_s,
                lead(time_ns, 1, coalesce((SELECT ended_ns FROM run), time_ns)) OVER (
                    PARTITION BY node_sample.node, numa_node, node_sample.resource
                    ORDER BY node_sample.id
                ) / 1e9 AS until_s,
                capacity,
                reserved,
                used,
                free,
                shared
            FROM node_sample
            JOIN node ON node.id = node_sample.node
            JOIN resource ON resource.id = node_sample.resource
            """),
        ViewDefinition(
            "numa_balance",
            "How evenly were the NUMA nodes of each node used, on average over the run?",
            example: "SELECT * FROM numa_balance WHERE resource = 'cpu' LIMIT 5",
            """
            WITH mean AS (
                SELECT node, resource, numa_node,
                    100.0 * sum(used * (until_s - from_s))
                        / nullif(sum(capacity * (until_s - from_s)), 0) AS used_percent
                FROM node_use
                WHERE numa_node IS NOT NULL
                GROUP BY node, resource, numa_node
            )
            SELECT node, resource,
                count(*) AS numa_nodes,
                round(min(used_percent), 2) AS lowest_percent,
                round(max(used_percent), 2) AS highest_percent,
                round(max(used_percent) - min(used_percent), 2) AS difference_percent
            FROM mean
            WHERE used_percent IS NOT NULL
            GROUP BY node, resource
            ORDER BY difference_percent DESC, node, resource
            """),
        ViewDefinition(
            "stranded_by_node",
            "How much was free, on average over the run, on NUMA nodes whose free CPU or memory was too "
                + "little for any pod of the run?",
            example: "SELECT * FROM stranded_by_node LIMIT 5",
            """
            WITH smallest AS (
                SELECT min(nullif(cpu_milli, 0)) AS cpu_milli,
                    min(nullif(memory_bytes, 0)) AS memory_bytes
                FROM pod_shape
            ),
            held AS (
                SELECT node, numa_node, resource, unit, free, until_s - from_s AS duration_s,
                    max(resource = 'cpu' AND free < (SELECT cpu_milli FROM smallest)
                        OR resource = 'memory' AND free < (SELECT memory_bytes FROM smallest)
                    ) OVER (PARTITION BY node, numa_node, from_s) AS is_blocked
                FROM node_use
                WHERE numa_node IS NOT NULL
            )
            SELECT node, resource, unit,
                round(sum(free * duration_s) / nullif(max(total_s), 0), 1) AS mean_free,
                round(sum(iif(is_blocked, free * duration_s, 0)) / nullif(max(total_s), 0), 1)
                    AS mean_stranded,
                round(100.0 * sum(iif(is_blocked, free * duration_s, 0))
                    / nullif(sum(free * duration_s), 0), 2) AS stranded_percent
            FROM (
                SELECT *, sum(duration_s) OVER (PARTITION BY node, numa_node, resource) AS total_s
                FROM held
            )
            GROUP BY node, resource
            ORDER BY stranded_percent DESC, node, resource
            """),
    ]
}
