import Primitives

/// Compares `reservedMemory` with what Node Allocatable sets aside, and spreads it over the NUMA nodes.
/// (cm/memorymanager/memory_manager.go, validateReservedMemory)
package enum ReservedMemoryCheck {
    /// Bytes set aside, by NUMA node position and then resource name.
    package static func reserved(_ setup: MemoryManagerSetup) throws(PolicyError)
        -> [[String: Int64]]
    {
        var byNode = Array(repeating: [String: Int64](), count: setup.layout.count)
        var totals: [String: Int64] = [:]
        for entry in setup.reservedMemory {
            guard let node = setup.layout.position(osIndex: entry.numaNode) else {
                throw PolicyError(
                    "the reserved memory configuration references a NUMA node \(entry.numaNode)"
                        + " that does not exist on this machine")
            }
            for (type, bytes) in entry.limits {
                byNode[node][type, default: 0] += bytes
                totals[type, default: 0] += bytes
            }
        }
        let reservation = setup.reservation.filter {
            $0.key == "memory" || $0.key.hasPrefix("hugepages-")
        }
        for type in Set(totals.keys).union(reservation.keys).sorted(by: isBefore) {
            let given = totals[type] ?? 0
            let determined = reservation[type] ?? 0
            guard given == determined else {
                throw PolicyError(
                    "the total amount \"\(binaryQuantity(given))\" of type \"\(type)\" is not equal"
                        + " to the value \"\(binaryQuantity(determined))\" determined by"
                        + " Node Allocatable feature")
            }
        }
        return byNode
    }

    /// `memory` first, then by name; the kubelet takes them in any order.
    private static func isBefore(_ left: String, _ right: String) -> Bool {
        if left == "memory" || right == "memory" { return left == "memory" && right != "memory" }
        return left < right
    }
}

/// Bytes as Kubernetes prints a binary quantity: `1636Mi`.
package func binaryQuantity(_ bytes: Int64) -> String {
    guard bytes != 0 else { return "0" }
    for (suffix, shift) in [("Ei", 60), ("Pi", 50), ("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10)]
    where bytes % (1 << shift) == 0 {
        return "\(bytes >> shift)\(suffix)"
    }
    return "\(bytes)"
}
