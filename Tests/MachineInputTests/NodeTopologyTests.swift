import HardwareModel
import ScenarioInput
import TestSupport
import Testing

/// NodeResourceTopology objects of both versions.
struct NodeTopologyTests {
    static func read(_ text: String) throws(InputError) -> [ImportedNodeTopology] {
        try readNodeTopologies(bytes: Array(text.utf8), file: "nrt.yaml")
    }

    static func object(_ zones: String, version: String = "v1alpha2") -> String {
        """
        apiVersion: topology.node.k8s.io/\(version)
        kind: NodeResourceTopology
        metadata: {name: node1}
        zones: \(zones)
        """
    }

    static let example = """
        apiVersion: topology.node.k8s.io/v1alpha2
        kind: NodeResourceTopology
        metadata: {name: worker-a}
        topologyPolicies: [RestrictedPodLevel]
        attributes:
        - {name: topologyManagerPolicy, value: single-numa-node}
        - {name: nodeTopologyPodsFingerprint, value: pfp0v001}
        zones:
        - {name: socket-1, type: Socket}
        - {name: core-9, type: Core}
        - name: node-1
          type: Node
          parent: socket-1
          costs: [{name: node-0, value: 21}, {name: node-1, value: 10}]
          resources:
          - {name: cpu, capacity: 4, allocatable: 3, available: 1}
          - {name: memory, capacity: "8Gi", allocatable: 4Gi, available: 4Gi}
          - {name: hugepages-2Mi, capacity: 512Mi, allocatable: 512Mi, available: 0}
          - {name: vendor/nic, capacity: "2", allocatable: 2, available: 2}
        - name: node-0
          type: Node
          costs: [{name: node-0, value: 10}, {name: node-1, value: 21}]
          resources:
          - {name: cpu, capacity: 2500m, allocatable: 2, available: 2}
          - {name: vendor/nic, capacity: 1, allocatable: 1, available: 1}
        """

