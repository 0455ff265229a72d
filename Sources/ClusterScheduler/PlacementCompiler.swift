import Primitives
import WorkloadModel

/// Turns what shapes say about other pods into tallies, and keeps who counts where.
///
/// Strings are compared here, once for each pair of shapes; a cycle reads numbers.
struct PlacementCompiler: Sendable {
    let namespaces: NamespaceTable
    let objects: SelectorObjects
    let profiles: [SchedulerProfile]
    /// Terms of pods of each shape as other pods see them.
    private var terms: [PodTerms] = []
    private var shapes: [PodShape] = []
    private var profileOfShape: [Int] = []
    /// Shapes that have terms.
    private var shapesWithTerms: [Int] = []

    /// A running pod's terms.
    private struct PodTerms: Sendable {
        var requiredAffinity: [AffinityTermMatcher] = []
        var requiredAntiAffinity: [AffinityTermMatcher] = []
        /// Anti-affinity with a negative weight.
        var preferred: [TallyDefinition.Preference.Term] = []

        var isEmpty: Bool {
            requiredAffinity.isEmpty && requiredAntiAffinity.isEmpty && preferred.isEmpty
        }
    }

    init(_ settings: SchedulerSettings) {
        namespaces = NamespaceTable(settings.objects.namespaces)
        objects = settings.objects
        profiles = settings.profiles
    }

    /// Adds a shape: its tallies, and what its pods add to those of all shapes.
    mutating func add(
        _ pod: PodRequest, to cluster: inout ClusterSnapshot, residents: ResidentPods
    ) {
        let index = shapes.count
        let shape = pod.shape
        shapes.append(shape)
        profileOfShape.append(pod.profile)
        let own = PlacementCompiler.terms(of: shape, listed: nil)
        terms.append(own)
        cluster.placement.append(ShapeTallies())
        var tallies = ShapeTallies()
        if pod.profile >= 0 {
            spread(pod, profiles[pod.profile], &tallies, &cluster, residents)
            ownTerms(shape, &tallies, &cluster, residents)
        }
        cluster.placement.setTallies(tallies, of: index)
        for other in shapesWithTerms { meet(waiting: index, running: other, &cluster, residents) }
        if !own.isEmpty {
            shapesWithTerms.append(index)
            for waiting in shapes.indices {
                meet(waiting: waiting, running: index, &cluster, residents)
            }
        }
        preferOwn(index, &cluster, residents)
        for tally in 0..<cluster.placement.definitionCount {
            contribute(index, to: tally, &cluster)
        }
    }

    private static func terms(of shape: PodShape, listed: NamespaceTable?) -> PodTerms {
        var terms = PodTerms()
        guard let placement = shape.placement else { return terms }
        func matcher(_ term: PodAffinityTerm) -> AffinityTermMatcher {
            AffinityTermMatcher(term, of: shape, listed: listed)
        }
        terms.requiredAffinity = placement.podAffinity.required.map(matcher)
        terms.requiredAntiAffinity = placement.podAntiAffinity.required.map(matcher)
        for term in placement.podAffinity.preferred {
            terms.preferred.append(
                TallyDefinition.Preference.Term(
                    weight: term.weight, matcher: matcher(term.term)))
        }
        for term in placement.podAntiAffinity.preferred {
            terms.preferred.append(
                TallyDefinition.Preference.Term(
                    weight: -term.weight, matcher: matcher(term.term)))
        }
        return terms
    }
}

// MARK: A shape's own tallies

extension PlacementCompiler {
    private func ownTerms(
        _ shape: PodShape, _ tallies: inout ShapeTallies, _ cluster: inout ClusterSnapshot,
        _ residents: ResidentPods
    ) {
        let own = PlacementCompiler.terms(of: shape, listed: namespaces)
        for key in PlacementCompiler.keys(own.requiredAffinity) {
            tallies.affinity.append(
                tally(key, .ownAffinity(own.requiredAffinity), nil, &cluster, residents))
        }
        tallies.matchesOwnAffinity = own.requiredAffinity.allSatisfy {
            $0.matches(shape.labels, in: shape.namespace, namespaces)
        }
        for key in PlacementCompiler.keys(own.requiredAntiAffinity) {
            let terms = own.requiredAntiAffinity.filter { $0.topologyKey == key }
            tallies.antiAffinity.append(
                tally(key, .ownAntiAffinity(terms), nil, &cluster, residents))
        }
    }

