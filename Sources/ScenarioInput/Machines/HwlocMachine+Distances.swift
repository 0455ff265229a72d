extension HwlocMachine {
    /// Rows in the order of `numaNodes`, from the first table that covers them all; nil without one.
    func distances() -> [[Int]]? {
        for table in candidates {
            if let rows = rows(of: table) { return rows }
        }
        return nil
    }

    /// The ACPI table by its name first; 1.x tables have depths instead, and only the one at the NUMA nodes' own
    /// depth is about memory.
    private var candidates: [HwlocDistances] {
        let named = topology.distances.filter { $0.name == "NUMALatency" }
        let others = topology.distances.filter { $0.name != "NUMALatency" }
        let depth = numaNodes.first.map { topology.depth(of: $0) }
        let exact = others.filter {
            if case .logical(let own) = $0.indexing { own == depth } else { true }
        }
        // An old file whose levels are not uniform may count its depths otherwise.
        return named + exact + (exact.isEmpty && others.count == 1 ? others : [])
    }

    private func rows(of table: HwlocDistances) -> [[Int]]? {
        let places: [Int?]
        switch table.indexing {
        case .osIndex(let indexes):
            places = numaNodes.map { node in
                indexes.firstIndex { $0 == topology.objects[node].osIndex }
            }
        case .gpIndex(let indexes):
            places = numaNodes.map { node in
                indexes.firstIndex { $0 == topology.objects[node].gpIndex }
            }
        case .logical:
            guard table.count == numaNodes.count else { return nil }
            places = numaNodes.indices.map { $0 }
        }
        let known = places.compactMap(\.self)
        guard !known.isEmpty, known.count == places.count else { return nil }
        return known.map { from in known.map { table.values[from * table.count + $0] } }
    }
}
