import HardwareModel
import LiteralKubelet
import NodeManagers
import Primitives
import WorkloadModel

/// The transcription's values as those of the managers under test.
enum FastTypes {
    static func resources() -> ResourceTable {
        var table = ResourceTable()
        for name in ["hugepages-2Mi", "hugepages-1Gi", "example.com/nic", "vendor.io/gpu"] {
            _ = table.intern(name)
        }
        return table
    }

    static func rows(_ machine: LiteralMachine) -> [CPUTopology.Row] {
        machine.rows.map {
            CPUTopology.Row(
                cpu: $0.cpu, core: $0.core, socket: $0.socket, numaNode: $0.numaNode,
                uncore: $0.uncore)
        }
    }

    static func machine(_ literal: LiteralMachine) -> Machine {
        var machine = Machine(name: "random")
        let sockets = Set(literal.rows.map(\.socket)).sorted()
        let cores = Set(literal.rows.map(\.core)).sorted()
        let uncores = Set(literal.rows.map(\.uncore)).sorted()
        let ids = literal.nodes.map(\.id)
        machine.sockets = sockets.map { Socket(osIndex: $0) }
        machine.uncoreCaches = uncores.map { _ in UncoreCache(size: 0) }
        machine.cores = cores.map { core in
            let socket = literal.rows.first { $0.core == core }!.socket
            return Core(osIndex: core, socket: sockets.firstIndex(of: socket)!)
        }
        machine.numaNodes = literal.nodes.map { node in
            NUMANode(
                osIndex: node.id, memory: Int64(node.memory),
                hugePages: [
                    HugePagePool(
                        pageSize: 2 << 20,
                        count: Int64((node.hugePages["hugepages-2Mi"] ?? 0) >> 21)),
                    HugePagePool(
                        pageSize: 1 << 30,
                        count: Int64((node.hugePages["hugepages-1Gi"] ?? 0) >> 30)),
                ])
        }
        machine.cpus = literal.rows.map { row in
            CPU(
                osIndex: row.cpu, core: cores.firstIndex(of: row.core)!,
                socket: sockets.firstIndex(of: row.socket)!,
                numaNode: ids.firstIndex(of: row.numaNode)!,
                uncoreCache: uncores.firstIndex(of: row.uncore)!)
        }
        machine.distances = NUMADistances(
            count: ids.count, values: literal.distances.flatMap { $0 })
        return machine
    }

    static func settings(_ literal: LiteralSettings) -> KubeletSettings {
        func wide(_ amounts: [String: Int]) -> [String: Int64] { amounts.mapValues { Int64($0) } }
        var settings = KubeletSettings()
        settings.cpuManagerPolicy = literal.cpuPolicy
        settings.cpuManagerPolicyOptions = literal.cpuOptions
        settings.memoryManagerPolicy = literal.memoryPolicy
        settings.reservedMemory = literal.reservedMemory.map {
            ReservedMemory(numaNode: $0.node, limits: wide($0.limits))
        }
        settings.topologyManagerPolicy = literal.topologyPolicy
        settings.topologyManagerScope = literal.scope
        settings.topologyManagerPolicyOptions = literal.topologyOptions
        settings.kubeReserved = wide(literal.kubeReserved)
        settings.systemReserved = wide(literal.systemReserved)
        settings.evictionHardMemory = .bytes(Int64(literal.evictionHardMemory))
        settings.reservedSystemCPUs = CPUSet(literal.reservedSystemCPUs)
        settings.maxPods = Int64(literal.maxPods)
        settings.featureGates = literal.gates
        return settings
    }

    static func plugins(_ literal: [LiteralPlugin]) -> [DeviceResource] {
        literal.map { plugin in
            DeviceResource(
                name: plugin.resource,
                devices: plugin.devices.map {
                    PluginDevice(id: $0.id, numaNodes: $0.nodes, isHealthy: $0.isHealthy)
                },
                preferredAllocation: DeviceResource.PreferredAllocation(
                    rawValue: plugin.preferred.rawValue)!)
        }
    }

    static func shape(_ pod: LiteralPod, _ resources: ResourceTable) -> PodShape {
        func list(_ amounts: [String: Int]) -> [ResourceAmount] {
            amounts.map { ResourceAmount(resources.index(of: $0.key)!, Int64($0.value)) }
                .sorted { $0.resource < $1.resource }
        }
        var shape = PodShape(
            qos: .bestEffort,
            containers: pod.containers.map { container in
                ContainerShape(
                    name: container.name,
                    kind: ContainerShape.Kind(rawValue: container.kind.rawValue)!,
                    resources: ContainerResources(
                        requests: list(container.requests), limits: list(container.limits)))
            })
        if let podLevel = pod.podLevel {
            shape.podLevel = ContainerResources(
                requests: list(podLevel.requests), limits: list(podLevel.limits))
        }
        shape.qos = PodRequests.qosClass(of: shape, podLevel: shape.podLevel)
        return shape
    }
}
