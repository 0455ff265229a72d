/// How many of some pods may be away at once. (policy/v1 PodDisruptionBudget)
public struct PodDisruptionBudget: Hashable, Sendable {
    /// A number of pods or a share of them.
    public enum Amount: Hashable, Sendable {
        case count(Int64)
        /// Rounded up to whole pods.
        case percent(Int64)

        func pods(of total: Int64) -> Int64 {
            switch self {
            case .count(let count): count
            case .percent(let percent): (total * percent + 99) / 100
            }
        }
    }

    public enum Limit: Hashable, Sendable {
        case minAvailable(Amount)
        case maxUnavailable(Amount)
    }

    public var name: String
    public var namespace: String
    public var selector: LabelSelector
    public var limit: Limit

    public init(
        name: String, namespace: String = "default", selector: LabelSelector, limit: Limit
    ) {
        self.name = name
        self.namespace = namespace
        self.selector = selector
        self.limit = limit
    }

    /// How many of `total` pods must be healthy.
    public func wantedHealthy(of total: Int64) -> Int64 {
        switch limit {
        case .minAvailable(let amount): amount.pods(of: total)
        case .maxUnavailable(let amount): max(0, total - amount.pods(of: total))
        }
    }
}
