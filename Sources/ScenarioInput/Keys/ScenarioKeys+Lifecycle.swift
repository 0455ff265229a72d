import ClusterSimulation

// MARK: What happens to nodes and owners while the run is on

extension ScenarioKeys {
    /// Keys of a scenario that are about nodes and owners that change.
    static let lifecycle = [
        Key(
            "actions", .list(.variants(by: "do", actions)),
            "What is done to nodes and workloads, and when", default: "[]"),
        Key(
            "clusterTemplates", .map(.table(clusterTemplate), names: .label(what: "a node group")),
            "Node groups that a loop keeps at a count, by the group's name", default: "{}"),
    ]

    /// A key of a workload.
    static let rolloutKey = Key(
        "rollout", .table(rollout),
        "How owners replace their pods when their template changes; Kubernetes' defaults when absent"
    )

    static let rollout = KeyTable(
        name: "a rollout strategy",
        summary: "As `strategy` of a Deployment and `updateStrategy` of a StatefulSet or DaemonSet",
        keys: [
            Key(
                "type", .choice(RolloutStrategy.Kind.allCases.map(\.rawValue)),
                "`Recreate` is for Deployments, `OnDelete` for StatefulSets and DaemonSets",
                default: "RollingUpdate"),
            Key(
                "maxSurge", .text,
                "Pods above the wanted number: a number, or `25%` rounded up; 25% for Deployments, else 0"
            ),
            Key(
                "maxUnavailable", .text,
                "Pods that may be away: a number, or `25%`, which Deployments round down and DaemonSets up; 25% for Deployments, else 1"
            ),
            Key(
                "minReadySeconds", .integer(0...2_147_483_647),
                "How long a pod is Ready before it counts as available", default: "0"),
            Key(
                "progressDeadlineSeconds", .integer(1...2_147_483_647),
                "A Deployment that makes no progress for longer is told of", default: "600"),
            Key(
                "partition", .integer(0...10_000_000),
                "StatefulSets: ordinals below it keep the old template", default: "0"),
            Key(
                "podManagementPolicy",
                .choice(RolloutStrategy.PodManagementPolicy.allCases.map(\.rawValue)),
                "StatefulSets: whether an ordinal waits for the one before",
                default: "OrderedReady"),
        ])

    static let clusterTemplate = KeyTable(
        name: "a cluster template",
        summary:
            "A desired-state loop that adds nodes like those of a group, or drains and removes them",
        details: """
            The loop looks once a `period`. Too few nodes: it asks for machines, which register after `bootTime`. Too many:
            it drains the nodes with the fewest pods, those that are cordoned first, and removes them. With `autoscaler` the
            count follows the pods, by rules that approximate the cluster autoscaler's.
            """,
        keys: [
            Key(
                "count", .integer(0...1_000_000),
                "Nodes that are wanted; those that the group begins with when absent"),
            Key("min", .integer(0...1_000_000), "Never fewer", default: "0"),
            Key("max", .integer(0...1_000_000), "Never more; `count` when absent"),
            Key("period", .duration, "Time between two looks", default: "10s"),
            Key(
                "bootTime", .duration, "From asking for a machine until its node registers",
                default: "3m"),
            Key("autoscaler", .table(autoscaler), "Lets the count follow the pods"),
        ])

    static let autoscaler = KeyTable(
        name: "an autoscaler",
        summary: "An approximation of the cluster autoscaler, by requests, nodeSelector and taints",
        keys: [
            Key(
                "utilizationPercent", .integer(1...100),
                "Below this share of cpu and memory a node is not needed if its pods fit elsewhere",
                default: "50"),
            Key(
                "unneededTime", .duration, "For how long, before it is drained and removed",
                default: "10m"),
            Key(
                "delayAfterAdd", .duration, "How long after an addition no node goes",
                default: "10m"),
        ])

    static let nodeChoice = KeyTable(
        name: "a choice of nodes",
        summary: "Nodes that exist at the action's time and fit all that is said, by their order",
        keys: [
            Key("group", .text, "Their node group"),
            Key(
                "labels", .map(.text, names: .free(what: "label")), "Labels that they have",
                default: "{}"),
            Key("names", .list(.text), "Their names"),
            Key("count", .integer(1...1_000_000), "The first so many; all when absent"),
        ])

