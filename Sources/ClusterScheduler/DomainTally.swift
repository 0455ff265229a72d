import WorkloadModel

/// A running count for each domain of a topology key: how many pods lie there that something asks about.
///
/// The scheduler recounts such things over all pods in each cycle (PreFilter, PreScore); here each pod that comes or goes
/// changes its own domain's count, and a cycle reads them.
struct DomainTally: Sendable {
    /// Position of the topology key in `LabelColumns`.
    let column: Int
    /// Count by number of value.
    private(set) var counts: [Int64] = []
    /// Contributions that are counted, whatever their sign.
    private(set) var occurrences: Int64 = 0
    /// Positions that count, nil for all with the key.
    private let eligible: [Bool]?
    /// For spreading: eligible nodes of each domain, and how many domains have each count.
    private var nodesOfDomain: [Int32] = []
    private var domainsOfCount: [Int32] = []
    private(set) var domainCount = 0
    /// The smallest count of a domain, 0 when there is none.
    private(set) var minimum: Int64 = 0

    /// - Parameter eligible: by position; with it domains are counted, without it only pods.
    init(column: Int, eligible: [Bool]?, columns: LabelColumns) {
        self.column = column
        self.eligible = eligible
        counts = Array(repeating: 0, count: columns[column].values.count)
        guard let eligible else { return }
        nodesOfDomain = Array(repeating: 0, count: counts.count)
        for (position, isEligible) in eligible.enumerated() where isEligible {
            let domain = columns[column].at[position]
            guard domain >= 0 else { continue }
            if nodesOfDomain[Int(domain)] == 0 { domainCount += 1 }
            nodesOfDomain[Int(domain)] += 1
        }
        domainsOfCount = [Int32(domainCount)]
    }

    /// The count of a domain; one that was named later than the tally was made has none.
    func count(of domain: Int32) -> Int64 {
        Int(domain) < counts.count ? counts[Int(domain)] : 0
    }

    mutating func add(
        _ weight: Int64, occurrences number: Int64, at position: Int, domain: Int32
    ) {
        guard domain >= 0 else { return }
        guard let eligible else {
            counts[Int(domain)] += weight
            occurrences += number
            return
        }
        guard eligible[position] else { return }
        occurrences += number
        let old = counts[Int(domain)]
        let new = old + weight
        counts[Int(domain)] = new
        move(from: old, to: new)
    }

    /// Keeps the smallest count true. A count below zero, which only a removal that was never counted makes, is exact too.
    private mutating func move(from old: Int64, to new: Int64) {
        guard old >= 0, new >= 0 else {
            minimum = smallestCount()
            return
        }
        while domainsOfCount.count <= Int(new) { domainsOfCount.append(0) }
        domainsOfCount[Int(old)] -= 1
        domainsOfCount[Int(new)] += 1
        if new < minimum {
            minimum = new
        } else if old == minimum {
            while domainsOfCount[Int(minimum)] == 0 { minimum += 1 }
        }
    }

    private func smallestCount() -> Int64 {
        var smallest = Int64.max
        for domain in counts.indices where nodesOfDomain[domain] > 0 {
            smallest = min(smallest, counts[domain])
        }
        return smallest == .max ? 0 : smallest
    }
}

/// What a tally counts. Equal definitions share one tally.
struct TallyDefinition: Hashable, Sendable {
    enum Source: Hashable, Sendable {
        /// Pods of a namespace that a selector takes and that are not being deleted.
        case spread(namespace: String, LabelSelector)
        /// Pods that all of the terms match, once for each term with the tally's key.
        case ownAffinity([AffinityTermMatcher])
        /// Pods that a term with the tally's key matches, once for each.
        case ownAntiAffinity([AffinityTermMatcher])
        /// Required anti-affinity terms of pods that match a pod of this shape.
        case existingAntiAffinity(labels: [Label], namespace: String)
        /// What preferred terms, own and of other pods, add up to.
        case preference(Preference)
    }

    /// Whose preferences are added up, and how.
    struct Preference: Hashable, Sendable {
        struct Term: Hashable, Sendable {
            var weight: Int64
            var matcher: AffinityTermMatcher
        }

        var labels: [Label]
        var namespace: String
        /// Anti-affinity with a negative weight.
        var own: [Term]
        var arguments: InterPodAffinityArguments
    }

    /// Which nodes are domains of a spread constraint.
    struct Eligibility: Hashable, Sendable {
        /// Columns of keys that a node must have.
        var keys: [Int]
        var node: NodeRequirement?
        var tolerations: [Toleration]?
    }

    var column: Int
    var key: String
    var source: Source
    var eligibility: Eligibility?
}
