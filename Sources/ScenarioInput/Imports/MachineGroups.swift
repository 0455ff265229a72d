import Primitives
import HardwareModel
import NodeManagers
import WorkloadModel

/// Node groups of machines that no Node is known of, with the kubelet that the objects of an import give them.
struct MachineGroups {
    private let objects: NodeSideObjects

    init(_ objects: NodeSideObjects) { self.objects = objects }

    func group(
        _ name: String, _ source: ImportMaterial.MachineSourceFile, report: inout ImportReport
    ) -> ImportedNodeGroup {
        var group = ImportedNodeGroup(
            name: name, nodeNames: [], machine: source.imported.machine, isMachineGuessed: false,
            kubelet: KubeletSettings(), labels: [], taints: [], devices: [])
        group.machine.name = name
        if let profile = objects.profiles.last {
            apply(profile, to: &group, report: &report)
        } else if let kubelet = objects.kubelets.last(where: { $0.nodes == .all })
            ?? objects.kubelets.last
        {
            use(
                kubelet.settings, "kubelet configuration in `\(kubelet.configuration.mark.file)`",
                group.machine, &group, &report)
            group.labels = kubelet.labels.sorted { $0.key < $1.key }
            group.taints = kubelet.taints
        } else {
            report.guessed(
                "node group \(name)", "nothing says how its kubelet is configured; the defaults",
                file: source.path)
        }
        if !objects.pools.isEmpty {
            group.devices = placeDevicePools(
                objects.pools, on: group.machine, labels: group.labels, report: &report
            ).filter { !$0.devices.isEmpty }
        }
        return group
    }

    private func apply(
        _ profile: PerformanceProfile, to group: inout ImportedNodeGroup,
        report: inout ImportReport
    ) {
        let what = "PerformanceProfile `\(profile.name)`"
        do throws(InputError) {
            let settings = try profile.kubeletSource(report: &report).settings
            let machine = try profile.apply(to: group.machine, report: &report)
            use(settings, what, machine, &group, &report)
            group.labels = profile.nodeSelector.sorted { $0.key < $1.key }
        } catch {
            report.dropped(
                what, error.diagnostics.first?.message ?? "it cannot be read",
                file: profile.node.mark.file, line: profile.node.mark.line)
        }
    }

    /// Takes settings and machine over when a kubelet with them would start.
    private func use(
        _ settings: KubeletSettings, _ what: String, _ machine: Machine,
        _ group: inout ImportedNodeGroup, _ report: inout ImportReport
    ) {
        var resources = ResourceTable()
        for pool in machine.numaNodes.flatMap(\.hugePages) {
            _ = resources.intern(ResourceTable.hugePageResource(ofSize: pool.pageSize))
        }
        do throws(KubeletStartError) {
            _ = try NodeModel(
                machine: machine, settings: settings, devices: [], resources: resources)
            group.kubelet = settings
            group.machine = machine
            report.taken("node group \(group.name)", what, file: "")
        } catch {
            report.dropped(
                "node group \(group.name)", "\(what): a kubelet would not start: \(error.message)",
                file: "")
        }
    }
}
