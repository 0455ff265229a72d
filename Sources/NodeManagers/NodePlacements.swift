public import Primitives
public import Records
import WorkloadModel

extension NodeModel {
    /// What a pod's containers hold, as of admission: memory of finished init containers is still told.
    ///
    /// - Returns: one value for each container of the shape, in its order; empty when the node has no such pod.
    public func placements(of pod: PodIndex, in state: NodeState) -> [ContainerPlacement] {
        guard let position = state.pods.position(of: pod) else { return [] }
        let range = state.pods[position].range
        let prepared = state.pods[position].prepared
        return prepared.containers.indices.map { index in
            placement(
                of: range[index], prepared.containers[index],
                name: prepared.shape.containers[index].name, in: state)
        }
    }

    private func placement(
        of slot: ContainerSlot, _ prepared: PreparedContainer, name: String, in state: NodeState
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
            for (index, id) in kind.ids.enumerated() {
                let word = kind.words.lowerBound + index / 64
                guard state.devices.devices(of: slot, word: word) >> UInt64(index % 64) & 1 != 0
                else { continue }
                placement.devices.append(
                    DevicePlacement(
                        resource: kind.resource, id: id,
                        numaNodes: layout.osSet(kind.nodes[index] ?? .none)))
            }
        }
        placement.alignment = alignment(of: slot, prepared, in: state)
        return placement
    }
}
