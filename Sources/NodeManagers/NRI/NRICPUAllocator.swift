package import Primitives

/// Picks CPUs as the allocator of nri-plugins does: whole sockets, then free cores, then threads.
///
/// All CPUs are of the class `normal`, as on machines whose base frequencies do not differ. Where sockets have several
/// uncore caches there is another step, which is not modelled. (nri-plugins 0705acc8, pkg/cpuallocator)
package struct NRICPUAllocator: Sendable {
    /// Which class of CPUs is wanted.
    package enum Priority: String, Sendable, CaseIterable {
        case none, low, normal, high
    }

    private let topology: CPUTopology

    package init(_ topology: CPUTopology) throws(PolicyError) {
        guard topology.uncores.count <= topology.sockets.count else {
            throw PolicyError(
                "nri-plugins on sockets with several uncore caches are not modelled")
        }
        self.topology = topology
    }

    /// `count` CPUs of `free`; nil when there are fewer.
    package func take(_ count: Int, from free: CPUSet, priority: Priority) -> CPUSet? {
        let available = free.count
        if available < count { return nil }
        if available == count { return free }
        var free = free
        var taken = CPUSet()
        var rest = count

        func takeWhole(_ units: [CPUTopology.Unit]) {
            let whole = units.filter { $0.cpus.isSubset(of: free) }.sorted { left, right in
                order(left.count, right.count, priority, holding: nil) ?? (left.id < right.id)
            }
            for unit in whole where unit.count <= rest {
                taken.formUnion(unit.cpus)
                free.subtract(unit.cpus)
                rest -= unit.count
            }
        }
        // A socket counts its CPUs of the wanted class, and there are none of the others.
        if priority == .none || priority == .normal { takeWhole(topology.sockets) }
        if rest > 0 { takeWhole(topology.cores) }
        if rest > 0 {
            let wanted = rest
            let threads = free.sorted { left, right in
                isBefore(left, right, free: free, taken: taken, rest: wanted, priority)
            }
            for cpu in threads.prefix(wanted) { taken.insert(cpu) }
        }
        return taken
    }

    private func isBefore(
        _ left: Int, _ right: Int, free: CPUSet, taken: CPUSet, rest: Int, _ priority: Priority
    ) -> Bool {
        let (a, b) = (Int(topology.socketOfCPU[left]), Int(topology.socketOfCPU[right]))
        if a != b {
            let (first, second) = (topology.sockets[a], topology.sockets[b])
            let (more, less) = (first.count(in: taken), second.count(in: taken))
            if more != less { return more > less }
            return order(
                first.count(in: free), second.count(in: free), priority, holding: rest) ?? (a < b)
        }
        let threads = [left, right].map {
            topology.cores[Int(topology.coreOfCPU[$0])].count(in: free)
        }
        if threads[0] != threads[1] { return threads[0] < threads[1] }
        return left < right
    }

    /// Which of two sets of that many normal CPUs is better; nil for a tie.
    private func order(
        _ left: Int, _ right: Int, _ priority: Priority, holding wanted: Int?
    ) -> Bool? {
        guard left != right else { return nil }
        switch priority {
        case .none: return nil
        case .normal: return left > right
        case .low: return left < right
        case .high:
            if let wanted {
                if left >= wanted, right >= wanted { return left < right }
                if left >= wanted || right >= wanted { return left >= wanted }
            }
            return left > right
        }
    }
}
