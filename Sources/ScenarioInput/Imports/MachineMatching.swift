import HardwareModel
import Primitives
import WorkloadModel

/// Finds the machine of each Node among the described ones.
struct MachineMatching {
    private(set) var report = ImportReport()
    private(set) var mistakes: [Diagnostic] = []
    private let candidates: [ImportMaterial.MachineSourceFile]
    private var used: Set<Int> = []
    /// Those whose own report was added.
    private var told: Set<Int> = []

    init(_ candidates: [ImportMaterial.MachineSourceFile]) { self.candidates = candidates }

    /// Machines by node name; what no Node has is reported as dropped.
    ///
    /// By what `--machine` says, then by the names of file and machine, then by the name of a file with one Node in
    /// it, then as many CPUs and about as much memory.
    mutating func match(_ nodes: [NodeObject]) -> [String: Machine] {
        var machines: [String: Machine] = [:]
        var counts: [String: Int] = [:]
        for node in nodes { counts[node.file, default: 0] += 1 }
        tellUnknownNodes(nodes)
        for node in nodes {
            let isAlone = counts[node.file] == 1
            let fitting = candidates.indices.filter {
                names(candidates[$0], node, isAloneInFile: isAlone)
            }
            if let best = choose(fitting, node) { machines[node.name] = best }
        }
        for node in nodes where machines[node.name] == nil {
            let alike = candidates.indices.first {
                candidates[$0].node == nil && (candidates[$0].isForAll || !used.contains($0))
                    && isAlike(candidates[$0].imported.machine, node)
            }
            guard let alike else { continue }
            used.insert(alike)
            if told.insert(alike).inserted { report.append(candidates[alike].imported.report) }
            machines[node.name] = withPages(of: node, candidates[alike].imported)
            report.guessed(
                "Node \(node.name)",
                "its machine is that of `\(candidates[alike].path)`, which has as many CPUs and as "
                    + "much memory", file: node.file, line: node.line)
        }
        for index in candidates.indices where !used.contains(index) {
            report.dropped(
                "machine \(candidates[index].imported.machine.name)",
                "no Node is called like it or has as many CPUs and as much memory; "
                    + "`--machine NODE=FILE` says whose it is", file: candidates[index].path)
        }
        return machines
    }

    private mutating func tellUnknownNodes(_ nodes: [NodeObject]) {
        let known = nodes.map(\.name)
        for candidate in candidates {
            guard let name = candidate.node, !known.contains(name) else { continue }
            mistakes.append(
                Diagnostic(
                    file: candidate.path, message: "no Node is called `\(name)`",
                    hint: suggestion(for: name, among: known, called: "nodes")))
        }
    }

    private func names(
        _ candidate: ImportMaterial.MachineSourceFile, _ node: NodeObject, isAloneInFile: Bool
    ) -> Bool {
        if let own = candidate.node { return own == node.name }
        if candidate.isForAll { return false }
        let short = node.name.split(separator: ".").first.map(String.init) ?? node.name
        let names = candidate.names
        if names.contains(node.name) || names.contains(short) { return true }
        return isAloneInFile && !names.isDisjoint(with: nameVariants(of: node.file))
    }

    /// The source that says most; others are compared with it.
    private mutating func choose(_ fitting: [Int], _ node: NodeObject) -> Machine? {
        used.formUnion(fitting)
        let best = fitting.min { left, right in
            let counts = [left, right].map { candidates[$0].imported.unstated.count }
            return (counts[0], left) < (counts[1], right)
        }
        guard let best else { return nil }
        let chosen = candidates[best]
        if told.insert(best).inserted { report.append(chosen.imported.report) }
        report.taken("Node \(node.name)", "its machine from `\(chosen.path)`", file: chosen.path)
        for other in fitting where other != best {
            let comparison = MachineComparison([
                MachineStatement(of: chosen.imported, source: chosen.path),
                MachineStatement(of: candidates[other].imported, source: candidates[other].path),
            ])
            if comparison.differences.isEmpty {
                report.taken(
                    "Node \(node.name)",
                    "`\(candidates[other].path)` agrees with it in \(comparison.agreements.count) "
                        + "facts", file: candidates[other].path)
            }
            for row in comparison.differences {
                report.dropped("Node \(node.name)", "\(row)", file: candidates[other].path)
            }
        }
        return withPages(of: node, chosen.imported)
    }

    /// Huge pages that the Node has and the source says nothing of: an equal part on each NUMA node.
    private mutating func withPages(of node: NodeObject, _ imported: ImportedMachine) -> Machine {
        guard imported.unstated.contains(.hugePages) else { return imported.machine }
        var machine = imported.machine
        for entry in node.capacity.entries where entry.amount > 0 {
            guard let size = ResourceTable.hugePageSize(ofResource: entry.name), size > 0 else {
                continue
            }
            let parts = evenly(entry.amount / size, over: machine.numaNodes.count)
            for (position, count) in parts.enumerated() where count > 0 {
                machine.numaNodes[position].hugePages.append(
                    HugePagePool(pageSize: size, count: count))
            }
            report.guessed(
                "Node \(node.name)",
                "its `\(entry.name)` are spread evenly over the NUMA nodes, as its machine's source "
                    + "does not say where they are", file: node.file, line: node.line)
        }
        // More pages than memory on some NUMA node: without them, as the source has it.
        return machine.validate().isEmpty ? machine : imported.machine
    }

    private func isAlike(_ machine: Machine, _ node: NodeObject) -> Bool {
        let memory = node.capacity["memory"] ?? 0
        return Int64(machine.cpus.count) * 1000 == node.capacity["cpu"]
            && (memory - machine.totalMemory).magnitude <= memory.magnitude / 64
    }
}
