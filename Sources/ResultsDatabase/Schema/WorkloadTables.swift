import WorkloadModel

extension Schema {
    /// What asked: workloads and the shapes of their pods.
    static let workloadTables = [
        TableDefinition(
            "workload", "an entry of the scenario's workload", key: ["id"],
            [
                .integer("id", "from 0, in order of the scenario"),
                .text("name", "its name"),
                .text("namespace", "the namespace of its pods"),
                .word("controller", ControllerKind.self, "what owns its pods"),
                .integer("replicas", "pods of each owner"),
            ]),
        TableDefinition(
            "target_mix", "a member of the target mix, against which fragmentation is measured",
            key: ["member"],
            [
                .integer("member", "from 0, in order of the scenario"),
                .text("workload", "the name of the workload whose pod it is"),
                .integer("weight", "its weight"),
            ]),
        TableDefinition(
            "pod_shape", "what equal pods ask for", key: ["id"],
            [
                .integer("id", "from 0, in order of first use"),
                .word("qos", QoSClass.self, "quality of service"),
                .integer("priority", "the pod's priority"),
                .integer("container_count", "init containers, sidecars and app containers"),
                .integer("cpu_milli", "effective request of CPU; 0 when there is none"),
                .integer("memory_bytes", "effective request of memory; 0 when there is none"),
            ]),
        TableDefinition(
            "pod_shape_request",
            "the effective request of a whole pod for a resource, overhead included",
            key: ["pod_shape", "resource"],
            [
                .row(of: "pod_shape", "pod_shape", "the shape"),
                .row(of: "resource", "resource", "the resource"),
                .integer("request_amount", "in the resource's unit"),
            ]),
        TableDefinition(
            "container_shape", "a container of a shape", key: ["pod_shape", "position"],
            [
                .row(of: "pod_shape", "pod_shape", "the shape"),
                .integer("position", "from 0: init containers and sidecars, then app containers"),
                .text("name", "its name"),
                .word("kind", ContainerShape.Kind.self, "what it is"),
            ]),
        TableDefinition(
            "container_request", "what a container of a shape asks for of a resource",
            key: ["pod_shape", "container", "resource"],
            foreignKeys: [
                ForeignKey(
                    ["pod_shape", "container"], "container_shape", ["pod_shape", "position"])
            ],
            [
                .row(of: "pod_shape", "pod_shape", "the shape"),
                .integer("container", "`container_shape.position`"),
                .row(of: "resource", "resource", "the resource"),
                .integer("request_amount", "its request, in the resource's unit").optional,
                .integer("limit_amount", "its limit, in the resource's unit").optional,
            ]),
    ]
}
