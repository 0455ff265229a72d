/// The hint lists of one request, one after another in one array.
///
/// "No preference" is a list of one preferred "any" hint, an empty list ("impossible") one "any" hint that is not
/// preferred, as the kubelet's merge reads them. (cm/topologymanager/policy.go, filterProvidersHints)
package struct HintLists: Sendable {
    package private(set) var hints: [TopologyHint] = []
    /// Where each list ends.
    package private(set) var ends: [Int] = []

    package init() {}

    /// - Parameter lists: nil is "no preference", an empty list "impossible".
    package init(_ lists: [[TopologyHint]?]) {
        for list in lists { append(list) }
    }

    package var count: Int { ends.count }

    /// Adds a resource's list; nil is "no preference", an empty one "impossible".
    package mutating func append(_ list: [TopologyHint]?) {
        if let list, !list.isEmpty {
            hints += list
        } else {
            hints.append(TopologyHint(nil, isPreferred: list == nil))
        }
        ends.append(hints.count)
    }

    /// The list at `position`.
    package subscript(position: Int) -> ArraySlice<TopologyHint> {
        hints[(position == 0 ? 0 : ends[position - 1])..<ends[position]]
    }

    /// Keeps hints for which `isKept` holds.
    package func filtered(_ isKept: (TopologyHint) -> Bool) -> HintLists {
        var result = HintLists()
        for position in ends.indices {
            result.hints += self[position].filter(isKept)
            result.ends.append(result.hints.count)
        }
        return result
    }

    /// How many permutations of one hint a list there are; nil when that is beyond `Int`.
    package var permutationCount: Int? {
        var product = 1
        for position in ends.indices {
            let (next, overflow) = product.multipliedReportingOverflow(by: self[position].count)
            if overflow { return nil }
            product = next
        }
        return product
    }
}
