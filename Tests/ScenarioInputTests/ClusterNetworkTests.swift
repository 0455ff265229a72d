import ClusterSimulation
import Foundation
import Primitives
import Records
import ScenarioInput
import TestSupport
import Testing
import WorkloadModel

@Suite struct `The cluster network costs room` {
    /// Two nodes of 4 CPUs, and pods of 1 CPU that stay; `network` is indented as a key of the scenario.
    private func text(_ network: String, replicas: Int = 8, spec: String = "") -> String {
        """
        apiVersion: topsim/v1
        kind: Scenario
        machines: {small: {shape: 1s1n4c1t}}
        nodes:
          linked: {machine: small, labels: {example.com/vlan: "100"}}
          plain: {machine: small}
        \(network)
        workload:
          nf:
            controller: ReplicaSet
            replicas: \(replicas)
            template:
              metadata: {annotations: {k8s.v1.cni.cncf.io/networks: n6}}
              spec:
                \(spec)
                containers:
                  - {name: nf, image: nf, resources: {limits: {cpu: "1", memory: 1Gi}}}
        until: 10m
        """
    }

    private func load(_ text: String) throws -> LoadedScenario {
        try readScenario(
            text: text, file: "net.yaml", folder: ".",
            surroundings: ScenarioSurroundings(environment: [:]))
    }

    /// How many pods run at the end on each node, and what the scheduler said of the others.
    private func run(_ text: String) throws -> (running: [Int], messages: Set<String>) {
        let scenario = try load(text).scenario
        let sink = OutcomeSink()
        var simulation = try Simulation(scenario: scenario, sink: sink)
        while try simulation.advance(events: 1000) {}
        simulation.finish()
        return (sink.running, sink.messages)
    }

    @Test func `without it all CPUs are for pods`() throws {
        #expect(try run(text("")).running == [4, 4])
    }

    @Test func `overhead makes fewer fit`() throws {
        // 4 CPUs hold 3 of 1.1.
        let (running, messages) = try run(text("network: {podOverhead: {cpu: 100m}}"))
        #expect(running == [3, 3])
        #expect(messages == ["0/2 nodes are available: 2 Insufficient cpu"])
        // 1.333 three times is 3.999; 1.334 is more than a third.
        #expect(try run(text("network: {podOverhead: {cpu: 333m}}")).running == [3, 3])
        #expect(try run(text("network: {podOverhead: {cpu: 334m}}")).running == [2, 2])
    }

    @Test func `overhead is part of the shape, and its limits and class stay what they were`()
        throws
    {
        let overhead = "network: {podOverhead: {cpu: 100m, memory: 16Mi}}"
        guard
            case .generated(let shape, _, _) = try load(text(overhead)).scenario.workloads[0].source
        else { throw CocoaError(.featureUnsupported) }
        let cpu = ResourceTable.cpu
        let memory = ResourceTable.memory
        #expect(shape.request(cpu) == 1100)
        #expect(shape.request(memory) == (1 << 30) + (16 << 20))
        #expect(shape.limits.map(\.amount) == [1100, (1 << 30) + (16 << 20)])
        #expect(shape.overhead.map(\.amount) == [100, 16 << 20])
        #expect(shape.nonZeroMilliCPU == 1100)
        #expect(shape.qos == .guaranteed)
        #expect(shape.containers[0].resources.request(cpu) == 1000)
    }

    @Test func `addresses are counted`() throws {
        let (running, messages) = try run(text("network: {addressesPerNode: 3}"))
        #expect(running == [3, 3])
        #expect(messages == ["0/2 nodes are available: 2 Insufficient topsim/pod-addresses"])
    }

