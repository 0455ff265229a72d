import Foundation
import HardwareModel
import ScenarioInput
import TestSupport
import Testing

/// util-linux's own dumps: what `lscpu` is expected to print of each, against our reading of the dump.
@Suite(.enabled(if: SharedFolder.isPresent))
struct LscpuDumpTests {
    static let names: [String] =
        SysfsDump.files(in: "lscpu").filter { $0.hasSuffix(".expected.txt") }
        .map { String($0.dropLast(".expected.txt".count)) }

    @Test
    func `there are dumps`() { #expect(!Self.names.isEmpty) }

    /// The first table, column by column: which CPUs share a core, a socket, an L3 cache, and on which NUMA node each is.
    @Test(arguments: names)
    func `a dump has the CPUs of lscpu's table`(_ name: String) throws {
        let table = try Table(expectedText(name))
        let machine = try machine(name)
        #expect(Set(machine.cpus.map(\.osIndex)) == Set(table.rows.map { $0[0] }))
        let byIndex = Dictionary(uniqueKeysWithValues: machine.cpus.map { ($0.osIndex, $0) })
        #expect(table.groups("Core") == groups(machine) { $0.core })
        #expect(table.groups("Socket") == groups(machine) { $0.socket })
        if table.columns.contains("L3") {
            #expect(table.groups("L3") == groups(machine) { $0.uncoreCache })
        } else {
            #expect(machine.uncoreCaches.isEmpty)
        }
        let node = try #require(table.columns.firstIndex(of: "Node"))
        for row in table.rows {
            let place = try #require(byIndex[row[0]]?.numaNode, "CPU \(row[0])")
            #expect(machine.numaNodes[place].osIndex == row[node], "CPU \(row[0])")
        }
    }

    /// The summary: counts, and the CPUs of each NUMA node as far as they are online.
    @Test(arguments: names)
    func `a dump has the counts of lscpu's summary`(_ name: String) throws {
        let summary = Self.summary(try expectedText(name))
        let machine = try machine(name)
        let online = Set(machine.cpus.map(\.osIndex))
        #expect(Self.list(summary["On-line CPU(s) list"] ?? "") == online)
        #expect(machine.numaNodes.count == Int(summary["NUMA node(s)"] ?? ""))
        for (position, node) in machine.numaNodes.enumerated() {
            let said = Self.list(summary["NUMA node\(node.osIndex) CPU(s)"] ?? "")
            let ours = machine.cpus.filter { $0.numaNode == position }.map(\.osIndex)
            // A mainframe lists CPUs that could be there, too.
            #expect(Set(ours) == said.intersection(online), "NUMA node \(node.osIndex)")
        }
        let threads = machine.cores.indices.map { core in machine.cpus.count { $0.core == core } }
        #expect(threads.max() == Int(summary["Thread(s) per core"] ?? ""))
        if let model = summary["Model name"], model != "-" {
            #expect(machine.sockets.allSatisfy { $0.model == model })
        }
        // On a mainframe the other numbers count what the hypervisor has, not what is online here.
        if summary["Socket(s)"] != nil {
            #expect(machine.sockets.count == Int(summary["Socket(s)"] ?? ""))
        }
        let caches = summary["L3 cache"].map { Self.instances($0) } ?? 0
        // Without instances it is what a mainframe says of its books, which are not in /sys.
        #expect(machine.uncoreCaches.count == (caches ?? 0))
    }

    @Test(arguments: names)
    func `lscpu's text gives the machine that the dump gives`(_ name: String) throws {
        let text = [UInt8](try expectedText(name).utf8)
        let imported = try readLscpu(lscpu: text, file: "\(name).txt")
        let (ours, theirs) = (
            TopologyFacts(of: imported.machine), TopologyFacts(of: try machine(name))
        )
        for fact in [TopologyFacts.Fact.dies, .numaNodes, .numaCPUs, .cores, .uncoreCaches] {
            #expect(ours.texts[fact] == theirs.texts[fact], "\(fact)")
        }
        // lscpu counts sockets from 0, whatever their numbers.
        #expect(groups(imported.machine) { $0.socket } == groups(try machine(name)) { $0.socket })
        #expect(imported.unstated.isSuperset(of: [.memory, .distances, .hugePages]))
        #expect(imported.report.notes.contains { $0.subject == "a second table of CPUs" })
    }

    // MARK: What lscpu prints

    struct Table {
        var columns: [String] = []
        var rows: [[Int]] = []

        init(_ text: String) {
            for line in text.split(separator: "\n") {
                if line.hasPrefix("# CPU,") {
                    if !columns.isEmpty { return }
                    columns = line.dropFirst(2).split(
                        separator: ",", omittingEmptySubsequences: false
                    ).map(String.init)
                } else if !columns.isEmpty, line.first?.isNumber == true {
                    rows.append(
                        line.split(separator: ",", omittingEmptySubsequences: false)
                            .map { Int($0) ?? -1 })
                }
            }
        }

        func groups(_ name: String) -> Set<Set<Int>> {
            guard let column = columns.firstIndex(of: name) else { return [] }
            return Set(
                Dictionary(grouping: rows) { $0[column] }.values.map { Set($0.map { $0[0] }) })
        }
    }

    private func groups(_ machine: Machine, by place: (CPU) -> Int?) -> Set<Set<Int>> {
        var groups: [Int: Set<Int>] = [:]
        for cpu in machine.cpus {
            if let place = place(cpu) { groups[place, default: []].insert(cpu.osIndex) }
        }
        return Set(groups.values)
    }

    private func machine(_ name: String) throws -> Machine {
        let dump = try #require(SysfsDump.dumps.first { $0.name == name })
        return try dump.machine().machine
    }

    private func expectedText(_ name: String) throws -> String {
        String(
            decoding: try SharedFolder.contents("data/hw/lscpu/\(name).expected.txt"),
            as: UTF8.self)
    }

    private static func summary(_ text: String) -> [String: String] {
        var summary: [String: String] = [:]
        for line in text.split(separator: "\n") {
            guard line.first != "#", let colon = line.firstIndex(of: ":") else { continue }
            summary[String(line[..<colon]).trimmingCharacters(in: .whitespaces)] =
                String(line[line.index(after: colon)...]).trimmingCharacters(in: .whitespaces)
        }
        return summary
    }

    private static func list(_ text: String) -> Set<Int> {
        var cpus: Set<Int> = []
        for part in text.split(separator: ",") {
            let ends = part.split(separator: "-").compactMap { Int($0) }
            if let first = ends.first, let last = ends.last { cpus.formUnion(first...last) }
        }
        return cpus
    }

    /// 16 of `128 MiB (16 instances)`; nil of `64 MiB`.
    private static func instances(_ text: String) -> Int? {
        text.split(separator: "(").dropFirst().first.flatMap { Int($0.prefix { $0.isNumber }) }
    }
}
