import ClusterSimulation
import Primitives
import Records
import ScenarioInput
import Testing

/// Node groups that are virtual machines, from their keys to what the host sees.
@Suite struct VirtualMachinesTests {
    /// A guest of one NUMA node of four CPUs, one on a host; the host has two NUMA nodes of four cores of one thread.
    private static func scenario(virtualMachines: String, more: String = "") -> String {
        """
        apiVersion: topsim/v1
        kind: Scenario
        until: 2h
        machines:
          host: {shape: 2s1n4c1t, memoryPerNUMANode: 64Gi}
          guest:
            shape: 1s1n5c1t
            memoryPerNUMANode: 16Gi
            devices: [{resource: a.b/vf, count: 2, numaNode: 0}]
        nodes:
          vm:
            count: 1
            machine: guest
            kubelet:
              cpuManagerPolicy: static
              topologyManagerPolicy: single-numa-node
              reservedSystemCPUs: "0"
            virtualMachines: \(virtualMachines)
        workload:
          w:
            controller: Deployment
            replicas: 2
            template: {spec: {containers: [{name: c, image: i, resources: {limits: {cpu: "4", memory: 1Gi, a.b/vf: "1"}}}]}}
        \(more)
        """
    }

    private static func read(_ text: String) throws(InputError) -> LoadedScenario {
        try readScenario(text: text, file: "s.yaml", folder: "/")
    }

    private final class Host: RecordSink {
        var placements: [HostPlacementRecord] = []
        let wantsPlacements = false
        let wantsNodeSamples = false
        func placed(_ placement: PlacementRecord) {}
        func placedOnHost(_ placement: HostPlacementRecord) { placements.append(placement) }
        func rejected(_ rejection: RejectionRecord) {}
        func ended(_ pod: PodRecord) {}
        func sampled(_ sample: NodeSample) {}
        func sampled(_ sample: ClusterSample) {}
    }

    private static func run(_ text: String) throws -> [HostPlacementRecord] {
        let host = Host()
        var simulation = try Simulation(scenario: try read(text).scenario, sink: host)
        while try simulation.advance(events: 1_000) {}
        simulation.finish()
        return host.placements
    }

    @Test func `the host tells where CPUs, memory and devices lie`() throws {
        let placements = try Self.run(
            Self.scenario(
                virtualMachines:
                    "{host: host, pinning: sequential, deviceNUMANodes: {a.b/vf: [1]}}"))
        // Guest CPUs 1 to 4 are host CPUs 1 to 4, of which 4 is on NUMA node 1; of five CPUs' memory a fifth is there.
        let container = try #require(placements.first?.containers.first)
        #expect(container.cpus == [1, 2, 3, 4])
        #expect(container.cpuNUMANodes == NUMANodeSet([0, 1]))
        #expect(container.deviceNUMANodes == NUMANodeSet([1]))
        #expect(container.isAlignedInGuest)
        #expect(!container.isAlignedOnHost)
        #expect(container.isFalselyAligned)
        // ¾ of the CPUs: 0.8 · 1 + 0.2 · 2.1 = 1.22; ¼: 0.8 · 2.1 + 0.2 · 1 = 1.88; the mean is 1.385.
        #expect(container.distanceThousandths == 1_385)
        // One core a CPU, so nobody shares.
        #expect(container.isCoreAlignedOnHost == true)
    }

    @Test func `nodes that join later are seen by their hosts, too`() throws {
        let placements = try Self.run(
            Self.scenario(
                virtualMachines: "{host: host, vcpus: floating}",
                more: "actions: [{at: 10m, do: addNodes, group: vm, count: 1}]"))
        #expect(Set(placements.map(\.node.position)) == [0, 1])
        #expect(placements.allSatisfy { $0.containers.allSatisfy { !$0.isAlignedOnHost } })
    }

    @Test(arguments: [
        (
            "{host: host, perHost: 2}",
            "node group `vm`: machine 0 of a host needs 5 CPUs of NUMA node 0 of `host`; 4 are left"
        ),
        ("{host: metal}", "no machine is called `metal`"),
        ("{perHost: 2}", "virtual machines needs `host`"),
        (
            "{host: host, vcpus: floating, deviceNUMANodes: {a.b/fpga: [0]}}",
            "the nodes have no devices of resource `a.b/fpga`"
        ),
        (
            "{host: host, vcpus: floating, deviceNUMANodes: {a.b/vf: [0, 1, 0]}}",
            "3 host NUMA nodes for 2 devices"
        ),
        (
            "{host: host, vcpus: floating, deviceNUMANodes: {a.b/vf: [7]}}",
            "the host `host` has no NUMA node 7"
        ),
        (
            "{host: host, vcpus: floating, hugepages: 1Gi}",
            "node group `vm`: the guests of a host need 8192 MiB in huge pages on NUMA node 0 of `host`, which has 0 MiB"
        ),
        (
            "{host: host, vcpus: float}",
            "expected `pinned` or `numa-node` or `floating`, found `float`"
        ),
    ])
    func `what cannot be is told`(keys: String, message: String) {
        let error = #expect(throws: InputError.self) {
            try Self.read(Self.scenario(virtualMachines: keys))
        }
        #expect(
            error?.diagnostics.contains { $0.message == message } == true,
            "\(error?.diagnostics.map(\.message) ?? [])")
    }
}
