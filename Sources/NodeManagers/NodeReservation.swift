import HardwareModel
import Primitives

/// What a kubelet sets aside, and the capacity and allocatable that it then publishes.
/// (cm/node_container_manager_linux.go, nodestatus/setters.go)
struct NodeReservation {
    /// Kube plus system reserved cpu, or the size of `reservedSystemCPUs`; nil when neither is given.
    let milliCPU: Int64?
    /// Kube, system and hard eviction together, by resource name; without cpu.
    let amounts: [String: Int64]

    init(machine: Machine, settings: KubeletSettings) {
        var amounts: [String: Int64] = [:]
        var milliCPU: Int64?
        for list in [settings.kubeReserved, settings.systemReserved] {
            for (name, amount) in list {
                if name == "cpu" {
                    milliCPU = (milliCPU ?? 0) + amount
                } else {
                    amounts[name, default: 0] += amount
                }
            }
        }
        if !settings.reservedSystemCPUs.isEmpty {
            milliCPU = Int64(settings.reservedSystemCPUs.count) * 1000
        }
        let memory = machine.numaNodes.reduce(Int64(0)) { $0 + $1.memory }
        let eviction: Int64 =
            switch settings.evictionHardMemory {
            case .bytes(let bytes): bytes
            case .milliPercent(let milliPercent):
                Int64(Double(memory) * Double(Float(milliPercent) / 100_000))
            }
        if eviction > 0 || amounts["memory"] != nil { amounts["memory", default: 0] += eviction }
        self.milliCPU = milliCPU
        self.amounts = amounts
    }

    /// Capacity and allocatable by `ResourceIndex.position`. Storage is not modelled and stays 0.
    func status(
        topology: CPUTopology, types: MemoryTypes, memoryCapacity: [Int64], hugePages: Int64,
        catalog: DeviceCatalog, layout: NUMALayout, resources: ResourceTable
    ) -> (capacity: [Int64], allocatable: [Int64]) {
        var capacity = Array(repeating: Int64(0), count: resources.count)
        capacity[ResourceTable.cpu.position] = Int64(topology.all.count) * 1000
        for node in 0..<layout.count {
            for (type, resource) in types.resources.enumerated() {
                capacity[resource.position] += memoryCapacity[node * types.count + type]
            }
        }
        for kind in catalog.kinds {
            capacity[kind.resource.position] = Int64(kind.isHealthy.count { $0 })
        }
        var allocatable = capacity
        allocatable[ResourceTable.cpu.position] -= milliCPU ?? 0
        for (name, amount) in amounts {
            if let resource = resources.index(of: name) {
                allocatable[resource.position] -= amount
            }
        }
        allocatable[ResourceTable.memory.position] -= hugePages
        return (capacity, allocatable.map { max(0, $0) })
    }
}
