import ClusterScheduler
import ClusterSimulation
import HardwareModel
import Primitives
import ScenarioInput
import Testing
import WorkloadModel

@Suite struct `A scenario file` {
    static let small = """
        apiVersion: topsim/v1
        kind: Scenario
        metadata: {name: small}
        seed: 42
        epoch: 2026-01-01T00:00:00Z
        until: 1h30m
        machines:
          dual:
            shape: 2s1n4c2t
            numbering: split
            memoryPerNUMANode: 16Gi
            hugepagesPerNUMANode: {2Mi: 128}
            devices:
              - {resource: intel.com/vfs, count: 2, numaNode: 0}
              - {resource: intel.com/vfs, count: 1, numaNode: 1}
        nodes:
          worker:
            count: 3
            machine: dual
            labels: {role: upf}
            taints: [{key: dedicated, value: upf, effect: NoSchedule}]
            kubelet: {cpuManagerPolicy: static, kubeReserved: {cpu: "1"}}
          plain:
            machine: 1s4c
        workload:
          upf:
            controller: Deployment
            replicas: 2
            template: {spec: {containers: [{name: c, image: i, resources: {limits: {cpu: "2", memory: 1Gi}}}]}}
            arrivals: {process: poisson, rate: 30/h, count: 5}
            lifetime: {distribution: lognormal, median: 45m, sigma: 0.8}
        record: {sampleEvery: 30s, targetMix: {upf: 3}}
        """

    func read(_ text: String, overrides: [String] = []) throws -> LoadedScenario {
        try readScenario(
            text: text, file: "small.yaml", folder: "/", overrides: overrides,
            surroundings: ScenarioSurroundings(environment: [:]))
    }

