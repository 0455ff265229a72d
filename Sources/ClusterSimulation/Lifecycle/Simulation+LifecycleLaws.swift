import ClusterScheduler
package import Primitives
import WorkloadModel

/// A disruption budget as it stands.
package struct BudgetState: Sendable {
    /// As the evictions count it, and counted anew over all pods.
    package var healthy: Int64
    package var recounted: Int64
    package var wanted: Int64
}

/// An owner that can roll out, as its pods stand.
package struct RolloutState: Sendable {
    package var workload: WorkloadIndex
    package var owner: UInt32
    package var replicas: Int
    /// Σ of the sizes of its ReplicaSets.
    package var size: Int
    /// Pods that exist and do not terminate, and those of them that run and are Ready.
    package var existing: Int
    package var ready: Int
}

/// For tests: what must hold of nodes and owners that change, whatever happens.
extension Simulation {
    package func budgetStates() -> [BudgetState] {
        scenario.disruptionBudgets.indices.map { budget in
            let seen = disruptions.asSeen[budget]
            let recounted = pods.liveSlots.count { slot in
                let pod = pods[slot]
                return pod.isHealthy && pod.phase == .running && !pod.isTerminating
                    && seen.covers(shapes.shapes[pod.shape.position])
            }
            return BudgetState(
                healthy: disruptions.healthyCount(budget), recounted: Int64(recounted),
                wanted: disruptions.wanted(budget))
        }
    }

    package func rolloutStates() -> [RolloutState] {
        lifecycle.rollouts.owners.filter { !$0.isDeleted }.map { owner in
            let alive = owner.pods.filter { pods.isCurrent($0.handle) }.map { pods[$0.handle.slot] }
                .filter { !$0.isTerminating && $0.phase != .ended && $0.phase != .gone }
            return RolloutState(
                workload: owner.workload, owner: owner.ordinal, replicas: owner.replicas,
                size: owner.revisions.reduce(0) { $0 + $1.spec }, existing: alive.count,
                ready: alive.count { $0.phase == .running && $0.isHealthy })
        }
    }

    /// Laws of nodes that come and go, in words; empty when all hold.
    package func brokenLifecycleLaws() -> [String] {
        var broken: [String] = []
        var running = Array(repeating: 0, count: nodes.count)
        for slot in pods.liveSlots where pods[slot].phase == .running {
            running[Int(pods[slot].node)] += 1
        }
        for position in 0..<nodes.count {
            let node = NodeIndex(position)
            if nodes.isGone(node), running[position] > 0 {
                broken.append("\(running[position]) pods run on node \(position), which is gone")
            }
            if nodes.runningPods[position] != Int64(running[position]) {
                broken.append(
                    "node \(position) counts \(nodes.runningPods[position]) pods, "
                        + "\(running[position]) run there")
            }
            if (scheduler.position(of: node) == nil) != nodes.isGone(node) {
                broken.append("scheduler and cluster differ on whether node \(position) exists")
            }
            guard let place = scheduler.position(of: node) else { continue }
            let bound = lifecycle.residents[node].count
            if scheduler.cluster.nodes.podCount(at: place) != Int64(bound) {
                broken.append(
                    "the scheduler counts \(scheduler.cluster.nodes.podCount(at: place)) pods on "
                        + "node \(position), \(bound) are bound there")
            }
        }
        for resource in 0..<nodes.resourceCount {
            var sum: Int64 = 0
            for position in 0..<nodes.count where !nodes.isGone(NodeIndex(position)) {
                sum += nodes.allocatable(resource, of: NodeIndex(position))
            }
            if sum != nodes.allocatableTotals[resource] {
                broken.append("resource \(resource): \(sum) on nodes that exist, counted otherwise")
            }
        }
        return broken
    }
}
