import ClusterSimulation
import Foundation
import NodeManagers
import Primitives
import Records
import ScenarioInput
import Testing
import WorkloadModel

/// A run that begins with what another has left on its nodes.
struct StandingNodeTests {
    private static let nodes = """
        machines:
          edge:
            shape: 2s1n8c2t
            memoryPerNUMANode: 64Gi
            hugepagesPerNUMANode: {1Gi: 16}
            devices:
              - {resource: intel.com/vf, count: 8, perNUMANode: true}
        """
    private static let kubelet = """
        kubelet:
          cpuManagerPolicy: static
          memoryManagerPolicy: Static
          reservedSystemCPUs: "0,16"
          topologyManagerPolicy: POLICY
          kubeReserved: {memory: 500Mi}
          systemReserved: {memory: 500Mi}
          reservedMemory: [{numaNode: 0, limits: {memory: 1100Mi}}]
        """
    /// Guaranteed with devices and pages, Guaranteed, and one that shares CPUs.
    private static let specs = [
        """
        {"containers": [{"name": "fast", "image": "i", "resources": {"limits": {"cpu": "3", "memory": "2Gi", "hugepages-1Gi": "2Gi", "intel.com/vf": "2"}}}, {"name": "side", "image": "i", "resources": {"limits": {"cpu": "500m", "memory": "1Gi"}}}]}
        """,
        """
        {"containers": [{"name": "calc", "image": "i", "resources": {"limits": {"cpu": "2", "memory": "5Gi"}}}]}
        """,
        """
        {"containers": [{"name": "web", "image": "i", "resources": {"requests": {"cpu": "250m", "memory": "1Gi"}}}]}
        """,
    ]

    private func text(_ policy: String, standing: String, workload: String) -> String {
        let kubelet = StandingNodeTests.kubelet.replacing("POLICY", with: policy)
            .split(separator: "\n").map { "    \($0)" }.joined(separator: "\n")
        return """
            apiVersion: topsim/v1
            kind: Scenario
            until: 10m
            \(StandingNodeTests.nodes)
            nodes:
              worker:
                machine: edge
                count: 2
            \(kubelet)
                \(standing)
            workload:
            \(workload)
            """
    }

    private func workload(_ name: String, _ spec: String, start: String, count: Int) -> String {
        """
          \(name):
            template: {"spec": \(spec.trimmingCharacters(in: .whitespacesAndNewlines))}
            arrivals: {process: fixed, start: \(start), every: 1s, count: \(count)}

        """
    }

    private var laterWorkloads: String {
        StandingNodeTests.specs.enumerated().map { index, spec in
            workload("later-\(index)", spec, start: "\(120 + index * 10)s", count: 4)
        }.joined()
    }

    private func read(_ text: String, folder: String) throws -> Scenario {
        try readScenario(
            text: text, file: "standing.yaml", folder: folder,
            surroundings: ScenarioSurroundings(environment: [:])
        ).scenario
    }

    /// Runs to the end, and keeps what the first node had left after the first workloads.
    private func run(
        _ scenario: Scenario, _ sink: PlacementCollector, leaving: SimTime? = nil
    ) throws -> [StandingNode] {
        var simulation = try Simulation(scenario: scenario, sink: sink)
        var left: [StandingNode] = []
        while try simulation.advance(events: 1) {
            if let leaving, left.isEmpty, simulation.time > leaving {
                left = (0..<2).map { simulation.standing(on: NodeIndex($0), position: $0) }
            }
        }
        simulation.finish()
        return left
    }

