import Primitives

// What must hold of a machine before anything is simulated on it. Each mistake is one sentence without a full
// stop, so that it can stand behind a file's name and line.

extension Machine {
    /// Most CPUs of one machine.
    public static let cpuLimit = 1024
    /// Most NUMA nodes of one machine.
    public static let numaNodeLimit = 64
    /// The highest OS indices that Linux can give (NR_CPUS and MAX_NUMNODES): texts that go by bit would be endless.
    public static let highestCPU = 8191
    public static let highestNUMANode = 1023
    /// Far above ACPI's 255, and small enough that sums of distances fit.
    public static let highestDistance = 1_000_000
    /// The kernel keeps numbers of sockets, dies and cores as 32-bit integers.
    public static let highestPart = Int(Int32.max)

    /// Every inconsistency of the machine, one clear sentence each; empty for a machine that can exist.
    ///
    /// Limits of the kubelet are not mistakes of the machine: see `kubeletProblems()`.
    public func validate() -> [String] {
        var mistakes = MachineMistakes()
        mistakes.checkSizes(of: self)
        mistakes.checkOSIndices(of: self)
        mistakes.checkMemory(of: self)
        mistakes.checkPositions(of: self)
        mistakes.checkContainment(of: self)
        mistakes.checkDistances(of: self)
        mistakes.checkDevices(of: self)
        return mistakes.sentences
    }

    /// Why a kubelet cannot manage this machine, one sentence each; empty when it can.
    ///
    /// The kubelet's NUMA sets are 64-bit masks (bitmask.go refuses bits past 63), and our CPU sets hold 1,024
    /// CPUs as the kernel's default `cpu_set_t` does.
    public func kubeletProblems() -> [String] {
        var problems: [String] = []
        let highNodes = numaNodes.map(\.osIndex).filter { $0 > 63 }.sorted()
        if !highNodes.isEmpty {
            problems.append(
                "a kubelet knows NUMA nodes by OS indices 0 to 63, and this machine has NUMA node"
                    + (highNodes.count == 1 ? " " : "s ") + listFormat(of: highNodes))
        }
        let highCPUs = cpus.map(\.osIndex).filter { $0 >= CPUSet.capacity }.sorted()
        if !highCPUs.isEmpty {
            problems.append(
                "CPU sets hold OS indices 0 to 1023, and this machine has CPU"
                    + (highCPUs.count == 1 ? " " : "s ") + listFormat(of: highCPUs))
        }
        if numaNodes.isEmpty {
            problems.append("a kubelet needs at least one NUMA node, and this machine has none")
        } else {
            let homeless = cpus.filter { $0.numaNode == nil }.map(\.osIndex).sorted()
            if !homeless.isEmpty {
                problems.append(
                    "a kubelet finds CPUs through their NUMA node, and CPU"
                        + (homeless.count == 1 ? " " : "s ") + listFormat(of: homeless)
                        + (homeless.count == 1 ? " is" : " are") + " on none")
            }
        }
        return problems
    }
}

/// The sentences found so far; one kind of check a function.
private struct MachineMistakes {
    var sentences: [String] = []

    mutating func add(_ sentence: String) { sentences.append(sentence) }

    mutating func checkSizes(of machine: Machine) {
        if machine.cpus.isEmpty { add("the machine has no CPU") }
        if machine.cpus.count > Machine.cpuLimit {
            add("the machine has \(machine.cpus.count) CPUs, and the limit is \(Machine.cpuLimit)")
        }
        if machine.numaNodes.count > Machine.numaNodeLimit {
            add(
                "the machine has \(machine.numaNodes.count) NUMA nodes, and the limit is "
                    + "\(Machine.numaNodeLimit)")
        }
    }

    mutating func checkOSIndices(of machine: Machine) {
        checkUnique(machine.sockets.map(\.osIndex), "socket")
        checkUnique(machine.numaNodes.map(\.osIndex), "NUMA node")
        checkUnique(machine.cpus.map(\.osIndex), "CPU")
        checkHighest(machine.numaNodes.map(\.osIndex), "NUMA node", Machine.highestNUMANode)
        checkHighest(machine.cpus.map(\.osIndex), "CPU", Machine.highestCPU)
        checkHighest(machine.sockets.map(\.osIndex), "socket", Machine.highestPart)
        checkHighest(machine.dies.map(\.osIndex), "die", Machine.highestPart)
        checkHighest(machine.cores.map(\.osIndex), "core", Machine.highestPart)
        for socket in machine.sockets.indices {
            checkUnique(
                machine.dies.filter { $0.socket == socket }.map(\.osIndex),
                "die", of: "socket \(machine.sockets[socket].osIndex)")
        }
        for core in machine.cores where core.osIndex < 0 {
            add("a core has the OS index \(core.osIndex), and OS indices are never negative")
        }
    }

