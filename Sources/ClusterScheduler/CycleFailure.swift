package import Primitives

/// Why a cycle found no node, as far as the queue and preemption ask.
package struct CycleFailure: Sendable {
    /// Every plugin that refused some node.
    package var plugins: PluginSet
    /// Positions of the nodes where pods that leave could help, ascending.
    package var worthTrying: [Int]
}

/// Which filter refuses the node at each position, for one shape: kept true by replaying what changed.
struct ShapeRefusals: Sendable {
    /// How much of the change log is included.
    var seen = -1
    /// Number of the filter in the registry, twice, one more where it is final.
    var at: [UInt8] = []
    /// Nodes by that value.
    var counts = Array(repeating: 0, count: 64)

    static let passes = UInt8.max

    mutating func set(_ value: UInt8, at position: Int) {
        if at[position] != ShapeRefusals.passes { counts[Int(at[position])] -= 1 }
        at[position] = value
        if value != ShapeRefusals.passes { counts[Int(value)] += 1 }
    }
}

extension Scheduler {
    /// What the cycle that just found no node for a pod came across.
    ///
    /// Between two failures of one shape only nodes that changed are judged again, unless pods on other nodes matter.
    ///
    /// - Parameter wantsNodes: whether `worthTrying` is needed.
    /// - Complexity: O(changed nodes × filters), plus O(nodes) with `wantsNodes`.
    package mutating func failure(
        shape: PodShapeIndex, pinnedPosition: Int, pod number: UInt32, wantsNodes: Bool
    ) -> CycleFailure {
        let pod = shapes[shape.position]
        guard pod.profile >= 0 else { return CycleFailure(plugins: PluginSet(), worthTrying: []) }
        if pinnedPosition >= 0, nominations.isEmpty {
            return failureOfPinned(pod, pinnedPosition)
        }
        guard pinnedPosition < 0, nominations.isEmpty, pod.allowedNames == nil else {
            return failureByReport(shape, pinnedPosition, number)
        }
        while refusals.count <= shape.position { refusals.append(nil) }
        var known = ShapeRefusals()
        if let before = refusals[shape.position] {
            refusals[shape.position] = nil
            known = before
        }
        update(&known, pod)
        var failure = CycleFailure(plugins: PluginSet(), worthTrying: [])
        for value in known.counts.indices where known.counts[value] > 0 {
            failure.plugins.insert(value / 2)
        }
        if wantsNodes {
            for position in known.at.indices where known.at[position] & 1 == 0 {
                failure.worthTrying.append(position)
            }
        }
        refusals[shape.position] = known
        return failure
    }

    private mutating func update(_ known: inout ShapeRefusals, _ pod: PodRequest) {
        let looksElsewhere = cluster.placement.ofShape[pod.index].filters
        guard known.seen != log.count || looksElsewhere else { return }
        if known.at.isEmpty {
            known.at = Array(repeating: ShapeRefusals.passes, count: cluster.nodeCount)
        }
        if known.seen < 0 || looksElsewhere {
            buffers.dirty = Array(0..<UInt32(cluster.nodeCount))
        } else {
            log.collectChanges(since: known.seen, into: &buffers.dirty)
        }
        known.seen = log.count
        let profile = profiles[pod.profile]
        let active = profile.filters.indices.filter {
            profile.filters[$0].applies(to: pod, in: cluster)
        }
        for position in buffers.dirty {
            var value = ShapeRefusals.passes
            for index in active
            where !profile.filters[index].passes(pod, at: Int(position), in: cluster) {
                let isFinal = profile.filters[index].isFinal(
                    pod, at: Int(position), in: cluster)
                value = UInt8(2 * profile.filterNumbers[index] + (isFinal ? 1 : 0))
                break
            }
            known.set(value, at: Int(position))
        }
    }

    /// A DaemonSet's pod: its node affinity leaves one node.
    private func failureOfPinned(_ pod: PodRequest, _ position: Int) -> CycleFailure {
        var failure = CycleFailure(plugins: PluginSet(named: [NodeAffinity.name]), worthTrying: [])
        let profile = profiles[pod.profile]
        for (index, filter) in profile.filters.enumerated()
        where filter.applies(to: pod, in: cluster)
            && !filter.passes(pod, at: position, in: cluster)
        {
            failure.plugins.insert(profile.filterNumbers[index])
            if !filter.isFinal(pod, at: position, in: cluster) { failure.worthTrying = [position] }
            break
        }
        return failure
    }

    /// The long way, for what is rare: nominated pods, and pods that name their nodes.
    private mutating func failureByReport(
        _ shape: PodShapeIndex, _ pinnedPosition: Int, _ number: UInt32
    ) -> CycleFailure {
        let report = report(
            shape: shape.position, pinnedPosition: pinnedPosition, pod: number)
        var names = report.refused.map(\.refusal.plugin)
        if let refusal = report.preFilterRefusal { names.append(refusal.plugin) }
        if pinnedPosition >= 0 || shapes[shape.position].allowedNames != nil {
            names.append(NodeAffinity.name)
        }
        return CycleFailure(
            plugins: PluginSet(named: names), worthTrying: report.worthTrying)
    }
}

extension CycleReport {
    /// Positions of nodes where pods that leave could help.
    package var worthTrying: [Int] {
        refused.filter { $0.refusal.code == .unschedulable }.map(\.position)
    }
}
