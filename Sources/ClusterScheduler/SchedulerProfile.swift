public import WorkloadModel

/// How pods that name one scheduler are placed: which plugins, with which weights and arguments.
///
/// Source: k/k pkg/scheduler/apis/config, KubeSchedulerProfile; what is not said is as in the default profile of 1.36.
public struct SchedulerProfile: Hashable, Sendable {
    public var schedulerName = "default-scheduler"
    /// Overrides `SchedulerSettings.percentageOfNodesToScore`.
    public var percentageOfNodesToScore: Int?
    /// Plugins that neither filter nor score, by name.
    public var disabledFilters: Set<String> = []
    public var disabledScores: Set<String> = []
    /// Plugins beyond the default ones, by name in the registries.
    public var addedFilters: [String] = []
    public var addedScores: [String] = []
    /// DefaultPreemption is a PostFilter plugin of the profile.
    public var preempts = true
    /// Weights that differ from `ScorePlugin.defaultWeight`, by name.
    public var weights: [String: Int64] = [:]
    public var fit = FitArguments()
    /// NodeResourcesBalancedAllocationArgs.resources.
    public var balancedResources = [ResourceWeight("cpu", 1), ResourceWeight("memory", 1)]
    public var interPodAffinity = InterPodAffinityArguments()
    /// NodeAffinityArgs.addedAffinity.
    public var addedRequiredTerms: [NodeSelectorTerm]?
    public var addedPreferredTerms: [PreferredNodeTerm] = []
    /// PodTopologySpreadArgs with defaultingType List; nil is System.
    public var spreadDefaults: [TopologySpreadConstraint]?

    public init() {}

    /// Has NodeResourceTopologyMatch as a filter and as a score; what it is told is in `SchedulerSettings.topologyMatch`.
    public mutating func addTopologyMatch(weight: Int64 = 1) {
        let name = TopologyMatchFilter.name
        addedFilters.append(name)
        addedScores.append(name)
        weights[name] = weight
    }

    /// PodTopologySpread's own defaults. (podtopologyspread/plugin.go, systemDefaultConstraints)
    static let systemSpreadDefaults = [
        TopologySpreadConstraint(
            maxSkew: 3, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: .scheduleAnyway),
        TopologySpreadConstraint(
            maxSkew: 5, topologyKey: "topology.kubernetes.io/zone",
            whenUnsatisfiable: .scheduleAnyway),
    ]
}

public struct ResourceWeight: Hashable, Sendable {
    public var name: String
    public var weight: Int64

    public init(_ name: String, _ weight: Int64) {
        self.name = name
        self.weight = weight
    }
}

/// NodeResourcesFitArgs.
public struct FitArguments: Hashable, Sendable {
    /// One corner of RequestedToCapacityRatio's broken line: utilization 0 to 100, score 0 to 10.
    public struct ShapePoint: Hashable, Sendable {
        public var utilization: Int64
        public var score: Int64

        public init(utilization: Int64, score: Int64) {
            self.utilization = utilization
            self.score = score
        }
    }

    /// A name in `ScoringStrategyRegistry`.
    public var strategy = "LeastAllocated"
    public var resources = [ResourceWeight("cpu", 1), ResourceWeight("memory", 1)]
    public var shape: [ShapePoint] = []
    public var ignoredResources: Set<String> = []
    /// The part of a resource's name before the slash.
    public var ignoredResourceGroups: Set<String> = []

    public init() {}
}

/// InterPodAffinityArgs.
public struct InterPodAffinityArguments: Hashable, Sendable {
    /// What a running pod's required affinity adds where the pod would satisfy it, 0 to 100.
    public var hardPodAffinityWeight: Int64 = 1
    public var ignorePreferredTermsOfExistingPods = false

    public init() {}
}
