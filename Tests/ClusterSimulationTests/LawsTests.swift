import ClusterSimulation
import NodeManagers
import Primitives
import Records
import Testing

/// Laws that every run keeps, on random scenarios.
@Suite struct LawsTests {
    static let seeds: Range<UInt64> = 0..<300

    @Test(arguments: LawsTests.seeds)
    func `nothing is handed out twice and everything is accounted for`(_ seed: UInt64) throws {
        let scenario = try RandomScenario.make(seed: seed)
        let allocation = AllocationChecker(scenario)
        let conservation = ConservationChecker()
        var simulation = try Simulation(
            scenario: scenario, sink: CompositeSink([allocation, conservation]))
        var slices = 0
        while try simulation.advance(events: 200), slices < 200 {
            let broken = simulation.brokenLaws()
            #expect(broken == [], "seed \(seed)")
            slices += 1
        }
        simulation.finish()
        let broken = simulation.brokenLaws()
        #expect(broken == [], "seed \(seed)")
        let verdict = allocation.judge()
        #expect(verdict.violations == [], "seed \(seed)")
        #expect(conservation.judge() == [], "seed \(seed)")
        #expect(conservation.samples > 1)
        // Replayed from the records alone, the same pods are left on every node.
        var node = 0
        for group in scenario.nodeGroups {
            for _ in 0..<group.count {
                let index = NodeIndex(node)
                let running = simulation.runningPods(on: index)
                #expect(
                    verdict.final[index]?.holders ?? [] == running,
                    "seed \(seed), node \(node)")
                node += 1
            }
        }
    }

    @Test(arguments: LawsTests.seeds.prefix(30))
    func `two runs of a seed leave the same records`(_ seed: UInt64) throws {
        func records() throws -> [String] {
            let recording = RecordingSink()
            var simulation = try Simulation(
                scenario: try RandomScenario.make(seed: seed), sink: recording)
            var slices = 0
            while try simulation.advance(events: 500), slices < 40 { slices += 1 }
            simulation.finish(interrupted: true)
            return recording.lines
        }
        let first = try records()
        #expect(first == (try records()), "seed \(seed)")
        #expect(!first.isEmpty)
    }
}

/// Keeps every record as text, in order.
final class RecordingSink: RecordSink {
    let wantsPlacements = true
    let wantsNodeSamples = true
    private(set) var lines: [String] = []
    private(set) var pods: [PodRecord] = []
    private(set) var rejections: [RejectionRecord] = []
    private(set) var placements: [PlacementRecord] = []
    private(set) var samples: [ClusterSample] = []
    private(set) var nodeEvents: [NodeEventRecord] = []

    func placed(_ placement: PlacementRecord) {
        placements.append(placement)
        lines.append("\(placement)")
    }

    func rejected(_ rejection: RejectionRecord) {
        rejections.append(rejection)
        lines.append("\(rejection)")
    }

    func changed(_ event: NodeEventRecord) {
        nodeEvents.append(event)
        lines.append("\(event)")
    }

    func ended(_ pod: PodRecord) {
        pods.append(pod)
        lines.append("\(pod)")
    }

    func sampled(_ sample: NodeSample) { lines.append("\(sample)") }

    func sampled(_ sample: ClusterSample) {
        samples.append(sample)
        lines.append("\(sample)")
    }
}
