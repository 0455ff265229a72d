public import Primitives
public import Records
import WorkloadModel

extension NodeModel {
    /// What a pod's containers hold, as of admission: memory of finished init containers is still told.
    ///
    /// - Parameter holdings: Whether memory blocks and devices are told as well; alignment counts them in any case.
    /// - Returns: one value for each container of the shape, in its order; empty when the node has no such pod.
    public func placements(
        of pod: PodIndex, in state: borrowing NodeState, holdings: Bool = true
    ) -> [ContainerPlacement] {
        guard let position = state.pods.position(of: pod) else { return [] }
        let range = state.pods[position].range
        let prepared = state.pods[position].prepared
        var placements: [ContainerPlacement] = []
        placements.reserveCapacity(prepared.containers.count)
        for index in prepared.containers.indices {
            var placement = placement(
                of: range[index], prepared.containers[index],
                name: prepared.shape.containers[index].name, in: state)
            if holdings { addHoldings(of: range[index], in: state, to: &placement) }
            placements.append(placement)
        }
        return placements
    }

    private func placement(
        of slot: ContainerSlot, _ prepared: PreparedContainer, name: String,
        in state: borrowing NodeState
    ) -> ContainerPlacement {
        var placement = ContainerPlacement(name: name)
        if let cpus = state.cpu.cpus(of: slot) {
            placement.cpus = cpus
            placement.cpuNUMANodes = layout.osSet(alignment.spread(of: cpus).nodes)
        }
        if let hint = state.pods.hint(of: slot) {
            placement.affinity = hint.affinity.map(layout.osSet)
            placement.affinityIsPreferred = hint.isPreferred
        }
        placement.alignment = alignment(of: slot, prepared, in: state)
        return placement
    }

    private func addHoldings(
        of slot: ContainerSlot, in state: borrowing NodeState,
        to placement: inout ContainerPlacement
    ) {
        if state.memory.presence(of: slot) != .absent {
            var types = state.memory.types(of: slot)
            while types != 0 {
                let type = types.trailingZeroBitCount
                types &= types - 1
                placement.memory.append(
                    MemoryBlock(
                        resource: memoryTypes.resources[type],
                        numaNodes: layout.osSet(state.memory.nodes(of: slot)),
                        bytes: state.memory.size(of: slot, type: type)))
            }
        }
        for kind in deviceManager.catalog.kinds {
            for word in kind.words {
                var devices = state.devices.devices(of: slot, word: word)
                while devices != 0 {
                    let index = (word - kind.words.lowerBound) * 64 + devices.trailingZeroBitCount
                    devices &= devices - 1
                    placement.devices.append(
                        DevicePlacement(
                            resource: kind.resource, id: kind.ids[index],
                            numaNodes: layout.osSet(kind.nodes[index] ?? .none)))
                }
            }
        }
    }
}
