/// Prefers the node with the larger share of its resources still unrequested: spreads pods.
///
/// Source: k/k pkg/scheduler/framework/plugins/noderesources/least_allocated.go; requests count as 100m and 200Mi where a
/// container has none, and every division is of whole numbers.
struct LeastAllocated: ScoringStrategy {
    static let name = "LeastAllocated"
    static let summary = "prefers the node with more cpu and memory unrequested: spreads"

    init(_ arguments: FitArguments) {}

    func part(used: Int64, capacity: Int64) -> Int64 {
        used > capacity ? 0 : quotient((capacity - used) * 100, capacity)
    }
}