    /// Writes the folder of a node and its pods as `kubectl get pods -o json` would print them.
    private func write(_ node: StandingNode, specs: [String: String], into folder: URL) throws {
        let name = "worker-\(node.position)"
        let state = folder.appending(path: name)
        try FileManager.default.createDirectory(
            at: state.appending(path: "device-plugins"), withIntermediateDirectories: true)
        let files = [
            ("cpu_manager_state", node.checkpoints.cpu?.text),
            ("memory_manager_state", node.checkpoints.memory?.text),
            ("device-plugins/kubelet_internal_checkpoint", node.checkpoints.devices?.text),
        ]
        for (file, text) in files {
            guard let text else { continue }
            try Data(text.utf8).write(to: state.appending(path: file))
        }
        let pods = node.pods.map { pod in
            let spec = (specs[String(pod.name.prefix(7))] ?? "").trimmingCharacters(
                in: .whitespacesAndNewlines)
            return """
                {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "\(pod.name)", "namespace": "default", "uid": "\(pod.uid)"}, "spec": {"nodeName": "\(name)", \(spec.dropFirst()), "status": {"phase": "Running"}}
                """
        }
        let list = #"{"apiVersion": "v1", "kind": "List", "items": ["#
        try Data("\(list)\(pods.joined(separator: ", "))]}".utf8)
            .write(to: folder.appending(path: "\(name).json"))
    }

