import ClusterSimulation
import Primitives
import Records
import Testing
import WorkloadModel

/// Deployments, StatefulSets and DaemonSets that are scaled, updated and deleted, with steps worked out by hand.
@Suite struct RolloutTests {
    static let old = LifecycleTests.shape(milliCPU: 100, version: "1", grace: 2)
    static let new = LifecycleTests.shape(milliCPU: 100, version: "2", grace: 2)

    static func scenario(
        _ controller: ControllerKind, replicas: Int, nodes: Int = 2,
        _ changes: [(Double, WorkloadChange.Kind)],
        strategy: (inout RolloutStrategy) -> Void = { _ in }
    ) throws -> Scenario {
        var scenario = try LifecycleTests.scenario(nodes: nodes)
        scenario.workloads = [LifecycleTests.workload("web", controller, replicas: replicas, old)]
        var settings = RolloutStrategy()
        strategy(&settings)
        scenario.rolloutStrategies["web"] = settings
        scenario.workloadChanges = changes.map {
            WorkloadChange(time: LifecycleTests.seconds($0), workload: "web", kind: $1)
        }
        return scenario
    }

    /// Instants of pods in milliseconds, in order of creation.
    static func times(_ sink: LifecycleSink, _ key: (PodRecord) -> SimTime?) -> [Int64?] {
        sink.pods.sorted { $0.pod < $1.pod }.map { key($0).map { $0.nanoseconds / 1_000_000 } }
    }

    // MARK: Deployments

    /// 4 replicas: one more, or one less, at a time. Seen at 100.005, where the new ReplicaSet is made with 1 and the old
    /// one cut to 3 at once; both see it at .014. The old one's DELETE is seen at .023, the end comes 2 s later.
    /// At .014 the Deployment sees its own writes, and goes to 2: asked for at .023, there at .027. The first new pod runs
    /// at .042, its ReplicaSet knows at .055, the Deployment at .064, and cuts again.
    @Test func `a rolling update goes one up and one down at a time`() throws {
        let sink = try LifecycleTests.run(
            try Self.scenario(.deployment, replicas: 4, [(100, .template(Self.new))]))
        let arrivals = Self.times(sink) { $0.arrival }
        let starts = Self.times(sink) { $0.started }
        let ends = Self.times(sink) { $0.finished }
        #expect(Array(arrivals[4...5]) == [100_018, 100_027])
        #expect(Array(starts[4...5]) == [100_042, 100_051])
        #expect(ends[0] == 102_023)
        #expect(ends[1] == 102_082)
        #expect(sink.pods.count { $0.outcome == .running } == 4)
        #expect(sink.pods.count == 8)
        #expect(sink.rollouts.map(\.step) == [.changed, .complete])
    }

    @Test func `Recreate waits until no old pod is left`() throws {
        let sink = try LifecycleTests.run(
            try Self.scenario(.deployment, replicas: 3, [(100, .template(Self.new))]) {
                $0.kind = .recreate
            })
        // DELETEs are written at .014 and seen at .023; the ends are seen at 102.036.
        #expect(Self.times(sink) { $0.finished }.prefix(3).allSatisfy { $0 == 102_023 })
        let first = try #require(Self.times(sink) { $0.arrival }.dropFirst(3).first ?? nil)
        #expect(first > 102_036)
        #expect(sink.rollouts.map(\.step) == [.changed, .complete])
    }

    @Test func `pods that never become ready make no progress, and that is told once`() throws {
        var scenario = try Self.scenario(
            .deployment, replicas: 4,
            [(100, .template(LifecycleTests.shape(milliCPU: 90_000, version: "2")))]
        ) { $0.progressDeadlineSeconds = 60 }
        scenario.until = .time(LifecycleTests.seconds(1000))
        let sink = try LifecycleTests.run(scenario)
        #expect(sink.rollouts.map(\.step) == [.changed, .deadlineExceeded])
        // The old pods that the budget of unavailability spares go on.
        #expect(sink.pods.count { $0.outcome == .running } == 3)
        let told = try #require(sink.rollouts.last?.time)
        #expect(told > LifecycleTests.seconds(160) && told < LifecycleTests.seconds(163))
    }

    @Test func `minReadySeconds holds a rollout back`() throws {
        let sink = try LifecycleTests.run(
            try Self.scenario(.deployment, replicas: 2, [(100, .template(Self.new))]) {
                $0.minReadySeconds = 30
                $0.maxSurge = .count(1)
                $0.maxUnavailable = .count(0)
            })
        let complete = try #require(sink.rollouts.last { $0.step == .complete })
        // Two pods, one after the other, 30 s each.
        #expect(complete.time > LifecycleTests.seconds(160))
        #expect(complete.time < LifecycleTests.seconds(161))
    }

