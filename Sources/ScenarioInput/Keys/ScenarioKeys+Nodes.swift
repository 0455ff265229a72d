// MARK: What clusters say about nodes and networks, in their own objects

extension ScenarioKeys {
    /// Keys of a scenario that hold objects of a cluster.
    static let clusterObjects = [
        Key(
            "networkAttachments", .list(.either([.path, .foreign(.networkAttachment)])),
            "NetworkAttachmentDefinitions, or files of them: the first container of a pod gets the devices of the networks that its annotation names",
            default: "[]")
    ]

    /// Keys of a node group besides its machine and kubelet.
    static let nodeObjects = [
        Key(
            "nodeNames", .list(.text),
            "The nodes' names, as many as there are nodes; `<group>-0`, `<group>-1` … when absent",
            with: "machine"),
        Key(
            "nodeFeatures", .boolean,
            "Whether nodes have the labels that Node Feature Discovery makes of their machine",
            default: "false"),
        Key(
            "standing", .either([.table(standing), .list(.table(standing))]),
            "What nodes of the group have when the run begins", with: "machine", default: "[]"),
    ]

    static let standing = KeyTable(
        name: "a standing node",
        summary: "A node with its pods as they are: a kubelet's checkpoint files, and the pods",
        details: """
            At time 0 a kubelet starts on the files and admits the pods again, as after a restart: they hold exactly
            the CPUs, the memory and the devices that the files give them. They count as arrived, scheduled and
            started at time 0, belong to the workload `standing`, and nobody re-creates them. `pods` is what
            `kubectl get pods -A -o json` prints; pods that have ended are left out.
            """,
        keys: [
            Key("pods", .path, "The pods, as Kubernetes objects", isRequired: true),
            Key(
                "checkpoints", .path,
                "A folder such as /var/lib/kubelet with `cpu_manager_state`, `memory_manager_state` and `device-plugins/kubelet_internal_checkpoint`; without it the pods are admitted in order of creation"
            ),
            Key("node", .integer(0...1_000_000), "Position in the group, from 0", default: "0"),
            Key(
                "nodeName", .text,
                "Of the pods, those bound to this node; without it those of the node's own name, or all when they are on one node"
            ),
            Key("lifetime", .duration, "How long the pods go on; until the end when absent"),
        ])
}