    private static let at = Key("at", .duration, "When", isRequired: true)
    private static let nodes = Key(
        "nodes", .table(nodeChoice), "Which nodes; all when absent", default: "{}")
    private static let owner = Key(
        "owner", .integer(0...1_000_000_000),
        "Which owner of the workload, from 0; all when absent")
    private static let workloadName = Key(
        "workload", .text, "A name under `workload`", isRequired: true)

    /// What `kubectl drain` takes.
    private static let drainKeys = [
        Key("timeout", .duration, "When a drain gives up; never when absent"),
        Key("force", .boolean, "Whether bare pods are evicted", default: "false"),
        Key(
            "ignoreDaemonSets", .boolean, "Whether pods of DaemonSets are left alone",
            default: "true"),
        Key("gracePeriod", .duration, "Instead of each pod's own, in whole seconds"),
    ]

    private static func act(_ word: String) -> Key {
        Key("do", .choice([word]), "The action", isRequired: true)
    }

    static let actions: [KeyTable] = [
        KeyTable(
            name: "a cordon", summary: "Nothing is bound to the nodes from then on",
            keys: [act("cordon"), at, nodes]),
        KeyTable(
            name: "an uncordon", summary: "The opposite of a cordon",
            keys: [act("uncordon"), at, nodes]),
        KeyTable(
            name: "a drain",
            summary: "Cordons nodes and evicts their pods, as `kubectl drain` does",
            details: """
                All pods of a node are evicted at once. A budget that allows no eviction answers 429, and the drain asks
                again 5 s later. It is over when it has seen that the pods are gone.
                """,
            keys: [act("drain"), at, nodes] + drainKeys + [
                Key(
                    "parallel", .boolean, "All nodes at once; else one after another",
                    default: "false")
            ]),
        KeyTable(
            name: "an addition of nodes", summary: "Nodes like those of a group come",
            keys: [
                act("addNodes"), at, Key("group", .text, "The node group", isRequired: true),
                Key("count", .integer(1...100_000), "How many", default: "1"),
                Key(
                    "bootTime", .duration, "From asking for a machine until its node registers",
                    default: "3m"),
            ]),
        KeyTable(
            name: "a removal of nodes",
            summary:
                "Node objects are deleted and their machines go; pod GC clears their pods away",
            keys: [
                act("removeNodes"), at, nodes,
                Key("drain", .boolean, "Whether they are drained first", default: "false"),
            ] + drainKeys),
        KeyTable(
            name: "an upgrade of nodes",
            summary: "Nodes are drained, stopped, and come back as something else, a few at a time",
            keys: [
                act("upgradeNodes"), at, nodes,
                Key(
                    "maxUnavailable", .integer(1...1_000_000), "Nodes that are away at once",
                    default: "1"),
                Key(
                    "down", .duration, "From the end of the drain until the kubelet starts",
                    default: "5m"),
                Key(
                    "labels", .map(.text, names: .free(what: "label")),
                    "Labels that they have from then on, besides theirs", default: "{}"),
                Key(
                    "kubelet", .foreign(.kubeletConfiguration(changedKubelet)),
                    "Keys of the group's KubeletConfiguration that are different from then on"),
                Key("machine", .text, "The machine that takes their machine's place"),
            ] + drainKeys),
        KeyTable(
            name: "a failure of nodes",
            summary: "Nodes fall silent: Unknown after 50 s, and their pods evicted 300 s later",
            keys: [
                act("fail"), at, nodes,
                Key("for", .duration, "After which they come back; never when absent"),
            ]),
        KeyTable(
            name: "a recovery of nodes", summary: "Silent nodes come back",
            keys: [act("recover"), at, nodes]),
        KeyTable(
            name: "another count", summary: "A cluster template wants another number of nodes",
            keys: [
                act("setCount"), at,
                Key("template", .text, "A name under `clusterTemplates`", isRequired: true),
                Key("count", .integer(0...1_000_000), "How many", isRequired: true),
            ]),
        KeyTable(
            name: "another number of replicas",
            summary: "Owners of a workload want another number of pods",
            keys: [
                act("scale"), at, workloadName, owner,
                Key("replicas", .integer(0...10_000_000), "How many", isRequired: true),
            ]),
        KeyTable(
            name: "an update", summary: "Owners of a workload get another pod template",
            keys: [
                act("update"), at, workloadName, owner,
                Key(
                    "template", .foreign(.podTemplate), "A pod template: `{metadata: …, spec: …}`",
                    isRequired: true),
            ]),
        KeyTable(
            name: "a deletion", summary: "Owners of a workload are deleted with their pods",
            keys: [act("delete"), at, workloadName, owner]),
    ]
}
