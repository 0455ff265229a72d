import ClusterSimulation
import Primitives
import Records
import Testing
import WorkloadModel

/// Explaining pods of random scenarios.
@Suite struct PodExplainerTests {
    /// Keeps what became of pods and who was refused.
    private final class Keeper: RecordSink {
        let wantsPlacements = true
        let wantsNodeSamples = false
        var pods: [PodRecord] = []
        var placements: [PlacementRecord] = []
        var rejections: [RejectionRecord] = []

        func placed(_ placement: PlacementRecord) { placements.append(placement) }
        func rejected(_ rejection: RejectionRecord) { rejections.append(rejection) }
        func ended(_ pod: PodRecord) { pods.append(pod) }
        func sampled(_ sample: NodeSample) {}
        func sampled(_ sample: ClusterSample) {}
    }

    private func run(_ scenario: Scenario, _ explainer: PodExplainer?) throws -> Keeper {
        let keeper = Keeper()
        var simulation = try Simulation(scenario: scenario, sink: keeper, explainer: explainer)
        var slices = 0
        while try simulation.advance(events: 500), slices < 20 { slices += 1 }
        simulation.finish(interrupted: true)
        return keeper
    }

    private func name(_ pod: PodRecord, _ scenario: Scenario) -> String {
        let incarnation = pod.incarnation > 0 ? ".\(pod.incarnation)" : ""
        return "\(scenario.workloads[pod.workload.position].name)-\(pod.owner)-\(pod.replica)"
            + incarnation
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `every pod of a run can be explained, and the run stays as it is`(_ seed: UInt64) throws {
        let scenario = try RandomScenario.make(seed: seed)
        let without = try run(scenario, nil)
        let names = without.pods.map { name($0, scenario) }
        for name in names { #expect(scenario.canName(pod: name), "\(name)") }
        let explainer = PodExplainer(names: names)
        let with = try run(scenario, explainer)
        #expect(with.pods == without.pods, "seed \(seed)")
        #expect(with.placements == without.placements, "seed \(seed)")
        #expect(explainer.unknownNames == [], "seed \(seed)")

        var pods: [String: PodRecord] = [:]
        for pod in without.pods { pods[name(pod, scenario)] = pod }
        for explanation in explainer.explanations {
            #expect(explanation.agreesWithRun, "seed \(seed), \(explanation.name)")
            let pod = try #require(pods[explanation.name])
            #expect(explanation.attempts.count == Int(pod.attempts), "seed \(seed)")
            #expect(explanation.arrival == pod.arrival)
            for attempt in explanation.attempts {
                #expect((attempt.node == nil) == (attempt.feasible == 0), "seed \(seed)")
                #expect((attempt.node == nil) == (attempt.message != nil), "seed \(seed)")
            }
            if pod.started != nil { #expect(explanation.admission?.refusal == nil) }
            let refused = without.rejections.first { $0.pod == pod.pod && $0.stage == .admission }
            #expect(explanation.admission?.refusal?.message == refused?.message, "seed \(seed)")
        }
    }

    @Test func `names that no pod can have are known before the run`() throws {
        let scenario = try RandomScenario.make(seed: 3)
        let workload = try #require(scenario.workloads.first)
        #expect(scenario.canName(pod: "\(workload.name)-0-0"))
        #expect(scenario.canName(pod: "\(workload.name)-0-0.2"))
        for name in [
            "", "nosuch-0-0", workload.name, "\(workload.name)-0", "\(workload.name)-0-0.0",
            "\(workload.name)-00-0", "\(workload.name)-0-0-0", "\(workload.name)-0-1000",
            "\(workload.name)--1-0",
        ] {
            #expect(!scenario.canName(pod: name), "\(name)")
        }
    }
}