    /// Keys of terms, each once.
    private static func keys(_ terms: [AffinityTermMatcher]) -> [String] {
        var keys: [String] = []
        for term in terms where !keys.contains(term.topologyKey) { keys.append(term.topologyKey) }
        return keys
    }

    private func spread(
        _ pod: PodRequest, _ profile: SchedulerProfile, _ tallies: inout ShapeTallies,
        _ cluster: inout ClusterSnapshot, _ residents: ResidentPods
    ) {
        let shape = pod.shape
        var constraints = shape.placement?.topologySpread ?? []
        let isOwn = !constraints.isEmpty
        if !isOwn {
            constraints = profile.spreadDefaults ?? SchedulerProfile.systemSpreadDefaults
            let selector = defaultSelector(of: shape)
            guard !selector.isEmpty else { return }
            for index in constraints.indices {
                constraints[index].labelSelector = selector
                constraints[index].matchLabelKeys = []
            }
        }
        let hard = constraints.filter { $0.whenUnsatisfiable == .doNotSchedule }
        let soft = constraints.filter { $0.whenUnsatisfiable == .scheduleAnyway }
        tallies.requiresAllKeys = isOwn || profile.spreadDefaults != nil
        tallies.hardSpread = compile(hard, pod, needsAllKeys: true, &cluster, residents)
        tallies.softSpread = compile(
            soft, pod, needsAllKeys: tallies.requiresAllKeys, &cluster, residents)
    }

    private func compile(
        _ constraints: [TopologySpreadConstraint], _ pod: PodRequest, needsAllKeys: Bool,
        _ cluster: inout ClusterSnapshot, _ residents: ResidentPods
    ) -> [SpreadConstraint] {
        let shape = pod.shape
        let columns = constraints.map {
            cluster.columns.column($0.topologyKey, of: cluster.roster)
        }
        return zip(constraints, columns).map { constraint, column in
            let selector = PlacementCompiler.selector(of: constraint, shape.labels)
            let honorsAffinity = constraint.nodeAffinityPolicy == .honor
            let eligibility = TallyDefinition.Eligibility(
                keys: needsAllKeys ? columns : [],
                node: honorsAffinity && !pod.node.asksNothing ? pod.node : nil,
                tolerations: constraint.nodeTaintsPolicy == .honor ? pod.tolerations : nil)
            let tally = tally(
                constraint.topologyKey, .spread(namespace: shape.namespace, selector),
                eligibility, &cluster, residents)
            return SpreadConstraint(
                tally: tally, column: column, maxSkew: constraint.maxSkew,
                minDomains: constraint.minDomains ?? 1,
                selfMatch: selector.matches(shape.labels) ? 1 : 0,
                isHostname: constraint.topologyKey == LabelColumns.hostname)
        }
    }

    /// With the pod's own values of `matchLabelKeys`; no selector is one that takes nothing.
    private static func selector(
        of constraint: TopologySpreadConstraint, _ labels: [Label]
    ) -> LabelSelector {
        guard var selector = constraint.labelSelector else {
            return LabelSelector(
                matchExpressions: [LabelSelectorRequirement(key: "", operation: .isIn)])
        }
        for key in constraint.matchLabelKeys {
            if let label = labels.first(where: { $0.key == key }),
                !selector.matchLabels.contains(label)
            {
                selector.matchLabels.append(label)
            }
        }
        return selector
    }

