import ClusterSimulation
import Foundation
import HardwareModel
import NodeManagers
import Primitives
import Records
import ResultsDatabase
import Testing
import WorkloadModel

/// A run can be proven from its file: played again row by row, it leaves every node as the simulation left it.
@Suite struct ReplayTests {
    @Test(arguments: 0..<60 as Range<UInt64>)
    func `the rows of a run lead to the state that the run left`(_ seed: UInt64) throws {
        let scenario = try RandomScenario.make(seed: seed)
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "topsim-replay-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "run.sqlite").path
        let recorder = try ResultsRecorder(to: path, describing: describe(scenario), level: .full)
        var simulation = try Simulation(scenario: scenario, sink: recorder)
        var slices = 0
        while try simulation.advance(events: 500), slices < 40 {
            recorder.describe(shapes: simulation.knownShapes)
            slices += 1
        }
        simulation.finish(interrupted: true)
        recorder.describe(shapes: simulation.knownShapes)
        _ = try recorder.finish(RunEnding(status: .complete, ended: simulation.time))

        // The file alone, into a checker that knows nothing of the run.
        let replay = AllocationChecker(scenario)
        var admissions: [PodIndex: Int64] = [:]
        var releases: [PodIndex: Int64] = [:]
        try ResultsReader(path: path).forEachDecision { sequence, decision in
            switch decision {
            case .placed(let placement):
                replay.placed(placement)
                admissions[placement.pod] = sequence
            case .released(let pod, _, _): releases[pod] = sequence
            }
        }
        for (pod, sequence) in admissions {
            replay.ended(record(of: pod, admission: sequence, release: releases[pod] ?? 0))
        }
        let (violations, final) = replay.judge()
        #expect(violations == [], "seed \(seed)")
        var node = 0
        for group in scenario.nodeGroups {
            for _ in 0..<group.count {
                let index = NodeIndex(node)
                let held = simulation.held(on: index)
                let replayed = final[index] ?? TakenOnNode()
                #expect(replayed.holders == simulation.runningPods(on: index), "seed \(seed)")
                #expect(replayed.cpus == held.cpus, "seed \(seed), node \(node)")
                #expect(replayed.devices == held.devices, "seed \(seed), node \(node)")
                node += 1
            }
        }
    }

    private func record(of pod: PodIndex, admission: Int64, release: Int64) -> PodRecord {
        PodRecord(
            pod: pod, workload: WorkloadIndex(0), shape: PodShapeIndex(0), owner: 0, replica: 0,
            incarnation: 0, replaces: nil, traceName: nil, node: nil, arrival: .zero,
            scheduled: nil, started: nil, finished: nil, outcome: .running, attempts: 1,
            admissionSequence: admission, releaseSequence: release)
    }

    private func describe(_ scenario: Scenario) -> RunDescription {
        var description = RunDescription(
            name: scenario.name, seed: scenario.seed, topsimVersion: "test", kubeletVersion: "1.36")
        description.resources = scenario.resources
        for (index, group) in scenario.nodeGroups.enumerated() {
            description.machines.append(
                ResultsDatabase.MachineDescription(name: group.machineName, machine: group.machine))
            description.nodeGroups.append(
                NodeGroupDescription(
                    name: group.name, machine: index,
                    nodeNames: (0..<group.count).map(group.nodeName)))
        }
        description.workloads = scenario.workloads.map {
            WorkloadDescription(
                name: $0.name, namespace: $0.namespace, controller: $0.controller,
                replicas: $0.replicas)
        }
        return description
    }
}
