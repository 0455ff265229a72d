public import Primitives

/// One merge of hints, of a container or with pod scope of a pod.
public struct MergeExplanation: Sendable, Hashable {
    /// Lists are told hint by hint up to so many NUMA nodes.
    public static let listedNUMANodes = 8
    /// Permutations are told one by one up to so many.
    public static let toldPermutations = 32

    /// Nil in pod scope.
    public var container: String?
    /// What the managers were asked for: CPUs in milli-CPU, bytes, devices.
    public var requests: [ResourceAmount] = []
    /// In the order device, cpu, memory. Empty on machines whose lists would be too long to write down.
    public var lists: [HintList] = []
    /// Whether hints were written down at all.
    public var isListed = true
    /// How many permutations of one hint a list the kubelet goes through, after the policy dropped what it does not
    /// look at; nil beyond 2^63.
    public var permutationCount: Int?
    /// Each of them, up to `toldPermutations`.
    public var permutations: [Permutation] = []
    public var rule: MergeRule?
    /// The largest, over lists, of the size of the narrowest hint.
    public var neededNUMANodes = 0
    /// The merged hint, before the policy looks at it.
    public var merged: Hint?
    /// What the policy made of it, and the managers got.
    public var affinity: Hint
    public var isAdmitted: Bool

    public init(affinity: Hint, isAdmitted: Bool) {
        self.affinity = affinity
        self.isAdmitted = isAdmitted
    }

    /// NUMA nodes and whether they are preferred; nil is "any".
    public struct Hint: Sendable, Hashable {
        public var numaNodes: NUMANodeSet?
        public var isPreferred: Bool

        public init(_ numaNodes: NUMANodeSet?, isPreferred: Bool) {
            self.numaNodes = numaNodes
            self.isPreferred = isPreferred
        }
    }

    /// What one provider said of one resource.
    public struct HintList: Sendable, Hashable {
        public enum Provider: String, Sendable { case device, cpu, memory }

        public enum Answer: String, Sendable {
            case hints
            /// The resource can be had anywhere, or the provider has nothing to say.
            case noPreference
            /// The resource cannot be had.
            case impossible
        }

        public var provider: Provider
        public var resource: ResourceIndex
        public var answer: Answer
        public var count = 0
        public var preferredCount = 0
        /// How many the policy lets into the merge: all but with `single-numa-node`.
        public var keptCount = 0
        /// The first of the fewest NUMA nodes.
        public var narrowest: Hint?
        /// All of them, up to `listedNUMANodes` NUMA nodes.
        public var hints: [Hint] = []

        public init(provider: Provider, resource: ResourceIndex, answer: Answer) {
            self.provider = provider
            self.resource = resource
            self.answer = answer
        }
    }

    /// One hint of each list, and what they amount to.
    public struct Permutation: Sendable, Hashable {
        public enum Effect: String, Sendable {
            /// Becomes the best so far.
            case taken
            /// The best so far stays.
            case notBetter
            /// The hints have no NUMA node in common.
            case nothingInCommon
        }

        public var hints: [Hint]
        public var result: Hint
        public var effect: Effect

        public init(hints: [Hint], result: Hint, effect: Effect) {
            self.hints = hints
            self.result = result
            self.effect = effect
        }
    }
}

/// What decided a merge.
public enum MergeRule: String, Sendable, CaseIterable {
    /// No list has a preference.
    case noPreference
    /// The narrowest mask that every list prefers.
    case preferredByAll
    /// None is preferred by all: the best one of as many NUMA nodes as the neediest resource needs.
    case asWideAsNeeded
    /// Nor is there one of that size: the best of the largest size below.
    case narrowerThanNeeded
    /// Nor below: the narrowest above.
    case widerThanNeeded
    /// No permutation leaves a NUMA node.
    case nothingInCommon
    /// `numa-allocation-strategy` chose among the equally wide.
    case numaAllocationStrategy
}
