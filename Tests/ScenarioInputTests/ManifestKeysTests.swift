import ClusterScheduler
import ClusterSimulation
import Foundation
import Primitives
import Records
import ScenarioInput
import TestSupport
import Testing
import WorkloadModel

/// `manifests:` of a scenario, from the file to a run.
@Suite struct ManifestKeysTests {
    private final class PodSink: RecordSink {
        let wantsPlacements = false
        let wantsNodeSamples = false
        private(set) var pods: [PodRecord] = []
        func placed(_ placement: PlacementRecord) {}
        func rejected(_ rejection: RejectionRecord) {}
        func ended(_ pod: PodRecord) { pods.append(pod) }
        func sampled(_ sample: NodeSample) {}
        func sampled(_ sample: ClusterSample) {}
    }

    /// A folder of its own with these files, gone when `body` is over.
    private func withFolder<Result>(
        _ files: [String: String], _ body: (String) throws -> Result
    ) throws -> Result {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "topsim-manifests-\(UUID().uuidString)", directoryHint: .isDirectory)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
        return try body(folder.path)
    }

    private static func scenario(_ more: String, until: String = "1h") -> String {
        """
        apiVersion: topsim/v1
        kind: Scenario
        until: \(until)
        nodes: {worker: {machine: 1s1n8c1t, count: 3}}
        \(more)
        """
    }

    private static let app = """
        # Source: app/templates/deployment.yaml
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web.api, namespace: shop}
        spec:
          replicas: 3
          template:
            metadata: {labels: {app: web}}
            spec:
              priorityClassName: gold
              containers: [{name: c, resources: {requests: {cpu: 1}}}]
        ---
        apiVersion: scheduling.k8s.io/v1
        kind: PriorityClass
        metadata: {name: gold}
        value: 100
        ---
        apiVersion: policy/v1
        kind: PodDisruptionBudget
        metadata: {name: web, namespace: shop}
        spec: {minAvailable: 2, selector: {matchLabels: {app: web}}}
        ---
        apiVersion: v1
        kind: Namespace
        metadata: {name: shop, labels: {team: a}}
        ---
        apiVersion: batch/v1
        kind: Job
        metadata: {name: import}
        spec:
          completions: 4
          parallelism: 2
          template: {spec: {restartPolicy: Never, containers: [{name: c}]}}
        """

    private func run(_ scenario: Scenario) throws -> [PodRecord] {
        let sink = PodSink()
        var simulation = try Simulation(scenario: scenario, sink: sink)
        while try simulation.advance(events: 1000) {}
        simulation.finish()
        return sink.pods
    }

    @Test func `the objects of a file become workloads in its order`() throws {
        try withFolder(["app.yaml": Self.app]) { folder in
            let loaded = try readScenario(
                text: Self.scenario("manifests: [{file: app.yaml, jobLifetime: 5m}]"),
                file: "s.yaml", folder: folder)
            let scenario = loaded.scenario
            #expect(scenario.workloads.map(\.name) == ["web-api", "import"])
            #expect(scenario.workloads.map(\.controller) == [.deployment, .job])
            #expect(scenario.workloads.map(\.replicas) == [3, 4])
            #expect(scenario.workloads.map(\.parallelism) == [nil, 2])
            guard case .generated(let shape, _, _) = scenario.workloads[0].source else {
                Issue.record("a workload of a manifest is generated")
                return
            }
            #expect(shape.priority == 100)
            #expect(shape.namespace == "shop")
            #expect(scenario.disruptionBudgets.map(\.name) == ["web"])
            let namespace = scenario.scheduler.objects.namespaces.first { $0.name == "shop" }
            #expect(namespace?.labels.contains(Label(key: "team", value: "a")) == true)
            #expect(loaded.imports.count(of: .taken) == 5)
            #expect(loaded.files.map(\.name).contains("app.yaml"))
            #expect(loaded.notes.contains { $0.message.hasPrefix("2 workloads") })

            let pods = try run(scenario)
            #expect(pods.count { $0.outcome == .running } == 3)
            #expect(pods.count { $0.outcome == .succeeded } == 4)
        }
    }

    @Test func `pods that run are on their nodes before others come`() throws {
        let listing = """
            apiVersion: v1
            kind: List
            items:
            - apiVersion: v1
              kind: Pod
              metadata: {name: big, ownerReferences: [{kind: ReplicaSet, name: r, controller: true}]}
              spec: {priority: 0, nodeName: worker-2, containers: [{name: c, resources: {requests: {cpu: 6}}}]}
              status: {phase: Running}
            - apiVersion: v1
              kind: Pod
              metadata: {name: small}
              spec: {priority: 0, nodeName: worker-2, containers: [{name: c, resources: {requests: {cpu: 1}}}]}
              status: {phase: Running}
            - apiVersion: v1
              kind: Pod
              metadata: {name: elsewhere}
              spec: {nodeName: gone, containers: [{name: c, resources: {requests: {cpu: 1}}}]}
              status: {phase: Running}
            - apiVersion: apps/v1
              kind: ReplicaSet
              metadata: {name: r}
              spec:
                replicas: 3
                template: {spec: {priority: 1000, containers: [{name: c, resources: {requests: {cpu: 6}}}]}}
            """
        try withFolder(["now.yaml": listing]) { folder in
            let loaded = try readScenario(
                text: Self.scenario("manifests: [{file: now.yaml}]"), file: "s.yaml",
                folder: folder)
            #expect(loaded.scenario.workloads.map(\.name) == ["big", "small", "elsewhere", "r"])
            #expect(loaded.scenario.workloads.map(\.replicas) == [1, 1, 1, 2])
            #expect(
                loaded.imports.notes.contains { $0.reason.contains("no node is called `gone`") })
            let pods = try run(loaded.scenario)
            #expect(pods.count == 5 && pods.allSatisfy { $0.outcome == .running })
            for workload in 0...1 {
                let pod = pods.first { $0.workload == WorkloadIndex(workload) }
                #expect(pod?.node == NodeIndex(2))
            }
            let others = pods.filter { $0.workload == WorkloadIndex(3) }
            #expect(Set(others.map(\.node)) == [NodeIndex(0), NodeIndex(1)])
            let last = pods.filter { $0.workload.position < 3 }.compactMap(\.started).max()
            #expect(others.allSatisfy { $0.arrival > last ?? .distantFuture })
        }
    }

    @Test func `a CronJob of a manifest runs by the scenario's time`() throws {
        let cronJob = """
            apiVersion: batch/v1
            kind: CronJob
            metadata: {name: night}
            spec:
              schedule: "*/20 * * * *"
              jobTemplate:
                spec:
                  template: {spec: {restartPolicy: Never, containers: [{name: c}]}}
            """
        try withFolder(["cron.yaml": cronJob]) { folder in
            let text = Self.scenario("manifests: [{file: cron.yaml, jobLifetime: 1m}]")
            let pods = try run(
                try readScenario(text: text, file: "s.yaml", folder: folder).scenario)
            // The run starts at midnight; the time of its end comes too late for a pod.
            #expect(pods.count == 2)
            let error = try #require(throws: InputError.self) {
                try readScenario(
                    text: text.replacing("until: 1h", with: "until: workload-finished"),
                    file: "s.yaml", folder: folder)
            }
            #expect(error.diagnostics.contains { $0.message.contains("goes on for ever") })
        }
    }

    @Test func `names are free and fit`() throws {
        let pods = ["a.b", "a-b", "a_b".uppercased(), String(repeating: "x", count: 200)].map {
            "{apiVersion: v1, kind: Pod, metadata: {name: \($0)}, spec: {containers: [{name: c}]}}"
        }
        let other =
            "{apiVersion: v1, kind: Pod, metadata: {name: a-b, namespace: n}, "
            + "spec: {containers: [{name: c}]}}"
        try withFolder(["p.yaml": (pods + [other]).joined(separator: "\n---\n")]) { folder in
            let names = try readScenario(
                text: Self.scenario(
                    """
                    manifests: [{file: p.yaml}]
                    workload: {a-b: {template: {spec: {containers: [{name: c}]}}}}
                    """), file: "s.yaml", folder: folder
            ).scenario.workloads.map(\.name)
            #expect(Set(names).count == 6)
            #expect(names.allSatisfy { $0.utf8.count <= 50 })
            #expect(names.last == "a-b")
        }
    }

    @Test(arguments: [
        ("manifests: [{file: none.yaml}]", "`none.yaml`: no such file"),
        ("manifests: [{}]", "a manifest needs `file`"),
        ("manifests: []", "a scenario needs `workload`"),
        ("manifests: [{file: bad.yaml}]", "`2 cores` is not a quantity"),
        ("manifests: [{file: bad.yaml, template: x}]", "unknown key `template` in a manifest"),
    ])
    func `what is wrong with manifests is told`(_ more: String, _ message: String) throws {
        let bad = """
            {apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [
            {name: c, resources: {limits: {cpu: 2 cores}}}]}}
            """
        try withFolder(["bad.yaml": bad]) { folder in
            let error = try #require(throws: InputError.self) {
                try readScenario(text: Self.scenario(more), file: "s.yaml", folder: folder)
            }
            #expect(
                error.diagnostics.contains { $0.severity == .error && $0.message == message },
                "\(error.diagnostics.map(\.message))")
        }
    }
}