    private mutating func checkHighest(_ indices: [Int], _ what: String, _ highest: Int) {
        guard let index = indices.max(), index > highest else { return }
        add("a \(what) has the OS index \(index), and Linux' last is \(highest)")
    }

    private mutating func checkUnique(_ indices: [Int], _ what: String, of owner: String = "") {
        let whole = owner.isEmpty ? "" : " of \(owner)"
        var previous: (index: Int, count: Int)?
        for index in indices.sorted() {
            if index < 0 {
                add(
                    "a \(what)\(whole) has the OS index \(index), and OS indices are never negative"
                )
            }
            if previous?.index == index {
                previous?.count += 1
                // One sentence however many share it.
                if previous?.count == 2 { add("two \(what)s\(whole) have the OS index \(index)") }
            } else {
                previous = (index, 1)
            }
        }
    }

    mutating func checkMemory(of machine: Machine) {
        var total: Int64 = 0
        var hasOverflow = false
        for node in machine.numaNodes {
            let name = "NUMA node \(node.osIndex)"
            if node.memory < 0 { add("\(name) has negative memory: \(node.memory) bytes") }
            let (sum, overflow) = total.addingReportingOverflow(max(0, node.memory))
            total = sum
            hasOverflow = hasOverflow || overflow
            checkHugePages(of: node, name)
        }
        if hasOverflow { add("the NUMA nodes together have more memory than 2^63 - 1 bytes") }
        for cache in machine.uncoreCaches where cache.size < 0 {
            add("an uncore cache has the negative size \(cache.size)")
        }
    }

    private mutating func checkHugePages(of node: NUMANode, _ name: String) {
        var bytes: Int64 = 0
        var hasOverflow = false
        var isWellFormed = true
        var sizes: [Int64] = []
        for pool in node.hugePages {
            if pool.pageSize <= 0 || pool.pageSize & (pool.pageSize - 1) != 0 {
                add("\(name) has huge pages of \(pool.pageSize) bytes, which is not a power of two")
                isWellFormed = false
                continue
            }
            let size = pageSizeName(pool.pageSize)
            if sizes.contains(pool.pageSize) {
                add("\(name) has more than one pool of \(size) pages")
            }
            sizes.append(pool.pageSize)
            if pool.count < 0 {
                add("\(name) has a negative number of \(size) pages: \(pool.count)")
                isWellFormed = false
                continue
            }
            let (product, tooMany) = pool.pageSize.multipliedReportingOverflow(by: pool.count)
            let (sum, tooMuch) = bytes.addingReportingOverflow(product)
            bytes = sum
            hasOverflow = hasOverflow || tooMany || tooMuch
        }
        if hasOverflow {
            add("the huge pages of \(name) are more than 2^63 - 1 bytes")
        } else if isWellFormed, node.memory >= 0, bytes > node.memory {
            let pools = node.hugePages.filter { $0.count > 0 }
                .map { "\($0.count) × \(pageSizeName($0.pageSize))" }.joined(separator: " and ")
            add(
                "the huge pages of \(name) (\(pools)) are \(bytes) bytes, more than its "
                    + "\(node.memory) bytes of memory")
        }
    }

    /// Positions are our own numbers, so these say which part is broken and how many there are.
    mutating func checkPositions(of machine: Machine) {
        func isDangling(_ position: Int?, _ count: Int) -> Bool {
            position.map { $0 < 0 || $0 >= count } ?? false
        }
        for die in machine.dies where isDangling(die.socket, machine.sockets.count) {
            add("die \(die.osIndex) is in a socket that the machine does not have")
        }
        for core in machine.cores where isDangling(core.socket, machine.sockets.count) {
            add("core \(core.osIndex) is in a socket that the machine does not have")
        }
        for node in machine.numaNodes where isDangling(node.socket, machine.sockets.count) {
            add("NUMA node \(node.osIndex) is in a socket that the machine does not have")
        }
        for cpu in machine.cpus {
            let missing = [
                isDangling(cpu.core, machine.cores.count) ? "a core" : nil,
                isDangling(cpu.socket, machine.sockets.count) ? "a socket" : nil,
                isDangling(cpu.die, machine.dies.count) ? "a die" : nil,
                isDangling(cpu.numaNode, machine.numaNodes.count) ? "a NUMA node" : nil,
                isDangling(cpu.uncoreCache, machine.uncoreCaches.count) ? "an uncore cache" : nil,
            ].compactMap(\.self)
            if !missing.isEmpty {
                add(
                    "CPU \(cpu.osIndex) is in \(missing.joined(separator: " and ")) that the "
                        + "machine does not have")
            }
        }
    }

