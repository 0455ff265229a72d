/// Which nodes a reservation keeps out of use until its pod is bound.
///
/// Source: scheduler-plugins pkg/noderesourcetopology/cache/discardreserved.go.
package struct DiscardReservedCache: Sendable {
    /// Pods that hold each node, by the caller's numbers.
    package private(set) var holders: [[UInt32]]

    package init(nodeCount: Int) { holders = Array(repeating: [], count: nodeCount) }

    mutating func addNode() { holders.append([]) }

    func isDiscarded(_ node: Int) -> Bool { !holders[node].isEmpty }

    /// - Returns: whether the view changed.
    mutating func reserve(_ key: UInt32, on node: Int) -> Bool {
        guard !holders[node].contains(key) else { return false }
        holders[node].append(key)
        return holders[node].count == 1
    }

    mutating func release(_ key: UInt32, on node: Int) -> Bool {
        guard let known = holders[node].firstIndex(of: key) else { return false }
        holders[node].remove(at: known)
        return holders[node].isEmpty
    }
}
