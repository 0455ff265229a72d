import ClusterScheduler
import ClusterSimulation
import NodeManagers
import Primitives
import Records
import Testing
import WorkloadModel

/// Random clusters, random workloads and random actions: laws that hold whatever happens.
@Suite struct LifecyclePropertyTests {
    static func random(_ seed: UInt64) throws -> Scenario {
        var scenario = try RandomScenario.make(seed: seed)
        var random = RandomStream(seed: seed, name: "random-lifecycle")
        func below(_ bound: Int) -> Int { Int(random.below(UInt64(bound))) }
        func time() -> SimTime { SimTime(nanoseconds: Int64(below(2_400_000)) * 1_000_000) }
        for index in scenario.workloads.indices {
            guard
                case .generated(var shape, let arrivals, let lifetime) =
                    scenario.workloads[index].source
            else { continue }
            shape.labels = [Label(key: "app", value: below(2) == 0 ? "a" : "b")]
            shape.terminationGracePeriodSeconds = Int64(below(40))
            scenario.workloads[index].source = .generated(
                shape: shape, arrivals: arrivals, lifetime: lifetime)
            let workload = scenario.workloads[index]
            guard below(2) == 0 else { continue }
            var strategy = RolloutStrategy()
            strategy.minReadySeconds = Int64(below(3) * 5)
            if workload.controller == .deployment, below(4) == 0 { strategy.kind = .recreate }
            if workload.controller == .statefulSet, below(2) == 0 {
                strategy.podManagementPolicy = .parallel
            }
            if workload.controller == .daemonSet, below(2) == 0 { strategy.maxSurge = .count(1) }
            scenario.rolloutStrategies[workload.name] = strategy
            for version in 0..<(1 + below(3)) {
                var next = shape
                next.containers[0].image = "v\(version)"
                let isSimple = workload.controller == .none || workload.controller == .job
                let kind: WorkloadChange.Kind =
                    isSimple || below(8) == 0
                    ? .delete : below(2) == 0 ? .scale(replicas: below(7)) : .template(next)
                scenario.workloadChanges.append(
                    WorkloadChange(time: time(), workload: workload.name, kind: kind))
            }
        }
        if below(3) > 0 {
            scenario.disruptionBudgets = ["a", "b"].map { app in
                PodDisruptionBudget(
                    name: "budget-\(app)",
                    selector: LabelSelector(matchLabels: [Label(key: "app", value: app)]),
                    limit: below(2) == 0
                        ? .maxUnavailable(.count(Int64(below(3))))
                        : .minAvailable(.percent(Int64(below(101)))))
            }
        }
        for _ in 0..<(1 + below(8)) {
            var drain = DrainSettings()
            drain.isForced = below(2) == 0
            drain.isParallel = below(2) == 0
            if below(3) > 0 { drain.timeout = .seconds(Int64(30 + below(300))) }
            if below(3) == 0 { drain.gracePeriodSeconds = Int64(below(5)) }
            let group = scenario.nodeGroups[below(scenario.nodeGroups.count)]
            let kind: NodeAction.Kind
            switch below(9) {
            case 0: kind = .cordon
            case 1: kind = .uncordon
            case 2, 3: kind = .drain(drain)
            case 4:
                kind = .add(
                    AddedNodes(
                        group: group.name, count: 1 + below(3),
                        bootTime: .seconds(Int64(below(200)))))
            case 5: kind = .remove(drain: below(2) == 0 ? drain : nil)
            case 6:
                kind = .fail(recovery: below(2) == 0 ? .seconds(Int64(below(900))) : nil)
            case 7: kind = .recover
            default:
                var upgrade = NodeUpgrade()
                upgrade.drain = drain
                upgrade.maxUnavailable = 1 + below(2)
                upgrade.down = .seconds(Int64(below(300)))
                upgrade.labels = [Label(key: "version", value: "2")]
                if below(2) == 0 {
                    var settings = group.kubelet
                    settings.maxPods = 60
                    upgrade.settings = settings
                } else if below(2) == 0 {
                    upgrade.machine = NewMachine(machine: group.machine, devices: group.devices)
                }
                kind = .upgrade(upgrade)
            }
            var action = NodeAction(time: time(), kind: kind)
            if case .upgrade = kind { action.nodes.group = group.name }
            if below(2) == 0 { action.nodes.count = 1 + below(3) }
            scenario.lifecycle.actions.append(action)
        }
        if below(3) == 0 {
            let group = scenario.nodeGroups[0]
            var template = ClusterTemplate(group: group.name, count: group.count)
            template.max = group.count + 3
            template.bootTime = .seconds(60)
            if below(2) == 0 {
                template.autoscaler = AutoscalerSettings()
                template.autoscaler?.unneededTime = .seconds(120)
                template.autoscaler?.delayAfterAdd = .seconds(120)
            }
            scenario.lifecycle.templates = [template]
            scenario.lifecycle.actions.append(
                NodeAction(
                    time: time(),
                    kind: .setCount(template: group.name, count: below(group.count + 3))))
        }
        return scenario
    }

