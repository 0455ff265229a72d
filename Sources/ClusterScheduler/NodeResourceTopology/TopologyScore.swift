import WorkloadModel

/// NodeResourceTopologyMatch's Score.
///
/// Source: scheduler-plugins pkg/noderesourcetopology/score.go.
enum TopologyScore {
    /// - Throws: where the real plugin would crash.
    static func score<Amount: ZoneAmount>(
        _ pod: TopologyPod<Amount>, on view: @autoclosure () -> TopologyView<Amount>,
        _ strategy: TopologyScoringStrategy, _ weights: ResourceWeights
    ) throws(TopologyPanic) -> Int64 {
        guard pod.qos == .guaranteed else { return 100 }
        let view = view()
        guard view.isFresh, let topology = view.topology else { return 0 }
        if strategy != .leastNUMANodes, topology.configuration.policy != .singleNUMANode {
            return 0
        }
        guard !topology.layout.overflowsTable else { throw .indexOutOfRange }
        let isByPod = topology.configuration.scope == .pod
        if strategy == .leastNUMANodes {
            return try isByPod
                ? LeastNUMANodes.scoreOfPod(pod, topology)
                : LeastNUMANodes.scoreOfContainers(pod, topology)
        }
        if isByPod { return try worstZone(pod.effective, strategy, topology, weights) }
        var sum = 0.0
        for container in pod.containers {
            sum += Double(try worstZone(container.requests, strategy, topology, weights))
        }
        return Int64(asGo: sum / Double(pod.containers.count))
    }

    /// The smallest score of a zone that is not 0. The plugin keeps zones by id in a table as long as the list.
    private static func worstZone<Amount: ZoneAmount>(
        _ requests: [TopologyPod<Amount>.Request], _ strategy: TopologyScoringStrategy,
        _ topology: PublishedTopology<Amount>, _ weights: ResourceWeights
    ) throws(TopologyPanic) -> Int64 {
        var worst: Int64 = 0
        let layout = topology.layout
        for position in 0..<layout.numaCount {
            let score = try ZoneScore.score(
                strategy, requests, row: layout.numaRows[position], topology, weights)
            if worst == 0 || (score != 0 && score < worst) { worst = score }
            guard layout.numaIDs[position] < layout.numaCount else { throw .indexOutOfRange }
        }
        return worst
    }
}
