import ClusterSimulation
import HardwareModel
import NodeManagers
import Primitives
import Records
import Testing
import WorkloadModel

/// What each controller does when every kubelet refuses its pod, against spec/controllers.md sections 1 to 5 and 10.
@Suite struct ControllersTests {
    /// One node of two NUMA nodes with 4 CPUs each: 6 CPUs fit the node, and no NUMA node.
    private func refusedPods(
        _ controller: ControllerKind, seconds: Int64, backoffLimit: Int = 6
    ) throws -> RecordingSink {
        var scenario = Scenario(name: "refused")
        scenario.until = .time(SimTime(nanoseconds: seconds * 1_000_000_000))
        let machine = try MachineShape(parsing: "1s2n4c1t").makeMachine(
            memoryPerNUMANode: 8 << 30)
        var group = NodeGroup(name: "worker", count: 1, machine: machine)
        group.kubelet.cpuManagerPolicy = "static"
        group.kubelet.reservedSystemCPUs = [0]
        group.kubelet.topologyManagerPolicy = "single-numa-node"
        scenario.nodeGroups = [group]
        let amounts = [
            ResourceAmount(ResourceTable.cpu, 6000), ResourceAmount(ResourceTable.memory, 1 << 30),
        ]
        var shape = PodShape(
            qos: .guaranteed,
            containers: [
                ContainerShape(
                    name: "c", kind: .app,
                    resources: ContainerResources(requests: amounts, limits: amounts))
            ])
        shape.requests = amounts
        shape.nonZeroMilliCPU = 6000
        shape.nonZeroMemory = 1 << 30
        scenario.workloads = [
            Workload(
                name: "w", controller: controller,
                source: .generated(
                    shape: shape,
                    arrivals: .fixed(start: .zero, every: .seconds(1), count: 1), lifetime: nil),
                backoffLimit: backoffLimit)
        ]
        let sink = RecordingSink()
        var simulation = try Simulation(scenario: scenario, sink: sink)
        while try simulation.advance(events: 1000) {}
        simulation.finish()
        return sink
    }

    private func creations(_ sink: RecordingSink) -> [Int64] {
        sink.pods.map { $0.arrival.nanoseconds / 1_000_000_000 }.sorted()
    }

    @Test func `a bare pod that is refused stays failed`() throws {
        let sink = try refusedPods(.none, seconds: 100)
        #expect(sink.pods.map(\.outcome) == [.failed])
        #expect(sink.rejections.map(\.reason) == ["TopologyAffinityError"])
        #expect(
            sink.rejections.map(\.message) == [
                "Resources cannot be allocated with Topology locality"
            ])
    }

    @Test func `a Job tries at 0, 10, 30, 70, 150, 310 and 630 seconds and gives up`() throws {
        let sink = try refusedPods(.job, seconds: 3600)
        #expect(creations(sink) == [0, 10, 30, 70, 150, 310, 630])
        #expect(sink.pods.allSatisfy { $0.outcome == .failed })
    }

    @Test func `a Job with backoffLimit 0 tries once`() throws {
        #expect(creations(try refusedPods(.job, seconds: 3600, backoffLimit: 0)) == [0])
    }

    @Test func `a DaemonSet backs off from 1 second to 15 minutes`() throws {
        let times = creations(try refusedPods(.daemonSet, seconds: 2100))
        // The first failure is deleted at once, the next wait 1, 2, 4 … 512, then 900 seconds.
        #expect(times == [0, 0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 1023, 1923])
    }

    @Test(arguments: [ControllerKind.replicaSet, .deployment])
    func `a ReplicaSet goes round ten times a second`(_ controller: ControllerKind) throws {
        // 20 writes a second, two for each pod; spec/controllers.md section 10: about 200 in the first 20 seconds.
        let count = try refusedPods(controller, seconds: 20).pods.count
        #expect((190...230).contains(count), "\(count) pods")
    }

    @Test func `a StatefulSet goes round about five times a second`() throws {
        let count = try refusedPods(.statefulSet, seconds: 20).pods.count
        #expect((95...120).contains(count), "\(count) pods")
    }

    @Test func `a replacement names its owner and what it replaces`() throws {
        let pods = try refusedPods(.job, seconds: 100).pods.sorted { $0.pod < $1.pod }
        #expect(pods.map(\.incarnation) == [0, 1, 2, 3])
        #expect(pods.dropFirst().map(\.replaces) == pods.dropLast().map { Optional($0.pod) })
        #expect(pods.allSatisfy { $0.owner == 0 && $0.replica == 0 })
    }
}
