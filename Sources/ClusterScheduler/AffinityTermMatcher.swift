import WorkloadModel

/// Namespaces by name with their labels, for selectors on namespaces.
struct NamespaceTable: Sendable {
    private var labels: [String: [Label]] = [:]
    private let names: [String]

    init(_ objects: [NamespaceObject]) {
        for object in objects { labels[object.name] = object.labels }
        names = objects.map(\.name)
    }

    /// Labels of a namespace; one that is not listed has none.
    func labels(of name: String) -> [Label] { labels[name] ?? [] }

    /// Names of the listed namespaces that a selector takes.
    func matching(_ selector: LabelSelector) -> [String] {
        names.filter { selector.matches(labels(of: $0)) }
    }
}

/// A pod (anti-)affinity term, ready to be asked about other pods.
///
/// Source: k/k pkg/scheduler/framework/types.go, AffinityTerm: the namespaces of a waiting pod's terms are looked up among
/// the listed ones, those of a running pod's terms are compared with the labels of the waiting pod's namespace.
struct AffinityTermMatcher: Hashable, Sendable {
    let topologyKey: String
    private let selector: LabelSelector?
    private var namespaces: Set<String>
    /// Nil takes no namespace beyond the named ones.
    private var namespaceSelector: LabelSelector?

    /// - Parameters:
    ///   - shape: the pod whose term it is.
    ///   - listed: the namespaces there are, for the terms of a waiting pod; nil for those of a running one.
    init(_ term: PodAffinityTerm, of shape: PodShape, listed: NamespaceTable?) {
        topologyKey = term.topologyKey
        namespaces = Set(term.namespaces)
        if term.namespaces.isEmpty, term.namespaceSelector == nil {
            namespaces = [shape.namespace]
        }
        namespaceSelector = term.namespaceSelector
        if let listed, let wanted = term.namespaceSelector, !wanted.isEmpty {
            namespaces.formUnion(listed.matching(wanted))
            namespaceSelector = nil
        }
        // The API server merges these into the selector when the pod is created.
        var merged = term.labelSelector
        for (keys, operation) in [
            (term.matchLabelKeys, LabelSelectorRequirement.Operator.isIn),
            (term.mismatchLabelKeys, .isNotIn),
        ] {
            for key in keys {
                guard let label = shape.labels.first(where: { $0.key == key }) else { continue }
                merged?.matchExpressions.append(
                    LabelSelectorRequirement(
                        key: key, operation: operation, values: [label.value]))
            }
        }
        selector = merged
    }

    func matches(_ labels: [Label], in namespace: String, _ table: NamespaceTable) -> Bool {
        guard let selector else { return false }
        let isInNamespace =
            namespaces.contains(namespace)
            || namespaceSelector.map { $0.matches(table.labels(of: namespace)) } ?? false
        return isInNamespace && selector.matches(labels)
    }
}
