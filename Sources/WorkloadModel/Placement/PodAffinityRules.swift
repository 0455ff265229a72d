/// `podAffinity` or `podAntiAffinity` of a pod.
public struct PodAffinityRules: Hashable, Sendable {
    public var required: [PodAffinityTerm]
    public var preferred: [PreferredPodAffinityTerm]

    public init(required: [PodAffinityTerm] = [], preferred: [PreferredPodAffinityTerm] = []) {
        self.required = required
        self.preferred = preferred
    }

    public var isEmpty: Bool { required.isEmpty && preferred.isEmpty }
}

/// Which pods a pod wants to share, or not to share, a domain with.
public struct PodAffinityTerm: Hashable, Sendable {
    /// Nil matches no pod.
    public var labelSelector: LabelSelector?
    public var topologyKey: String
    /// Namespaces by name; with no names and no selector, the pod's own.
    public var namespaces: [String]
    /// Namespaces by label; an empty selector takes all.
    public var namespaceSelector: LabelSelector?
    /// Keys whose value in the pod's own labels is added to the selector with `In`.
    public var matchLabelKeys: [String]
    /// The same with `NotIn`.
    public var mismatchLabelKeys: [String]

    public init(
        labelSelector: LabelSelector?, topologyKey: String, namespaces: [String] = [],
        namespaceSelector: LabelSelector? = nil, matchLabelKeys: [String] = [],
        mismatchLabelKeys: [String] = []
    ) {
        self.labelSelector = labelSelector
        self.topologyKey = topologyKey
        self.namespaces = namespaces
        self.namespaceSelector = namespaceSelector
        self.matchLabelKeys = matchLabelKeys
        self.mismatchLabelKeys = mismatchLabelKeys
    }
}

/// A term that makes a domain better, or worse, by `weight`, 1 to 100.
public struct PreferredPodAffinityTerm: Hashable, Sendable {
    public var weight: Int64
    public var term: PodAffinityTerm

    public init(weight: Int64, term: PodAffinityTerm) {
        self.weight = weight
        self.term = term
    }
}
