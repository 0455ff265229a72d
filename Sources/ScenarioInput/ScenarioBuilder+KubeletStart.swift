import ClusterSimulation
import NodeManagers

extension ScenarioBuilder {
    /// Whether the registries know the policies of a KubeletConfiguration; an unknown one is told at its place.
    ///
    /// The kubelet itself judges these names only when its managers start, and then names no line.
    mutating func checkPolicies(of kubelet: SourceNode?) -> Bool {
        let policies = [
            ("cpuManagerPolicy", "CPU Manager", RegisteredNames.cpuManagerPolicies),
            ("memoryManagerPolicy", "Memory Manager", RegisteredNames.memoryManagerPolicies),
        ]
        var areKnown = true
        for (key, manager, names) in policies {
            guard let node = kubelet?.present(key), let name = node.text, !name.isEmpty,
                !names.contains(name)
            else { continue }
            areKnown = false
            diagnostics.error(
                at: node, "unknown \(manager) policy `\(name)`",
                hint: suggestion(for: name, among: names, called: "policies"))
        }
        return areKnown
    }

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
            return
        }
        // A restart may be meant to fail.
        for restart in group.kubeletRestarts {
            guard let settings = restart.settings else { continue }
            do throws(KubeletStartError) {
                _ = try NodeModel(
                    machine: group.machine, settings: settings, devices: group.devices,
                    resources: scenario.resources)
            } catch {
                diagnostics.note(
                    at: entry,
                    "node group `\(group.name)`: a kubelet will not start again: \(error.message)")
            }
        }
    }
}
