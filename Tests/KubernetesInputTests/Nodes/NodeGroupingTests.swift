import ClusterSimulation
import HardwareModel
import NodeManagers
import Primitives
import ScenarioInput
import Testing
import WorkloadModel

struct NodeGroupingTests {
    private func node(
        _ name: String, labels: String = "{}", spec: String = "{}", cpu: String = "8",
        allocatable: String = "7500m", more: String = "", conditions: String = "[]"
    ) -> String {
        """
        ---
        apiVersion: v1
        kind: Node
        metadata: {name: \(name), labels: \(labels)}
        spec: \(spec)
        status:
          capacity: {cpu: \(cpu), memory: 8Gi, pods: 110\(more)}
          allocatable: {cpu: \(allocatable), memory: 7Gi, pods: 110\(more)}
          conditions: \(conditions)

        """
    }

    private func groups(
        _ text: String, _ knowledge: NodeKnowledge = NodeKnowledge()
    ) throws -> [ImportedNodeGroup] {
        let (objects, _) = try NodeSideFiles.read(text: text)
        var knowledge = knowledge
        for zones in objects.zones { knowledge.zones[zones.name] = zones }
        for features in objects.features { knowledge.labels[features.nodeName] = features.labels }
        var report = ImportReport()
        return try groupNodes(objects.nodes, knowing: knowledge, report: &report)
    }

    @Test func `equal nodes share a group named after their role`() throws {
        let worker = "{node-role.kubernetes.io/worker: '', kubernetes.io/hostname: NAME}"
        let special =
            "{node-role.kubernetes.io/worker: '', node-role.kubernetes.io/Worker.CNF: ''}"
        let text =
            node("a", labels: worker.replacing("NAME", with: "a"))
            + node("b", labels: special)
            + node("c", labels: worker.replacing("NAME", with: "c"))
            + node("d", labels: worker, cpu: "16")
            + node("e", labels: "{node-role.kubernetes.io/master: ''}") + node("f")
        let found = try groups(text)
        #expect(
            found.map(\.name) == ["worker", "worker-cnf", "worker-2", "control-plane", "node"])
        #expect(found.map(\.nodeNames) == [["a", "c"], ["b"], ["d"], ["e"], ["f"]])
        #expect(found[0].machine.cpus.count == 8 && found[2].machine.cpus.count == 16)
        #expect(found[0].kubelet.kubeReserved == ["cpu": 500, "memory": 924 << 20])
        // A host name that is not the node's is a label like any other.
        #expect(!found[0].labels.contains { $0.key == "kubernetes.io/hostname" })
        #expect(found[2].labels.contains { $0.key == "kubernetes.io/hostname" })
        #expect(found[0].makeNodeGroup().nodeName(1) == "c")
    }

    @Test func `the state of a node becomes taints`() throws {
        let text =
            node(
                "a", spec: "{unschedulable: true, taints: [{key: k, value: v, effect: NoExecute}]}")
            + node("b", conditions: "[{type: Ready, status: Unknown}]")
            + node(
                "c",
                conditions:
                    "[{type: Ready, status: 'True'}, {type: MemoryPressure, status: 'True'}]")
        let taints = try groups(text).map { $0.taints.map { "\($0.key):\($0.effect.rawValue)" } }
        #expect(
            taints == [
                ["k:NoExecute", "node.kubernetes.io/unschedulable:NoSchedule"],
                [
                    "node.kubernetes.io/not-ready:NoSchedule",
                    "node.kubernetes.io/not-ready:NoExecute",
                ],
                ["node.kubernetes.io/memory-pressure:NoSchedule"],
            ])
    }

    @Test func `labels of NFD tell NUMA nodes and hardware threads`() throws {
        let labels =
            "{feature.node.kubernetes.io/memory-numa: 'true', feature.node.kubernetes.io/cpu-hardware_multithreading: 'true'}"
        let group = try #require(try groups(node("a", labels: labels)).first)
        #expect(group.machine.numaNodes.count == 2 && group.machine.isSMT)
        #expect(group.machine.cores.count == 4)
        let plain = try #require(try groups(node("a")).first)
        #expect(plain.machine.numaNodes.count == 1 && !plain.machine.isSMT)
    }

    @Test func `a NodeResourceTopology tells where CPUs, pages and devices are`() throws {
        let text =
            node("a", more: ", hugepages-1Gi: 3Gi, intel.com/vf: 3") + """
                ---
                apiVersion: topology.node.k8s.io/v1alpha2
                kind: NodeResourceTopology
                metadata: {name: a}
                zones:
                - name: node-1
                  type: Node
                  costs: [{name: node-0, value: 21}, {name: node-1, value: 10}]
                  resources:
                  - {name: cpu, capacity: 6, allocatable: 6, available: 5}
                  - {name: hugepages-1Gi, capacity: 2Gi, allocatable: 2Gi, available: 2Gi}
                  - {name: intel.com/vf, capacity: 1, allocatable: 1, available: 1}
                - name: node-0
                  type: Node
                  costs: [{name: node-0, value: 10}, {name: node-1, value: 21}]
                  resources:
                  - {name: cpu, capacity: "2", allocatable: "2", available: "1"}
                  - {name: hugepages-1Gi, capacity: 1Gi, allocatable: 1Gi, available: 1Gi}
                  - {name: intel.com/vf, capacity: 2, allocatable: 2, available: 2}
                """
        let group = try #require(try groups(text).first)
        let machine = group.machine
        #expect(machine.numaNodes.map(\.osIndex) == [0, 1])
        #expect((0...1).map { machine.cpus(ofNUMANode: $0).count } == [2, 6])
        #expect(machine.numaNodes.map { $0.hugePages.first?.count } == [1, 2])
        #expect(machine.distances?.values == [10, 21, 21, 10])
        #expect(group.devices.first?.devices.map(\.numaNodes) == [[0], [0], [1]])
        #expect(group.kubelet.kubeReserved["memory"] == nil)
    }

    @Test func `features of a node join its labels`() throws {
        let text =
            node("a", labels: "{x: mine}") + """
                ---
                apiVersion: nfd.k8s-sigs.io/v1alpha1
                kind: NodeFeature
                metadata: {name: a}
                spec: {labels: {x/x: "1", cpu-model.vendor_id: Intel}}
                """
        let group = try #require(try groups(text).first)
        #expect(
            group.labels.map(\.key) == [
                "feature.node.kubernetes.io/cpu-model.vendor_id", "x", "x/x",
            ])
    }

    @Test func `a list of nodes is opened, and its order is kept`() throws {
        let text = """
            {"apiVersion": "v1", "kind": "NodeList", "items": [
              {"metadata": {"name": "b"}, "status": {"capacity": {"cpu": "2", "memory": "1Gi"}}},
            \t{"metadata": {"name": "a"}, "status": {"capacity": {"cpu": "2", "memory": "1Gi"}}}]}
            """
        #expect(try groups(text).map(\.nodeNames) == [["b", "a"]])
    }
}
