import ClusterSimulation
import Primitives
import Records
import Testing

/// A law that cannot be broken proves nothing: here each is broken, and found.
@Suite struct CheckersTests {
    private func placement(
        _ pod: Int, cpus: CPUSet, device: String? = nil
    ) -> PlacementRecord {
        var container = ContainerPlacement(name: "c")
        container.cpus = cpus
        if let device {
            container.devices = [
                DevicePlacement(resource: ResourceIndex(3), id: device, numaNodes: [0])
            ]
        }
        return PlacementRecord(
            pod: PodIndex(pod), node: NodeIndex(0), time: .zero, containers: [container])
    }

    private func pod(_ index: Int, admission: Int64, release: Int64) -> PodRecord {
        PodRecord(
            pod: PodIndex(index), workload: WorkloadIndex(0), shape: PodShapeIndex(0), owner: 0,
            replica: 0, incarnation: 0, replaces: nil, traceName: nil, node: NodeIndex(0),
            arrival: .zero, scheduled: .zero, started: .zero, finished: nil, outcome: .running,
            attempts: 1, admissionSequence: admission, releaseSequence: release)
    }

    private func judge(
        _ records: [(PlacementRecord, admission: Int64, release: Int64)]
    ) throws -> [String] {
        let checker = AllocationChecker(try RandomScenario.make(seed: 0))
        for (placement, admission, release) in records {
            checker.placed(placement)
            checker.ended(
                pod(placement.pod.position, admission: admission, release: release))
        }
        return checker.judge().violations
    }

    @Test func `a CPU or a device that two pods hold at once is found`() throws {
        let apart = [
            (placement(1, cpus: [4], device: "vf-0"), admission: Int64(1), release: Int64(2)),
            (placement(2, cpus: [4], device: "vf-0"), admission: 3, release: 0),
        ]
        #expect(try judge(apart) == [])
        let together = [
            (placement(1, cpus: [4], device: "vf-0"), admission: Int64(1), release: Int64(3)),
            (placement(2, cpus: [4], device: "vf-0"), admission: 2, release: 0),
        ]
        #expect(try judge(together).count == 2)
    }

    @Test func `a decision that is missing is found`() throws {
        #expect(
            try judge([(placement(1, cpus: [4]), admission: 1, release: 3)]) == [
                "decision 2 is missing or doubled"
            ])
    }

    @Test func `a sample that loses a pod or a resource is found`() {
        var sample = ClusterSample(time: .zero)
        sample.arrived = 3
        sample.running = 1
        sample.pending = 1
        sample.resources = [
            ResourceSample(
                resource: ResourceTable.cpu, allocatable: 10, requested: 4, free: 5, stranded: 0)
        ]
        let checker = ConservationChecker()
        checker.sampled(sample)
        #expect(checker.violations.count == 2)
        // And three pods without a record.
        #expect(checker.judge().count == 3)
    }

    @Test func `the random scenarios reach what the laws are about`() throws {
        var exclusive = 0
        var devices = 0
        var blocks = 0
        var reasons: [String: Int] = [:]
        for seed in 0..<60 as Range<UInt64> {
            let recording = RecordingSink()
            var simulation = try Simulation(
                scenario: try RandomScenario.make(seed: seed), sink: recording)
            var slices = 0
            while try simulation.advance(events: 500), slices < 30 { slices += 1 }
            simulation.finish(interrupted: true)
            for container in recording.placements.flatMap(\.containers) {
                exclusive += container.cpus.isEmpty ? 0 : 1
                devices += container.devices.count
                blocks += container.memory.count
            }
            for rejection in recording.rejections { reasons[rejection.reason, default: 0] += 1 }
        }
        #expect(exclusive > 1_500)
        #expect(devices > 200)
        #expect(blocks > 500)
        for reason in ["TopologyAffinityError", "SMTAlignmentError", "Unschedulable"] {
            #expect(reasons[reason, default: 0] > 20, "\(reason) in \(reasons)")
        }
    }
}