    @Test func `scaling makes and deletes pods and tells when it is done`() throws {
        let sink = try LifecycleTests.run(
            try Self.scenario(
                .deployment, replicas: 2, [(100, .scale(replicas: 5)), (200, .scale(replicas: 1))])
        )
        #expect(sink.rollouts.map(\.step) == [.changed, .complete, .changed, .complete])
        #expect(sink.pods.count == 5)
        #expect(sink.pods.count { $0.outcome == .running } == 1)
        #expect(sink.pods.count { $0.outcome == .deleted } == 4)
        // Nothing was missing but for the first 100 ms and those of the growth: 2 and then 3 replicas.
        #expect(sink.missing > 0 && sink.missing < 1_000_000_000)
    }

    /// 10 replicas in the middle of a rollout (surge 3, unavailable 2) become 20.
    @Test func `scaling in the middle of a rollout keeps the shares`() throws {
        var scenario = try Self.scenario(
            .deployment, replicas: 10, nodes: 8,
            [
                (100, .template(LifecycleTests.shape(milliCPU: 90_000, version: "2"))),
                (200, .scale(replicas: 20)),
            ])
        scenario.until = .time(LifecycleTests.seconds(300))
        var sizes: [Int] = []
        try LifecycleTests.run(scenario) { simulation in
            sizes = simulation.rolloutStates().map(\.size)
        }
        // All together R + surge: 20 + 5.
        #expect(sizes == [25])
    }

    @Test func `a ReplicaSet takes a new template for new pods only`() throws {
        let sink = try LifecycleTests.run(
            try Self.scenario(
                .replicaSet, replicas: 2, [(100, .template(Self.new)), (200, .scale(replicas: 3))]))
        #expect(sink.pods.sorted { $0.pod < $1.pod }.map(\.shape.rawValue) == [0, 0, 1])
    }

