// Sums over NUMA nodes. `validate()` has refused a machine whose sums do not fit in 64 bits.

extension NUMANode {
    /// Bytes in huge pages of every size.
    public var hugePageMemory: Int64 { hugePages.reduce(0) { $0 + $1.pageSize * $1.count } }

    /// Bytes that are not in huge pages: what Kubernetes calls the resource `memory`.
    public var conventionalMemory: Int64 { memory - hugePageMemory }
}

extension Machine {
    /// Bytes of memory on all NUMA nodes, huge pages included.
    public var totalMemory: Int64 { numaNodes.reduce(0) { $0 + $1.memory } }

    /// Huge pages of all NUMA nodes, ascending by page size; a size with no page anywhere has count 0.
    public var totalHugePages: [HugePagePool] {
        var totals: [HugePagePool] = []
        for node in numaNodes {
            for pool in node.hugePages {
                if let known = totals.firstIndex(where: { $0.pageSize == pool.pageSize }) {
                    totals[known].count += pool.count
                } else {
                    totals.append(pool)
                }
            }
        }
        return totals.sorted { $0.pageSize < $1.pageSize }
    }
}
