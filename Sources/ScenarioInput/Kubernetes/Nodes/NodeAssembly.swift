public import HardwareModel
import NodeManagers
import Primitives
import WorkloadModel

/// Node groups of a cluster from everything that its objects say: Nodes grouped, then the kubelet configurations,
/// PerformanceProfiles and device pools that are for each group.
///
/// A PerformanceProfile goes before kubelet configurations, one for a role or pool before one for all nodes, a later
/// one before an earlier one. What a kubelet with the configuration would publish is held against the Node, and
/// differences are reported.
/// - Parameter machines: Machines that were described otherwise, by node name.
/// - Throws: What `groupNodes` refuses.
public func assembleNodeGroups(
    _ objects: NodeSideObjects, machines: [String: Machine] = [:], report: inout ImportReport
) throws(InputError) -> [ImportedNodeGroup] {
    var knowledge = NodeKnowledge()
    knowledge.machines = machines
    for zones in objects.zones { knowledge.zones[zones.name] = zones }
    for features in objects.features {
        knowledge.labels[features.nodeName, default: []] += features.labels
    }
    var groups = try groupNodes(objects.nodes, knowing: knowledge, report: &report)
    let nodes = Dictionary(
        objects.nodes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    for index in groups.indices {
        guard let node = nodes[groups[index].nodeNames[0]] else { continue }
        var assembly = NodeAssembly(group: groups[index], node: node)
        assembly.configure(objects)
        assembly.addDevices(objects.pools)
        groups[index] = assembly.group
        report.append(assembly.report)
    }
    return groups
}

private struct NodeAssembly {
    var group: ImportedNodeGroup
    let node: NodeObject
    var report = ImportReport()

    init(group: ImportedNodeGroup, node: NodeObject) {
        self.group = group
        self.node = node
    }

    private var subject: String { "node group \(group.name)" }

    private mutating func taken(_ reason: String) {
        report.taken(subject, reason, file: node.file, line: node.line)
    }

    private mutating func guessed(_ reason: String) {
        report.guessed(subject, reason, file: node.file, line: node.line)
    }

    private mutating func dropped(_ reason: String) {
        report.dropped(subject, reason, file: node.file, line: node.line)
    }

    // MARK: Kubelets

    mutating func configure(_ objects: NodeSideObjects) {
        let profile = objects.profiles.last { profile in
            !profile.nodeSelector.isEmpty
                && profile.nodeSelector.allSatisfy { wanted in
                    group.labels.contains { $0.key == wanted.key && $0.value == wanted.value }
                }
        }
        if let profile { return apply(profile) }
        let source =
            objects.kubelets.last { $0.nodes != .all && isFor($0) }
            ?? objects.kubelets.last { $0.nodes == .all }
        guard let source else { return }
        use(source.settings, from: "kubelet configuration in `\(source.configuration.mark.file)`")
        for label in source.labels where !group.labels.contains(where: { $0.key == label.key }) {
            group.labels.append(label)
        }
        group.labels.sort { $0.key < $1.key }
    }

    private func isFor(_ source: KubeletSource) -> Bool {
        guard let role = source.role else { return false }
        let roles = node.roles
        let isControl = roles.contains("control-plane") || roles.contains("master")
        switch role {
        case "control-plane", "master": return isControl
        // Every node has the pool of workers that has no pool of its own.
        case "worker": return roles.contains("worker") || roles.isEmpty
        default: return roles.contains(role)
        }
    }

    private mutating func apply(_ profile: PerformanceProfile) {
        let what = "PerformanceProfile `\(profile.name)`"
        var own = ImportReport()
        do throws(InputError) {
            let settings = try profile.kubeletSource(report: &own).settings
            let machine = try profile.apply(to: group.machine, report: &own)
            report.append(own)
            // The machine of a Node is as the profile left it: pages that it has are not added again.
            let hasPages = group.machine.numaNodes.contains { !$0.hugePages.isEmpty }
            if !hasPages || machine.cpus.count != group.machine.cpus.count {
                var kept = machine
                if hasPages {
                    for index in kept.numaNodes.indices {
                        kept.numaNodes[index].hugePages = group.machine.numaNodes[index].hugePages
                    }
                }
                group.machine = kept
            }
            use(settings, from: what)
        } catch {
            let reason = error.diagnostics.first?.message ?? "it cannot be read"
            dropped(
                group.isMachineGuessed
                    ? "\(what) does not fit the guessed machine: \(reason)" : "\(what): \(reason)")
        }
    }

    /// Takes settings over when a kubelet with them would start, and says where the Node says otherwise.
    private mutating func use(_ settings: KubeletSettings, from what: String) {
        var settings = settings
        var resources = ResourceTable()
        for pool in group.machine.numaNodes.flatMap(\.hugePages) {
            _ = resources.intern(ResourceTable.hugePageResource(ofSize: pool.pageSize))
        }
        if let pods = node.allocatable["pods"], settings.maxPods == KubeletSettings().maxPods {
            settings.maxPods = pods
        }
        do throws(KubeletStartError) {
            let model = try NodeModel(
                machine: group.machine, settings: settings, devices: [], resources: resources)
            group.kubelet = settings
            taken(what)
            for (name, resource) in [
                ("cpu", ResourceTable.cpu), ("memory", ResourceTable.memory),
            ] {
                let own = model.allocatable[resource.position]
                guard let said = node.allocatable[name], said != own else { continue }
                guessed(
                    "\(what) makes \(own) of \(name) allocatable and the Node says \(said); the "
                        + "configuration is taken")
            }
        } catch {
            dropped("\(what): a kubelet would not start: \(error.message)")
        }
    }

    // MARK: Devices

    /// Pools tell where devices are, the Node how many there are.
    mutating func addDevices(_ pools: [DevicePool]) {
        guard !pools.isEmpty else { return }
        let placed = placeDevicePools(
            pools, on: group.machine, labels: group.labels, report: &report)
        for resource in placed where !resource.devices.isEmpty {
            guard let position = group.devices.firstIndex(where: { $0.name == resource.name })
            else {
                guessed("the Node has no `\(resource.name)`; those of its pools are added")
                group.devices.append(resource)
                continue
            }
            let count = group.devices[position].devices.count
            if count == resource.devices.count {
                group.devices[position] = resource
            } else {
                guessed(
                    "pools make \(resource.devices.count) of `\(resource.name)` and the Node has "
                        + "\(count); the Node is taken, and they have no place")
            }
        }
    }
}
