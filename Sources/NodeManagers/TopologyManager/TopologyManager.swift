/// Asks the managers for hints, merges them, and lets the policy decide.
package struct TopologyManager: Sendable {
    package enum Scope: String, Sendable, CaseIterable {
        case container, pod
    }

    package let policy: any TopologyManagerPolicy
    package let policyName: String
    package let scope: Scope
    package let prefersClosest: Bool
    package let layout: NUMALayout
    package let options: TopologyManagerOptions?
    private let question: HintCollector.Question?
    private let usesUnpreferredHints: Bool

    /// Checked in the kubelet's order; with policy `none` options are not read. (cm/topologymanager/topology_manager.go, NewManager)
    package init(
        policyName: String, scopeName: String, options: [String: String], layout: NUMALayout,
        gates: FeatureGates = FeatureGates()
    ) throws(PolicyError) {
        self.layout = layout
        self.policyName = policyName
        var closest = false
        var known: TopologyManagerOptions?
        if policyName != NoneTopologyPolicy.name {
            let parsed = try TopologyManagerOptions(options, gates: gates)
            known = parsed
            closest = parsed.prefersClosestNUMANodes
            if layout.count > parsed.maximumNUMANodes {
                throw PolicyError(
                    "unsupported on machines with more than \(parsed.maximumNUMANodes) NUMA Nodes")
            }
        }
        self.options = known
        guard let entry = TopologyManagerPolicyRegistry.entry(named: policyName) else {
            throw PolicyError("unknown policy: \"\(policyName)\"")
        }
        policy = entry.make()
        question = policy.question
        usesUnpreferredHints = policy.usesUnpreferredHints
        prefersClosest = closest && policy.heedsDistances
        if question == nil {
            // The kubelet does not look at the scope then.
            scope = .container
        } else if let known = Scope(rawValue: scopeName) {
            scope = known
        } else {
            throw PolicyError("unknown scope: \"\(scopeName)\"")
        }
    }

    /// Whether hint providers are asked at all.
    package var asksProviders: Bool { question != nil }

    /// A collector for the hints of one container or pod; nil when no provider is asked.
    package func collector(trace: HintTrace? = nil) -> HintCollector? {
        question.map { HintCollector(layout: layout, question: $0, trace: trace) }
    }

    /// The policy's answer to what was gathered. Nil when it needs the same hints again in a collector of
    /// `reachableCollector`, because no mask is preferred by all.
    package func verdict(on hints: HintCollector) -> TopologyVerdict? {
        if layout.isWide { return wideVerdict(on: hints) }
        if let mask = hints.bestPreferred(closest: prefersClosest) {
            return policy.verdict(
                on: TopologyHint(mask, isPreferred: true), allNodes: layout.all)
        }
        if hints.question == .preferred, usesUnpreferredHints || hints.trace != nil { return nil }
        return policy.verdict(
            on: TopologyHint(layout.all, isPreferred: false), allNodes: layout.all)
    }

    /// Families answer both questions at once.
    private func wideVerdict(on hints: HintCollector) -> TopologyVerdict {
        var hint = TopologyHint(layout.all, isPreferred: false)
        let answer = hints.wideAnswer(
            closest: prefersClosest,
            usesUnpreferred: usesUnpreferredHints
                || hints.question == .preferred && hints.trace != nil)
        switch answer {
        case .preferred(let mask): hint = TopologyHint(mask, isPreferred: true)
        case .notPreferred(let mask): hint.affinity = mask
        case .none: break
        case .beyondLimit:
            var verdict = TopologyVerdict(hint, isAdmitted: false)
            verdict.wouldStall = true
            return verdict
        }
        return policy.verdict(on: hint, allNodes: layout.all)
    }

    package func reachableCollector() -> HintCollector {
        HintCollector(layout: layout, question: .reachable)
    }

    package func verdict(onReachable hints: HintCollector) -> TopologyVerdict {
        policy.verdict(
            on: TopologyHint(
                hints.bestReachable(closest: prefersClosest) ?? layout.all, isPreferred: false),
            allNodes: layout.all)
    }
}
