import ClusterSimulation
import HardwareModel
import Primitives
import Records
import ScenarioInput
import TestSupport
import Testing
import WorkloadModel

struct NodeFeatureTests {
    private func labels(_ machine: Machine) -> [String: String] {
        var labels: [String: String] = [:]
        for label in nodeFeatureLabels(of: machine) {
            labels[label.key.replacing("feature.node.kubernetes.io/", with: "")] = label.value
        }
        return labels
    }

    @Test func `labels follow from threads, NUMA nodes and devices`() throws {
        var machine = try MachineShape(parsing: "2s1n4c2t").makeMachine(
            memoryPerNUMANode: 1 << 30)
        #expect(
            labels(machine) == ["cpu-hardware_multithreading": "true", "memory-numa": "true"])
        machine.devices = [
            Device(
                name: "gpu", pciBusID: "0000:01:00.0", pciClass: 0x0302, vendorID: 0x10de,
                deviceID: 1, numaNodes: [0]),
            Device(
                name: "nic", pciBusID: "0000:02:00.0", pciClass: 0x0200, vendorID: 0x8086,
                deviceID: 2, numaNodes: [1]),
            Device(
                name: "vf", pciBusID: "0000:02:00.1", pciClass: 0x0200, vendorID: 0x8086,
                deviceID: 3, numaNodes: [1], physicalFunction: "0000:02:00.0"),
        ]
        machine.sockets[0].model = "AMD EPYC 7502"
        #expect(
            labels(machine) == [
                "cpu-hardware_multithreading": "true", "memory-numa": "true",
                "cpu-model.vendor_id": "AMD", "pci-0302_10de.present": "true",
                "network-sriov.capable": "true", "network-sriov.configured": "true",
            ])
        let small = try MachineShape(parsing: "1s1n4c1t").makeMachine(memoryPerNUMANode: 1 << 30)
        #expect(labels(small) == ["cpu-hardware_multithreading": "false"])
        var info = NodeObject.Info()
        info.kernelVersion = "5.14.0-427.59.1.el9_4.x86_64+rt"
        let kernel = nodeFeatureLabels(of: small, info: info)
        #expect(
            kernel.first { $0.key.hasSuffix("kernel-version.minor") }?.value == "14")
    }

    @Test func `a pod that selects a feature runs where the machine has it`() throws {
        let text = """
            apiVersion: topsim/v1
            kind: Scenario
            until: 1m
            nodes:
              plain: {machine: 1s1n4c1t, nodeFeatures: true}
              threads: {machine: 1s1n4c2t, nodeFeatures: true}
              quiet: {machine: 1s1n4c2t}
            workload:
              w:
                replicas: 5
                template:
                  spec:
                    nodeSelector: {feature.node.kubernetes.io/cpu-hardware_multithreading: "true"}
                    containers: [{name: c, image: i}]
            """
        let scenario = try readScenario(
            text: text, file: "features.yaml", folder: "/",
            surroundings: ScenarioSurroundings(environment: [:])
        ).scenario
        let sink = EndCollector()
        var simulation = try Simulation(scenario: scenario, sink: sink)
        while try simulation.advance(events: 1000) {}
        simulation.finish()
        #expect(sink.nodes == [1, 1, 1, 1, 1])
    }

    @Test func `NodeFeature objects are labels of the node that they name`() throws {
        let (objects, report) = try NodeSideFiles.read(
            text: """
                apiVersion: nfd.k8s-sigs.io/v1alpha1
                kind: NodeFeature
                metadata: {name: x, labels: {nfd.node.kubernetes.io/node-name: worker-1}}
                spec:
                  labels: {cpu-cpuid.AVX512F: "true", vendor.io/nic: fast}
                  features: {flags: {cpu.cpuid: {elements: {AVX: {}}}}}
                """)
        #expect(objects.features.first?.nodeName == "worker-1")
        #expect(
            objects.features.first?.labels.map(\.key) == [
                "feature.node.kubernetes.io/cpu-cpuid.AVX512F", "vendor.io/nic",
            ])
        #expect(report.notes.contains { $0.reason.contains("raw features") })
    }
}

private final class EndCollector: RecordSink {
    var nodes: [Int] = []
    var wantsPlacements: Bool { false }
    var wantsNodeSamples: Bool { false }
    func placed(_ placement: PlacementRecord) {}
    func rejected(_ rejection: RejectionRecord) {}
    func ended(_ pod: PodRecord) { if let node = pod.node { nodes.append(node.position) } }
    func sampled(_ sample: NodeSample) {}
    func sampled(_ sample: ClusterSample) {}
}
