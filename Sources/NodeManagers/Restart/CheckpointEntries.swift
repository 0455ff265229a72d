package import Primitives
import WorkloadModel

/// What the kubelet's checkpoint files hold, taken from a node's state.
extension NodeModel {
    package struct CPUEntry: Sendable {
        package var pod: PodIndex
        package var container: String
        package var cpus: CPUSet
    }

    package struct MemoryEntry: Sendable {
        package var pod: PodIndex
        package var container: String
        package var blocks: [Block]

        package struct Block: Hashable, Sendable {
            package var type: Int
            package var nodes: NUMAMask
            package var bytes: Int64
        }
    }

    /// Containers with CPUs of their own, or a portion of their pod's.
    package func cpuEntries(of state: NodeState) -> [CPUEntry] {
        var entries: [CPUEntry] = []
        for position in state.pods.inOrderOfAdmission {
            let prepared = state.pods[position].prepared
            for index in prepared.containers.indices {
                guard let cpus = state.cpu.cpus(of: state.pods[position].range[index]) else {
                    continue
                }
                entries.append(
                    CPUEntry(
                        pod: state.pods[position].id,
                        container: prepared.shape.containers[index].name, cpus: cpus))
            }
        }
        return entries
    }

    /// CPUs that pods hold as a whole, those included that the kubelet lost track of.
    package func podCPUEntries(of state: NodeState) -> [(pod: PodIndex, cpus: CPUSet)] {
        var entries = state.lostPodCPUs
        for position in state.pods.inOrderOfAdmission {
            guard let share = podShare(of: position, in: state),
                let cpus = state.cpu.cpus(of: share)
            else { continue }
            entries.append((state.pods[position].id, cpus))
        }
        return entries
    }

    /// Containers with memory, which may be none of any type.
    package func memoryEntries(of state: NodeState) -> [MemoryEntry] {
        var entries: [MemoryEntry] = []
        for position in state.pods.inOrderOfAdmission {
            let prepared = state.pods[position].prepared
            for index in prepared.containers.indices {
                let slot = state.pods[position].range[index]
                guard state.memory.presence(of: slot) == .present else { continue }
                entries.append(
                    MemoryEntry(
                        pod: state.pods[position].id,
                        container: prepared.shape.containers[index].name,
                        blocks: blocks(of: slot, in: state)))
            }
        }
        return entries
    }

    /// Memory that pods hold as a whole.
    package func podMemoryEntries(of state: NodeState) -> [MemoryEntry] {
        var entries: [MemoryEntry] = []
        for position in state.pods.inOrderOfAdmission {
            guard let share = podShare(of: position, in: state),
                state.memory.presence(of: share) == .present
            else { continue }
            entries.append(
                MemoryEntry(
                    pod: state.pods[position].id, container: "",
                    blocks: blocks(of: share, in: state)))
        }
        return entries
    }

    /// The blocks that are charged to the tables: of pods that hold memory as a whole, those of the pod.
    func memoryBlocks(of state: NodeState) -> [MemoryEntry.Block] {
        var result: [MemoryEntry.Block] = []
        for position in state.pods.inOrderOfAdmission {
            if let share = podShare(of: position, in: state),
                state.memory.presence(of: share) == .present
            {
                result += blocks(of: share, in: state)
                continue
            }
            for index in state.pods[position].prepared.containers.indices {
                let slot = state.pods[position].range[index]
                guard state.memory.presence(of: slot) == .present else { continue }
                result += blocks(of: slot, in: state)
            }
        }
        return result
    }

    private func blocks(of slot: ContainerSlot, in state: NodeState) -> [MemoryEntry.Block] {
        var blocks: [MemoryEntry.Block] = []
        var types = state.memory.types(of: slot)
        while types != 0 {
            let type = types.trailingZeroBitCount
            types &= types - 1
            blocks.append(
                MemoryEntry.Block(
                    type: type, nodes: state.memory.nodes(of: slot),
                    bytes: state.memory.size(of: slot, type: type)))
        }
        return blocks
    }

    /// The slot of what a pod holds as a whole; nil for a pod without pod-level resources that are managed.
    func podShare(of position: Int, in state: NodeState) -> ContainerSlot? {
        let prepared = state.pods[position].prepared
        guard prepared.podLevel != nil else { return nil }
        return state.pods[position].range[prepared.containers.count]
    }
}
