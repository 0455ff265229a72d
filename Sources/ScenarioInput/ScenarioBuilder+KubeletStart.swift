import ClusterSimulation
import NodeManagers

extension ScenarioBuilder {
    /// Tells why a kubelet of this group would not start, in its own words.
    mutating func checkStart(of group: NodeGroup, at entry: SourceNode.Entry) {
        do throws(KubeletStartError) {
            _ = try NodeModel(
                machine: group.machine, settings: group.kubelet, devices: group.devices,
                resources: scenario.resources)
        } catch {
            diagnostics.error(
                at: entry, "node group `\(group.name)`: a kubelet would not start: \(error.message)"
            )
        }
    }
}
