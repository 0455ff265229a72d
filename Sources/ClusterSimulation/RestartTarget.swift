import NodeManagers

/// What a kubelet is after a restart.
enum RestartTarget: Sendable {
    /// As it was.
    case unchanged
    /// A kind of node.
    case kind(Int)
    /// The managers refuse the settings, in the kubelet's words.
    case refused(String)

    /// By action; kinds that are new join `models`. An action that changes neither settings nor machine has none.
    static func upgrades(of scenario: Scenario, models: inout [NodeModel]) -> [RestartTarget] {
        var targets: [RestartTarget] = []
        for action in scenario.lifecycle.actions {
            guard case .upgrade(let upgrade) = action.kind, let place = action.nodes.group,
                let group = scenario.nodeGroups.first(where: { $0.name == place }),
                upgrade.settings != nil || upgrade.machine != nil
            else {
                targets.append(.unchanged)
                continue
            }
            do {
                models.append(
                    try NodeModel(
                        machine: upgrade.machine?.machine ?? group.machine,
                        settings: upgrade.settings ?? group.kubelet,
                        devices: upgrade.machine?.devices ?? group.devices,
                        resources: scenario.resources))
                targets.append(.kind(models.count - 1))
            } catch {
                targets.append(.refused(error.message))
            }
        }
        return targets
    }

    /// By group and restart; kinds that are new join `models`.
    static func targets(of scenario: Scenario, models: inout [NodeModel]) -> [[RestartTarget]] {
        var targets: [[RestartTarget]] = []
        for group in scenario.nodeGroups {
            var ofGroup: [RestartTarget] = []
            for restart in group.kubeletRestarts {
                guard let settings = restart.settings else {
                    ofGroup.append(.unchanged)
                    continue
                }
                do {
                    let model = try NodeModel(
                        machine: group.machine, settings: settings, devices: group.devices,
                        resources: scenario.resources)
                    models.append(model)
                    ofGroup.append(.kind(models.count - 1))
                } catch {
                    ofGroup.append(.refused(error.message))
                }
            }
            targets.append(ofGroup)
        }
        return targets
    }
}
