import ClusterSimulation
import HardwareModel
import NodeManagers
import Primitives
import ScenarioInput
import Testing

/// Keys about the kubelet's version, its bugs, its restarts and its device plugins.
@Suite struct KubeletKeysTests {
    private func read(_ text: String, overrides: [String] = []) throws -> Scenario {
        try readScenario(
            text: "apiVersion: topsim/v1\nkind: Scenario\n" + text
                + "workload: {w: {template: {spec: {containers: [{name: c, image: i}]}}}}\n",
            file: "s.yaml", folder: "/", overrides: overrides,
            surroundings: ScenarioSurroundings(environment: [:])
        ).scenario
    }

    private func minutes(_ count: Int64) -> SimTime {
        SimTime(nanoseconds: count * 60_000_000_000)
    }

    @Test func `without them a kubelet is 1_36 as it is`() throws {
        let scenario = try read("nodes: {n: {machine: 1s4c}}\n")
        #expect(scenario.upstreamHang == .reject)
        #expect(scenario.nodeGroups[0].kubelet == KubeletSettings())
        #expect(scenario.nodeGroups[0].kubeletRestarts.isEmpty)
        #expect(scenario.nodeGroups[0].deviceChanges.isEmpty)
        #expect(try read("kubeletVersion: 1.36\nnodes: {n: {machine: 1s4c}}\n").name == "s")
    }

    @Test func `gates of the scenario are every kubelet's, and its own go before`() throws {
        let scenario = try read(
            """
            featureGates: {PodLevelResourceManagers: true, CPUManagerPolicyAlphaOptions: true, NodeSwap: true}
            nodes:
              a: {machine: 1s4c}
              b: {machine: 1s4c, kubelet: {featureGates: {PodLevelResourceManagers: false}, maxPods: 5}}

            """)
        #expect(
            scenario.nodeGroups.map(\.kubelet.featureGates) == [
                ["PodLevelResourceManagers": true, "CPUManagerPolicyAlphaOptions": true],
                ["CPUManagerPolicyAlphaOptions": true],
            ])
        #expect(scenario.nodeGroups.map(\.kubelet.maxPods) == [110, 5])
    }

    @Test func `fixed bugs are every kubelet's, in restarts too`() throws {
        let scenario = try read(
            """
            upstreamHang: stallNode
            fixed: [endless-dealing, own-cpus-not-counted]
            nodes: {n: {machine: 1s4c, kubeletRestarts: [{at: 1h, kubelet: {maxPods: 3}}]}}

            """)
        let fixes: UpstreamFixes = [.endlessDealing, .ownCPUsNotCounted]
        #expect(scenario.upstreamHang == .stallNode)
        #expect(scenario.nodeGroups[0].kubelet.fixes == fixes)
        #expect(scenario.nodeGroups[0].kubeletRestarts[0].settings?.fixes == fixes)
    }

    @Test func `a restart changes only the keys that it names`() throws {
        let scenario = try read(
            """
            nodes:
              n:
                count: 4
                machine: 1s4c
                kubelet: {cpuManagerPolicy: static, reservedSystemCPUs: "0", topologyManagerPolicy: restricted}
                kubeletRestarts:
                  - {at: 10m, every: 1h, nodes: [2, 0, 2], plugins: after}
                  - {at: 20m, kubelet: {topologyManagerPolicy: none}}

            """)
        let group = scenario.nodeGroups[0]
        var first = KubeletRestart(time: minutes(10), period: .seconds(3600))
        first.nodes = [0, 2]
        first.plugins = .after
        var second = KubeletRestart(time: minutes(20))
        second.settings = group.kubelet
        second.settings?.topologyManagerPolicy = "none"
        #expect(group.kubeletRestarts == [first, second])
    }

    @Test func `a restart that the managers refuse is noted`() throws {
        let loaded = try readScenario(
            text: """
                apiVersion: topsim/v1
                kind: Scenario
                nodes:
                  n:
                    machine: 1s4c
                    kubeletRestarts: [{at: 1h, kubelet: {cpuManagerPolicy: static}}]
                workload: {w: {template: {spec: {containers: [{name: c, image: i}]}}}}
                """, file: "s.yaml", folder: "/",
            surroundings: ScenarioSurroundings(environment: [:]))
        #expect(
            loaded.notes.map(\.message) == [
                "node group `n`: a kubelet will not start again: [cpumanager] unable to determine"
                    + " reserved CPU resources for static policy"
            ])
    }

    @Test func `plugins are late, lost and back, and their devices fail`() throws {
        let scenario = try read(
            """
            machines:
              m:
                shape: 2s1n4c2t
                devices:
                  - {resource: a.b/c, count: 2, numaNode: 1, registersAt: 5m, excludeTopology: true}
                  - {resource: a.b/d, count: 3, numaNode: 1, preferredAllocation: [d-2, d-0]}
                  - {resource: a.b/e, count: 2, perNUMANode: true, preferredAllocation: spread}
                  - {resource: a.b/f, count: 1, numaNodes: [0, 1]}
            nodes:
              n:
                machine: m
                deviceChanges:
                  - {at: 10m, resource: a.b/d, plugin: lost}
                  - {at: 20m, resource: a.b/d, plugin: registers}
                  - {at: 30m, resource: a.b/d, nodes: [0], unhealthy: [d-1]}

            """)
        let group = scenario.nodeGroups[0]
        #expect(group.devices.map(\.preferredAllocation) == [.none, .list, .spread, .none])
        #expect(group.devices[1].preferredIDs == ["d-2", "d-0"])
        #expect(group.devices[0].devices.allSatisfy { $0.numaNodes == nil })
        #expect(group.devices[1].devices.allSatisfy { $0.numaNodes == [1] })
        #expect(group.devices[3].devices.map(\.numaNodes) == [[0, 1]])
        var unhealthy = DeviceChange(
            time: minutes(30), resource: "a.b/d", kind: .unhealthy(["d-1"]))
        unhealthy.nodes = [0]
        #expect(
            group.deviceChanges == [
                DeviceChange(time: .zero, resource: "a.b/c", kind: .pluginIsLate),
                DeviceChange(time: minutes(5), resource: "a.b/c", kind: .pluginRegisters),
                DeviceChange(time: minutes(10), resource: "a.b/d", kind: .pluginIsLost),
                DeviceChange(time: minutes(20), resource: "a.b/d", kind: .pluginRegisters),
                unhealthy,
            ])
    }
}
