import ClusterScheduler
import Primitives
import Testing
import WorkloadModel

/// What profiles, ties and gates change, on clusters small enough to see it.
@Suite struct `Profiles of the scheduler` {
    private func node(_ cpus: Int64, _ labels: [Label] = []) -> NodeDescription {
        NodeDescription(
            allocatable: [cpus * 1000, 8 << 30, 0], allowedPods: 110, labels: labels)
    }

    private func shape(_ milliCPU: Int64 = 100) -> PodShape {
        var shape = PodShape(qos: .burstable, containers: [])
        shape.requests = [ResourceAmount(ResourceTable.cpu, milliCPU)]
        shape.nonZeroMilliCPU = milliCPU
        shape.nonZeroMemory = 200 << 20
        return shape
    }

    private func scheduler(
        _ settings: SchedulerSettings, nodes: [NodeDescription], shapes: [PodShape]
    ) -> Scheduler {
        let roster = NodeRoster(
            kinds: nodes, kindOfNode: Array(nodes.indices),
            names: ["c", "a", "b", "d"]
                .prefix(nodes.count).map { $0 })
        var scheduler = Scheduler(settings: settings, nodes: roster, resources: ResourceTable())
        var table = PodShapeTable()
        for shape in shapes { _ = table.intern(shape) }
        scheduler.add(shapes: table)
        return scheduler
    }

    @Test func `a pod goes by the profile that it names`() {
        var settings = SchedulerSettings()
        var packing = SchedulerProfile()
        packing.schedulerName = "packing"
        packing.fit.strategy = "MostAllocated"
        settings.profiles.append(packing)
        var other = shape()
        other.schedulerName = "packing"
        var stranger = shape()
        stranger.schedulerName = "nobody"
        var scheduler = scheduler(
            settings, nodes: [node(2), node(64)], shapes: [shape(), other, stranger])
        let found1 = scheduler.selectNode(shape: 0)
        #expect(found1 == NodeIndex(1))
        let found2 = scheduler.selectNode(shape: 1)
        #expect(found2 == NodeIndex(0))
        let found3 = scheduler.selectNode(shape: 2)
        #expect(found3 == nil)
    }

    @Test func `without scores the first node that passes is taken, and the search stops there`() {
        var settings = SchedulerSettings()
        settings.profiles[0].disabledScores = Set(ScorePluginRegistry.all.map { $0.name })
        var scheduler = scheduler(
            settings, nodes: [node(2), node(2), node(2)], shapes: [shape()])
        let found4 = scheduler.selectNode(shape: 0)
        #expect(found4 == NodeIndex(0))
        let cycle = scheduler.lastCycle
        #expect(cycle.feasible == 1 && cycle.evaluated == 1)
        let found5 = scheduler.selectNode(shape: 0)
        #expect(found5 == NodeIndex(1))
    }

