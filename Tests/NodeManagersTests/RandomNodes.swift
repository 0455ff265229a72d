import HardwareModel
import NodeManagers
import Primitives
import WorkloadModel

/// Random machines, settings and pods; the same seed gives the same ones.
struct RandomNodes {
    var random: RandomStream
    var resources = ResourceTable()
    let small: ResourceIndex
    let large: ResourceIndex
    let device: ResourceIndex
    let other: ResourceIndex

    init(seed: UInt64) {
        random = RandomStream(seed: seed, name: "node-managers")
        small = resources.intern("hugepages-2Mi")
        large = resources.intern("hugepages-1Gi")
        device = resources.intern("example.com/nic")
        other = resources.intern("vendor.io/gpu")
    }

    mutating func below(_ bound: Int) -> Int { Int(random.below(UInt64(bound))) }

    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

    mutating func pick<Value>(_ values: [Value]) -> Value { values[below(values.count)] }

    /// - Parameter irregular: some cores lose threads, so that averages truncate.
    mutating func machine(irregular: Bool = false) -> Machine {
        var machine = Machine(name: "random")
        let sockets = pick([1, 1, 2, 2, 2, 4])
        let nodesPerSocket = pick([1, 1, 2, sockets == 1 ? 4 : 2])
        let coresPerNode = pick([2, 3, 4, 6])
        let threads = pick([1, 2, 2, 2, 4])
        let nodes = sockets * nodesPerSocket
        let cores = nodes * coresPerNode
        let gaps = chance(15)
        for socket in 0..<sockets { machine.sockets.append(Socket(osIndex: socket)) }
        for node in 0..<nodes {
            machine.numaNodes.append(
                NUMANode(
                    osIndex: gaps ? node * 2 + 1 : node, memory: Int64(8 + below(8)) << 30,
                    hugePages: [
                        HugePagePool(pageSize: 2 << 20, count: Int64(below(512))),
                        HugePagePool(pageSize: 1 << 30, count: Int64(below(4))),
                    ], socket: node / nodesPerSocket))
        }
        let coresPerCache = pick([1, 2, coresPerNode])
        for _ in 0..<cores { machine.uncoreCaches.append(UncoreCache(size: 0)) }
        let isSplit = chance(50)
        for core in 0..<cores {
            let node = core / coresPerNode
            machine.cores.append(Core(osIndex: core, socket: node / nodesPerSocket))
            let cache = node * coresPerNode + core % coresPerNode / coresPerCache
            for thread in 0..<threads {
                if irregular, thread > 0, chance(30) { continue }
                machine.cpus.append(
                    CPU(
                        osIndex: isSplit ? thread * cores + core : core * threads + thread,
                        core: core, socket: node / nodesPerSocket, numaNode: node,
                        uncoreCache: cache))
            }
        }
        return machine
    }

    mutating func settings(for machine: Machine) -> KubeletSettings {
        var settings = KubeletSettings()
        settings.topologyManagerPolicy = pick(TopologyManagerPolicyRegistry.all).name
        settings.topologyManagerScope = pick(["container", "pod"])
        if chance(30) {
            settings.topologyManagerPolicyOptions = ["prefer-closest-numa-nodes": "true"]
        }
        if chance(90) {
            settings.cpuManagerPolicy = "static"
            for option in [
                "full-pcpus-only", "distribute-cpus-across-numa", "strict-cpu-reservation",
            ] where chance(25) {
                settings.cpuManagerPolicyOptions[option] = "true"
            }
            if settings.cpuManagerPolicyOptions["distribute-cpus-across-numa"] == nil, chance(25) {
                settings.cpuManagerPolicyOptions["prefer-align-cpus-by-uncorecache"] = "true"
            }
        }
        settings.kubeReserved = ["cpu": Int64(500 + below(2000)), "memory": 512 << 20]
        if chance(80) {
            settings.memoryManagerPolicy = "Static"
            settings.reservedMemory = [
                ReservedMemory(
                    numaNode: machine.numaNodes[0].osIndex, limits: ["memory": 612 << 20])
            ]
        }
        return settings
    }

