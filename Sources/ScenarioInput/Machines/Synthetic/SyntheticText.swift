import HardwareModel

/// A regular machine as a synthetic string that hwloc 2 reads.
///
/// - Throws: One error for a machine that is not regular: parts of one level must hold equally many of the same parts
///   and equally many NUMA nodes.
func syntheticText(of machine: Machine) throws(InputError) -> String {
    let writer = SyntheticWriter(machine)
    do throws(IrregularMachine) { return try writer.text() } catch {
        throw InputError([
            Diagnostic(
                file: machine.name,
                message:
                    "not a regular machine, so no synthetic string can say it: \(error.reason)",
                hint: "hwloc XML can say any machine: `--format hwloc`")
        ])
    }
}

private struct IrregularMachine: Error {
    var reason: String
}

private struct SyntheticWriter {
    let machine: Machine
    let tree: MachineTree

    init(_ machine: Machine) {
        self.machine = machine
        tree = MachineTree(machine)
    }

    func text() throws(IrregularMachine) -> String {
        if let name = tree.crossing.first {
            throw IrregularMachine(reason: "\(name) is partly inside another part")
        }
        guard !machine.cpus.isEmpty else { throw IrregularMachine(reason: "it has no CPU") }
        var words: [String] = []
        var level = [0]
        var writesNumbers = true
        while true {
            let first = tree.nodes[level[0]]
            try check(level, like: first)
            let children = level.flatMap { tree.nodes[$0].children }
            if level[0] > 0 {
                let around = first.parent.map { tree.nodes[$0].children.count } ?? 1
                words.append("\(type(of: first.part)):\(around)\(attributes(of: level))")
            }
            for node in first.memory {
                words.append(attached(node, numbers: writesNumbers ? memoryNumbers() : nil))
                writesNumbers = false
            }
            if children.isEmpty { return words.joined(separator: " ") }
            level = children
        }
    }

    private func check(_ level: [Int], like first: MachineTree.Node) throws(IrregularMachine) {
        for node in level.map({ tree.nodes[$0] }) {
            let names = "\(tree.name(of: first)) and \(tree.name(of: node))"
            if node.part != first.part {
                throw IrregularMachine(reason: "\(names) are at the same depth")
            }
            if node.children.count != first.children.count {
                throw IrregularMachine(
                    reason: "\(names) have \(first.children.count) and \(node.children.count) "
                        + "parts")
            }
            if node.memory.count != first.memory.count {
                throw IrregularMachine(
                    reason: "\(names) have \(first.memory.count) and \(node.memory.count) NUMA "
                        + "nodes")
            }
        }
    }

    private func type(of part: MachineTree.Part) -> String {
        switch part {
        case .machine: "Machine"
        case .socket: "Package"
        case .die: "Die"
        case .group: "Group"
        case .uncoreCache: "L3Cache"
        case .core: "Core"
        case .cpu: "PU"
        }
    }

    private func attributes(of level: [Int]) -> String {
        var words: [String] = []
        let nodes = level.map { tree.nodes[$0] }
        let numbers: [Int]
        switch nodes[0].part {
        case .machine, .group: numbers = []
        case .uncoreCache:
            numbers = []
            let size = machine.uncoreCaches[nodes[0].position].size
            if size != 0 { words.append("size=\(size)") }
        case .socket: numbers = nodes.map { machine.sockets[$0.position].osIndex }
        case .die: numbers = nodes.map { machine.dies[$0.position].osIndex }
        case .core: numbers = nodes.map { machine.cores[$0.position].osIndex }
        case .cpu: numbers = nodes.map { machine.cpus[$0.position].osIndex }
        }
        if let indexes = indexes(numbers) { words.append(indexes) }
        return words.isEmpty ? "" : "(\(words.joined(separator: " ")))"
    }

    private func attached(_ node: Int, numbers: [Int]?) -> String {
        var words: [String] = []
        let memory = machine.numaNodes[node].memory
        if memory != 0 { words.append("memory=\(memory)") }
        if let numbers, let indexes = indexes(numbers) { words.append(indexes) }
        return words.isEmpty ? "[NUMANode]" : "[NUMANode(\(words.joined(separator: " ")))]"
    }

    /// OS indices of NUMA nodes in the order in which hwloc makes them: what is inside comes first.
    private func memoryNumbers() -> [Int] {
        var numbers: [Int] = []
        func visit(_ index: Int) {
            for child in tree.nodes[index].children { visit(child) }
            numbers += tree.nodes[index].memory.map { machine.numaNodes[$0].osIndex }
        }
        visit(0)
        return numbers
    }
}

/// `indexes=` with loops where they fit, else with every number; nil when parts are numbered in their own order.
private func indexes(_ numbers: [Int]) -> String? {
    if numbers == Array(numbers.indices) { return nil }
    if let loops = loops(numbers) {
        return "indexes=" + loops.map { "\($0.step)*\($0.count)" }.joined(separator: ":")
    }
    return "indexes=" + numbers.map(String.init).joined(separator: ",")
}

/// The loops that make just these numbers, the fastest first; nil when none do.
private func loops(_ numbers: [Int]) -> [SyntheticIndexes.Loop]? {
    guard numbers.first == 0 else { return nil }
    var loops: [SyntheticIndexes.Loop] = []
    var done = 1
    while done < numbers.count {
        guard numbers.count % done == 0, let step = numbers.firstIndex(of: done) else {
            return nil
        }
        var count = 1
        while step * count < numbers.count, numbers[step * count] == done * count { count += 1 }
        guard count > 1 else { return nil }
        loops.append(.init(step: step, count: count))
        let (product, overflow) = done.multipliedReportingOverflow(by: count)
        guard !overflow else { return nil }
        done = product
    }
    var made = [Int](repeating: 0, count: numbers.count)
    var factor = 1
    for loop in loops {
        for part in made.indices { made[part] += part / loop.step % loop.count * factor }
        factor *= loop.count
    }
    return made == numbers ? loops : nil
}
