import ClusterSimulation
import HardwareModel
import NodeManagers
import Primitives

extension ScenarioBuilder {
    /// Shortest time between two restarts of one kubelet.
    static let shortestPeriod = SimDuration.seconds(1)

    /// What holds for every kubelet.
    mutating func buildKubernetes() {
        if let node = root.present("kubeletVersion"), let version = node.text,
            version != ScenarioKeys.kubeletVersion
        {
            diagnostics.error(
                at: node,
                "kubelet \(version) is not modelled, only \(ScenarioKeys.kubeletVersion) is",
                hint: "leave `kubeletVersion` out; docs/fidelity.md says what is known of others")
        }
        featureGates = root.map("featureGates")
        fixes = UpstreamFixes(names: root.list("fixed").compactMap(\.text))
        scenario.upstreamHang = root.choice("upstreamHang", as: UpstreamHang.self) ?? .reject
    }

    /// A group's kubelet, `changes` on top of it; nil after a mistake was told.
    mutating func buildKubelet(
        _ written: SourceNode?, changes: SourceNode? = nil
    ) -> KubeletSettings? {
        var node = written.map(ScenarioBuilder.configuration)
        if let changes {
            node = ScenarioBuilder.merge(ScenarioBuilder.configuration(changes), over: node)
        }
        if !featureGates.isEmpty { node = withCommonGates(node) }
        guard var settings = readKubeletConfiguration(node, diagnostics: &diagnostics),
            checkPolicies(of: node)
        else { return nil }
        settings.fixes = fixes
        return settings
    }

    /// The KubeletConfiguration inside an OpenShift KubeletConfig.
    private static func configuration(_ node: SourceNode) -> SourceNode {
        guard node["kind"]?.text == "KubeletConfig" else { return node }
        return node["spec"]?["kubeletConfig"] ?? node
    }

    /// `changes`, and the keys of `base` that they do not have.
    private static func merge(_ changes: SourceNode, over base: SourceNode?) -> SourceNode {
        guard let own = changes.entries else { return changes }
        let names = Set(own.map(\.key))
        let kept = (base?.entries ?? []).filter { !names.contains($0.key) }
        return SourceNode(.mapping(kept + own), at: changes.mark)
    }

    /// The configuration with the scenario's gates where it has none of the name.
    private func withCommonGates(_ node: SourceNode?) -> SourceNode? {
        guard let first = featureGates.first else { return node }
        let own = node?["featureGates"]
        // What is no mapping is told by its reader.
        if let own, own.entries == nil, !own.isNull { return node }
        let gates = SourceNode(.mapping(featureGates), at: first.keyMark)
        let all = ScenarioBuilder.merge(
            own?.isNull == false ? own ?? gates : SourceNode(.mapping([]), at: first.keyMark),
            over: gates)
        let change = SourceNode(
            .mapping([
                SourceNode.Entry(key: "featureGates", keyMark: first.keyMark, value: all)
            ]), at: node?.mark ?? first.keyMark)
        return ScenarioBuilder.merge(change, over: node)
    }

    // MARK: Changes

    /// Restarts and device changes of a group, whose devices are known.
    mutating func buildChanges(of group: inout NodeGroup, _ node: SourceNode) {
        for item in node.list("kubeletRestarts") {
            guard let at = item.duration("at"), let nodes = positions(item, in: group) else {
                continue
            }
            var restart = KubeletRestart(time: .zero + at, period: item.duration("every"))
            if let period = restart.period, period < ScenarioBuilder.shortestPeriod,
                let place = item.present("every")
            {
                diagnostics.error(
                    at: place, "a kubelet that restarts more often than once a second",
                    hint: "write `1s` or more")
                continue
            }
            restart.nodes = nodes
            restart.plugins = item.choice("plugins", as: PluginReturn.self) ?? .before
            if let changes = item.present("kubelet") {
                guard
                    let settings = buildKubelet(node.present("kubelet"), changes: changes)
                else { continue }
                restart.settings = settings
            }
            group.kubeletRestarts.append(restart)
        }
        for item in node.list("deviceChanges") {
            if let change = deviceChange(item, in: group) { group.deviceChanges.append(change) }
        }
    }

    private mutating func deviceChange(
        _ item: SourceNode, in group: NodeGroup
    ) -> DeviceChange? {
        guard let at = item.duration("at"), let name = item.present("resource"),
            let nodes = positions(item, in: group)
        else { return nil }
        guard let resource = group.devices.first(where: { $0.name == name.text }) else {
            diagnostics.error(
                at: name, "no device plugin of node group `\(group.name)` offers \(name.said)",
                hint: suggestion(
                    for: name.text ?? "", among: group.devices.map(\.name), called: "its resources")
            )
            return nil
        }
        var kind: DeviceChange.Kind?
        switch item.string("plugin") {
        case "lost": kind = .pluginIsLost
        case "registers": kind = .pluginRegisters
        default: break
        }
        if let list = item.present("unhealthy")?.elements {
            for id in list where !resource.devices.contains(where: { $0.id == id.text }) {
                tellUnknownDevice(id, of: resource)
            }
            kind = .unhealthy(list.compactMap(\.text))
        }
        guard let kind else { return nil }
        var change = DeviceChange(time: .zero + at, resource: resource.name, kind: kind)
        change.nodes = nodes
        return change
    }

    /// The nodes that an entry names, ascending; nil after a mistake was told.
    private mutating func positions(_ item: SourceNode, in group: NodeGroup) -> [Int]? {
        guard let list = item.present("nodes") else { return [] }
        var positions: Set<Int> = []
        for element in list.elements ?? [] {
            guard let position = element.text.flatMap(ScalarValues.integer) else { return nil }
            guard position < group.count else {
                diagnostics.error(
                    at: element,
                    "node group `\(group.name)` has no node \(position), its nodes are 0 to "
                        + "\(group.count - 1)")
                return nil
            }
            positions.insert(Int(position))
        }
        guard !positions.isEmpty else {
            diagnostics.error(
                at: list, "an empty list of nodes", hint: "leave `nodes` out for all of them")
            return nil
        }
        return positions.sorted()
    }

    /// The plugins among entries of devices that register later: missing at first, there at their time.
    func lateDevices(_ entries: [SourceNode]) -> [DeviceChange] {
        entries.flatMap { entry -> [DeviceChange] in
            guard let name = entry.string("resource"), let at = entry.duration("registersAt"),
                at > .zero
            else { return [] }
            return [
                DeviceChange(time: .zero, resource: name, kind: .pluginIsLate),
                DeviceChange(time: .zero + at, resource: name, kind: .pluginRegisters),
            ]
        }
    }
}