    @Test
    func `zones become NUMA nodes with CPUs, memory, pages, distances and devices`() throws {
        let read = try #require(try Self.read(Self.example).first)
        let machine = read.machine
        #expect(machine.name == "worker-a")
        #expect(machine.numaNodes.map(\.osIndex) == [0, 1])
        #expect(OtherMachineFormatTests.cpus(machine) == ["0-2", "3-6"])
        #expect(machine.numaNodes[1].memory == 8 << 30)
        #expect(machine.numaNodes[1].hugePages == [HugePagePool(pageSize: 2 << 20, count: 256)])
        #expect(machine.numaNodes[0].memory == 64 << 30)
        #expect(machine.distances?.values == [10, 21, 21, 10])
        #expect(machine.sockets.count == 2)
        #expect(read.topologyManagerPolicy == "single-numa-node")
        #expect(read.topologyManagerScope == "pod")
        #expect(read.deviceResources.map(\.name) == ["vendor/nic"])
        #expect(
            read.deviceResources[0].devices == [
                PluginDevice(id: "node-0-0", numaNodes: [0]),
                PluginDevice(id: "node-1-0", numaNodes: [1]),
                PluginDevice(id: "node-1-1", numaNodes: [1]),
            ])
        let dropped = read.report.notes.filter { $0.outcome == .dropped }.map(\.subject)
        #expect(
            dropped == [
                "zone core-9", "allocatable and available", "attribute nodeTopologyPodsFingerprint",
            ])
        #expect(machine.validate() == [])
    }

    @Test
    func `zones of one socket share it`() throws {
        let zone = "type: Node, resources: [{name: cpu, capacity: 2}]"
        let text = Self.object(
            "[{name: s, type: Socket}, {name: d, type: Die, parent: s}, "
                + "{name: node-0, parent: s, \(zone)}, {name: node-1, parent: d, \(zone)}, "
                + "{name: node-2, \(zone)}]")
        let machine = try Self.read(text)[0].machine
        #expect(machine.cpus.map(\.socket) == [0, 0, 0, 0, 1, 1])
    }

    @Test
    func `lists and other kinds are passed over`() throws {
        let text = """
            apiVersion: v1
            kind: List
            items:
            - {apiVersion: v1, kind: Node, metadata: {name: a}}
            - apiVersion: topology.node.k8s.io/v1alpha1
              kind: NodeResourceTopology
              metadata: {name: a}
              topologyPolicies: [SingleNUMANode]
              zones: [{name: node-0, type: Node, resources: [{name: cpu, capacity: 1}]}]
            """
        let read = try Self.read(text)
        #expect(read.count == 1)
        #expect(read[0].topologyManagerPolicy == "single-numa-node")
        #expect(read[0].report.notes.contains { $0.subject == "Node" && $0.outcome == .dropped })
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        var zones: String
        var says: String
        var version = "v1alpha2"
        var testDescription: String { String(zones.prefix(60)) }
    }

    @Test(arguments: [
        Mistake(zones: "7", says: "`zones` is `7`, and a list was expected"),
        Mistake(zones: "[]", says: "no zone of type `Node`"),
        Mistake(zones: "[{name: a}]", says: "a zone without a `name` or a `type`"),
        Mistake(
            zones: "[{name: node-0, type: Node, resources: [{name: cpu, capacity: 1x}]}]",
            says: "`1x` is not a quantity"),
        Mistake(
            zones: "[{name: node-0, type: Node, resources: [{name: cpu, capacity: -1}]}]",
            says: "an amount from 0 was expected"),
        Mistake(
            zones: "[{name: node-0, type: Node, resources: [{name: cpu, capacity: 9E}]}]",
            says: "CPUs, and no machine has more than 8192"),
        Mistake(
            zones: "[{name: node-0, type: Node, resources: [{name: cpu, capacity: 1}, "
                + "{name: v/gpu, capacity: 9E}]}]", says: "devices, and at most 65536 are read"),
        Mistake(
            zones: "[{name: node-0, type: Node, resources: [{name: cpu, capacity: 1}, "
                + "{name: memory, capacity: 99E}]}]", says: "an amount from 0 was expected"),
        Mistake(
            zones: "[{name: node-0, type: Node, resources: [{name: cpu, capacity: 1}, "
                + "{name: hugepages-big, capacity: 1}]}]", says: "has no size of huge pages"),
        Mistake(
            zones: "[{name: node-0, type: Node, resources: [{name: memory, capacity: 1}]}]",
            says: "no zone has `cpu`"),
        Mistake(
            zones: "[{name: node-0, type: Node, resources: [{name: cpu, capacity: 1}]}]",
            says: "v1alpha1 and v1alpha2 can be read", version: "v1"),
    ])
    func `an object that is no machine gives one error`(_ mistake: Mistake) {
        let text = Self.object(mistake.zones, version: mistake.version)
        let error = #expect(throws: InputError.self) { try Self.read(text) }
        #expect(error?.diagnostics.count == 1, "\(error?.diagnostics.map(\.message) ?? [])")
        let message = error?.diagnostics.first?.message ?? ""
        #expect(message.contains(mistake.says), "\(message)")
    }

    @Test
    func `parents that go round end nowhere`() throws {
        let text = Self.object(
            "[{name: a, type: Die, parent: b}, {name: b, type: Die, parent: a}, "
                + "{name: node-0, type: Node, parent: a, resources: [{name: cpu, capacity: 1}]}]")
        #expect(try Self.read(text)[0].machine.sockets.count == 1)
    }

    @Test(
        .enabled(if: SharedFolder.isPresent),
        arguments: [
            ("nri-plugins_noderesourcetopology", 2, [20, 30, 30, 30]),
            ("nrt-api_crd-instance-example", 1, [20, 30, 30, 30]),
            ("scheduler-plugins_worker-node-A", 1, [4, 4]),
        ])
    func `example objects are read`(name: String, objects: Int, cpus: [Int]) throws {
        let bytes = [UInt8](try SharedFolder.contents("data/k8s/nrt/\(name).yaml"))
        let file = MachineFile(name: "\(name).yaml", bytes: bytes)
        #expect(MachineFormats.format(of: file)?.name == "NodeResourceTopology objects")
        let read = try readNodeTopologies(bytes: bytes, file: file.name)
        #expect(read.count == objects)
        for node in read {
            let counts = node.machine.numaNodes.indices.map { position in
                node.machine.cpus.count { $0.numaNode == position }
            }
            #expect(counts == cpus)
            #expect(node.topologyManagerPolicy == "single-numa-node")
            #expect(node.deviceResources.count == 2)
        }
    }
}