    /// Whom the Services and the controller of a pod select, for the default constraints.
    ///
    /// (k/k pkg/scheduler/framework/plugins/helper/spread.go, DefaultSelector)
    private func defaultSelector(of shape: PodShape) -> LabelSelector {
        var selector = LabelSelector()
        func merge(_ labels: [Label]) {
            for label in labels {
                selector.matchLabels.removeAll { $0.key == label.key }
                selector.matchLabels.append(label)
            }
        }
        for service in objects.services
        where service.namespace == shape.namespace && service.selector.matches(shape.labels) {
            merge(service.selector.matchLabels)
        }
        guard let reference = shape.placement?.controller else { return selector }
        for object in objects.controllers
        where object.namespace == shape.namespace && object.name == reference.name
            && object.kind.rawValue == reference.kind.rawValue
        {
            for label in object.selector.matchLabels {
                selector.matchExpressions.append(
                    LabelSelectorRequirement(
                        key: label.key, operation: .isIn, values: [label.value]))
            }
            selector.matchExpressions += object.selector.matchExpressions
        }
        return selector
    }
}

// MARK: Who counts where

extension PlacementCompiler {
    /// The position of a tally; a new one gets what older shapes and the pods that are there add.
    private func tally(
        _ key: String, _ source: TallyDefinition.Source,
        _ eligibility: TallyDefinition.Eligibility?, _ cluster: inout ClusterSnapshot,
        _ residents: ResidentPods
    ) -> Int {
        let column = cluster.columns.column(key, of: cluster.roster)
        let definition = TallyDefinition(
            column: column, key: key, source: source, eligibility: eligibility)
        if let known = cluster.placement.index(of: definition) { return known }
        let eligible = eligibility.map { eligibility in
            (0..<cluster.nodeCount).map { isEligible($0, eligibility, cluster) }
        }
        let index = cluster.placement.append(
            definition,
            DomainTally(column: column, eligible: eligible, columns: cluster.columns))
        // The newest shape adds its part when all tallies are there.
        var parts: [(weight: Int64, occurrences: Int64)] = []
        for shape in shapes.indices.dropLast() {
            for isTerminating in [false, true] {
                let part = part(of: shape, isTerminating: isTerminating, in: definition)
                parts.append(part)
                guard part.occurrences > 0 else { continue }
                cluster.placement.add(
                    weight: part.weight, occurrences: part.occurrences,
                    ofClass: shape * 2 + (isTerminating ? 1 : 0), to: index)
            }
        }
        guard parts.contains(where: { $0.occurrences > 0 }) else { return index }
        for (position, node) in cluster.roster.order.nodes.enumerated() {
            for entry in residents.onNode[Int(node.rawValue)] {
                let podClass = Int(entry.shape) * 2 + (entry.isTerminating ? 1 : 0)
                let part = parts[podClass]
                guard part.occurrences > 0 else { continue }
                cluster.placement.countResident(
                    tally: index, weight: part.weight * Int64(entry.count),
                    occurrences: part.occurrences * Int64(entry.count), at: position,
                    columns: cluster.columns)
            }
        }
        return index
    }

    private func isEligible(
        _ position: Int, _ eligibility: TallyDefinition.Eligibility,
        _ cluster: borrowing ClusterSnapshot
    ) -> Bool {
        for key in eligibility.keys where cluster.columns[key].at[position] < 0 { return false }
        if let node = eligibility.node, !node.matches(position, cluster.columns) { return false }
        if let tolerations = eligibility.tolerations,
            cluster.hasUntoleratedTaint(tolerations, at: position)
        {
            return false
        }
        return true
    }

    private func contribute(_ shape: Int, to tally: Int, _ cluster: inout ClusterSnapshot) {
        let definition = cluster.placement.definition(tally)
        for isTerminating in [false, true] {
            let part = part(of: shape, isTerminating: isTerminating, in: definition)
            guard part.occurrences > 0 else { continue }
            cluster.placement.add(
                weight: part.weight, occurrences: part.occurrences,
                ofClass: shape * 2 + (isTerminating ? 1 : 0), to: tally)
        }
    }