    @Test func `a tie goes by the rule`() {
        func winner(_ rule: SchedulerSettings.TieRule) -> NodeIndex? {
            var settings = SchedulerSettings()
            settings.tieRule = rule
            var scheduler = scheduler(
                settings, nodes: [node(2), node(2), node(2), node(2)], shapes: [shape()])
            return scheduler.selectNode(shape: 0)
        }
        #expect(winner(.heap) == NodeIndex(0))
        #expect(winner(.first) == NodeIndex(0))
        #expect(winner(.name) == NodeIndex(1))
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func `random ties are even, and the same for the same seed`(_ seed: UInt64) {
        func counts() -> [Int] {
            var settings = SchedulerSettings()
            settings.tieRule = .random
            settings.seed = seed
            var scheduler = scheduler(
                settings, nodes: [node(2), node(2), node(2), node(2)], shapes: [shape()])
            var counts = [0, 0, 0, 0]
            for _ in 0..<4000 {
                if let node = scheduler.selectNode(shape: 0) { counts[node.position] += 1 }
            }
            return counts
        }
        let first = counts()
        #expect(first == counts())
        // Four standard deviations of a fair draw are 110.
        #expect(first.allSatisfy { (890...1110).contains($0) }, "\(first)")
    }

    @Test
    func `a node whose kubelet does not answer takes nothing, and publishes anew when it does`() {
        var scheduler = scheduler(
            SchedulerSettings(), nodes: [node(8), node(2)], shapes: [shape(1000)])
        let before = scheduler.selectNode(shape: 0)
        scheduler.publish(
            [8000, 8 << 30, 0], allowedPods: 110, isReady: false, of: NodeIndex(0))
        let without = scheduler.selectNode(shape: 0)
        scheduler.publish([500, 8 << 30, 0], allowedPods: 110, isReady: true, of: NodeIndex(0))
        let words = scheduler.report(shape: 0).refused.map(\.refusal.reasons)
        #expect(before == NodeIndex(0))
        #expect(without == NodeIndex(1))
        #expect(words == [["Insufficient cpu"]])
    }

    @Test func `a gate keeps a pod out of the queue`() {
        var gated = shape()
        gated.placement = PlacementRules()
        gated.placement?.schedulingGates = ["quota"]
        var scheduler = scheduler(SchedulerSettings(), nodes: [node(2)], shapes: [gated])
        scheduler.enqueue(pod: 0, shape: PodShapeIndex(0), at: .zero, pinnedTo: nil)
        let (hasQueued, gatedCount) = (scheduler.hasQueuedPods, scheduler.gatedCount)
        #expect(!hasQueued && gatedCount == 1)
    }

    @Test func `room that a nominated pod waits for is not given to a lesser one`() {
        var important = shape(1500)
        important.priority = 10
        var scheduler = scheduler(
            SchedulerSettings(), nodes: [node(2)], shapes: [shape(1000), important])
        scheduler.nominate(Nomination(pod: 7, shape: PodShapeIndex(1), node: NodeIndex(0)))
        let found6 = scheduler.selectNode(shape: 0, pod: 8)
        #expect(found6 == nil)
        let found7 = scheduler.selectNode(shape: 1, pod: 7)
        #expect(found7 == NodeIndex(0))
        scheduler.removeNomination(of: 7)
        let found8 = scheduler.selectNode(shape: 0, pod: 8)
        #expect(found8 == NodeIndex(0))
    }

    @Test func `a waiting pod is tried again when the pod that it wants to be with has come`() {
        var seeking = shape()
        seeking.placement = PlacementRules()
        seeking.placement?.podAffinity.required = [
            PodAffinityTerm(
                labelSelector: LabelSelector(matchLabels: [Label(key: "app", value: "db")]),
                topologyKey: "zone")
        ]
        var database = shape(200)
        database.labels = [Label(key: "app", value: "db")]
        let zone = [Label(key: "zone", value: "z")]
        var scheduler = scheduler(
            SchedulerSettings(), nodes: [node(2, zone)], shapes: [seeking, database])
        scheduler.enqueue(pod: 0, shape: PodShapeIndex(0), at: .zero, pinnedTo: nil)
        guard let entry = scheduler.dequeue() else {
            Issue.record("the queued pod is gone")
            return
        }
        let found9 = scheduler.selectNode(shape: 0)
        #expect(found9 == nil)
        scheduler.failed(
            entry, refusedBy: PluginSet(named: ["InterPodAffinity"]), at: .zero)
        let words = scheduler.fitError(shape: 0)
        #expect(
            words
                == "0/1 nodes are available: 1 node(s) didn't match pod affinity rules.")
        scheduler.assume(shape: PodShapeIndex(1), on: NodeIndex(0))
        scheduler.note(.assignedPodAdd(shape: 1), at: .zero)
        let woken = scheduler.dequeue()?.pod
        #expect(woken == 0)
        let found10 = scheduler.selectNode(shape: 0)
        #expect(found10 == NodeIndex(0))
    }
}
