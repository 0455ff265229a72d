public import HardwareModel
public import Primitives

extension PerformanceProfile {
    /// The machine as it is once the profile is in effect: its CPUs that are online, its huge pages.
    ///
    /// Pages with a node are there; the kernel spreads the others evenly over NUMA nodes with memory. Pools of sizes
    /// that the profile does not name stay.
    /// - Throws: CPUs and NUMA nodes that the machine does not have; more pages than memory.
    public func apply(
        to machine: Machine, report: inout ImportReport
    ) throws(InputError) -> Machine {
        var mistakes: [String] = []
        var result = machine
        let known = machine.cpuSet
        for (name, set) in [
            ("reserved", reserved), ("isolated", isolated), ("offlined", offlined),
            ("shared", shared),
        ] where !set.isSubset(of: known) {
            mistakes.append(
                "\(name) CPUs \(set.subtracting(known)) are not on the machine `\(machine.name)`, "
                    + "whose CPUs are \(known)")
        }
        if hasNoSMT { result = result.keeping(firstCPUs(of: result)) }
        result = result.keeping(result.cpuSet.subtracting(offlined))
        if mistakes.isEmpty { tellWhatIsNotCovered(result, &report) }
        addPages(to: &result, &mistakes)
        if mistakes.isEmpty { mistakes = result.validate() }
        if !mistakes.isEmpty {
            throw InputError(
                mistakes.map {
                    Diagnostic(
                        file: node.mark.file, line: node.mark.line,
                        message: "PerformanceProfile `\(name)`: \($0)")
                })
        }
        return result
    }

    /// The CPUs that the profile's lists name together.
    public var coveredCPUs: CPUSet {
        reserved.union(isolated).union(offlined).union(shared)
    }

    private func tellWhatIsNotCovered(_ machine: Machine, _ report: inout ImportReport) {
        let left = machine.cpuSet.subtracting(coveredCPUs)
        if !left.isEmpty {
            report.guessed(
                "PerformanceProfile \(name)",
                "CPUs \(left) of `\(machine.name)` are in none of its lists; a kubelet counts them "
                    + "as its own to give", file: node.mark.file, line: node.mark.line)
        }
    }

    private func addPages(to machine: inout Machine, _ mistakes: inout [String]) {
        let withMemory = machine.numaNodes.indices.filter { machine.numaNodes[$0].memory > 0 }
        for size in Set(pages.map(\.size)).sorted() {
            var counts = [Int64](repeating: 0, count: machine.numaNodes.count)
            for entry in pages where entry.size == size {
                if let numaNode = entry.numaNode {
                    guard let position = machine.numaNode(withOSIndex: numaNode) else {
                        mistakes.append(
                            "huge pages on NUMA node \(numaNode), which the machine "
                                + "`\(machine.name)` does not have")
                        continue
                    }
                    counts[position] += entry.count
                } else {
                    let parts = evenly(entry.count, over: withMemory.count)
                    for (position, part) in zip(withMemory, parts) { counts[position] += part }
                }
            }
            for position in machine.numaNodes.indices {
                var pools = machine.numaNodes[position].hugePages.filter { $0.pageSize != size }
                if counts[position] > 0 {
                    pools.append(HugePagePool(pageSize: size, count: counts[position]))
                }
                machine.numaNodes[position].hugePages = pools.sorted { $0.pageSize < $1.pageSize }
            }
        }
    }

    /// The first CPU of each core: those that a kernel without hardware threads starts.
    private func firstCPUs(of machine: Machine) -> CPUSet {
        var first = [Int?](repeating: nil, count: machine.cores.count)
        for cpu in machine.cpus {
            first[cpu.core] = min(first[cpu.core] ?? cpu.osIndex, cpu.osIndex)
        }
        return CPUSet(first.compactMap { $0 })
    }
}

extension Machine {
    /// The machine with only these CPUs online; cores, dies and caches that have none left are gone.
    func keeping(_ online: CPUSet) -> Machine {
        var result = self
        result.cpus = cpus.filter { online.contains($0.osIndex) }
        func kept(_ count: Int, _ position: (CPU) -> Int?) -> [Int?] {
            var isUsed = [Bool](repeating: false, count: count)
            for cpu in result.cpus {
                if let position = position(cpu) { isUsed[position] = true }
            }
            var next = 0
            return isUsed.map { isUsed in
                guard isUsed else { return nil }
                next += 1
                return next - 1
            }
        }
        let newCores = kept(cores.count) { $0.core }
        let newDies = kept(dies.count) { $0.die }
        let newCaches = kept(uncoreCaches.count) { $0.uncoreCache }
        result.cores = zip(cores, newCores).filter { $0.1 != nil }.map(\.0)
        result.dies = zip(dies, newDies).filter { $0.1 != nil }.map(\.0)
        result.uncoreCaches = zip(uncoreCaches, newCaches).filter { $0.1 != nil }.map(\.0)
        for index in result.cpus.indices {
            result.cpus[index].core = newCores[result.cpus[index].core] ?? 0
            result.cpus[index].die = result.cpus[index].die.flatMap { newDies[$0] }
            result.cpus[index].uncoreCache = result.cpus[index].uncoreCache
                .flatMap { newCaches[$0] }
        }
        return result
    }
}
