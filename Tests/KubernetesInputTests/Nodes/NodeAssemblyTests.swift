import HardwareModel
import NodeManagers
import Primitives
import ScenarioInput
import TestSupport
import Testing
import WorkloadModel

struct NodeAssemblyTests {
    private let profile = """
        ---
        apiVersion: performance.openshift.io/v2
        kind: PerformanceProfile
        metadata: {name: edge}
        spec:
          cpu: {reserved: RESERVED, isolated: ISOLATED}
          hugepages: {pages: [{size: 2M, count: 128}]}
          numa: {topologyPolicy: single-numa-node}
          nodeSelector: {node-role.kubernetes.io/worker-cnf: ""}

        """

    private func assemble(
        _ text: String, machines: [String: Machine] = [:]
    ) throws -> (groups: [ImportedNodeGroup], report: ImportReport) {
        let (objects, _) = try NodeSideFiles.read(text: text)
        var report = ImportReport()
        let groups = try assembleNodeGroups(objects, machines: machines, report: &report)
        return (groups, report)
    }

    /// The host's Node, the host, and a profile with the CPUs of its kernel's command line.
    @Test(.enabled(if: SharedFolder.isPresent))
    func `a profile on a real host publishes the allocatable of its Node`() throws {
        let path = "data/k8s/nodes/nto_bm_worker1.node.yaml"
        let node = try String(decoding: SharedFolder.contents(path), as: UTF8.self)
        let profile = profile.replacing("RESERVED", with: "5-10")
            .replacing("ISOLATED", with: "0-4,11-79")
        let (groups, report) = try assemble(
            "\(node)\n\(profile)",
            machines: ["worker1.internal": try NodeSideFiles.machine("nto_bm_worker1")])
        let group = try #require(groups.first)
        #expect(group.kubelet.memoryManagerPolicy == "Static")
        #expect(group.kubelet.cpuManagerPolicyOptions == ["full-pcpus-only": "true"])
        #expect(group.kubelet.maxPods == 250)
        #expect(!report.notes.contains { $0.reason.contains("the Node says") })
        var resources = ResourceTable()
        _ = resources.intern("hugepages-2Mi")
        let model = try NodeModel(
            machine: group.machine, settings: group.kubelet, devices: [], resources: resources)
        #expect(model.allocatable[ResourceTable.cpu.position] == 74_000)
        #expect(model.allocatable[ResourceTable.memory.position] == 195_245_132 << 10)
        #expect(model.allocatable[resources.index(of: "hugepages-2Mi")?.position ?? 0] == 256 << 20)
    }

    private func node(_ name: String, _ role: String, _ more: String = "") -> String {
        """
        ---
        apiVersion: v1
        kind: Node
        metadata: {name: \(name), labels: {node-role.kubernetes.io/\(role): ""}}
        status:
          capacity: {cpu: 8, memory: 8Gi, pods: 50\(more)}
          allocatable: {cpu: 7, memory: 7Gi, pods: 50\(more)}

        """
    }

    private func kubelet(_ role: String?, _ policy: String) -> String {
        guard let role else {
            return """
                ---
                {apiVersion: kubelet.config.k8s.io/v1beta1, kind: KubeletConfiguration, topologyManagerPolicy: \(policy)}

                """
        }
        return """
            ---
            apiVersion: machineconfiguration.openshift.io/v1
            kind: KubeletConfig
            metadata: {name: \(role)}
            spec:
              machineConfigPoolSelector: {matchLabels: {machineconfiguration.openshift.io/role: \(role)}}
              kubeletConfig: {topologyManagerPolicy: \(policy)}

            """
    }

    @Test func `each group has the configuration of its role, else that of all`() throws {
        let (groups, report) = try assemble(
            node("a", "worker") + node("b", "worker-cnf") + node("c", "master")
                + kubelet(nil, "best-effort") + kubelet("worker-cnf", "restricted")
                + kubelet("master", "single-numa-node"))
        #expect(
            groups.map(\.kubelet.topologyManagerPolicy) == [
                "best-effort", "restricted", "single-numa-node",
            ])
        #expect(groups.allSatisfy { $0.kubelet.maxPods == 50 })
        // None of them reserves what the Nodes say.
        #expect(report.notes.count { $0.reason.contains("the Node says") } == 6)
    }

    @Test func `a profile that does not fit a guessed machine is told and left aside`() throws {
        let (groups, report) = try assemble(
            node("a", "worker-cnf")
                + profile.replacing("RESERVED", with: "0-1").replacing("ISOLATED", with: "2-79"))
        #expect(groups[0].kubelet.topologyManagerPolicy == "none")
        #expect(
            report.notes.contains {
                $0.outcome == .dropped && $0.reason.contains("does not fit the guessed machine")
            })
        let (fitting, _) = try assemble(
            node("a", "worker-cnf")
                + profile.replacing("RESERVED", with: "'0'").replacing("ISOLATED", with: "1-7"))
        #expect(fitting[0].kubelet.topologyManagerPolicy == "single-numa-node")
        #expect(fitting[0].machine.totalHugePages == [.init(pageSize: 2 << 20, count: 128)])
    }

    @Test func `pools tell where devices are, the Node how many`() throws {
        let policies = ["vf_n0", "few_n0", "new_n0"].map { name in
            """
            ---
            apiVersion: sriovnetwork.openshift.io/v1
            kind: SriovNetworkNodePolicy
            metadata: {name: p-\(name.prefix(2))}
            spec: {resourceName: \(name), numVfs: 4, nicSelector: {pfNames: [\(name.prefix(2))]}}

            """
        }.joined()
        let (groups, _) = try assemble(
            node("a", "worker", ", openshift.io/vf_n0: 4, openshift.io/few_n0: 2") + policies)
        let devices = groups[0].devices
        #expect(
            devices.map(\.name) == [
                "openshift.io/few_n0", "openshift.io/vf_n0", "openshift.io/new_n0",
            ])
        #expect(devices.map { $0.devices.count } == [2, 4, 4])
        #expect(devices.map { $0.devices[0].numaNodes } == [nil, [0], [0]])
    }
}
