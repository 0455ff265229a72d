import HardwareModel
import NodeManagers
import Primitives
import Records
import Testing
import WorkloadModel

/// Explanations on machines whose hints are too many to list.
@Suite struct WideExplanationTests {
    private func explain(_ shape: String, cpus: Int64) throws -> AdmissionExplanation {
        let machine = try MachineShape(parsing: shape).makeMachine(memoryPerNUMANode: 8 << 30)
        var settings = KubeletSettings()
        settings.cpuManagerPolicy = "static"
        settings.reservedSystemCPUs = [0]
        settings.topologyManagerPolicy = "single-numa-node"
        settings.topologyManagerPolicyOptions = ["max-allowable-numa-nodes": "64"]
        let model = try NodeModel(
            machine: machine, settings: settings, devices: [], resources: ResourceTable())
        let amounts = [
            ResourceAmount(ResourceTable.cpu, cpus * 1000),
            ResourceAmount(ResourceTable.memory, 1 << 30),
        ]
        let container = ContainerShape(
            name: "app", kind: .app,
            resources: ContainerResources(requests: amounts, limits: amounts))
        let pod = PodShape(qos: .guaranteed, containers: [container])
        let state = model.makeState()
        return model.explain(PodIndex(0), model.prepare(pod), in: state).explanation
    }

    private func merge(of explanation: AdmissionExplanation) throws -> MergeExplanation {
        guard case .merge(let merge) = try #require(explanation.steps.first) else {
            throw MissingMerge()
        }
        return merge
    }

    private struct MissingMerge: Error {}

    @Test func `beyond eight NUMA nodes hints are counted`() throws {
        let merge = try merge(of: try explain("1s12n4c1t", cpus: 4))
        let cpu = try #require(merge.lists.first { $0.provider == .cpu })
        // CPU 0 is reserved: every set but NUMA node 0 alone.
        #expect(cpu.count == 4094)
        #expect(cpu.preferredCount == 11)
        #expect(cpu.keptCount == 11)
        #expect(cpu.narrowest == MergeExplanation.Hint([1], isPreferred: true))
        #expect(cpu.hints.isEmpty)
        #expect(merge.permutations.count == 11)
        #expect(merge.affinity.numaNodes == [1])
    }

    @Test func `beyond twelve only the verdict is told`() throws {
        let explanation = try explain("1s64n2c1t", cpus: 3)
        let merge = try merge(of: explanation)
        #expect(!merge.isListed)
        #expect(merge.lists.isEmpty)
        #expect(!merge.isAdmitted)
        #expect(explanation.refusal?.reason == "TopologyAffinityError")
        #expect(explanation.free.count == 64)
    }
}
