extension Schema {
    /// Views on RA2's categories of workloads, which a scenario states.
    static let classViews = [
        ViewDefinition(
            "alignment_by_class",
            "How did pods of each RA2 class fare: refusals, and containers aligned in NUMA nodes?",
            example: "SELECT * FROM alignment_by_class",
            """
            WITH said AS (
                SELECT entry.key AS workload,
                    coalesce(json_extract(entry.value, '$.class'),
                        json_extract(entry.value,
                            '$.template.metadata.labels."topsim/workload-class"'),
                        json_extract(entry.value,
                            '$.template.metadata.annotations."topsim/workload-class"')) AS word
                FROM run, json_each(run.scenario, '$.workload') AS entry
            ),
            class_of AS (
                SELECT workload.id AS workload,
                    iif(said.word IN ('c1', 'c2', 'c3', 'c4', 'c5'), said.word, 'none') AS class
                FROM workload LEFT JOIN said ON said.workload = workload.name
            ),
            pods_of AS (
                SELECT class, count(*) AS pods, count(pod.started_ns) AS started
                FROM pod JOIN class_of ON class_of.workload = pod.workload
                GROUP BY class
            ),
            refused_of AS (
                SELECT class, count(*) AS refusals
                FROM rejection
                JOIN pod ON pod.id = rejection.pod
                JOIN class_of ON class_of.workload = pod.workload
                WHERE rejection.stage = 'admission'
                GROUP BY class
            ),
            aligned_of AS (
                SELECT class, count(aligned_numa) AS containers,
                    coalesce(sum(aligned_numa), 0) AS aligned
                FROM container
                JOIN pod ON pod.id = container.pod
                JOIN class_of ON class_of.workload = pod.workload
                GROUP BY class
            )
            SELECT pods_of.class, pods_of.pods, pods_of.started,
                coalesce(refused_of.refusals, 0) AS refusals,
                coalesce(aligned_of.containers, 0) AS containers,
                coalesce(aligned_of.aligned, 0) AS aligned,
                round(100.0 * aligned_of.aligned / aligned_of.containers, 2) AS aligned_percent
            FROM pods_of
            LEFT JOIN refused_of ON refused_of.class = pods_of.class
            LEFT JOIN aligned_of ON aligned_of.class = pods_of.class
            ORDER BY pods_of.class
            """)
    ]
}