    @Test func `values, units and defaults arrive`() throws {
        let loaded = try read(Self.small)
        let scenario = loaded.scenario
        #expect(scenario.name == "small")
        #expect(scenario.seed == 42)
        #expect(scenario.epoch == 1_767_225_600)
        #expect(scenario.until == .time(SimTime(nanoseconds: 5_400_000_000_000)))
        let worker = try #require(scenario.nodeGroups.first)
        #expect(worker.count == 3)
        #expect(worker.machine.numaNodes.map(\.memory) == [16 << 30, 16 << 30])
        #expect(
            worker.machine.numaNodes[1].hugePages == [HugePagePool(pageSize: 2 << 20, count: 128)])
        #expect(worker.devices.map(\.name) == ["intel.com/vfs"])
        #expect(worker.devices[0].devices.map(\.id) == ["vfs-0", "vfs-1", "vfs-2"])
        #expect(worker.devices[0].devices.map(\.numaNodes) == [[0], [0], [1]])
        #expect(worker.labels == [Label(key: "role", value: "upf")])
        #expect(worker.taints == [Taint(key: "dedicated", value: "upf", effect: .noSchedule)])
        #expect(scenario.nodeGroups[1].machine.cpus.count == 4)
        #expect(scenario.nodeGroups[1].nodeName(0) == "plain-0")
        #expect(scenario.record.sampleEvery == .seconds(30))
        #expect(scenario.scheduler.scoringStrategy == "LeastAllocated")
        #expect(loaded.files.map(\.name) == ["small.yaml"])
        #expect(loaded.files[0].sha256.count == 64)
    }

    @Test func `the canonical JSON and the explanation are the same scenario again`() throws {
        let loaded = try read(Self.small)
        let fromJSON = try read(loaded.canonicalJSON)
        #expect(fromJSON.canonicalJSON == loaded.canonicalJSON)
        #expect(fromJSON.scenario.nodeGroups == loaded.scenario.nodeGroups)
        #expect(fromJSON.scenario.timings == loaded.scenario.timings)
        #expect(fromJSON.scenario.record == loaded.scenario.record)
        #expect(try read(loaded.explanation).canonicalJSON == loaded.canonicalJSON)
        #expect(loaded.explanation.contains("# default. Samples") == false)
        #expect(loaded.explanation.contains("level: pods"))
    }

    @Test func `where keys stand does not change the canonical JSON`() throws {
        let reordered = """
            kind: Scenario
            record: {targetMix: {upf: 3}, sampleEvery: 30s}
            seed: 42
            """
        let lines = Self.small.split(separator: "\n").filter {
            !$0.hasPrefix("kind:") && !$0.hasPrefix("record:") && !$0.hasPrefix("seed:")
        }
        let other = reordered + "\n" + lines.joined(separator: "\n")
        #expect(try read(other).canonicalJSON == read(Self.small).canonicalJSON)
    }

    static let overrides: [(override: String, path: [String], value: String)] = [
        ("seed=7", ["seed"], "7"),
        ("nodes.*.count=16", ["nodes", "plain", "count"], "16"),
        (
            "nodes.worker.kubelet.topologyManagerPolicy=restricted",
            ["nodes", "worker", "kubelet", "topologyManagerPolicy"], "restricted"
        ),
        (
            "nodes.plain.kubelet.topologyManagerPolicy=restricted",
            ["nodes", "plain", "kubelet", "topologyManagerPolicy"], "restricted"
        ),
        (
            "nodes.worker.labels.\"topology.kubernetes.io/zone\"=a",
            ["nodes", "worker", "labels", "topology.kubernetes.io/zone"], "a"
        ),
        (
            "workload.upf.template.spec.containers.0.resources.limits.cpu=6",
            [
                "workload", "upf", "template", "spec", "containers", "0", "resources", "limits",
                "cpu",
            ], "6"
        ),
        (
            "workload.*.template.spec.containers.*.resources.limits.hugepages-2Mi=64Mi",
            [
                "workload", "upf", "template", "spec", "containers", "0", "resources", "limits",
                "hugepages-2Mi",
            ], "64Mi"
        ),
        ("workload.upf.lifetime=20m", ["workload", "upf", "lifetime"], "20m"),
        ("timings.watch=1ms", ["timings", "watch"], "1ms"),
        ("machines.dual.devices.1.count=4", ["machines", "dual", "devices", "1", "count"], "4"),
    ]

    @Test(arguments: overrides)
    func `an override sets what its path matches`(
        _ override: String, _ path: [String], _ value: String
    ) throws {
        let loaded = try read(Self.small, overrides: [override])
        var node = try #require(try readSourceDocuments(loaded.canonicalJSON, file: "j").first)
        for key in path {
            node = try #require(node[key] ?? Int(key).flatMap { node.elements?[$0] })
        }
        #expect(node.text == value)
    }

    @Test func `overrides apply in turn`() throws {
        let loaded = try read(
            Self.small, overrides: ["seed=7", "seed=8", "nodes.worker.labels={a: b}"])
        #expect(loaded.scenario.seed == 8)
        #expect(loaded.scenario.nodeGroups[0].labels == [Label(key: "a", value: "b")])
    }

    @Test func `every process and distribution is read in seconds`() throws {
        func source(_ arrivals: String, _ lifetime: String) throws -> (
            ArrivalProcess, Distribution?
        ) {
            let loaded = try read(
                Self.small,
                overrides: [
                    "workload.upf.arrivals=\(arrivals)", "workload.upf.lifetime=\(lifetime)",
                ])
            guard
                case .generated(_, let process, let lifetime)? = loaded.scenario.workloads.first?
                    .source
            else { throw Failed() }
            return (process, lifetime)
        }
        let minute = SimTime(nanoseconds: 60_000_000_000)
        let cases: [(String, String, ArrivalProcess, Distribution?)] = [
            (
                "{process: fixed, start: 1m, every: 2s, count: 3}", "forever",
                .fixed(start: minute, every: .seconds(2), count: 3), nil
            ),
            (
                "{process: poisson, rate: 30/h}", "90s",
                .renewal(start: .zero, gap: .exponential(mean: 120), count: nil), .fixed(90)
            ),
            (
                "{process: weibull, shape: 0.5, scale: 2m}",
                "{distribution: exponential, mean: 1h}",
                .renewal(start: .zero, gap: .weibull(shape: 0.5, scale: 120), count: nil),
                .exponential(mean: 3600)
            ),
            (
                "{process: renewal, gap: {distribution: uniform, low: 1s, high: 3s}, count: 9}",
                "{distribution: lognormal, median: 45m, sigma: 0.8}",
                .renewal(start: .zero, gap: .uniform(low: 1, high: 3), count: 9),
                .lognormal(median: 2700, sigma: 0.8)
            ),
            (
                "{process: on-off, rate: 2/s, burst: 10s, pause: {distribution: exponential, mean: 1m}}",
                "{distribution: weibull, shape: 2, scale: 500ms}",
                .onOff(
                    start: .zero, ratePerSecond: 2, on: .fixed(10), off: .exponential(mean: 60),
                    count: nil),
                .weibull(shape: 2, scale: 0.5)
            ),
            (
                "{process: curve, start: 1m, period: 1d, rates: [0/h, 3600/h]}",
                "{distribution: empirical, values: [3s, 1s, 2s], weights: [1, 2, 4]}",
                .curve(start: minute, period: .seconds(86400), ratesPerSecond: [0, 1], count: nil),
                .empirical(values: [1, 2, 3], cumulativeWeights: [2, 6, 7])
            ),
        ]
        for (arrivals, lifetime, process, distribution) in cases {
            let found = try source(arrivals, lifetime)
            #expect(found.0 == process)
            #expect(found.1 == distribution)
        }
    }

    static let durations: [(text: String, nanoseconds: Int64?)] = [
        ("0", 0), ("1h30m", 5_400_000_000_000), ("500ms", 500_000_000), ("1.5s", 1_500_000_000),
        ("2d", 172_800_000_000_000), ("3us", 3000), ("3µs", 3000), ("0.1ns", 0),
        ("1m1m", 120_000_000_000),
        ("0.333333333333s", 333_333_333), ("106751d", 9_223_286_400_000_000_000), ("106752d", nil),
        ("", nil), ("5", nil), ("h", nil), ("-1s", nil), ("1 s", nil), ("1y", nil),
        ("99999999999999999999s", nil),
    ]

    @Test(arguments: durations)
    func `durations are exact`(_ text: String, _ nanoseconds: Int64?) throws {
        do {
            let loaded = try read(Self.small, overrides: ["timings.watch=\"\(text)\""])
            #expect(loaded.scenario.timings.watch.nanoseconds == nanoseconds)
        } catch {
            #expect(nanoseconds == nil)
        }
    }

    static let instants: [(text: String, seconds: Int64?)] = [
        ("1970-01-01T00:00:00Z", 0), ("2000-02-29T23:59:59Z", 951_868_799),
        ("2024-02-29T00:00:00Z", 1_709_164_800),
        ("1969-12-31T23:59:59Z", -1), ("2100-02-29T00:00:00Z", nil), ("2026-02-30T00:00:00Z", nil),
        ("2026-01-01T24:00:00Z", nil), ("2026-01-01T00:00:00+01:00", nil), ("2026-01-01", nil),
        ("1700000000", 1_700_000_000),
    ]

    @Test(arguments: instants)
    func `instants are UTC`(_ text: String, _ seconds: Int64?) throws {
        do {
            #expect(try read(Self.small, overrides: ["epoch=\(text)"]).scenario.epoch == seconds)
        } catch {
            #expect(seconds == nil)
        }
    }
}
