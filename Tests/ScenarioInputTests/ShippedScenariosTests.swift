import ClusterSimulation
import Foundation
import HardwareModel
import NodeManagers
import Primitives
import ScenarioInput
import TestSupport
import Testing
import WorkloadModel

@Suite struct `Scenarios that ship` {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().appending(path: "scenarios")

    func read(_ name: String, environment: [String: String] = [:]) throws -> LoadedScenario {
        try readScenario(
            path: Self.folder.appending(path: name).path,
            surroundings: ScenarioSurroundings(environment: environment))
    }

    @Test(arguments: ["quickstart", "telco-edge", "kubelet-restart", "numa-aware", "runaway"])
    func `need no other file, and are the same again from their canonical JSON`(
        _ name: String
    ) throws {
        let loaded = try read("\(name).yaml")
        #expect(loaded.scenario.name == name)
        #expect(loaded.files.count == 1)
        #expect(loaded.notes.isEmpty)
        for text in [loaded.canonicalJSON, loaded.explanation] {
            let again = try readScenario(
                text: text, file: name, folder: "/",
                surroundings: ScenarioSurroundings(environment: [:]))
            #expect(again.canonicalJSON == loaded.canonicalJSON)
            #expect(again.scenario.nodeGroups == loaded.scenario.nodeGroups)
            #expect(again.scenario.record == loaded.scenario.record)
            #expect(again.scenario.resources.names == loaded.scenario.resources.names)
            let shapes = [again, loaded].map { loaded in
                loaded.scenario.workloads.map { workload -> PodShape? in
                    if case .generated(let shape, _, _) = workload.source { shape } else { nil }
                }
            }
            #expect(shapes[0] == shapes[1])
        }
    }

    @Test func `telco-edge has three node groups, and a DaemonSet that every taint lets in`() throws
    {
        let scenario = try read("telco-edge.yaml").scenario
        #expect(scenario.nodeGroups.map(\.name) == ["control", "user-plane", "far-edge"])
        #expect(
            scenario.nodeGroups.map(\.kubelet.topologyManagerPolicy)
                == ["none", "single-numa-node", "restricted"])
        let agent = try #require(scenario.workloads.first { $0.controller == .daemonSet })
        guard case .generated(let shape, _, _) = agent.source else { throw Failed() }
        for taint in scenario.nodeGroups.flatMap(\.taints) {
            #expect(shape.tolerations.contains { $0.tolerates(taint) })
        }
    }

    @Test func `openb without the data says in one line what is missing`() {
        let error = #expect(throws: InputError.self) {
            try read("openb.yaml", environment: ["TOPSIM_SHARED": "/nowhere"])
        }
        let errors = error?.diagnostics.filter { $0.severity == .error } ?? []
        #expect(errors.count == 1)
        #expect(
            errors.first?.message.hasSuffix(
                "the folder `/nowhere`, where the file is looked for, is not there")
                == true)
        #expect(errors.first?.hint?.contains("TOPSIM_SHARED") == true)
    }

    @Test(.enabled(if: SharedFolder.isPresent))
    func `openb has all nodes and pods, most nodes on a real machine`() throws {
        let shared = try #require(SharedFolder.url).path
        let loaded = try read("openb.yaml", environment: ["TOPSIM_SHARED": shared])
        let groups = loaded.scenario.nodeGroups
        #expect(groups.reduce(0) { $0 + $1.count } == 1523)
        // 549 + 59 + 30 + 21 + 17 + 1 nodes of 96 CPUs.
        let real = groups.filter { $0.machineName == "g4dn-metal" }
        #expect(real.reduce(0) { $0 + $1.count } == 677)
        #expect(real.allSatisfy { $0.machine.cpus.count == 96 && $0.machine.numaNodes.count == 2 })
        #expect(groups.reduce(0) { $0 + $1.count * $1.machine.cpus.count } == 125_514)
        let gpus = groups.reduce(0) { sum, group in
            sum + group.count * group.devices.reduce(0) { $0 + $1.devices.count }
        }
        #expect(gpus == 6212)
        #expect(loaded.files.count == 4)
        #expect(Set(loaded.files.map(\.sha256)).count == 4)
    }
}