    @Test func `deleting an owner deletes its pods, whatever owns them`() throws {
        for kind in ControllerKind.allCases {
            let sink = try LifecycleTests.run(
                try Self.scenario(kind, replicas: 2, [(100, .delete)]), "\(kind)")
            #expect(!sink.pods.isEmpty, "\(kind)")
            #expect(sink.pods.allSatisfy { $0.outcome == .deleted }, "\(kind)")
            // Written and seen at 100.005, the garbage collector's DELETE at .009, seen at .014; 2 s of grace.
            #expect(
                Self.times(sink) { $0.finished }.allSatisfy { $0 == 102_014 }, "\(kind)")
        }
    }

    // MARK: StatefulSets and DaemonSets

    /// The highest ordinal first: deleted at .005, seen at .014, gone at 102.014, seen at .027; made again at .031, running
    /// at .055, known at .068. Then the next one.
    @Test func `a StatefulSet updates from its highest ordinal down, one at a time`() throws {
        let sink = try LifecycleTests.run(
            try Self.scenario(.statefulSet, replicas: 3, [(100, .template(Self.new))]))
        #expect(Self.times(sink) { $0.finished }.prefix(3) == [106_140, 104_077, 102_014])
        #expect(Self.times(sink) { $0.arrival }.dropFirst(3) == [102_031, 104_094, 106_157])
        #expect(sink.pods.sorted { $0.pod < $1.pod }.map(\.replica) == [0, 1, 2, 2, 1, 0])
        #expect(sink.rollouts.map(\.step) == [.changed, .complete])
    }

    @Test func `a partition keeps lower ordinals old`() throws {
        let sink = try LifecycleTests.run(
            try Self.scenario(.statefulSet, replicas: 3, [(100, .template(Self.new))]) {
                $0.partition = 2
            })
        let running = sink.pods.filter { $0.outcome == .running }.sorted { $0.replica < $1.replica }
        #expect(running.map(\.shape.rawValue) == [0, 0, 1])
    }

    @Test func `a parallel StatefulSet makes all ordinals at once`() throws {
        let ordered = try LifecycleTests.run(
            try Self.scenario(.statefulSet, replicas: 5, [(100, .scale(replicas: 6))]))
        let parallel = try LifecycleTests.run(
            try Self.scenario(.statefulSet, replicas: 5, [(100, .scale(replicas: 6))]) {
                $0.podManagementPolicy = .parallel
            })
        // One after another: 41 ms each. At once: batches of 1, 2 and 2, 4 ms apart.
        #expect(Self.times(ordered) { $0.arrival }[1] == 50)
        #expect(Self.times(parallel) { $0.arrival }.prefix(5) == [9, 13, 13, 17, 17])
    }

    @Test func `a DaemonSet replaces one node after another`() throws {
        let sink = try LifecycleTests.run(
            try Self.scenario(.daemonSet, replicas: 1, nodes: 3, [(100, .template(Self.new))]))
        #expect(Self.times(sink) { $0.finished }.prefix(3) == [102_014, 104_077, 106_140])
        #expect(Self.times(sink) { $0.arrival }.dropFirst(3) == [102_031, 104_094, 106_157])
    }

    @Test func `a DaemonSet with surge makes the new pod first`() throws {
        let sink = try LifecycleTests.run(
            try Self.scenario(.daemonSet, replicas: 1, nodes: 3, [(100, .template(Self.new))]) {
                $0.maxSurge = .count(1)
                $0.maxUnavailable = .count(0)
            })
        #expect(sink.pods.count { $0.outcome == .running } == 3)
        let arrivals = Self.times(sink) { $0.arrival }
        let ends = Self.times(sink) { $0.finished }
        // Asked for at .005 and there at .009; it runs at .033, and the old pod's DELETE follows.
        #expect(arrivals[3] == 100_009)
        #expect(try #require(ends[0]) > 102_033)
        #expect(sink.rollouts.last?.step == .complete)
    }

    @Test func `OnDelete changes nothing by itself`() throws {
        let sink = try LifecycleTests.run(
            try Self.scenario(.daemonSet, replicas: 1, nodes: 3, [(100, .template(Self.new))]) {
                $0.kind = .onDelete
            })
        #expect(sink.pods.count == 3)
    }

    // MARK: Bounds

    /// Whatever surge and unavailability are, at no instant are there more or fewer pods than they allow.
    @Test(arguments: 0..<60 as Range<UInt64>)
    func `surge and unavailable bounds hold at every instant`(_ seed: UInt64) throws {
        var random = RandomStream(seed: seed, name: "rollout")
        let replicas = Int(1 + random.below(12))
        func amount(_ random: inout RandomStream) -> RolloutStrategy.Amount {
            random.below(2) == 0
                ? .count(Int(random.below(4))) : .percent(Int(random.below(101)))
        }
        let surge = amount(&random)
        let unavailable = amount(&random)
        let minReady = Int64(random.below(3) * 10)
        var versions: [(Double, WorkloadChange.Kind)] = []
        var at = 100.0
        for version in 2..<Int(4 + random.below(3)) {
            at += Double(random.below(120)) / 4
            versions.append(
                (
                    at,
                    .template(
                        LifecycleTests.shape(milliCPU: 100, version: "\(version)", grace: 2))
                ))
        }
        var scenario = try Self.scenario(.deployment, replicas: replicas, nodes: 6, versions) {
            $0.maxSurge = surge
            $0.maxUnavailable = unavailable
            $0.minReadySeconds = minReady
        }
        // A Deployment bounds the sizes that it writes. Where a DELETE waits for the ReplicaSet controller's client, pods
        // may live on for a while, in Kubernetes as here; pods are counted where it does not.
        let isQuick = seed % 2 == 0
        if isQuick {
            scenario.timings.controllerQPS = 1_000_000
            scenario.timings.controllerBurst = 1_000_000
        }
        var strategy = RolloutStrategy()
        strategy.maxSurge = surge
        strategy.maxUnavailable = unavailable
        let posts = strategy.fenceposts(of: replicas)
        var worst = (size: 0, most: 0, fewest: Int.max)
        let sink = try LifecycleTests.run(scenario, "seed \(seed)") { simulation in
            guard simulation.time > LifecycleTests.seconds(90) else { return }
            for state in simulation.rolloutStates() {
                worst.size = max(worst.size, state.size)
                worst.most = max(worst.most, state.existing)
                worst.fewest = min(worst.fewest, state.ready)
            }
        }
        #expect(worst.size <= replicas + posts.surge, "seed \(seed)")
        if isQuick { #expect(worst.most <= replicas + posts.surge, "seed \(seed)") }
        #expect(worst.fewest >= replicas - posts.unavailable, "seed \(seed)")
        #expect(sink.rollouts.last?.step == .complete, "seed \(seed)")
        #expect(sink.pods.count { $0.outcome == .running } == replicas, "seed \(seed)")
    }

    @Test func `fenceposts round as Kubernetes rounds`() {
        var strategy = RolloutStrategy()
        #expect(strategy.fenceposts(of: 10) == (3, 2))
        #expect(strategy.fenceposts(of: 3) == (1, 0))
        #expect(strategy.fenceposts(of: 0) == (0, 0))
        #expect(strategy.daemonFenceposts(of: 10) == (0, 1))
        strategy.maxSurge = .count(0)
        strategy.maxUnavailable = .percent(10)
        #expect(strategy.fenceposts(of: 5) == (0, 1))
        strategy.maxUnavailable = .count(9)
        #expect(strategy.fenceposts(of: 5) == (0, 5))
        strategy.maxUnavailable = .percent(25)
        #expect(strategy.daemonFenceposts(of: 5) == (0, 2))
    }
}
