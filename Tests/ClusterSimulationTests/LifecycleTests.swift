import ClusterSimulation
import HardwareModel
import NodeManagers
import Primitives
import Records
import Testing
import WorkloadModel

/// Drains, nodes that come and go, and rollouts, with times worked out by hand.
///
/// Times of the control plane in all of them: a watch 5 ms, a controller's write 4 ms, a scheduling cycle 5 ms, a binding
/// 4 ms, an admission 5 ms, a status 8 ms. So a pod that a controller asks for at T exists at T + 4, is seen at T + 9, bound
/// at T + 18 and runs at T + 28; its controller knows at T + 41. (The time for each node that a cycle looks at is off.)
@Suite struct LifecycleTests {
    /// `count` nodes of 4 CPUs without NUMA policies.
    static func scenario(nodes count: Int, minutes: Int64 = 60) throws -> Scenario {
        var scenario = Scenario(name: "lifecycle")
        scenario.until = .time(SimTime(nanoseconds: minutes * 60_000_000_000))
        scenario.timings.nodeExamined = .zero
        let machine = try MachineShape(parsing: "1s1n4c1t").makeMachine(memoryPerNUMANode: 16 << 30)
        scenario.nodeGroups = [NodeGroup(name: "worker", count: count, machine: machine)]
        return scenario
    }

    static func shape(
        milliCPU: Int64, app: String = "a", version: String = "", grace: Int64 = 30
    ) -> PodShape {
        let amounts = [
            ResourceAmount(ResourceTable.cpu, milliCPU),
            ResourceAmount(ResourceTable.memory, 1 << 20),
        ]
        var shape = PodShape(
            qos: .burstable,
            containers: [
                ContainerShape(
                    name: "c", kind: .app, resources: ContainerResources(requests: amounts),
                    image: "app:\(version)")
            ])
        shape.requests = amounts
        shape.nonZeroMilliCPU = milliCPU
        shape.nonZeroMemory = 1 << 20
        shape.labels = [Label(key: "app", value: app)]
        shape.terminationGracePeriodSeconds = grace
        return shape
    }

    static func workload(
        _ name: String, _ controller: ControllerKind, replicas: Int, _ shape: PodShape
    ) -> Workload {
        Workload(
            name: name, controller: controller, replicas: replicas,
            source: .generated(
                shape: shape, arrivals: .fixed(start: .zero, every: .seconds(1), count: 1),
                lifetime: nil))
    }

    static func budget(_ limit: PodDisruptionBudget.Limit) -> PodDisruptionBudget {
        PodDisruptionBudget(
            name: "budget",
            selector: LabelSelector(matchLabels: [Label(key: "app", value: "a")]), limit: limit)
    }

    static func seconds(_ count: Double) -> SimTime {
        SimTime(nanoseconds: Int64((count * 1000).rounded()) * 1_000_000)
    }

    static func action(
        _ kind: NodeAction.Kind, at time: Double, names: [String] = [], count: Int? = nil
    ) -> NodeAction {
        var action = NodeAction(time: seconds(time), kind: kind)
        action.nodes.names = names
        action.nodes.count = count
        return action
    }

    @discardableResult
    static func run(
        _ scenario: Scenario, _ comment: Comment? = nil,
        each look: ((borrowing Simulation) -> Void)? = nil
    ) throws -> LifecycleSink {
        let sink = LifecycleSink()
        let allocation = AllocationChecker(scenario)
        let conservation = ConservationChecker()
        var simulation = try Simulation(
            scenario: scenario, sink: CompositeSink([sink, allocation, conservation]))
        var steps = 0
        while try simulation.advance(events: look == nil ? 1000 : 1), steps < 400_000 {
            look?(simulation)
            steps += 1
        }
        #expect(simulation.brokenLaws().isEmpty, comment)
        simulation.finish()
        #expect(allocation.judge().violations.isEmpty, comment)
        #expect(conservation.judge().isEmpty, comment)
        return sink
    }

    // MARK: Drains