    /// Everything that was told, as text.
    static func lines(_ sink: LifecycleSink) -> [String] {
        sink.pods.map { "\($0)" } + sink.events.map { "\($0)" } + sink.actions.map { "\($0)" }
            + sink.evictions.map { "\($0)" } + sink.rollouts.map { "\($0)" }
            + ["\(sink.missing)"]
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func `nothing is lost or doubled, and what goes gives back what it had`(
        _ seed: UInt64
    ) throws {
        let sink = try LifecycleTests.run(try Self.random(seed), "seed \(seed)")
        #expect(Set(sink.pods.map(\.pod)).count == sink.pods.count, "seed \(seed)")
        let keys = sink.pods.map { "\($0.workload)/\($0.owner)/\($0.replica)/\($0.incarnation)" }
        #expect(Set(keys).count == keys.count, "seed \(seed): two pods of one name")
    }

    @Test(arguments: 0..<30 as Range<UInt64>)
    func `after every event the books agree and no eviction breaks a budget`(
        _ seed: UInt64
    ) throws {
        let scenario = try Self.random(seed)
        let sink = LifecycleSink()
        var simulation = try Simulation(scenario: scenario, sink: sink)
        var seen = 0
        var steps = 0
        while try simulation.advance(events: 1), steps < 60_000 {
            steps += 1
            if steps % 50 == 0 {
                let broken = simulation.brokenLifecycleLaws()
                #expect(broken.isEmpty, "seed \(seed): \(broken.first ?? "") at \(simulation.time)")
                if !broken.isEmpty { return }
            }
            let new = sink.evictions[seen...].contains { $0.verdict == .accepted }
            seen = sink.evictions.count
            guard new else { continue }
            for budget in simulation.budgetStates() {
                #expect(budget.healthy == budget.recounted, "seed \(seed) at \(simulation.time)")
            }
        }
    }

    /// Without node failures a budget once met stays met: only evictions take pods away.
    @Test(arguments: 0..<30 as Range<UInt64>)
    func `drains alone never leave fewer healthy pods than a budget wants`(
        _ seed: UInt64
    ) throws {
        var scenario = try LifecycleTests.scenario(nodes: 4, minutes: 30)
        var random = RandomStream(seed: seed, name: "drains")
        func below(_ bound: Int) -> Int { Int(random.below(UInt64(bound))) }
        let kind: ControllerKind = [.deployment, .replicaSet, .statefulSet][below(3)]
        scenario.workloads = [
            LifecycleTests.workload(
                "web", kind, replicas: 2 + below(6),
                LifecycleTests.shape(milliCPU: 500, grace: Int64(below(20))))
        ]
        scenario.disruptionBudgets = [
            LifecycleTests.budget(
                below(2) == 0
                    ? .maxUnavailable(.count(Int64(1 + below(2))))
                    : .minAvailable(.percent(Int64(30 + below(50)))))
        ]
        for _ in 0..<6 {
            var settings = DrainSettings()
            settings.isParallel = true
            settings.timeout = .seconds(120)
            scenario.lifecycle.actions.append(
                LifecycleTests.action(
                    .drain(settings), at: Double(60 + below(1200)),
                    names: ["worker-\(below(4))", "worker-\(below(4))"]))
            scenario.lifecycle.actions.append(
                LifecycleTests.action(.uncordon, at: Double(60 + below(1200))))
        }
        var fewest = Int64.max
        try LifecycleTests.run(scenario, "seed \(seed)") { simulation in
            guard simulation.time > LifecycleTests.seconds(50) else { return }
            for budget in simulation.budgetStates() {
                fewest = min(fewest, budget.healthy - budget.wanted)
            }
        }
        #expect(fewest >= 0, "seed \(seed)")
    }

    @Test(arguments: 0..<12 as Range<UInt64>)
    func `the same scenario tells the same twice`(_ seed: UInt64) throws {
        let scenario = try Self.random(seed)
        let first = Self.lines(try LifecycleTests.run(scenario))
        #expect(first == Self.lines(try LifecycleTests.run(scenario)), "seed \(seed)")
    }

    /// NodeResourceTopologyMatch's caches follow nodes that come and go.
    @Test(arguments: TopologyCacheSettings.Kind.allCases)
    func `numa-aware scheduling goes on while nodes come and go`(
        _ kind: TopologyCacheSettings.Kind
    ) throws {
        // A seed whose pods fit no NUMA node starts none.
        var started = 0
        for seed in 0..<12 as Range<UInt64> {
            var scenario = try Self.random(seed)
            var settings = TopologyMatchSettings()
            settings.cache.kind = kind
            scenario.scheduler.topologyMatch = settings
            scenario.scheduler.profiles[0].addTopologyMatch()
            scenario.until = .time(LifecycleTests.seconds(2400))
            let sink = try LifecycleTests.run(scenario, "seed \(seed)")
            if sink.pods.contains(where: { $0.started != nil }) { started += 1 }
        }
        #expect(started >= 6)
    }

    @Test func `the random actions reach everything`() throws {
        var kinds: Set<NodeEventRecord.Kind> = []
        var verdicts: Set<EvictionRecord.Verdict> = []
        var steps: Set<RolloutRecord.Step> = []
        var outcomes: Set<PodOutcome> = []
        for seed in 0..<60 as Range<UInt64> {
            let sink = try LifecycleTests.run(try Self.random(seed))
            kinds.formUnion(sink.events.map(\.kind))
            verdicts.formUnion(sink.evictions.map(\.verdict))
            steps.formUnion(sink.rollouts.map(\.step))
            outcomes.formUnion(sink.pods.map(\.outcome))
        }
        #expect(
            kinds.isSuperset(of: [
                .registered, .ready, .cordoned, .uncordoned, .drained, .stopped, .silent,
                .unreachable, .removed,
            ]))
        #expect(verdicts.isSuperset(of: [.accepted, .refused, .orphaned, .tainted]))
        #expect(steps.isSuperset(of: [.changed, .complete, .deleted]))
        #expect(outcomes.isSuperset(of: [.evicted, .lost, .deleted, .running]))
    }
}

