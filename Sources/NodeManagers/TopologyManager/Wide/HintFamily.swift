/// The masks of one hint list, told by what they must meet instead of one by one.
///
/// Every list that a manager makes is of this kind: masks over some NUMA nodes whose amounts add up to a need
/// (CPUs, memory, devices), and for memory a few masks more that stand alone. With 64 NUMA nodes such a list may
/// have 2^64 masks; the family has a few numbers for each NUMA node. (docs/decisions/0003-hints-and-merge.md)
package struct HintFamily: Sendable {
    /// Masks that stay in the list when a NUMA node of the domain joins them.
    package var open: OpenMasks?
    /// Further masks of one NUMA node.
    package var singles = NUMAMask.none
    /// Further masks of several NUMA nodes, none twice.
    package var exact: [NUMAMask] = []
    /// Masks of so many NUMA nodes are preferred.
    package var preferredSize: Int
    /// Masks that are preferred whatever their size.
    package var socketRule: SocketRule?

    package init(open: OpenMasks? = nil, preferredSize: Int) {
        self.open = open
        self.preferredSize = preferredSize
    }

    package func contains(_ mask: NUMAMask) -> Bool {
        if mask.isSingle, singles.intersects(mask) { return true }
        if exact.contains(mask) { return true }
        return open?.contains(mask) ?? false
    }

    package func prefers(_ mask: NUMAMask) -> Bool {
        mask.count == preferredSize || socketRule?.matches(mask) ?? false
    }

    /// NUMA nodes that are in a mask.
    var span: NUMAMask {
        exact.reduce(singles.union(open?.domain ?? .none)) { $0.union($1) }
    }

    /// Whether the list has no mask.
    package var isEmpty: Bool {
        singles.isEmpty && exact.isEmpty && open.map { !$0.contains($0.domain) } ?? true
    }

    /// The same masks; an open part without masks is left out.
    package var trimmed: HintFamily {
        var family = self
        if let open, !open.contains(open.domain) { family.open = nil }
        return family
    }
}

/// All non-empty masks inside `domain` that contain `required`, reach every threshold and have enough devices.
package struct OpenMasks: Sendable {
    package var domain: NUMAMask
    package var required: NUMAMask
    package var thresholds: [NodeThreshold] = []
    package var coverage: [GroupCoverage] = []

    package init(domain: NUMAMask, required: NUMAMask = .none) {
        self.domain = domain
        self.required = required
    }

    package func contains(_ mask: NUMAMask) -> Bool {
        guard !mask.isEmpty, mask.isSubset(of: domain), required.isSubset(of: mask) else {
            return false
        }
        return thresholds.allSatisfy { $0.sum(mask) >= $0.need }
            && coverage.allSatisfy { $0.isMet(by: mask) }
    }

    /// Adds a threshold, unless every mask reaches it.
    package mutating func require(_ amounts: [Int64], atLeast need: Int64) {
        if need > 0 { thresholds.append(NodeThreshold(amounts: amounts, need: need)) }
    }
}

/// A sum over the NUMA nodes of a mask that must reach a need: free CPUs, free bytes, devices.
package struct NodeThreshold: Hashable, Sendable {
    /// By position; none negative. Amounts above the need count as the need.
    package var amounts: [Int64]
    package var need: Int64

    /// - Precondition: `need` above 0.
    package init(amounts: [Int64], need: Int64) {
        self.need = min(need, NodeThreshold.largest)
        self.amounts = amounts.map { [need = self.need] in min(max($0, 0), need) }
    }

    /// 64 of them fit a word. A need beyond it (64 PiB) counts as it.
    static let largest = Int64(1) << 56

    func sum(_ mask: NUMAMask) -> Int64 {
        var sum: Int64 = 0
        for node in mask { sum &+= amounts[node] }
        return sum
    }
}

/// Devices on several NUMA nodes at once: each counts when a mask meets one of them.
package struct GroupCoverage: Hashable, Sendable {
    package struct Group: Hashable, Sendable {
        package var nodes: NUMAMask
        package var count: Int
        /// A device of the group must be met.
        package var isRequired: Bool

        package init(nodes: NUMAMask, count: Int, isRequired: Bool) {
            self.nodes = nodes
            self.count = count
            self.isRequired = isRequired
        }
    }

    package var groups: [Group]
    package var need: Int

    package init(groups: [Group], need: Int) {
        self.groups = groups
        self.need = need
    }

    func isMet(by mask: NUMAMask) -> Bool {
        var total = 0
        for group in groups {
            if group.nodes.intersects(mask) {
                total += group.count
            } else if group.isRequired {
                return false
            }
        }
        return total >= need
    }

    /// Devices that `node` would add to `mask`.
    func gain(_ node: Int, to mask: NUMAMask) -> Int {
        groups.reduce(0) {
            $0 + ($1.nodes.contains(node) && !$1.nodes.intersects(mask) ? $1.count : 0)
        }
    }

    func total(_ mask: NUMAMask) -> Int {
        groups.reduce(0) { $0 + ($1.nodes.intersects(mask) ? $1.count : 0) }
    }
}

/// `align-by-socket`: masks that lie on so many sockets.
package struct SocketRule: Hashable, Sendable {
    /// The NUMA nodes of each socket.
    package var sockets: [NUMAMask]
    package var wanted: Int

    package init(sockets: [NUMAMask], wanted: Int) {
        self.sockets = sockets
        self.wanted = wanted
    }

    func count(_ mask: NUMAMask) -> Int {
        sockets.reduce(0) { $0 + ($1.intersects(mask) ? 1 : 0) }
    }

    func matches(_ mask: NUMAMask) -> Bool { count(mask) == wanted }
}