    /// Cordon and list take a write each, the eviction another: 12 ms. The pod's deletion is seen 5 ms later, its 30 s of
    /// grace end at 130.017, everyone sees the end at 130.030. The drain looks each second after 100.012: at 131.012.
    @Test func `a drain evicts, waits for the grace period and looks each second`() throws {
        var scenario = try Self.scenario(nodes: 2)
        scenario.workloads = [
            Self.workload("web", .deployment, replicas: 2, Self.shape(milliCPU: 1000))
        ]
        scenario.lifecycle.actions = [
            Self.action(.drain(DrainSettings()), at: 100, names: ["worker-0"])
        ]
        let sink = try Self.run(scenario)
        #expect(sink.evictions.map(\.verdict) == [.accepted])
        #expect(sink.evictions[0].time == Self.seconds(100.012))
        let gone = try #require(sink.pods.first { $0.outcome == .evicted })
        #expect(gone.finished == Self.seconds(130.017))
        // The replacement is asked for when the deletion is seen.
        let next = try #require(sink.pods.first { $0.replaces == gone.pod })
        #expect(next.arrival == Self.seconds(100.021))
        #expect(next.started == Self.seconds(100.045))
        #expect(next.node == NodeIndex(1))
        let drain = try #require(sink.actions.first)
        #expect(drain.outcome == .done)
        #expect(drain.ended == Self.seconds(131.012))
    }