    mutating func plugins(for machine: Machine) -> [DeviceResource] {
        var plugins: [DeviceResource] = []
        for (name, prefix) in [("example.com/nic", "nic"), ("vendor.io/gpu", "gpu")] {
            var devices: [PluginDevice] = []
            for index in 0..<below(9) {
                let first = pick(machine.numaNodes).osIndex
                let nodes: [Int]? =
                    chance(10)
                    ? nil : chance(10) ? [first, pick(machine.numaNodes).osIndex] : [first]
                devices.append(
                    PluginDevice(
                        id: "\(prefix)\(index)", numaNodes: nodes.map { Array(Set($0)).sorted() },
                        isHealthy: chance(90)))
            }
            plugins.append(
                DeviceResource(
                    name: name, devices: devices,
                    preferredAllocation: pick(DeviceResource.PreferredAllocation.allCases)))
        }
        return plugins
    }

    mutating func shape() -> PodShape {
        var containers: [ContainerShape] = []
        let guaranteed = chance(80)
        func make(_ kind: ContainerShape.Kind, _ name: String, _ self: inout RandomNodes)
            -> ContainerShape
        {
            var amounts = [
                ResourceAmount(
                    ResourceTable.cpu,
                    self.chance(80) ? Int64(1 + self.below(8)) * 1000 : Int64(100 + self.below(900))
                ),
                ResourceAmount(ResourceTable.memory, Int64(64 + self.below(4000)) << 20),
            ]
            if self.chance(25) {
                amounts.append(ResourceAmount(self.small, Int64(1 + self.below(128)) << 21))
            }
            if self.chance(10) { amounts.append(ResourceAmount(self.large, 1 << 30)) }
            if self.chance(25) {
                amounts.append(ResourceAmount(self.device, Int64(1 + self.below(3))))
            }
            if self.chance(10) { amounts.append(ResourceAmount(self.other, 1)) }
            var resources = ContainerResources(requests: amounts, limits: amounts)
            if !guaranteed { resources.limits.removeFirst() }
            return ContainerShape(name: name, kind: kind, resources: resources)
        }
        for index in 0..<pick([0, 0, 0, 1, 2]) {
            let kind: ContainerShape.Kind = chance(60) ? .initContainer : .sidecar
            containers.append(make(kind, "i\(index)", &self))
        }
        for index in 0..<pick([1, 1, 2]) { containers.append(make(.app, "c\(index)", &self)) }
        var shape = PodShape(qos: .bestEffort, containers: containers)
        shape.qos = PodRequests.qosClass(of: shape, podLevel: nil)
        return shape
    }

    /// A pod with pod-level resources, of which its containers ask for less, as much or more.
    mutating func podLevelShape() -> PodShape {
        var shape = shape()
        let amounts = [
            ResourceAmount(ResourceTable.cpu, Int64(1 + below(12)) * (chance(90) ? 1000 : 700)),
            ResourceAmount(ResourceTable.memory, Int64(256 + below(8000)) << 20),
        ]
        shape.podLevel = ContainerResources(
            requests: amounts, limits: chance(85) ? amounts : Array(amounts.prefix(1)))
        for index in shape.containers.indices where chance(30) {
            shape.containers[index].resources = ContainerResources()
        }
        shape.qos = PodRequests.qosClass(of: shape, podLevel: shape.podLevel)
        return shape
    }

    /// A kind of node that the kubelet starts on, with random machine, settings and plugins.
    mutating func model(irregular: Bool = false, gates: [String: Bool] = [:]) -> NodeModel {
        while true {
            let machine = machine(irregular: irregular)
            var settings = settings(for: machine)
            settings.featureGates = gates
            let plugins = plugins(for: machine)
            if let model = try? NodeModel(
                machine: machine, settings: settings, devices: plugins, resources: resources)
            {
                return model
            }
        }
    }
}
