import ClusterScheduler
import Primitives
import Testing
import WorkloadModel

@Suite struct SchedulerTests {
    private func shape(milliCPU: Int64, memory: Int64) -> PodShape {
        var shape = PodShape(qos: .burstable, containers: [])
        shape.requests = [
            ResourceAmount(ResourceTable.cpu, milliCPU),
            ResourceAmount(ResourceTable.memory, memory),
        ].filter { $0.amount > 0 }
        shape.nonZeroMilliCPU = max(milliCPU, 100)
        shape.nonZeroMemory = max(memory, 200 << 20)
        return shape
    }

    private func node(cpus: Int64, gibibytes: Int64, taints: [Taint] = []) -> NodeDescription {
        NodeDescription(
            allocatable: [cpus * 1000, gibibytes << 30, 0], allowedPods: 110, taints: taints)
    }

    @Test func `a tainted node takes only pods that tolerate it`() {
        let taint = Taint(key: "dedicated", value: "upf", effect: .noSchedule)
        var scheduler = Scheduler(
            settings: SchedulerSettings(),
            nodes: NodeRoster(
                kinds: [
                    node(cpus: 8, gibibytes: 8, taints: [taint]), node(cpus: 1, gibibytes: 8),
                ], kindOfNode: [0, 1]), resources: ResourceTable())
        var table = PodShapeTable()
        let plain = table.intern(shape(milliCPU: 2000, memory: 0))
        var tolerant = shape(milliCPU: 2000, memory: 0)
        tolerant.tolerations = [Toleration(key: "dedicated", value: nil, effect: nil)]
        let tolerating = table.intern(tolerant)
        scheduler.add(shapes: table)
        let plainNode = scheduler.selectNode(shape: plain.position, pinnedPosition: -1)
        #expect(plainNode == nil)
        let tolerantNode = scheduler.selectNode(shape: tolerating.position, pinnedPosition: -1)
        #expect(tolerantNode == NodeIndex(0))
        let words = scheduler.fitError(
            shape: plain.position, pinnedPosition: -1)
        #expect(
            words
                == "0/2 nodes are available: 1 Insufficient cpu, 1 node(s) had untolerated taint(s)."
        )
    }

    @Test func `an event wakes pods whose plugins hope for it, and no others`() {
        var scheduler = Scheduler(
            settings: SchedulerSettings(),
            nodes: NodeRoster(kinds: [node(cpus: 4, gibibytes: 8)], kindOfNode: [0]),
            resources: ResourceTable())
        var table = PodShapeTable()
        let small = table.intern(shape(milliCPU: 1000, memory: 0))
        let large = table.intern(shape(milliCPU: 4000, memory: 0))
        scheduler.add(shapes: table)
        scheduler.assume(shape: small, on: NodeIndex(0))
        for pod: UInt32 in 1...2 {
            scheduler.enqueue(pod: pod, shape: large, at: .zero)
            guard let entry = scheduler.dequeue() else {
                Issue.record("the queued pod is gone")
                return
            }
            let node = scheduler.selectNode(shape: large.position, pinnedPosition: -1)
            #expect(node == nil)
            let failure = scheduler.failure(
                shape: large, pinnedPosition: -1, pod: pod, wantsNodes: true)
            #expect(failure.plugins == PluginSet(named: ["NodeResourcesFit"]))
            #expect(failure.worthTrying == [0])
            scheduler.failed(entry, refusedBy: failure.plugins, at: .zero)
        }
        // A pod that was bound frees nothing.
        scheduler.note(.assignedPodAdd(shape: 0), at: .zero + .seconds(1))
        let isIdle = !scheduler.hasQueuedPods
        #expect(isIdle)
        scheduler.forget(shape: small, on: NodeIndex(0))
        // Failed once at 0 s: a backoff of 1 s, over when the second in which it ends is.
        scheduler.note(.assignedPodDelete(shape: 0), at: .zero + .seconds(1))
        let backingOff = scheduler.queue.backoffPods.map(\.expiry)
        #expect(backingOff == [1_000_000_000, 1_000_000_000])
        let waiting = scheduler.unschedulableCount
        #expect(waiting == 0)
        // Nothing is active: pods that back off are taken all the same.
        let woken = [scheduler.dequeue()?.pod, scheduler.dequeue()?.pod, scheduler.dequeue()?.pod]
        #expect(woken == [1, 2, nil])
    }

    @Test func `nodes are visited zone by zone in turns`() {
        let zones = ["a", "b"].map {
            NodeDescription(
                allocatable: [], allowedPods: 1,
                labels: [Label(key: "topology.kubernetes.io/zone", value: $0)])
        }
        let order = NodeOrder(kinds: zones, kindOfNode: [0, 0, 0, 1, 1])
        #expect(order.nodes.map(\.position) == [0, 3, 1, 4, 2])
        #expect(order.positions == [0, 2, 4, 1, 3])
    }
}

extension SchedulerTests {
    @Test func `storage is not asked for, as no node publishes any`() {
        var scheduler = Scheduler(
            settings: SchedulerSettings(),
            nodes: NodeRoster(
                kinds: [NodeDescription(allocatable: [4000, 8 << 30, 0], allowedPods: 10)],
                kindOfNode: [0]), resources: ResourceTable())
        var shape = PodShape(qos: .burstable, containers: [])
        shape.requests = [
            ResourceAmount(ResourceTable.cpu, 100),
            ResourceAmount(ResourceTable.ephemeralStorage, 1 << 30),
        ]
        var table = PodShapeTable()
        let index = table.intern(shape)
        scheduler.add(shapes: table)
        let node = scheduler.selectNode(shape: index.position, pinnedPosition: -1)
        #expect(node == NodeIndex(0))
    }
}
