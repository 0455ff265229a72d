import HardwareModel
import NodeManagers
import Primitives
import ScenarioInput
import TestSupport
import Testing

/// What a kubelet publishes on a real machine, against the Node object of that machine.
@Suite(.enabled(if: SharedFolder.isPresent))
struct AllocatableTests {
    private func model(_ machine: Machine, _ settings: KubeletSettings) throws -> NodeModel {
        var resources = ResourceTable()
        for node in machine.numaNodes {
            for pool in node.hugePages {
                _ = resources.intern(ResourceTable.hugePageResource(ofSize: pool.pageSize))
            }
        }
        return try NodeModel(
            machine: machine, settings: settings, devices: [], resources: resources)
    }

    private func compare(_ model: NodeModel, with node: NodeObject) throws {
        let resources = model.resources
        for (amounts, values, what) in [
            (node.capacity, model.capacity, "capacity"),
            (node.allocatable, model.allocatable, "allocatable"),
        ] {
            for name in ["cpu", "memory", "hugepages-2Mi", "hugepages-1Gi"] {
                let said = amounts[name] ?? 0
                let own = resources.index(of: name).map { values[$0.position] } ?? 0
                #expect(own == said, "\(node.name): \(what) of \(name)")
            }
        }
    }

    private let reservations = """
        apiVersion: kubelet.config.k8s.io/v1beta1
        kind: KubeletConfiguration
        reservedSystemCPUs: 5-10
        kubeReserved: {memory: 500Mi}
        systemReserved: {memory: 500Mi}
        evictionHard: {memory.available: 100Mi}
        maxPods: 250
        """

    /// The operator's defaults on the machine, beside the reservation that the kernel's command line tells.
    ///
    /// The dump of the machine and its Node are of two boots: the kernel found 12 KiB more in the dump (MemTotal
    /// 196633688 kB) than it had told the Node. What is set aside is equal to the byte, and so is allocatable on the
    /// machine with the memory that the Node has.
    @Test func `the allocatable of nto_bm_worker1 follows from its reservations`() throws {
        let (objects, _) = try NodeSideFiles.read("nodes/nto_bm_worker1.node.yaml")
        let node = try #require(objects.nodes.first)
        var machine = try NodeSideFiles.machine("nto_bm_worker1")
        let (sources, _) = try readKubeletSources(Array(reservations.utf8), file: "kubelet.yaml")
        let settings = try #require(sources.first?.settings)
        let dumped = try model(machine, settings)
        let memory = ResourceTable.memory.position
        let capacity = try #require(node.capacity["memory"])
        let allocatable = try #require(node.allocatable["memory"])
        #expect(dumped.allocatable[ResourceTable.cpu.position] == 74_000)
        #expect(
            dumped.capacity[memory] - dumped.allocatable[memory] == capacity - allocatable)
        #expect(capacity - allocatable == (256 + 1100) << 20)
        #expect(dumped.capacity[memory] - capacity == 12 << 10)
        #expect(dumped.maxPods == node.allocatable["pods"])

        machine.numaNodes[1].memory -= 12 << 10
        try compare(try model(machine, settings), with: node)
    }

    /// A group of the Node alone publishes what the Node says, whatever its machine is guessed to be.
    @Test(arguments: [
        "nto_bm_worker1.node.yaml", "nto_bm_master.node.yaml", "pao_bm_master1.node.yaml",
        "pao_bm_worker2.node.yaml", "opensim_gpushare_pai-node-00.yaml",
        "certsuite_claim_observability.json", "opensim_demo_1_worker-1.yaml",
    ])
    func `a node group publishes the allocatable of its Nodes`(_ file: String) throws {
        let (objects, _) = try NodeSideFiles.read("nodes/\(file)")
        var report = ImportReport()
        for group in try groupNodes(objects.nodes, report: &report) {
            let own = try model(group.machine, group.kubelet)
            let members = objects.nodes.filter { group.nodeNames.contains($0.name) }
            for node in members { try compare(own, with: node) }
        }
    }

    @Test func `a described machine gives the same allocatable as a guessed one`() throws {
        let (objects, _) = try NodeSideFiles.read("nodes/nto_bm_worker1.node.yaml")
        var knowledge = NodeKnowledge()
        knowledge.machines["worker1.internal"] = try NodeSideFiles.machine("nto_bm_worker1")
        var report = ImportReport()
        let group = try #require(
            try groupNodes(objects.nodes, knowing: knowledge, report: &report).first)
        #expect(group.name == "worker-cnf" && !group.isMachineGuessed)
        // The kernel's command line names the CPUs.
        #expect("\(group.kubelet.reservedSystemCPUs)" == "5-10")
        try compare(try model(group.machine, group.kubelet), with: objects.nodes[0])
    }
}
