import HardwareModel
import NodeManagers
import Primitives
import WorkloadModel

/// A kind of node and its pods, decoded from a fuzzer's bytes.
struct FuzzNode {
    var input: FuzzInput
    var resources = ResourceTable()
    let devices: [ResourceIndex]
    let pages: [ResourceIndex]

    init(_ input: FuzzInput) {
        self.input = input
        pages = [resources.intern("hugepages-2Mi"), resources.intern("hugepages-1Gi")]
        devices = [resources.intern("example.com/nic"), resources.intern("vendor.io/gpu")]
    }

    // MARK: Machine

    mutating func machine() -> Machine {
        var machine = Machine(name: "fuzz")
        let sockets = 1 + input.below(4)
        let nodes = 1 + input.below(8)
        let stride = 1 + input.below(3)
        let cores = max(sockets, nodes) * (1 + input.below(3))
        let threads = 1 + input.below(4)
        let caches = 1 + input.below(cores)
        let isSplit = input.chance(oneIn: 2)
        let missing = input.below(4)
        for socket in 0..<sockets { machine.sockets.append(Socket(osIndex: socket)) }
        for node in 0..<nodes {
            machine.numaNodes.append(
                NUMANode(
                    osIndex: node * stride, memory: Int64(input.below(16)) << 30,
                    hugePages: [
                        HugePagePool(pageSize: 2 << 20, count: Int64(input.below(256))),
                        HugePagePool(pageSize: 1 << 30, count: Int64(input.below(4))),
                    ]))
        }
        // Huge pages are part of a node's memory.
        for node in machine.numaNodes.indices {
            let inPages = machine.numaNodes[node].hugePages.reduce(0) {
                $0 + $1.pageSize * $1.count
            }
            machine.numaNodes[node].memory += inPages
        }
        for _ in 0..<caches { machine.uncoreCaches.append(UncoreCache(size: 0)) }
        let nodesWithCPUs = max(1, nodes - input.below(3))
        for core in 0..<cores {
            let socket = core * sockets / cores
            machine.cores.append(Core(osIndex: core, socket: socket))
            for thread in 0..<threads {
                if thread > 0, missing > 1, input.chance(oneIn: 1 + missing) { continue }
                machine.cpus.append(
                    CPU(
                        osIndex: isSplit ? thread * cores + core : core * threads + thread,
                        core: core, socket: socket, numaNode: core * nodesWithCPUs / cores,
                        uncoreCache: core * caches / cores))
            }
        }
        if input.chance(oneIn: 2) {
            machine.distances = NUMADistances(
                count: nodes,
                values: (0..<nodes * nodes).map {
                    $0 / nodes == $0 % nodes ? 10 : 11 + input.below(4) * 7
                })
        }
        return machine
    }

    // MARK: Settings

    mutating func settings(for machine: Machine) -> KubeletSettings {
        var settings = KubeletSettings()
        settings.topologyManagerPolicy = input.pick([
            "none", "best-effort", "restricted", "single-numa-node", "dynamic",
        ])
        settings.topologyManagerScope = input.pick(["container", "pod"])
        if input.chance(oneIn: 3) {
            settings.topologyManagerPolicyOptions["prefer-closest-numa-nodes"] = "true"
        }
        settings.cpuManagerPolicy = input.pick(["static", "static", "static", "none"])
        if settings.cpuManagerPolicy == "static" {
            let options = input.byte()
            for (bit, option) in [
                "full-pcpus-only", "distribute-cpus-across-numa", "align-by-socket",
                "strict-cpu-reservation", "prefer-align-cpus-by-uncorecache",
                "distribute-cpus-across-cores",
            ].enumerated() where options >> bit & 1 == 1 {
                settings.cpuManagerPolicyOptions[option] = "true"
            }
        }
        settings.featureGates = [
            "CPUManagerPolicyAlphaOptions": !input.chance(oneIn: 8),
            "PodLevelResourceManagers": input.chance(oneIn: 2),
            "PodLevelResources": !input.chance(oneIn: 8),
        ]
        settings.kubeReserved = [
            "cpu": Int64(input.below(40)) * 100, "memory": Int64(input.below(64)) << 24,
        ]
        if input.chance(oneIn: 3) {
            for _ in 0..<1 + input.below(3) {
                settings.reservedSystemCPUs.insert(input.pick(machine.cpus).osIndex)
            }
        }
        if !input.chance(oneIn: 3) {
            settings.memoryManagerPolicy = "Static"
            let total = settings.kubeReserved["memory"]! + 100 << 20
            settings.reservedMemory = [
                ReservedMemory(
                    numaNode: input.pick(machine.numaNodes).osIndex,
                    limits: ["memory": total])
            ]
        }
        settings.maxPods = Int64(input.pick([110, 110, 3]))
        return settings
    }

