import Foundation
import HardwareModel
import ScenarioInput
import Testing

/// Sources of one machine that agree, differ, or are silent.
struct MachineComparisonTests {
    private func machine(_ edit: (inout Machine) -> Void = { _ in }) throws -> Machine {
        var machine = try MachineShape(parsing: "2s1n2c2t").makeMachine(
            memoryPerNUMANode: 8 << 30,
            hugePagesPerNUMANode: [HugePagePool(pageSize: 2 << 20, count: 4)])
        machine.distances = NUMADistances(count: 2, values: [10, 20, 20, 10])
        edit(&machine)
        return machine
    }

    private func compare(
        _ edit: (inout Machine) -> Void, unstated: Set<MachineFactKind> = [], unit: Int64 = 1
    ) throws -> MachineComparison {
        MachineComparison([
            MachineStatement(of: ImportedMachine(machine: try machine()), source: "one"),
            MachineStatement(
                of: ImportedMachine(
                    machine: try machine(edit), unstated: unstated, memoryUnit: unit),
                source: "other"),
        ])
    }

    @Test
    func `a machine agrees with itself in everything`() throws {
        let comparison = try compare { _ in }
        #expect(comparison.differences.isEmpty)
        #expect(comparison.agreements.count == comparison.rows.count)
    }

    @Test
    func `each difference is named, and who says what`() throws {
        let comparison = try compare {
            $0.numaNodes[1].memory = 9 << 30
            $0.numaNodes[0].hugePages = []
            $0.distances = NUMADistances(count: 2, values: [10, 20, 31, 10])
        }
        #expect(
            comparison.differences.map(\.description) == [
                "memory: 17179869184 bytes in one, 18253611008 bytes in other",
                "memory of NUMA node 1: 8589934592 bytes in one, 9663676416 bytes in other",
                "hugepages-2Mi: 16777216 bytes in one, 8388608 bytes in other",
                "hugepages-2Mi of NUMA node 0: 8388608 bytes in one, 0 bytes in other",
                "distances of NUMA node 1: 20 10 in one, 31 10 in other",
            ])
    }

    @Test
    func `other siblings are shown without those that are alike`() throws {
        let comparison = try compare { machine in
            // CPUs 0 and 2 change places.
            (machine.cpus[0].osIndex, machine.cpus[2].osIndex) = (2, 0)
        }
        #expect(
            comparison.differences.map(\.description) == ["cores: 0-1 2-3 in one, 0,3 1-2 in other"]
        )
    }

    @Test
    func `what a source does not state is no difference`() throws {
        let comparison = try compare(
            {
                $0.numaNodes[0].hugePages = []
                $0.distances = nil
            }, unstated: [.hugePages, .distances])
        #expect(comparison.differences.isEmpty)
        let row = try #require(comparison.rows.first { $0.fact == .hugePages(size: 2 << 20) })
        #expect(row.statedCount == 1)
        #expect(row.description == "hugepages-2Mi: 16777216 bytes in one; not stated by other")
    }

    @Test
    func `memory that is rounded down agrees`() throws {
        let rounded = try compare({ $0.numaNodes[0].memory -= 1000 }, unit: 1 << 20)
        #expect(!rounded.differences.isEmpty)
        let exact = MachineComparison([
            MachineStatement(
                of: ImportedMachine(machine: try machine { $0.numaNodes[0].memory += 1000 }),
                source: "one"),
            MachineStatement(
                of: ImportedMachine(machine: try machine(), memoryUnit: 1 << 20), source: "other"),
        ])
        #expect(exact.differences.isEmpty)
    }

    static let node = """
        apiVersion: v1
        kind: Node
        metadata: {name: worker-0}
        status:
          capacity: {cpu: "8", memory: 16Gi, hugepages-2Mi: 16Mi, hugepages-1Gi: "0", pods: "250"}
          allocatable: {cpu: 7500m, memory: 15Gi, hugepages-2Mi: 16Mi}
        """

    @Test
    func `a Node's capacity is compared with a machine`() throws {
        let statements = try readNodeStatements(bytes: Array(Self.node.utf8), file: "node.yaml")
        let one = MachineStatement(of: ImportedMachine(machine: try machine()), source: "one")
        let comparison = MachineComparison([one] + statements)
        #expect(comparison.differences.isEmpty)
        #expect(
            comparison.agreements.map(\.fact.description) == [
                "number of CPUs", "memory", "hugepages-2Mi",
            ])
        let less = Self.node.replacing("cpu: \"8\"", with: "cpu: \"6\"")
        let other = MachineComparison(
            [one] + (try readNodeStatements(bytes: Array(less.utf8), file: "node.yaml")))
        #expect(
            other.differences.map(\.description) == ["number of CPUs: 8 in one, 6 in node.yaml"])
    }

    @Test
    func `a list of Nodes gives a statement for each, and other kinds are passed over`() throws {
        let list = """
            {"apiVersion": "v1", "kind": "List", "items": [
              {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}},
              {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a"},
               "status": {"capacity": {"cpu": "8", "memory": "16Gi"}}},
              {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "b"},
               "status": {"capacity": {"cpu": 4, "memory": "8Gi"}}}]}
            """
        let statements = try readNodeStatements(bytes: Array(list.utf8), file: "nodes.json")
        #expect(statements.map(\.source) == ["nodes.json#a", "nodes.json#b"])
        #expect(statements[1].facts[.cpuCount] == .text("4"))
    }

    @Test(arguments: [
        ("cpu: \"8\"", "cpu: many", "`many` is not a quantity"),
        ("memory: 16Gi", "memory: -1", "`memory` is `-1`, and it is 0 or more"),
        (
            "hugepages-1Gi", "hugepages-big",
            "`hugepages-big` names no size of a page, such as `hugepages-2Mi`"
        ),
        ("capacity:", "size:", "Node `worker-0` has no `status.capacity`"),
    ])
    func `a Node that says nonsense is refused`(old: String, new: String, says: String) {
        let text = Self.node.replacing(old, with: new)
        let error = #expect(throws: InputError.self) {
            try readNodeStatements(bytes: Array(text.utf8), file: "node.yaml")
        }
        #expect(error?.diagnostics.map(\.message) == [says])
    }
}