    /// What one pod of a shape adds to a tally.
    private func part(
        of shape: Int, isTerminating: Bool, in definition: TallyDefinition
    ) -> (weight: Int64, occurrences: Int64) {
        let pod = shapes[shape]
        func takes(_ matcher: AffinityTermMatcher) -> Bool {
            matcher.matches(pod.labels, in: pod.namespace, namespaces)
        }
        switch definition.source {
        case .spread(let namespace, let selector):
            let counts =
                !isTerminating && pod.namespace == namespace && !selector.isEmpty
                && selector.matches(pod.labels)
            return counts ? (1, 1) : (0, 0)
        case .ownAffinity(let matchers):
            guard matchers.allSatisfy(takes) else { return (0, 0) }
            let number = Int64(matchers.count { $0.topologyKey == definition.key })
            return (number, number)
        case .ownAntiAffinity(let matchers):
            let number = Int64(matchers.count(where: takes))
            return (number, number)
        case .existingAntiAffinity(let labels, let namespace):
            let number = Int64(
                terms[shape].requiredAntiAffinity.count {
                    $0.topologyKey == definition.key
                        && $0.matches(labels, in: namespace, namespaces)
                })
            return (number, number)
        case .preference(let preference):
            return part(of: shape, in: preference, key: definition.key)
        }
    }

    private func part(
        of shape: Int, in preference: TallyDefinition.Preference, key: String
    ) -> (weight: Int64, occurrences: Int64) {
        let pod = shapes[shape]
        var weight: Int64 = 0
        var occurrences: Int64 = 0
        for term in preference.own
        where term.matcher.topologyKey == key
            && term.matcher.matches(pod.labels, in: pod.namespace, namespaces)
        {
            weight += term.weight
            occurrences += 1
        }
        func takes(_ matcher: AffinityTermMatcher) -> Bool {
            matcher.topologyKey == key
                && matcher.matches(preference.labels, in: preference.namespace, namespaces)
        }
        let hardWeight = preference.arguments.hardPodAffinityWeight
        if hardWeight > 0 {
            for matcher in terms[shape].requiredAffinity where takes(matcher) {
                weight += hardWeight
                occurrences += 1
            }
        }
        for term in terms[shape].preferred where takes(term.matcher) {
            weight += term.weight
            occurrences += 1
        }
        return (weight, occurrences)
    }

    // MARK: Pairs of shapes

    /// Makes the tallies that running pods of one shape ask for against waiting pods of another.
    private func meet(
        waiting: Int, running: Int, _ cluster: inout ClusterSnapshot, _ residents: ResidentPods
    ) {
        guard profileOfShape[waiting] >= 0 else { return }
        let pod = shapes[waiting]
        func takes(_ matcher: AffinityTermMatcher) -> Bool {
            matcher.matches(pod.labels, in: pod.namespace, namespaces)
        }
        for matcher in terms[running].requiredAntiAffinity where takes(matcher) {
            let index = tally(
                matcher.topologyKey,
                .existingAntiAffinity(labels: pod.labels, namespace: pod.namespace), nil,
                &cluster, residents)
            cluster.placement.link(existingAntiAffinity: index, to: waiting)
        }
        guard let preference = preference(of: waiting) else { return }
        let hard =
            preference.arguments.hardPodAffinityWeight > 0
            ? terms[running].requiredAffinity : []
        for matcher in hard + terms[running].preferred.map(\.matcher) where takes(matcher) {
            let index = tally(
                matcher.topologyKey, .preference(preference), nil, &cluster, residents)
            cluster.placement.link(preference: index, to: waiting)
        }
    }

    private func preferOwn(
        _ shape: Int, _ cluster: inout ClusterSnapshot, _ residents: ResidentPods
    ) {
        guard let preference = preference(of: shape) else { return }
        for term in preference.own {
            let index = tally(
                term.matcher.topologyKey, .preference(preference), nil, &cluster, residents)
            cluster.placement.link(preference: index, to: shape)
        }
    }

    /// Nil when InterPodAffinity does not score pods of the shape at all.
    private func preference(of shape: Int) -> TallyDefinition.Preference? {
        guard profileOfShape[shape] >= 0 else { return nil }
        let pod = shapes[shape]
        let arguments = profiles[profileOfShape[shape]].interPodAffinity
        let own = PlacementCompiler.terms(of: pod, listed: namespaces).preferred
        if arguments.ignorePreferredTermsOfExistingPods, own.isEmpty { return nil }
        return TallyDefinition.Preference(
            labels: pod.labels, namespace: pod.namespace, own: own, arguments: arguments)
    }
}
