package import Primitives
import WorkloadModel

/// One cycle told in full, for one pod: every node with the plugin that refuses it or with each plugin's score.
package struct CycleReport: Sendable {
    package struct RefusedNode: Sendable {
        package var position: Int
        package var refusal: Refusal
    }

    package struct ScoredNode: Sendable {
        package var position: Int
        /// By plugin of `scorePlugins`: before and after normalisation, unweighted.
        package var raw: [Int64] = []
        package var scores: [Int64] = []
        package var total: Int64 = 0
    }

    /// A PreFilter plugin refused the pod outright.
    package var preFilterRefusal: Refusal?
    /// Nodes that were examined or left out, by position; left-out ones only where no node passed or all were asked for.
    package var refused: [RefusedNode] = []
    /// In visiting order.
    package var feasible: [ScoredNode] = []
    /// How many nodes were examined.
    package var evaluated = 0
    /// Plugins that scored, with their weights.
    package var scorePlugins: [String] = []
    package var scoreWeights: [Int64] = []
    package var nodeCount = 0

    /// The best total; 0 when no node passed.
    package var top: Int64 { feasible.map(\.total).max() ?? 0 }

    /// Positions of the best, in visiting order.
    package var ties: [Int] { feasible.filter { $0.total == top }.map(\.position) }

    /// What the heap of 1.36 leaves at its root, by doing what container/heap does.
    package var heapWinner: Int? {
        guard !feasible.isEmpty else { return nil }
        var heap = Array(feasible.indices)
        func isBefore(_ a: Int, _ b: Int) -> Bool {
            feasible[heap[a]].total > feasible[heap[b]].total
        }
        var root = heap.count / 2 - 1
        while root >= 0 {
            var parent = root
            while true {
                var child = 2 * parent + 1
                guard child < heap.count else { break }
                if child + 1 < heap.count, isBefore(child + 1, child) { child += 1 }
                guard isBefore(child, parent) else { break }
                heap.swapAt(parent, child)
                parent = child
            }
            root -= 1
        }
        return feasible[heap[0]].position
    }

    /// `0/3 nodes are available: 1 Insufficient memory, 2 Too many pods.`: the text before PostFilter.
    ///
    /// Source: k/k pkg/scheduler/framework/types.go, `FitError.Error`: reasons are counted, printed as "count reason" and
    /// sorted as text.
    package var fitError: String {
        let start = "0/\(nodeCount) nodes are available"
        if let preFilterRefusal {
            return "\(start): \(preFilterRefusal.reasons.joined(separator: ", "))."
        }
        var counts: [String: Int] = [:]
        for node in refused {
            for reason in node.refusal.reasons { counts[reason, default: 0] += 1 }
        }
        return FitError.text(nodeCount: nodeCount, reasons: counts)
    }
}

extension Scheduler {
    /// What a cycle for a pod would find now; nothing changes. It asks every plugin about every node, so it is also what
    /// tests compare the remembered scores with.
    ///
    /// - Complexity: O(nodes × plugins); meant for pods that found no node, and for tests.
    package mutating func report(
        shape: Int, pinnedPosition: Int = -1, pod number: UInt32? = nil
    ) -> CycleReport {
        let pod = shapes[shape]
        var report = CycleReport()
        report.nodeCount = cluster.nodeCount
        guard pod.profile >= 0, cluster.nodeCount > 0 else { return report }
        let plugins = profiles[pod.profile]
        let active = plugins.filters.filter { $0.applies(to: pod, in: cluster) }
        var candidates = Array(0..<UInt32(cluster.nodeCount))
        var restrictors: [String] = []
        if pinnedPosition >= 0 {
            candidates = [UInt32(pinnedPosition)]
            restrictors = [NodeAffinity.name]
        }
        for filter in active {
            switch filter.preFilter(pod, in: cluster) {
            case .allNodes: continue
            case .refused(let refusal):
                report.preFilterRefusal = refusal
                return report
            case .only(let positions):
                candidates = candidates.filter(positions.contains)
                restrictors.append(type(of: filter).name)
            }
        }
        if let number, let own = nomination(of: number) {
            let position = order.positions[own.node.position]
            if refusal(of: pod, number, at: position, active) == nil {
                report.feasible = [CycleReport.ScoredNode(position: position)]
                report.evaluated = 1
                score(pod, &report)
                return report
            }
        }
        visit(candidates, pod, number, active, &report)
        if !restrictors.isEmpty {
            let names = restrictors.joined(separator: ", ")
            let refusal = Refusal(
                "", .unresolvable, ["node(s) didn't satisfy plugin(s) [\(names)]"])
            let isCandidate = Set(candidates)
            for position in 0..<cluster.nodeCount where !isCandidate.contains(UInt32(position)) {
                report.refused.append(
                    CycleReport.RefusedNode(position: position, refusal: refusal))
            }
            report.refused.sort { $0.position < $1.position }
        }
        score(pod, &report)
        return report
    }