    /// Whether what lies inside something lies inside all that is around it.
    mutating func checkContainment(of machine: Machine) {
        var members = [[CPU]](repeating: [], count: machine.cores.count)
        for cpu in machine.cpus where machine.cores.indices.contains(cpu.core) {
            members[cpu.core].append(cpu)
        }
        for (core, cpus) in zip(machine.cores, members) { checkCore(core, cpus, of: machine) }
        for cpu in machine.cpus {
            if let die = cpu.die, machine.dies.indices.contains(die),
                machine.dies[die].socket != cpu.socket
            {
                add(
                    "CPU \(cpu.osIndex) is in \(socketName(cpu.socket, machine)) but its die is in "
                        + socketName(machine.dies[die].socket, machine))
            }
            if let position = cpu.numaNode, machine.numaNodes.indices.contains(position),
                let socket = machine.numaNodes[position].socket, socket != cpu.socket
            {
                add(
                    "CPU \(cpu.osIndex) is in \(socketName(cpu.socket, machine)) but its NUMA node "
                        + "\(machine.numaNodes[position].osIndex) is in "
                        + socketName(socket, machine))
            }
        }
    }

    private mutating func checkCore(_ core: Core, _ cpus: [CPU], of machine: Machine) {
        let name = "core \(core.osIndex) of \(socketName(core.socket, machine))"
        guard let first = cpus.first else {
            add("\(name) has no CPU")
            return
        }
        let list = "CPUs \(listFormat(of: cpus.map(\.osIndex).sorted()))"
        if let other = cpus.first(where: { $0.socket != core.socket }) {
            add(
                "\(name) spans sockets: CPU \(other.osIndex) is in "
                    + socketName(other.socket, machine))
        }
        // The kernel calls such siblings insane (smpboot.c, topology_sane) and no real core is like it.
        if let other = cpus.first(where: { $0.numaNode != first.numaNode }) {
            add(
                "\(name) spans NUMA nodes: of its \(list), CPU \(first.osIndex) is on "
                    + nodeName(first.numaNode, machine) + " and CPU \(other.osIndex) on "
                    + nodeName(other.numaNode, machine))
        }
        if cpus.contains(where: { $0.uncoreCache != first.uncoreCache }) {
            add("\(name) spans uncore caches: its \(list) do not share one")
        }
    }

    mutating func checkDistances(of machine: Machine) {
        guard let distances = machine.distances else { return }
        if distances.count != machine.numaNodes.count {
            add(
                "the distance table is for \(distances.count) NUMA nodes, and the machine has "
                    + "\(machine.numaNodes.count)")
        }
        // Real tables stray from ACPI's rules (10 on the diagonal, symmetric, at most 255), so only what could
        // not be a distance is refused.
        if let bad = distances.values.first(where: { $0 <= 0 }) {
            add("the distance table has \(bad), and distances are above 0")
        }
        if let bad = distances.values.first(where: { $0 > Machine.highestDistance }) {
            add(
                "the distance table has \(bad), and the highest distance is \(Machine.highestDistance)"
            )
        }
    }

    mutating func checkDevices(of machine: Machine) {
        for device in machine.devices {
            for node in device.numaNodes where machine.numaNode(withOSIndex: node) == nil {
                add(
                    "device `\(device.name)` is local to NUMA node \(node), which the machine does "
                        + "not have")
            }
        }
    }
}

private func socketName(_ position: Int, _ machine: Machine) -> String {
    machine.sockets.indices.contains(position)
        ? "socket \(machine.sockets[position].osIndex)" : "no socket"
}

private func nodeName(_ position: Int?, _ machine: Machine) -> String {
    guard let position, machine.numaNodes.indices.contains(position) else { return "none" }
    return "NUMA node \(machine.numaNodes[position].osIndex)"
}

/// `1Gi` for 1,073,741,824, as Kubernetes spells it in `hugepages-1Gi`.
private func pageSizeName(_ bytes: Int64) -> String {
    String(ResourceTable.hugePageResource(ofSize: bytes).dropFirst("hugepages-".count))
}