    @Test func `nodes without the link get no pods`() throws {
        let (running, messages) = try run(
            text("network: {category: l2-underlay, nodeLabels: {example.com/vlan: \"100\"}}"))
        #expect(running == [4])
        #expect(
            messages == [
                "0/2 nodes are available: 1 Insufficient cpu, "
                    + "1 node(s) didn't match Pod's node affinity/selector"
            ])
    }

    /// docs/concepts/networking-categories.md: its example, and the numbers that it tells.
    @Test(arguments: [
        ("50m", [58, 58]), ("20m", [61, 61]), ("0", [62, 62]),
        ("without", Array(repeating: 16, count: 8)),
    ])
    func `the example of the docs goes as they say`(_ overhead: String, _ want: [Int]) throws {
        let url = Checkout.url.appending(path: "docs/concepts/networking-categories.md")
        let page = try String(contentsOf: url, encoding: .utf8)
        let start = try #require(page.range(of: "```yaml\n")).upperBound
        let end = try #require(page.range(of: "```", range: start..<page.endIndex)).lowerBound
        var yaml = page[start..<end].replacing("cpu: 50m", with: "cpu: \(overhead)")
        if overhead == "without" {
            let network = try #require(yaml.range(of: "network:\n")).lowerBound
            let workload = try #require(yaml.range(of: "workload:\n")).lowerBound
            yaml.removeSubrange(network..<workload)
        }
        yaml += "until: 10m\n"
        #expect(try run(String(yaml)).running == want)
    }

    @Test func `pods on the host's network pay nothing`() throws {
        let network =
            "network: {podOverhead: {cpu: 500m}, addressesPerNode: 1, nodeLabels: {a: b}}"
        #expect(try run(text(network, spec: "hostNetwork: true")).running == [4, 4])
    }

    @Test func `a default plugin alone attaches no second network, which is said`() throws {
        let notes = try load(text("network: {solution: default-cni}")).notes.map(\.message)
        #expect(notes.contains { $0.contains("attaches no second network") })
        let others = try load(text("network: {solution: multus}")).notes.map(\.message)
        #expect(!others.contains { $0.contains("attaches no second network") })
    }

    @Test(arguments: [
        ("{podOverhead: {cpu: much}}", "is not a quantity"),
        ("{podOverhead: {cpu: -1}}", "no amount of CPU"),
        ("{podOverhead: {disk: 1}}", "disk"), ("{addressesPerNode: 0}", "from 1 to 65,536"),
        ("{addressesPerNode: 100000}", "from 1 to 65,536"), ("{category: l4}", "l4"),
    ])
    func `a mistake is told`(_ network: String, _ part: String) {
        let error = #expect(throws: InputError.self) { _ = try load(text("network: \(network)")) }
        let messages = error?.diagnostics.map(\.message).joined(separator: "\n") ?? ""
        #expect(messages.contains(part), "\(messages)")
    }
}

@Suite struct `Workloads say their class` {
    private func workload(_ keys: String, metadata: String) throws -> LoadedScenario {
        try readScenario(
            text: """
                apiVersion: topsim/v1
                kind: Scenario
                nodes: {n: {machine: 1s1n4c1t}}
                workload:
                  w:
                    \(keys)
                    template:
                      metadata: {\(metadata)}
                      spec: {containers: [{name: a, image: a}]}
                """, file: "c.yaml", folder: ".",
            surroundings: ScenarioSurroundings(environment: [:]))
    }

    @Test(arguments: [
        ("class: c4", "labels: {topsim/workload-class: c1}", WorkloadClass.c4),
        ("", "labels: {topsim/workload-class: c1}", .c1),
        ("", "annotations: {topsim/workload-class: c5}", .c5),
        ("", "labels: {topsim/workload-class: c2}, annotations: {topsim/workload-class: c5}", .c2),
        ("", "", nil),
    ])
    func `by key, label or annotation`(
        _ keys: String, _ metadata: String, _ want: WorkloadClass?
    ) throws {
        #expect(
            try workload(keys, metadata: metadata).scenario.workloads[0].workloadClass == want)
    }

    @Test func `and a word that is none is noted in a label and refused as a key`() throws {
        let loaded = try workload("", metadata: "labels: {topsim/workload-class: gold}")
        #expect(loaded.scenario.workloads[0].workloadClass == nil)
        #expect(loaded.notes.contains { $0.message.contains("`gold` is no workload class") })
        #expect(throws: InputError.self) { _ = try workload("class: gold", metadata: "") }
    }
}

/// Counts pods that run at the end, by node, and keeps the texts of the scheduler's refusals.
private final class OutcomeSink: RecordSink {
    let wantsPlacements = false
    let wantsNodeSamples = false
    private var counts: [Int: Int] = [:]
    private(set) var messages: Set<String> = []

    var running: [Int] { counts.sorted { $0.key < $1.key }.map(\.value) }

    func placed(_ placement: PlacementRecord) {}
    func rejected(_ rejection: RejectionRecord) {
        // What preemption says of the same nodes comes behind the first full stop.
        messages.insert(String(rejection.message.prefix { $0 != "." }))
    }
    func ended(_ pod: PodRecord) {
        if pod.outcome == .running, let node = pod.node { counts[node.position, default: 0] += 1 }
    }
    func sampled(_ sample: NodeSample) {}
    func sampled(_ sample: ClusterSample) {}
}