    private mutating func visit(
        _ candidates: [UInt32], _ pod: PodRequest, _ number: UInt32?,
        _ active: [any FilterPlugin], _ report: inout CycleReport
    ) {
        let count = candidates.count
        guard count > 0 else { return }
        let plugins = profiles[pod.profile]
        let wanted =
            plugins.scores.isEmpty
            ? 1
            : NodeSelection.wantedCount(
                of: count, percentage: plugins.percentageOfNodesToScore)
        let start = selection.nextStart % count
        for offset in 0..<count {
            let position = Int(candidates[(start + offset) % count])
            if let refusal = refusal(of: pod, number, at: position, active) {
                report.refused.append(
                    CycleReport.RefusedNode(position: position, refusal: refusal))
            } else {
                if report.feasible.count == wanted { break }
                report.feasible.append(CycleReport.ScoredNode(position: position))
            }
        }
        report.evaluated = report.feasible.count + report.refused.count
        report.refused.sort { $0.position < $1.position }
    }

    /// Why a node does not pass: with the pods nominated to it, then without; nil when it does.
    mutating func refusal(
        of pod: PodRequest, _ number: UInt32?, at position: Int, _ active: [any FilterPlugin]
    ) -> Refusal? {
        func ask(_ cluster: borrowing ClusterSnapshot) -> Refusal? {
            for filter in active where !filter.passes(pod, at: position, in: cluster) {
                return filter.refusal(of: pod, at: position, in: cluster)
            }
            return nil
        }
        if nominatedPositions(for: pod, number: number).contains(position),
            let refusal = withNominated(at: position, for: pod, number: number, ask)
        {
            return refusal
        }
        return ask(cluster)
    }

    private func score(_ pod: PodRequest, _ report: inout CycleReport) {
        let positions = report.feasible.map { UInt32($0.position) }
        guard !positions.isEmpty else { return }
        for entry in profiles[pod.profile].scores
        where entry.weight != 0 && entry.plugin.applies(to: pod, in: cluster) {
            report.scorePlugins.append(entry.name)
            report.scoreWeights.append(entry.weight)
            var scores = Array(repeating: Int64(0), count: positions.count)
            entry.plugin.score(pod, at: positions, in: cluster, into: &scores)
            for index in positions.indices { report.feasible[index].raw.append(scores[index]) }
            entry.plugin.normalize(&scores, of: pod, at: positions, in: cluster)
            for index in positions.indices {
                report.feasible[index].scores.append(scores[index])
                report.feasible[index].total += entry.weight * scores[index]
            }
        }
    }

    /// The choice by evaluating every node with every plugin: the oracle of the tests. The start moves as in `selectNode`.
    package mutating func selectNodeByFullScan(
        shape: Int, pinnedPosition: Int = -1, pod number: UInt32? = nil
    ) -> NodeIndex? {
        let report = report(shape: shape, pinnedPosition: pinnedPosition, pod: number)
        let isNominated = number.flatMap { nomination(of: $0) } != nil
        precondition(!isNominated, "the oracle is asked about pods without a nomination")
        lastCycle = CycleCounts(feasible: report.feasible.count, evaluated: report.evaluated)
        if report.preFilterRefusal == nil, cluster.nodeCount > 0 {
            selection.advance(by: report.evaluated, of: cluster.nodeCount)
        }
        return report.heapWinner.map { order.nodes[$0] }
    }

    /// How many nodes pass every filter for a pod of `shape`.
    ///
    /// - Complexity: O(nodes × filters); meant for pods that someone asks about.
    package func feasibleNodes(shape: Int, pinnedPosition: Int) -> Int {
        let positions =
            pinnedPosition >= 0 ? pinnedPosition..<pinnedPosition + 1 : 0..<cluster.nodeCount
        return positions.count { passesFilters(shapes[shape], at: $0) }
    }

    /// Whether the pods of a shape look at pods on other nodes.
    func hasClusterFilters(_ pod: PodRequest) -> Bool {
        cluster.placement.ofShape[pod.index].filters
    }

    /// Whether the node at a position passes every filter, nominated pods aside.
    func passesFilters(_ pod: PodRequest, at position: Int) -> Bool {
        guard pod.profile >= 0 else { return false }
        for filter in profiles[pod.profile].filters
        where filter.applies(to: pod, in: cluster)
            && !filter.passes(pod, at: position, in: cluster)
        {
            return false
        }
        return true
    }
}
