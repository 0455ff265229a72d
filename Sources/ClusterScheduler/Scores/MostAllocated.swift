/// Prefers the node with the larger share of its resources requested: packs pods.
///
/// Source: k/k pkg/scheduler/framework/plugins/noderesources/most_allocated.go.
struct MostAllocated: ScoringStrategy {
    static let name = "MostAllocated"
    static let summary = "prefers the node with less cpu and memory unrequested: packs"

    init(_ arguments: FitArguments) {}

    func part(used: Int64, capacity: Int64) -> Int64 {
        quotient(min(used, capacity) * 100, capacity)
    }
}
