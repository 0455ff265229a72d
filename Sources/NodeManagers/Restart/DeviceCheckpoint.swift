package import Primitives
import WorkloadModel

/// The Device Manager's checkpoint file as it was last written, and the plugins' own view of their devices.
///
/// The file is written when devices are allocated or plugins report, never when pods go; so a restart reads
/// entries of pods that are long gone. (cm/devicemanager/manager.go, writeCheckpoint)
package struct DeviceCheckpoint: Sendable {
    /// Devices of one container.
    package struct Entry: Sendable {
        package var pod: PodIndex
        /// Position in the pod.
        package var container: Int
        package var name: String
        /// Bits as in a container's row.
        package var devices: [UInt64]
    }

    package var entries: [Entry] = []
    /// Healthy devices, by bits as in a row, and which resources the file names.
    package var healthy: [UInt64] = []
    package var registered: [Bool] = []
    /// What plugins would report if asked now.
    package var pluginHealth: [UInt64] = []
    /// By kind: the plugin does not run, so that it registers with no kubelet.
    package var isPluginGone: [Bool] = []
    /// Entries that the kubelet read at its last start and whose pods are gone; until its next sweep.
    package var stale: [Entry] = []
}

extension NodeModel {
    /// A node that can be restarted: it remembers what the Device Manager's file holds.
    package func makeRestartableState() -> NodeState {
        var state = makeState()
        becomeRestartable(&state)
        return state
    }

    /// Gives a node the Device Manager's file as it would be when written now, unless it keeps one.
    package func becomeRestartable(_ state: inout NodeState) {
        guard state.deviceCheckpoint == nil else { return }
        var checkpoint = DeviceCheckpoint()
        checkpoint.pluginHealth = state.devices.healthy
        checkpoint.isPluginGone = state.devices.registrations.map { _ in false }
        state.deviceCheckpoint = checkpoint
        writeDeviceCheckpoint(of: &state)
    }

    /// Writes the Device Manager's file: pods in order of admission, where the kubelet takes any order.
    func writeDeviceCheckpoint(of state: inout NodeState) {
        guard var checkpoint = state.deviceCheckpoint else { return }
        checkpoint.entries = checkpoint.stale
        for position in state.pods.inOrderOfAdmission {
            let prepared = state.pods[position].prepared
            for index in prepared.containers.indices {
                let slot = state.pods[position].range[index]
                let row = (0..<deviceManager.catalog.rowWords).map {
                    state.devices.devices(of: slot, word: $0)
                }
                guard row.contains(where: { $0 != 0 }) else { continue }
                checkpoint.entries.append(
                    DeviceCheckpoint.Entry(
                        pod: state.pods[position].id, container: index,
                        name: prepared.shape.containers[index].name, devices: row))
            }
        }
        checkpoint.healthy = state.devices.healthy
        checkpoint.registered = state.devices.registrations.map { $0 != .unknown }
        state.deviceCheckpoint = checkpoint
    }

    /// Devices of `resource` named in `unhealthy` fail, all others of it are well; plugins that were missing since
    /// a restart register.
    package func setHealth(
        of resource: ResourceIndex, unhealthy: [String], kubeletRuns: Bool = true,
        in state: inout NodeState
    ) {
        guard let position = deviceManager.catalog.kind(of: resource) else { return }
        let kind = deviceManager.catalog.kinds[position]
        var health = Array(repeating: UInt64(0), count: kind.words.count)
        for (index, id) in kind.ids.enumerated() where !unhealthy.contains(id) {
            health[index / 64] |= 1 << UInt64(index % 64)
        }
        for (index, word) in kind.words.enumerated() {
            state.deviceCheckpoint?.pluginHealth[word] = health[index]
            if kubeletRuns { state.devices.healthy[word] = health[index] }
        }
        guard kubeletRuns else { return }
        state.devices.registrations[position] = .registered
        state.deviceCheckpoint?.isPluginGone[position] = false
        registerPlugins(in: &state)
    }

    /// Plugins that the kubelet does not know, or awaits, register with what they have.
    func registerPlugins(in state: inout NodeState) {
        if let checkpoint = state.deviceCheckpoint {
            for (position, kind) in deviceManager.catalog.kinds.enumerated()
            where state.devices.registrations[position] != .registered
                && !checkpoint.isPluginGone[position]
            {
                for word in kind.words {
                    state.devices.healthy[word] = checkpoint.pluginHealth[word]
                }
                state.devices.registrations[position] = .registered
            }
        }
        writeDeviceCheckpoint(of: &state)
    }
}
