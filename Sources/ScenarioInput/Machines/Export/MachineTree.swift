import HardwareModel

/// The parts of a machine as one tree, for formats that nest them: sockets around dies around caches and so on.
///
/// Parts nest by their CPUs. NUMA nodes are attached to the part with just their CPUs, as hwloc does; where there is
/// none, a group is put around them.
struct MachineTree {
    enum Part: Int {
        case machine, socket, die, group, uncoreCache, core, cpu
    }

    struct Node {
        var part: Part
        /// Position in the machine's array of such parts; 0 for the machine and for groups.
        var position: Int
        /// Positions in `Machine.cpus`, ascending.
        var cpus: [Int]
        var parent: Int?
        /// In the order of their lowest CPUs, which hwloc insists on; parts without CPUs come last.
        var children: [Int] = []
        /// Positions of the NUMA nodes that are attached here, ascending.
        var memory: [Int] = []
    }

    let machine: Machine
    /// The machine is 0, and every part comes after the one around it.
    private(set) var nodes: [Node]
    /// Parts that share some CPUs with another and neither holds the other: they are not in the tree.
    private(set) var crossing: [String] = []
    /// By NUMA node: where it is attached; nil when nothing in the tree has just its CPUs.
    private(set) var home: [Int?]

    init(_ machine: Machine) {
        self.machine = machine
        nodes = [Node(part: .machine, position: 0, cpus: Array(machine.cpus.indices))]
        home = [Int?](repeating: nil, count: machine.numaNodes.count)
        insertParts()
        attachMemory()
        sortChildren()
    }

    /// What one reads of a part in messages.
    func name(of node: Node) -> String {
        switch node.part {
        case .machine: "the machine"
        case .socket: "socket \(machine.sockets[node.position].osIndex)"
        case .die: "die \(machine.dies[node.position].osIndex)"
        case .group: "a group of CPUs"
        case .uncoreCache: "an uncore cache"
        case .core: "core \(machine.cores[node.position].osIndex)"
        case .cpu: "CPU \(machine.cpus[node.position].osIndex)"
        }
    }

    private func groups(_ count: Int, _ position: (CPU) -> Int?) -> [[Int]] {
        var groups = [[Int]](repeating: [], count: count)
        for (index, cpu) in machine.cpus.enumerated() {
            if let group = position(cpu) { groups[group].append(index) }
        }
        return groups
    }

    private mutating func insertParts() {
        var parts: [Node] = []
        func add(_ part: Part, _ groups: [[Int]]) {
            for (position, cpus) in groups.enumerated() {
                parts.append(Node(part: part, position: position, cpus: cpus))
            }
        }
        add(.socket, groups(machine.sockets.count) { $0.socket })
        add(.die, groups(machine.dies.count) { $0.die })
        add(.uncoreCache, groups(machine.uncoreCaches.count) { $0.uncoreCache })
        add(.core, groups(machine.cores.count) { $0.core })
        var known = Set(parts.map(\.cpus))
        known.insert(nodes[0].cpus)
        for cpus in groups(machine.numaNodes.count, { $0.numaNode })
        where !cpus.isEmpty && known.insert(cpus).inserted {
            parts.append(Node(part: .group, position: 0, cpus: cpus))
        }
        add(.cpu, machine.cpus.indices.map { [$0] })
        // Larger parts first, so that whatever is around a part is in the tree before it.
        let order = parts.indices.sorted {
            (-parts[$0].cpus.count, parts[$0].part.rawValue, $0)
                < (-parts[$1].cpus.count, parts[$1].part.rawValue, $1)
        }
        var innermost = [Int](repeating: 0, count: machine.cpus.count)
        for index in order { insert(parts[index], &innermost) }
    }

    private mutating func insert(_ part: Node, _ innermost: inout [Int]) {
        var part = part
        let around = part.cpus.first.map { innermost[$0] } ?? 0
        guard part.cpus.allSatisfy({ innermost[$0] == around }) else {
            crossing.append(name(of: part))
            return
        }
        part.parent = around
        nodes.append(part)
        for cpu in part.cpus { innermost[cpu] = nodes.count - 1 }
    }

    private mutating func attachMemory() {
        var outermost: [[Int]: Int] = [:]
        for (index, node) in nodes.enumerated() where index > 0 && outermost[node.cpus] == nil {
            outermost[node.cpus] = index
        }
        if outermost[nodes[0].cpus] == nil { outermost[nodes[0].cpus] = 0 }
        for (position, cpus) in groups(machine.numaNodes.count, { $0.numaNode }).enumerated() {
            if cpus.isEmpty {
                let socket = machine.numaNodes[position].socket
                home[position] = nodes.firstIndex { $0.part == .socket && $0.position == socket }
            } else {
                home[position] = outermost[cpus]
            }
            nodes[home[position] ?? 0].memory.append(position)
        }
    }

    private mutating func sortChildren() {
        for index in nodes.indices.dropFirst() {
            nodes[nodes[index].parent ?? 0].children.append(index)
        }
        let lowest = nodes.map { node in node.cpus.map { machine.cpus[$0].osIndex }.min() ?? .max }
        for index in nodes.indices {
            let places = nodes[index].children.map { (lowest[$0], $0) }
            nodes[index].children = places.sorted { $0 < $1 }.map(\.1)
        }
    }
}