    @Test(arguments: ["none", "best-effort", "restricted", "single-numa-node"])
    func `a run goes on equal from the checkpoints of another`(_ policy: String) throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "topsim-standing-\(policy)-\(UInt64.random(in: 0 ... .max))")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)

        let first = StandingNodeTests.specs.enumerated().map { index, spec in
            workload("first-\(index)", spec, start: "\(index)s", count: 3)
        }.joined()
        let whole = try read(
            text(policy, standing: "taints: []", workload: first + laterWorkloads),
            folder: folder.path)
        let all = PlacementCollector(whole)
        let left = try run(whole, all, leaving: SimTime(nanoseconds: 60_000_000_000))
        #expect(left.reduce(0) { $0 + $1.pods.count } == 9)
        var specs: [String: String] = [:]
        for (index, spec) in StandingNodeTests.specs.enumerated() { specs["first-\(index)"] = spec }
        for node in left { try write(node, specs: specs, into: folder) }

        let standing = """
            standing:
                  - {node: 1, checkpoints: worker-1, pods: worker-1.json}
                  - {node: 0, checkpoints: worker-0, pods: worker-0.json}
            """
        let scenario = try read(
            text(policy, standing: standing, workload: laterWorkloads), folder: folder.path)
        #expect(scenario.nodeGroups[0].standing.map(\.checkpoints) == left.map(\.checkpoints))
        let rest = PlacementCollector(scenario)
        _ = try run(scenario, rest)

        // What stood holds what it held, from time 0 on.
        #expect(rest.placements.count == all.placements.count)
        for (name, placement) in rest.byName {
            let want = try #require(all.byName[name], "\(name)")
            let isEqual = placement.containers == want.containers
            #expect(isEqual, "\(name)")
            #expect(placement.node == want.node, "\(name)")
            if name.hasPrefix("first") {
                #expect(placement.time == .zero)
            } else {
                #expect(placement.time == want.time, "\(name)")
            }
        }
        #expect(rest.rejections == all.rejections.filter { $0.time.nanoseconds > 60_000_000_000 })
    }

    // MARK: What cannot be

    private func refusal(_ standing: String, files: [String: String]) throws -> [String] {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "topsim-standing-\(UInt64.random(in: 0 ... .max))")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(
            at: folder.appending(path: "state"), withIntermediateDirectories: true)
        for (name, text) in files {
            try Data(text.utf8).write(to: folder.appending(path: name))
        }
        do {
            _ = try read(
                text("none", standing: "standing: \(standing)", workload: laterWorkloads),
                folder: folder.path)
            return []
        } catch let error as InputError {
            return error.diagnostics.filter { $0.severity == .error }.map(\.message)
        }
    }

    @Test func `a standing node that cannot be is refused for one reason`() throws {
        let pod =
            #"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"UID}, "spec": {"containers": [{"name": "c", "image": "i"}]}}"#
        let withUID = pod.replacing("UID", with: #", "uid": "u""#)
        let cases: [(String, [String: String], String)] = [
            ("{pods: none.json}", [:], "no such file"),
            (
                "{pods: p.json, checkpoints: state}", ["p.json": withUID],
                "has no checkpoint file"
            ),
            (
                "{pods: p.json}", ["p.json": pod.replacing("UID", with: "")],
                "without `metadata.uid`"
            ),
            ("{pods: p.json, node: 2}", ["p.json": withUID], "has no node 2"),
            (
                "{pods: p.json}", ["p.json": "\(withUID)\n---\n\(withUID)"],
                "a second pod with the UID"
            ),
            (
                "{pods: p.json, checkpoints: state}",
                ["p.json": withUID, "state/cpu_manager_state": #"{"policyName":"none"}"#],
                "is missing"
            ),
            (
                "{pods: p.json, checkpoints: state}",
                [
                    "p.json": withUID,
                    "state/cpu_manager_state":
                        CPUManagerCheckpoint(policyName: "none", defaultCPUSet: "").text,
                ],
                "differs from state checkpoint policy"
            ),
            (
                "[{pods: p.json}, {pods: p.json}]", ["p.json": withUID], "stands here twice"
            ),
        ]
        for (standing, files, reason) in cases {
            let messages = try refusal(standing, files: files)
            #expect(messages.contains { $0.contains(reason) }, "\(reason): \(messages)")
        }
    }

    @Test func `without files pods are admitted in order of creation`() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "topsim-standing-\(UInt64.random(in: 0 ... .max))")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let spec = StandingNodeTests.specs[1].trimmingCharacters(in: .whitespacesAndNewlines)
        let pods = ["b", "a"].enumerated().map { index, name in
            """
            {"metadata": {"name": "\(name)", "uid": "\(name)", "creationTimestamp": "2026-01-0\(2 - index)T00:00:00Z"}, "spec": \(spec), "status": {"phase": "Running"}}
            """
        }
        let ended = #"{"metadata": {"name": "c", "uid": "c"}, "status": {"phase": "Succeeded"}}"#
        let list = #"{"apiVersion": "v1", "kind": "PodList", "items": ["#
        try Data("\(list)\((pods + [ended]).joined(separator: ", "))]}".utf8)
            .write(to: folder.appending(path: "pods.json"))
        let scenario = try read(
            text(
                "none", standing: "standing: {pods: pods.json, lifetime: 30s}",
                workload: laterWorkloads), folder: folder.path)
        #expect(scenario.nodeGroups[0].standing[0].pods.map(\.name) == ["a", "b"])
        let sink = PlacementCollector(scenario)
        _ = try run(scenario, sink)
        let standing = sink.placements.filter { $0.time == .zero }
        #expect(standing.map { "\($0.containers[0].cpus)" } == ["2-3", "4-5"])
        #expect(sink.ended.filter { $0.finished?.nanoseconds == 30_000_000_000 }.count == 2)
    }
}

/// Keeps what was placed, refused and ended.
private final class PlacementCollector: RecordSink {
    var placements: [PlacementRecord] = []
    var rejections: [RejectionRecord] = []
    var ended: [PodRecord] = []
    var byName: [String: PlacementRecord] = [:]
    private let workloads: [String]

    init(_ scenario: Scenario) { workloads = scenario.workloads.map(\.name) }

    var wantsPlacements: Bool { true }
    var wantsNodeSamples: Bool { false }

    func placed(_ placement: PlacementRecord) { placements.append(placement) }
    func rejected(_ rejection: RejectionRecord) { rejections.append(rejection) }

    func ended(_ pod: PodRecord) {
        ended.append(pod)
        guard let placement = placements.first(where: { $0.pod == pod.pod }) else { return }
        byName[name(pod)] = placement
    }

    private func name(_ pod: PodRecord) -> String {
        pod.traceName ?? "\(workloads[pod.workload.position])-\(pod.owner)-\(pod.replica)"
    }

    func sampled(_ sample: NodeSample) {}
    func sampled(_ sample: ClusterSample) {}
}
