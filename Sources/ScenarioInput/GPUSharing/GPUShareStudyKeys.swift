import ClusterScheduler

/// The keys of a study of GPU sharing, `kind: GPUShareStudy`.
package enum GPUShareStudyKeys {
    package static let study = KeyTable(
        name: "a study of GPU sharing",
        summary:
            "Pods with shares of GPUs that arrive one after another, placed by several policies",
        keys: [
            Key(
                "apiVersion", .choice(["topsim/v1"]), "The version of this format", isRequired: true
            ),
            Key("kind", .choice(["GPUShareStudy"]), "What the file is", isRequired: true),
            Key("metadata", .table(ScenarioKeys.metadata), "Name and description", default: "{}"),
            Key(
                "nodes", .path,
                "Node objects with `alibabacloud.com/gpu-count`, or a CSV file with columns sn, "
                    + "cpu_milli, memory_mib, gpu, model",
                isRequired: true),
            Key(
                "gpuNodesOnly", .boolean, "Whether nodes without a GPU are left out",
                default: "true"),
            Key(
                "podsPerNode", .integer(1...1_000_000),
                "Most pods of a node that does not say it itself", default: "1001"),
            Key(
                "pods", .path,
                "A CSV file with columns name, cpu_milli, memory_mib, num_gpu, gpu_milli, and "
                    + "perhaps gpu_spec",
                isRequired: true),
            Key(
                "policies",
                .list(.choice(GPUSharePolicyRegistry.all.map { $0.name })),
                "The policies, each of which places all pods anew",
                default: "[" + GPUSharePolicyRegistry.all.map { $0.name }.joined(separator: ", ")
                    + "]"),
            Key(
                "seeds", .table(seeds),
                "Seeds of Go's math/rand, from each of which an order of arrival follows",
                default: "{}"),
            Key(
                "inflation", .number(above: 0),
                "GPU that pods ask for in all, as a multiple of what nodes have; pods are copied or "
                    + "left out at random until it is reached",
                default: "1.3"),
            Key(
                "orders", .path,
                "Files with the order of arrival, plain or .gz, instead of drawing it; `{seed}` stands "
                    + "for the seed"),
        ])

    static let seeds = KeyTable(
        name: "the seeds", summary: "Whole numbers from the first to the last, one run each",
        keys: [
            Key("from", .integer(0...1_000_000_000), "The first", default: "42"),
            Key("to", .integer(0...1_000_000_000), "The last", default: "42"),
        ])
}
