package import Primitives

/// What device plugins do while a kubelet runs. (cm/devicemanager/manager.go, PluginListAndWatchReceiver and
/// markResourceUnhealthy)
extension NodeModel {
    /// The plugin has not registered yet: the kubelet has never heard of the resource.
    package func withholdPlugin(of resource: ResourceIndex, in state: inout NodeState) {
        guard let position = deviceManager.catalog.kind(of: resource) else { return }
        for word in deviceManager.catalog.kinds[position].words { state.devices.healthy[word] = 0 }
        state.devices.registrations[position] = .unknown
        state.deviceCheckpoint?.isPluginGone[position] = true
        writeDeviceCheckpoint(of: &state)
    }

    /// The plugin's connection breaks: all of its devices are unhealthy, those in use stay where they are.
    ///
    /// A kubelet forgets the resource five minutes later; this one does not. Nothing is bound meanwhile, as the node
    /// publishes none of it.
    package func losePlugin(
        of resource: ResourceIndex, kubeletRuns: Bool, in state: inout NodeState
    ) {
        guard let position = deviceManager.catalog.kind(of: resource) else { return }
        state.deviceCheckpoint?.isPluginGone[position] = true
        guard kubeletRuns else { return }
        for word in deviceManager.catalog.kinds[position].words { state.devices.healthy[word] = 0 }
        writeDeviceCheckpoint(of: &state)
    }

    /// The plugin registers, with the health that its devices had last.
    package func startPlugin(
        of resource: ResourceIndex, kubeletRuns: Bool, in state: inout NodeState
    ) {
        guard let position = deviceManager.catalog.kind(of: resource) else { return }
        state.deviceCheckpoint?.isPluginGone[position] = false
        guard kubeletRuns else { return }
        if let health = state.deviceCheckpoint?.pluginHealth {
            for word in deviceManager.catalog.kinds[position].words {
                state.devices.healthy[word] = health[word]
            }
        }
        state.devices.registrations[position] = .registered
        writeDeviceCheckpoint(of: &state)
    }

    /// `status.allocatable` now: of devices, the healthy ones whose plugin is registered.
    package func published(in state: borrowing NodeState) -> [Int64] {
        var published = allocatable
        for (position, kind) in deviceManager.catalog.kinds.enumerated() {
            var healthy: Int64 = 0
            if state.devices.registrations[position] == .registered {
                for word in kind.words {
                    healthy += Int64(state.devices.healthy[word].nonzeroBitCount)
                }
            }
            published[kind.resource.position] = healthy
        }
        return published
    }
}