    mutating func plugins(for machine: Machine) -> [DeviceResource] {
        devices.prefix(input.below(3)).map { resource in
            let count = input.below(input.chance(oneIn: 8) ? 80 : 10)
            return DeviceResource(
                name: resources[resource],
                devices: (0..<count).map { index in
                    var nodes: [Int]? = [input.pick(machine.numaNodes).osIndex]
                    switch input.below(8) {
                    case 0: nodes = nil
                    case 1: nodes = []
                    case 2:
                        nodes = Array(
                            Set(nodes! + [input.pick(machine.numaNodes).osIndex])
                        ).sorted()
                    default: break
                    }
                    return PluginDevice(
                        id: "d\(index)", numaNodes: nodes, isHealthy: !input.chance(oneIn: 8))
                },
                preferredAllocation: input.pick(DeviceResource.PreferredAllocation.allCases))
        }
    }

    // MARK: Pods

    mutating func shape() -> PodShape {
        let isGuaranteed = !input.chance(oneIn: 6)
        var containers: [ContainerShape] = []
        for index in 0..<input.below(4) {
            containers.append(
                container(
                    "i\(index)", input.pick([.initContainer, .sidecar]), isGuaranteed))
        }
        for index in 0..<1 + input.below(3) {
            containers.append(container("c\(index)", .app, isGuaranteed))
        }
        var shape = PodShape(qos: .bestEffort, containers: containers)
        if input.chance(oneIn: 3) {
            let amounts = [
                ResourceAmount(ResourceTable.cpu, cpu()),
                ResourceAmount(ResourceTable.memory, memory()),
            ]
            shape.podLevel = ContainerResources(
                requests: amounts, limits: input.chance(oneIn: 5) ? [] : amounts)
        }
        shape.qos = PodRequests.qosClass(of: shape, podLevel: shape.podLevel)
        return shape
    }

    private mutating func cpu() -> Int64 {
        input.chance(oneIn: 4) ? Int64(input.word()) : Int64(1 + input.below(24)) * 1000
    }

    private mutating func memory() -> Int64 {
        switch input.below(8) {
        case 0: Int64(input.word()) << 34
        case 1: Int64(input.byte())
        default: Int64(1 + input.below(200)) << 26
        }
    }

    private mutating func container(
        _ name: String, _ kind: ContainerShape.Kind, _ isGuaranteed: Bool
    ) -> ContainerShape {
        let asks = input.byte()
        var amounts: [ResourceAmount] = []
        if asks & 7 != 0 {
            amounts.append(ResourceAmount(ResourceTable.cpu, cpu()))
            amounts.append(ResourceAmount(ResourceTable.memory, memory()))
        }
        if asks & 8 != 0 {
            amounts.append(ResourceAmount(pages[0], Int64(input.below(128)) << 21))
        }
        if asks & 48 == 48 {
            amounts.append(ResourceAmount(pages[1], Int64(input.below(3)) << 30))
        }
        for (bit, device) in devices.enumerated() where asks >> (6 + bit) & 1 == 1 {
            amounts.append(ResourceAmount(device, Int64(input.below(6))))
        }
        var resources = ContainerResources(requests: amounts, limits: amounts)
        if !isGuaranteed, !resources.limits.isEmpty { resources.limits.removeFirst() }
        return ContainerShape(name: name, kind: kind, resources: resources)
    }
}
