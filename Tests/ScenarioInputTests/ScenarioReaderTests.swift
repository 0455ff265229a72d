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
        print(loaded.canonicalJSON)
        print(loaded.explanation)
    }
}
