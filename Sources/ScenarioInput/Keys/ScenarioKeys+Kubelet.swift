import ClusterSimulation
import NodeManagers

// MARK: The kubelet's version, its bugs, and what happens to it

extension ScenarioKeys {
    /// The version whose kubelets are modelled.
    static let kubeletVersion = "1.36"

    /// Keys of a scenario that are about every kubelet.
    static let kubernetes =
        [
            Key(
                "kubeletVersion", .text, "Kubernetes' version; only \(kubeletVersion) is modelled",
                default: "\"\(kubeletVersion)\""),
            Key(
                "featureGates", .map(.boolean, names: .free(what: "feature")),
                "Gates of every kubelet that differ from the version's defaults; a group's own go before",
                default: "{}"),
            Key(
                "upstreamHang", .choice(UpstreamHang.allCases.map(\.rawValue)),
                "A pod whose admission never ends in a real kubelet: it is refused, or the node hangs with it as it would",
                default: "reject"),
            Key(
                "fixed", .list(.choice(UpstreamFix.allCases.map(\.rawValue))),
                "Bugs of the kubelet, by name, that every kubelet here is without", default: "[]",
                meanings: UpstreamFix.allCases.map { ($0.rawValue, $0.summary) }),
        ] + clusterObjects

    static let kubeletRestart = KeyTable(
        name: "a kubelet restart",
        summary: "Kubelets of a group start again on their checkpoints, once or periodically",
        details: """
            The managers are built anew from what the kubelet had written down, and the pods are admitted again one by
            one. A pod that is refused then fails (rejection stage `readmission`), and its owner replaces it. A kubelet
            that does not start leaves its node NotReady: the pods stay as they are, nothing is bound to the node, and
            a later restart may bring it back. What happened is in `node_event`.
            """,
        keys: [
            Key("at", .duration, "When, or when first", isRequired: true),
            Key("every", .duration, "Time from each restart to the next; one restart when absent"),
            Key(
                "nodes", .list(.integer(0...1_000_000)),
                "Positions in the group, from 0; all of its nodes when absent"),
            Key(
                "plugins", .choice(PluginReturn.allCases.map(\.rawValue)),
                "When device plugins register again: before the pods are admitted again, after, or never",
                default: "before"),
            Key(
                "kubelet", .foreign(.kubeletConfiguration(changedKubelet)),
                "Keys of the KubeletConfiguration that are different from then on"),
        ])

    /// The same keys, of which an absent one stays as it was.
    static let changedKubelet: KeyTable = {
        var table = kubelet
        table.name = "a changed KubeletConfiguration"
        table.summary = "What of the group's KubeletConfiguration is different after a restart"
        table.keys = table.keys.map { key in
            var key = key
            key.defaultText = nil
            return key
        }
        return table
    }()

    static let deviceChange = KeyTable(
        name: "a device change",
        summary: "A device plugin of a group goes or comes, or its devices fail and recover",
        details: """
            While a plugin is lost its devices count as unhealthy: containers keep those that they have, and the node
            publishes none. `unhealthy` names all devices of the resource that are unhealthy from then on, so that `[]`
            heals them all; containers that hold one of them go on.
            """,
        keys: [
            Key("at", .duration, "When", isRequired: true),
            Key(
                "nodes", .list(.integer(0...1_000_000)),
                "Positions in the group, from 0; all of its nodes when absent"),
            Key("resource", .text, "The extended resource", isRequired: true),
            Key(
                "plugin", .choice(["lost", "registers"]),
                "The plugin loses its kubelet, or registers with it"),
            Key("unhealthy", .list(.text), "The devices that are unhealthy from now on, by id"),
        ],
        exactlyOneOf: [["plugin", "unhealthy"]])
}
