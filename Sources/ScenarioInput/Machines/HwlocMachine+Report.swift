import HardwareModel

extension HwlocMachine {
    /// What the file did not say, and what it said without effect.
    func tell(_ report: inout ImportReport, file: String) {
        let objects = topology.objects
        func count(_ kind: HwlocObject.Kind) -> Int { objects.count { $0.kind == kind } }
        if numaNodes.isEmpty {
            report.guessed(
                "NUMA node 0",
                "the file has none, and hwloc 2 shows one around all of such a machine", file: file)
        }
        let withoutMemory = numaNodes.filter { objects[$0].size == 0 }
        if !withoutMemory.isEmpty {
            let names = withoutMemory.compactMap { objects[$0].osIndex }.sorted()
            report.guessed(
                "NUMA nodes \(names.map(String.init).joined(separator: ", "))",
                "the file tells no memory of them, so they have none", file: file)
        }
        if count(.socket) == 0 {
            report.guessed("socket 0", "the file has no sockets: one is around all", file: file)
        }
        if count(.core) == 0 {
            report.guessed("cores", "the file has no cores: every CPU is one", file: file)
        }
        let left = count(.cpu) - cpuCount
        if left > 0 {
            report.dropped("\(left) CPUs", "they are offline, or a cgroup forbids them", file: file)
        }
        let leftNodes = count(.numaNode) - numaNodes.count
        if leftNodes > 0 {
            report.dropped("\(leftNodes) NUMA nodes", "a cgroup forbids them", file: file)
        }
        let passed = count(.group) + count(.other)
        if passed > 0 {
            report.dropped(
                "\(passed) objects", "groups, smaller caches and notes have no effect here",
                file: file)
        }
    }
}
