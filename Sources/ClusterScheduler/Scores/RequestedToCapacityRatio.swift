/// Scores the requested share by a broken line of the profile's own.
///
/// Source: k/k pkg/scheduler/framework/plugins/noderesources/requested_to_capacity_ratio.go, helper/shape_score.go; a
/// resource that would be more than full counts as full.
struct RequestedToCapacityRatio: ScoringStrategy {
    static let name = "RequestedToCapacityRatio"
    static let summary = "scores the requested share by a broken line given in the profile"
    static let leavesOutZeros = true

    /// Ascending by utilization, scores 0 to 100.
    private let corners: [FitArguments.ShapePoint]

    init(_ arguments: FitArguments) {
        corners = arguments.shape.map {
            FitArguments.ShapePoint(utilization: $0.utilization, score: $0.score * 10)
        }
    }

    func part(used: Int64, capacity: Int64) -> Int64 {
        let utilization = used > capacity ? 100 : used * 100 / capacity
        for (index, corner) in corners.enumerated() where utilization <= corner.utilization {
            guard index > 0 else { return corner.score }
            let last = corners[index - 1]
            return last.score
                + (corner.score - last.score) * (utilization - last.utilization)
                / (corner.utilization - last.utilization)
        }
        return corners.last?.score ?? 0
    }
}
