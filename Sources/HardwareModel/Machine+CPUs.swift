public import Primitives

// Questions about a machine's CPUs, answered by one walk over `cpus`. Whoever asks often (a kubelet's managers)
// asks once per machine and keeps the sets.
//
// The sets name CPUs by OS index, and a `CPUSet` ends at 1,023: ask `kubeletProblems()` first. Asking a machine
// with a higher OS index for a set is a programmer's mistake and stops the program.

extension Machine {
    /// All online CPUs.
    ///
    /// - Complexity: O(CPUs), as for every question here.
    public var cpuSet: CPUSet { CPUSet(cpus.lazy.map(\.osIndex)) }

    /// The CPUs whose local memory is the NUMA node at `position`; empty for a node that is memory only.
    public func cpus(ofNUMANode position: Int) -> CPUSet { cpus { $0.numaNode == position } }

    /// The CPUs of the socket at `position`.
    public func cpus(ofSocket position: Int) -> CPUSet { cpus { $0.socket == position } }

    /// The CPUs of the die at `position`.
    public func cpus(ofDie position: Int) -> CPUSet { cpus { $0.die == position } }

    /// The CPUs of the core at `position`: one, or the siblings of SMT.
    public func cpus(ofCore position: Int) -> CPUSet { cpus { $0.core == position } }

    /// The CPUs that share the L3 cache at `position`.
    public func cpus(ofUncoreCache position: Int) -> CPUSet {
        cpus { $0.uncoreCache == position }
    }

    private func cpus(where belongs: (CPU) -> Bool) -> CPUSet {
        CPUSet(cpus.lazy.filter(belongs).map(\.osIndex))
    }

    /// Whether some core has more than one CPU.
    public var isSMT: Bool {
        var seen = [Bool](repeating: false, count: cores.count)
        for cpu in cpus {
            if seen[cpu.core] { return true }
            seen[cpu.core] = true
        }
        return false
    }

    /// Position in `numaNodes` of the node with the OS index, or nil.
    public func numaNode(withOSIndex osIndex: Int) -> Int? {
        numaNodes.firstIndex { $0.osIndex == osIndex }
    }

    /// Position in `cpus` of the CPU with the OS index, or nil.
    public func cpu(withOSIndex osIndex: Int) -> Int? {
        cpus.firstIndex { $0.osIndex == osIndex }
    }
}
