import HardwareModel
import NodeManagers
import Primitives
import Records
import Testing
import WorkloadModel

/// Which devices a container gets, by what the plugin prefers.
@Suite struct PreferredAllocationTests {
    /// Six devices on NUMA node 0, four on NUMA node 1 and one on none; takes `counts` one after another.
    private func allocated(
        _ preference: DeviceResource.PreferredAllocation, list: [String] = [], _ counts: Int64...
    ) throws -> [[String]] {
        let devices =
            (0..<6).map { PluginDevice(id: "d\($0)", numaNodes: [0]) }
            + (6..<10).map { PluginDevice(id: "d\($0)", numaNodes: [1]) }
            + [PluginDevice(id: "dx", numaNodes: nil)]
        let model = try NodeModel(
            machine: StartErrorTests.machine(numaNodes: 2), settings: KubeletSettings(),
            devices: [
                DeviceResource(
                    name: "example.com/nic", devices: devices, preferredAllocation: preference,
                    preferredIDs: list)
            ], resources: AdmissionTests.resources)
        var state = model.makeState()
        return counts.enumerated().map { position, count in
            let pod = PodIndex(position)
            _ = model.admit(
                pod, model.prepare(AdmissionTests.shape(cpus: 0, nics: count)), in: &state)
            #expect(model.invariantViolations(of: state) == [])
            return model.placements(of: pod, in: state).flatMap(\.devices).map(\.id)
        }
    }

    @Test func `packed fills the NUMA node that the request fits best`() throws {
        #expect(
            try allocated(.packed, 3, 1, 7, 1) == [
                ["d6", "d7", "d8"], ["d9"], ["d0", "d1", "d2", "d3", "d4", "d5", "dx"], [],
            ])
    }

    @Test func `spread takes by turns from where most are left`() throws {
        #expect(
            try allocated(.spread, 4, 3) == [["d0", "d1", "d2", "d6"], ["d3", "d4", "d7"]])
    }

    @Test func `a list comes first, and what it does not name by id`() throws {
        #expect(
            try allocated(.list, list: ["d7", "d2", "none"], 3, 1) == [["d0", "d2", "d7"], ["d1"]])
    }

    @Test func `an affinity goes before the preference`() throws {
        var settings = StartErrorTests.settings()
        settings.topologyManagerPolicy = "single-numa-node"
        let model = try NodeModel(
            machine: StartErrorTests.machine(numaNodes: 2), settings: settings,
            devices: [
                DeviceResource(
                    name: "example.com/nic",
                    devices: (0..<4).map { PluginDevice(id: "d\($0)", numaNodes: [$0 / 2]) },
                    preferredAllocation: .list, preferredIDs: ["d3"])
            ], resources: AdmissionTests.resources)
        var state = model.makeState()
        _ = model.admit(
            PodIndex(0), model.prepare(AdmissionTests.shape(cpus: 1, nics: 1)), in: &state)
        #expect(
            model.placements(of: PodIndex(0), in: state).flatMap(\.devices).map(\.id) == ["d0"])
    }
}