    /// minAvailable 2 of 2: none may go, ever; the timeout ends it, and the node stays cordoned.
    @Test func `a drain that a budget forbids fails at its timeout`() throws {
        var scenario = try Self.scenario(nodes: 2, minutes: 10)
        scenario.workloads = [
            Self.workload("web", .deployment, replicas: 2, Self.shape(milliCPU: 1000))
        ]
        scenario.disruptionBudgets = [Self.budget(.minAvailable(.count(2)))]
        var settings = DrainSettings()
        settings.timeout = .seconds(60)
        scenario.lifecycle.actions = [
            Self.action(.drain(settings), at: 100, names: ["worker-0"])
        ]
        let sink = try Self.run(scenario)
        // At 100.012 and each 5.004 s after that, up to 160.
        #expect(sink.evictions.count == 12)
        #expect(sink.evictions.allSatisfy { $0.verdict == .refused })
        #expect(sink.evictions[1].time == Self.seconds(105.016))
        #expect(
            sink.evictions[0].message.hasSuffix(
                "The disruption budget budget needs 2 healthy pods and has 2 currently"))
        #expect(sink.actions[0].outcome == .failed)
        #expect(sink.actions[0].ended == Self.seconds(160))
        #expect(
            sink.actions[0].message
                == "0 done; worker-0: drain did not complete within 60s, 1 pods left")
        #expect(!sink.pods.contains { $0.outcome == .evicted })
    }

    /// Two pods on one node, maxUnavailable 1: the second goes when the first one's replacement runs, at the first retry.
    @Test func `a budget lets one pod go after the other`() throws {
        var scenario = try Self.scenario(nodes: 1)
        scenario.workloads = [
            Self.workload("web", .deployment, replicas: 2, Self.shape(milliCPU: 1000))
        ]
        scenario.disruptionBudgets = [Self.budget(.maxUnavailable(.count(1)))]
        scenario.lifecycle.actions = [
            Self.action(
                .add(AddedNodes(group: "worker", count: 1, bootTime: .seconds(20))), at: 50),
            Self.action(.drain(DrainSettings()), at: 100, names: ["worker-0"]),
        ]
        let sink = try Self.run(scenario)
        #expect(sink.evictions.map(\.verdict) == [.accepted, .refused, .accepted])
        #expect(
            sink.evictions.map(\.time) == [100.012, 100.012, 105.016].map { Self.seconds($0) })
        #expect(sink.joined.map(\.time) == [Self.seconds(70)])
        #expect(sink.events.first { $0.kind == .ready }?.time == Self.seconds(80))
        #expect(sink.pods.count { $0.outcome == .running && $0.node == NodeIndex(1) } == 2)
        // 105.016 + 30.018 is seen at the 31st look.
        #expect(sink.actions.last?.ended == Self.seconds(136.016))
    }

    @Test func `a bare pod needs force and a pod of a DaemonSet is left where it is`() throws {
        var scenario = try Self.scenario(nodes: 2, minutes: 10)
        scenario.workloads = [
            Self.workload("bare", .none, replicas: 1, Self.shape(milliCPU: 3000)),
            Self.workload("agent", .daemonSet, replicas: 1, Self.shape(milliCPU: 100)),
        ]
        var forced = DrainSettings()
        forced.isForced = true
        scenario.lifecycle.actions = [
            Self.action(.drain(DrainSettings()), at: 100),
            Self.action(.drain(forced), at: 200),
        ]
        let sink = try Self.run(scenario)
        #expect(sink.actions.map(\.outcome) == [.failed, .done])
        #expect(sink.actions[0].message.contains("(use --force to override): default/bare-0-0"))
        #expect(sink.pods.count { $0.outcome == .evicted } == 1)
        #expect(sink.pods.count { $0.outcome == .running } == 2)
    }

    @Test func `a pod in two budgets cannot be evicted at all`() throws {
        var scenario = try Self.scenario(nodes: 2, minutes: 10)
        scenario.workloads = [
            Self.workload("web", .deployment, replicas: 1, Self.shape(milliCPU: 3000))
        ]
        scenario.disruptionBudgets = [
            Self.budget(.maxUnavailable(.count(1))), Self.budget(.maxUnavailable(.count(1))),
        ]
        scenario.lifecycle.actions = [Self.action(.drain(DrainSettings()), at: 100)]
        let sink = try Self.run(scenario)
        #expect(sink.evictions.map(\.verdict) == [.failed])
        #expect(sink.actions[0].message.contains("more than one PodDisruptionBudget"))
    }

    // MARK: Nodes that go

    /// The node goes at 100. Pod GC looks at 120, waits 40 s and deletes at 160: two writes, the answer and the watch.
    @Test func `pods of a removed node are garbage a minute later and come again`() throws {
        var scenario = try Self.scenario(nodes: 2)
        scenario.workloads = [
            Self.workload("web", .replicaSet, replicas: 1, Self.shape(milliCPU: 1000))
        ]
        scenario.lifecycle.actions = [
            Self.action(.remove(drain: nil), at: 100, names: ["worker-0"])
        ]
        var sink = try Self.run(scenario)
        if !sink.pods.contains(where: { $0.outcome == .lost }) {
            scenario.lifecycle.actions[0].nodes.names = ["worker-1"]
            sink = try Self.run(scenario)
        }
        let lost = try #require(sink.pods.first { $0.outcome == .lost })
        #expect(lost.finished == Self.seconds(100))
        #expect(sink.evictions.map(\.verdict) == [.orphaned])
        #expect(sink.evictions[0].time == Self.seconds(160.009))
        let next = try #require(sink.pods.first { $0.replaces == lost.pod })
        #expect(next.arrival == Self.seconds(160.013))
        #expect(next.outcome == .running)
    }

    /// Silent at 103: the last lease was at 100, so 155 is the first look at which it is older than 50 s. The taint follows
    /// at once, the deletion 300 s later; the ReplicaSet replaces at the deletion, a StatefulSet waits for ever.
    @Test func `pods leave a silent node after 300 seconds of toleration`() throws {
        var scenario = try Self.scenario(nodes: 3)
        scenario.workloads = [
            Self.workload("web", .replicaSet, replicas: 3, Self.shape(milliCPU: 2500)),
            Self.workload("db", .statefulSet, replicas: 3, Self.shape(milliCPU: 1000, app: "db")),
        ]
        scenario.lifecycle.actions = [
            Self.action(.fail(recovery: nil), at: 103, names: ["worker-1"])
        ]
        let sink = try Self.run(scenario)
        #expect(sink.events.first { $0.kind == .unreachable }?.time == Self.seconds(155))
        #expect(sink.evictions.map(\.verdict) == [.tainted, .tainted])
        #expect(sink.evictions.allSatisfy { $0.time == Self.seconds(455) })
        let replacement = try #require(sink.pods.first { $0.incarnation == 1 })
        #expect(replacement.workload == WorkloadIndex(0))
        #expect(replacement.arrival == Self.seconds(455.013))
        // No room is left for it: 2500 and 1000 of 4000 are taken on both other nodes.
        #expect(replacement.outcome == .pending)
        #expect(sink.pods.count { $0.workload == WorkloadIndex(1) } == 3)
    }

    @Test func `a silent node that comes back in time keeps its pods`() throws {
        var scenario = try Self.scenario(nodes: 2)
        scenario.workloads = [
            Self.workload("web", .replicaSet, replicas: 2, Self.shape(milliCPU: 3000))
        ]
        scenario.lifecycle.actions = [
            Self.action(.fail(recovery: .seconds(200)), at: 103, count: 1)
        ]
        let sink = try Self.run(scenario)
        #expect(sink.evictions.isEmpty)
        #expect(sink.events.first { $0.kind == .ready }?.time == Self.seconds(313))
        #expect(sink.pods.count == 2)
        #expect(sink.pods.allSatisfy { $0.outcome == .running })
    }

    // MARK: Upgrades

    /// One node after the other: drained (empty of web), down for 60 s, Ready 10 s after its start.
    @Test func `a rolling node upgrade takes one node at a time and gives it a label`() throws {
        var scenario = try Self.scenario(nodes: 3)
        scenario.workloads = [
            Self.workload("web", .deployment, replicas: 3, Self.shape(milliCPU: 1000, grace: 1)),
            Self.workload("agent", .daemonSet, replicas: 1, Self.shape(milliCPU: 100, app: "d")),
        ]
        scenario.disruptionBudgets = [Self.budget(.maxUnavailable(.count(1)))]
        var upgrade = NodeUpgrade()
        upgrade.down = .seconds(60)
        upgrade.labels = [Label(key: "version", value: "2")]
        scenario.lifecycle.actions = [Self.action(.upgrade(upgrade), at: 100)]
        let sink = try Self.run(scenario)
        #expect(sink.actions.map(\.outcome) == [.done])
        let steps = sink.events.filter { [.stopped, .ready].contains($0.kind) }
        #expect(steps.map(\.kind) == [.stopped, .ready, .stopped, .ready, .stopped, .ready])
        #expect(steps.map(\.node.rawValue) == [0, 0, 1, 1, 2, 2])
        for pair in stride(from: 0, to: 6, by: 2) {
            #expect(steps[pair + 1].time - steps[pair].time == .seconds(70))
        }
        #expect(sink.pods.count { $0.outcome == .running } == 6)
        #expect(sink.events.count { $0.kind == .uncordoned } == 3)
    }
}

/// Everything that was told, in order.
final class LifecycleSink: RecordSink {
    let wantsPlacements = false
    let wantsNodeSamples = false
    var pods: [PodRecord] = []
    var events: [NodeEventRecord] = []
    var actions: [ActionRecord] = []
    var evictions: [EvictionRecord] = []
    var rollouts: [RolloutRecord] = []
    var joined: [JoinedNode] = []
    var missing: Int64 = 0

    func placed(_ placement: PlacementRecord) {}
    func rejected(_ rejection: RejectionRecord) {}
    func ended(_ pod: PodRecord) { pods.append(pod) }
    func changed(_ event: NodeEventRecord) { events.append(event) }
    func acted(_ action: ActionRecord) { actions.append(action) }
    func evicted(_ eviction: EvictionRecord) { evictions.append(eviction) }
    func rolled(_ rollout: RolloutRecord) { rollouts.append(rollout) }
    func missed(_ nanoseconds: Int64) { missing = nanoseconds }
    func introduced(_ node: NodeRecord) { if let new = node.joined { joined.append(new) } }
    func sampled(_ sample: NodeSample) {}
    func sampled(_ sample: ClusterSample) {}
}