/// Loops that keep node groups at a count.
@Suite struct ClusterTemplateTests {
    /// The loop looks at 10, 20, … A count of 4 from 95 on is seen at 100: two machines boot for 60 s and are Ready 10 s
    /// later. A count of 1 from 295 on drains three at 300.
    @Test func `the loop adds and removes nodes when the count changes`() throws {
        var scenario = try LifecycleTests.scenario(nodes: 2, minutes: 20)
        scenario.workloads = [
            LifecycleTests.workload(
                "web", .deployment, replicas: 3, LifecycleTests.shape(milliCPU: 500, grace: 1))
        ]
        var template = ClusterTemplate(group: "worker", count: 2)
        template.max = 6
        template.bootTime = .seconds(60)
        scenario.lifecycle.templates = [template]
        scenario.lifecycle.actions = [
            LifecycleTests.action(.setCount(template: "worker", count: 4), at: 95),
            LifecycleTests.action(.setCount(template: "worker", count: 1), at: 295),
        ]
        let sink = try LifecycleTests.run(scenario)
        #expect(sink.joined.map(\.name) == ["worker-2", "worker-3"])
        #expect(sink.joined.allSatisfy { $0.time == LifecycleTests.seconds(160) })
        let ups = sink.actions.filter { $0.kind == "scale-up" }
        #expect(ups.map(\.began) == [LifecycleTests.seconds(100)])
        #expect(ups.map(\.ended) == [LifecycleTests.seconds(170)])
        #expect(sink.events.count { $0.kind == .removed } == 3)
        #expect(sink.pods.count { $0.outcome == .running } == 3)
    }

    /// 4 CPUs a node: six pods of 2 CPUs need three nodes; when four of them are gone, one is enough.
    @Test func `the autoscaler follows the pods`() throws {
        var scenario = try LifecycleTests.scenario(nodes: 1, minutes: 60)
        scenario.workloads = [
            LifecycleTests.workload(
                "web", .deployment, replicas: 6, LifecycleTests.shape(milliCPU: 1900, grace: 1))
        ]
        scenario.workloadChanges = [
            WorkloadChange(
                time: LifecycleTests.seconds(900), workload: "web", kind: .scale(replicas: 2))
        ]
        var template = ClusterTemplate(group: "worker", count: 1)
        template.min = 1
        template.max = 5
        template.bootTime = .seconds(60)
        template.autoscaler = AutoscalerSettings()
        scenario.lifecycle.templates = [template]
        let sink = try LifecycleTests.run(scenario)
        #expect(sink.joined.count == 2, "\(sink.actions)")
        #expect(sink.actions.first?.began == LifecycleTests.seconds(10))
        #expect(sink.actions.contains { $0.kind == "scale-down" && $0.outcome == .done })
        #expect(sink.events.count { $0.kind == .removed } >= 1)
        #expect(sink.pods.count { $0.outcome == .running } == 2)
    }
}
