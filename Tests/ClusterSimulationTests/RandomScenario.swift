import ClusterScheduler
import ClusterSimulation
import HardwareModel
import NodeManagers
import Primitives
import WorkloadModel

/// A random cluster and workload; the seed is all that is needed to make it again.
///
/// Swarm testing: each seed leaves out some features entirely and weighs the rest wildly, so that rare combinations meet.
struct RandomScenario {
    private var random: RandomStream
    private var scenario: Scenario

    static func make(seed: UInt64) throws -> Scenario {
        var maker = RandomScenario(seed: seed)
        try maker.addNodes()
        maker.addWorkloads()
        return maker.scenario
    }

    private init(seed: UInt64) {
        random = RandomStream(seed: seed, name: "random-scenario")
        scenario = Scenario(name: "random-\(seed)")
        scenario.seed = seed
        scenario.until = .time(SimTime(nanoseconds: 3_600_000_000_000))
        scenario.record.sampleEvery = .seconds(Int64(30 + random.below(600)))
        if random.below(2) == 0 { scenario.scheduler.scoringStrategy = "MostAllocated" }
    }

    private mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int(random.below(UInt64(elements.count)))]
    }

    private mutating func chance(_ percent: UInt64) -> Bool { random.below(100) < percent }

    // MARK: Nodes

    private mutating func addNodes() throws {
        for group in 0..<(1 + random.below(3)) {
            var machine = try MachineShape(
                parsing: pick(["1s1n4c2t", "2s1n4c2t", "2s2n4c2t", "1s4n3c1t", "2s1n8c1t"])
            ).makeMachine(
                memoryPerNUMANode: Int64(pick([4, 8, 16])) << 30,
                hugePagesPerNUMANode: chance(60)
                    ? [
                        HugePagePool(pageSize: 2 << 20, count: 256),
                        HugePagePool(pageSize: 1 << 30, count: 1),
                    ]
                    : [])
            machine.name = "machine-\(group)"
            var nodes = NodeGroup(
                name: "group-\(group)", count: Int(1 + random.below(6)), machine: machine)
            nodes.kubelet = kubelet(for: machine)
            if chance(60) { nodes.devices = [devices(on: machine)] }
            if chance(30) {
                nodes.labels = [Label(key: "group", value: "\(group)")]
            }
            for node in machine.numaNodes {
                for pool in node.hugePages {
                    _ = scenario.resources.intern(
                        ResourceTable.hugePageResource(ofSize: pool.pageSize))
                }
            }
            for device in nodes.devices { _ = scenario.resources.intern(device.name) }
            scenario.nodeGroups.append(nodes)
        }
    }

    private mutating func kubelet(for machine: Machine) -> KubeletSettings {
        var settings = KubeletSettings()
        if chance(80) {
            settings.cpuManagerPolicy = "static"
            settings.reservedSystemCPUs = chance(50) ? [0] : [0, 1]
            if chance(40) { settings.cpuManagerPolicyOptions["full-pcpus-only"] = "true" }
        } else {
            settings.kubeReserved["cpu"] = 500
        }
        settings.topologyManagerPolicy = pick([
            "none", "best-effort", "restricted", "single-numa-node",
        ])
        settings.topologyManagerScope = pick(["container", "pod"])
        settings.evictionHardMemory = .bytes(100 << 20)
        if chance(60) {
            settings.memoryManagerPolicy = "Static"
            settings.kubeReserved["memory"] = 412 << 20
            settings.reservedMemory = [
                ReservedMemory(
                    numaNode: machine.numaNodes[0].osIndex, limits: ["memory": 512 << 20])
            ]
        }
        settings.maxPods = pick([8, 30, 110])
        return settings
    }

    private mutating func devices(on machine: Machine) -> DeviceResource {
        var list: [PluginDevice] = []
        for node in machine.numaNodes where chance(70) {
            for number in 0..<(1 + random.below(4)) {
                list.append(
                    PluginDevice(
                        id: "vf-\(node.osIndex)-\(number)",
                        numaNodes: chance(90) ? [node.osIndex] : nil))
            }
        }
        if list.isEmpty { list = [PluginDevice(id: "vf-0", numaNodes: nil)] }
        return DeviceResource(
            name: "example.com/vf", devices: list,
            preferredAllocation: pick(DeviceResource.PreferredAllocation.allCases))
    }

    // MARK: Workloads

    private mutating func addWorkloads() {
        for number in 0..<(1 + random.below(5)) {
            let controller = pick(ControllerKind.allCases)
            let shape = pod()
            let gap = Double(3 + random.below(90))
            let arrivals: ArrivalProcess =
                controller == .none || controller == .job
                ? .renewal(start: .zero, gap: .exponential(mean: gap), count: nil)
                : .fixed(start: .zero, every: .seconds(Int64(gap)), count: 1)
            // A controller that replaces at once needs a shape that fits somewhere, or it goes round for the whole run.
            scenario.workloads.append(
                Workload(
                    name: "workload-\(number)", controller: controller,
                    replicas: Int(1 + random.below(3)),
                    source: .generated(
                        shape: shape, arrivals: arrivals,
                        lifetime: chance(90)
                            ? .exponential(mean: gap * Double(1 + random.below(12))) : nil),
                    backoffLimit: Int(random.below(4))))
        }
    }

    private mutating func pod() -> PodShape {
        var containers: [ContainerShape] = []
        if chance(25) { containers.append(container("init", .initContainer)) }
        if chance(25) { containers.append(container("sidecar", .sidecar)) }
        for number in 0..<(1 + random.below(3)) {
            containers.append(container("app-\(number)", .app))
        }
        let isGuaranteed = containers.allSatisfy { container in
            [ResourceTable.cpu, ResourceTable.memory].allSatisfy { resource in
                guard let limit = container.resources.limit(resource) else { return false }
                return limit > 0 && container.resources.request(resource) == limit
            }
        }
        var shape = PodShape(qos: isGuaranteed ? .guaranteed : .burstable, containers: containers)
        var running: [ResourceIndex: Int64] = [:]
        var peak: [ResourceIndex: Int64] = [:]
        var sidecars: [ResourceIndex: Int64] = [:]
        for container in containers {
            for request in container.resources.requests {
                switch container.kind {
                case .app: running[request.resource, default: 0] += request.amount
                case .sidecar:
                    running[request.resource, default: 0] += request.amount
                    sidecars[request.resource, default: 0] += request.amount
                case .initContainer:
                    let demand = sidecars[request.resource, default: 0] + request.amount
                    peak[request.resource] = max(peak[request.resource, default: 0], demand)
                }
            }
        }
        let resources = Set(running.keys).union(peak.keys).sorted()
        shape.requests = resources.map {
            ResourceAmount($0, max(running[$0, default: 0], peak[$0, default: 0]))
        }
        shape.nonZeroMilliCPU = max(100, shape.request(ResourceTable.cpu))
        shape.nonZeroMemory = max(200 << 20, shape.request(ResourceTable.memory))
        if chance(10), let group = scenario.nodeGroups.first(where: { !$0.labels.isEmpty }) {
            shape.nodeSelector = group.labels
        }
        return shape
    }

    private mutating func container(
        _ name: String, _ kind: ContainerShape.Kind
    ) -> ContainerShape {
        var amounts = [
            ResourceAmount(
                ResourceTable.cpu,
                chance(75) ? Int64(1 + random.below(6)) * 1000 : Int64(100 + random.below(1500))),
            ResourceAmount(ResourceTable.memory, Int64(64 + random.below(1500)) << 20),
        ]
        if chance(30), let pages = scenario.resources.index(of: "hugepages-2Mi") {
            amounts.append(ResourceAmount(pages, Int64(1 + random.below(64)) << 21))
        }
        if chance(30), let device = scenario.resources.index(of: "example.com/vf") {
            amounts.append(ResourceAmount(device, Int64(1 + random.below(2))))
        }
        amounts.sort { $0.resource < $1.resource }
        var resources = ContainerResources(requests: amounts, limits: amounts)
        if chance(20) { resources.limits.removeAll { $0.resource == ResourceTable.cpu } }
        return ContainerShape(name: name, kind: kind, resources: resources)
    }
}
