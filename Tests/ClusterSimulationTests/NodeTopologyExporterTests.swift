import ClusterScheduler
import ClusterSimulation
import HardwareModel
import NodeManagers
import Primitives
import Testing
import WorkloadModel

/// What a node's exporter tells, against the node's own state.
@Suite struct NodeTopologyExporterTests {
    private static func guaranteed(
        _ amounts: [ResourceAmount], kind: ContainerShape.Kind = .app
    ) -> ContainerShape {
        ContainerShape(
            name: "c", kind: kind,
            resources: ContainerResources(requests: amounts, limits: amounts))
    }

    /// Two NUMA nodes of four CPUs and 8 GiB, CPU 0 reserved, 512 MiB set aside on the first.
    private static func model(_ resources: inout ResourceTable) throws -> NodeModel {
        let machine = try MachineShape(parsing: "1s2n4c1t").makeMachine(
            memoryPerNUMANode: 8 << 30)
        var settings = KubeletSettings()
        settings.cpuManagerPolicy = "static"
        settings.reservedSystemCPUs = [0]
        settings.topologyManagerPolicy = "single-numa-node"
        settings.topologyManagerScope = "pod"
        settings.memoryManagerPolicy = "Static"
        settings.kubeReserved["memory"] = 412 << 20
        settings.reservedMemory = [ReservedMemory(numaNode: 0, limits: ["memory": 512 << 20])]
        _ = resources.intern("example.com/vf")
        let devices = DeviceResource(
            name: "example.com/vf",
            devices: [
                PluginDevice(id: "a", numaNodes: [1]), PluginDevice(id: "b", numaNodes: [1]),
                PluginDevice(id: "c", numaNodes: nil),
            ], preferredAllocation: .none)
        return try NodeModel(
            machine: machine, settings: settings, devices: [devices], resources: resources)
    }

    @Test func `a zone has what may be exclusive less what is`() throws {
        var resources = ResourceTable()
        let model = try Self.model(&resources)
        let device = try #require(resources.index(of: "example.com/vf"))
        var exporter = NodeTopologyExporter(model, fingerprint: .withExclusiveResources)
        var state = model.makeState()
        func amounts() -> [[Int64?]] {
            let object = exporter.object(of: state, model, version: 1)
            return (0..<2).map { row in
                [ResourceTable.cpu, ResourceTable.memory, device].map {
                    object.available($0, row: row)?.value
                }
            }
        }
        let gigabyte = Int64(1) << 30
        // CPU 0 is reserved; the device without a NUMA node is in no zone; the first NUMA node lists no device.
        let empty: [[Int64?]] = [
            [3_000, 8 * gigabyte - 512 << 20, nil], [4_000, 8 * gigabyte, 2],
        ]
        #expect(amounts() == [[3_000, 8 * gigabyte - (512 << 20), nil], empty[1]])
        let shape = PodShape(
            qos: .guaranteed,
            containers: [
                Self.guaranteed([
                    ResourceAmount(ResourceTable.cpu, 2_000),
                    ResourceAmount(ResourceTable.memory, gigabyte), ResourceAmount(device, 1),
                ])
            ])
        guard case .admitted = model.admit(PodIndex(0), model.prepare(shape), in: &state) else {
            Issue.record("the pod fits the second NUMA node")
            return
        }
        #expect(
            amounts() == [
                [3_000, 8 * gigabyte - (512 << 20), nil], [2_000, 7 * gigabyte, 1],
            ])
        model.remove(PodIndex(0), from: &state)
        #expect(amounts()[1] == empty[1])
    }

    @Test func `the fingerprint covers the pods that are counted, or all`() throws {
        var resources = ResourceTable()
        let model = try Self.model(&resources)
        var exclusive = NodeTopologyExporter(model, fingerprint: .withExclusiveResources)
        var all = NodeTopologyExporter(model, fingerprint: .all)
        var state = model.makeState()
        let shared = PodShape(
            qos: .burstable,
            containers: [
                ContainerShape(
                    name: "c", kind: .app,
                    resources: ContainerResources(
                        requests: [ResourceAmount(ResourceTable.cpu, 500)]))
            ])
        let whole = PodShape(
            qos: .guaranteed,
            containers: [
                Self.guaranteed([
                    ResourceAmount(ResourceTable.cpu, 1_000),
                    ResourceAmount(ResourceTable.memory, 1 << 30),
                ])
            ])
        _ = model.admit(PodIndex(7), model.prepare(shared), in: &state)
        _ = model.admit(PodIndex(12), model.prepare(whole), in: &state)
        let hashes = ["7", "12"].map { PodFingerprint.hash(namespace: "default", name: $0) }
        #expect(
            all.object(of: state, model, version: 0).fingerprint
                == PodFingerprint(hashes: hashes).value)
        #expect(
            exclusive.object(of: state, model, version: 0).fingerprint
                == PodFingerprint(hashes: [hashes[1]]).value)
    }

    @Test(arguments: 0..<30 as Range<UInt64>)
    func `no zone offers what the kubelet has given away`(seed: UInt64) throws {
        let scenario = try RandomScenario.make(seed: seed)
        for group in scenario.nodeGroups {
            let model = try NodeModel(
                machine: group.machine, settings: group.kubelet, devices: group.devices,
                resources: scenario.resources)
            var exporter = NodeTopologyExporter(model, fingerprint: .all)
            var state = model.makeState()
            var random = RandomStream(seed: seed, name: "exporter")
            var running: [PodIndex] = []
            for number in 0..<60 {
                if random.below(3) == 0, !running.isEmpty {
                    let place = Int(random.below(UInt64(running.count)))
                    model.remove(running.remove(at: place), from: &state)
                } else if case .generated(let shape, _, _)? = scenario.workloads.first?.source {
                    let pod = PodIndex(number)
                    if case .admitted = model.admit(pod, model.prepare(shape), in: &state) {
                        running.append(pod)
                    }
                }
                let object = exporter.object(of: state, model, version: number)
                var offered: [ResourceIndex: Int64] = [:]
                for row in object.layout.zones.indices {
                    for resource in 0..<scenario.resources.count {
                        let index = ResourceIndex(resource)
                        guard let amount = object.available(index, row: row) else { continue }
                        #expect(amount.value >= 0)
                        offered[index, default: 0] += amount.value
                    }
                }
                var free: [ResourceIndex: Int64] = [:]
                model.use(of: state) { use in
                    if use.numaNode != nil { free[use.resource, default: 0] += use.free }
                }
                // CPUs that an init container left are out of the pool and held by none that the API lists.
                let hasInit = scenario.workloads.contains { workload in
                    guard case .generated(let shape, _, _) = workload.source else { return true }
                    return shape.containers.contains { $0.kind == .initContainer }
                }
                for (resource, amount) in offered where !hasInit {
                    #expect(
                        amount <= free[resource, default: 0], "seed \(seed) \(number) \(resource)")
                }
            }
        }
    }
}
