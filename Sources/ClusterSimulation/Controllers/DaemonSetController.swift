import Primitives
import Records
import WorkloadModel

/// DaemonSets: one pod on each node that it is meant for. A failed pod is deleted, the first time at once, then after
/// 1 s doubling to 15 minutes, and comes again when the deletion is seen.
///
/// Source: k/k pkg/controller/daemon/daemon_controller.go; spec/controllers.md section 4.
enum DaemonSetController {
    static func ownerArrived(
        _ simulation: inout Simulation, _ index: WorkloadIndex, _ arrival: Arrival
    ) {
        let shape = simulation.shapes.shapes[arrival.shape.position]
        let owner = simulation.newOwner(index, arrival, desired: 0)
        var node = 0
        for group in simulation.scenario.nodeGroups {
            let isMeant = isEligible(group, for: shape)
            for _ in 0..<group.count {
                defer { node += 1 }
                guard isMeant else { continue }
                let replica = Int(simulation.owners[owner].desired)
                simulation.owners[owner].desired += 1
                var pod = simulation.newPod(of: owner, replica: replica, arrival)
                pod.pinnedNode = UInt32(node)
                let creation = simulation.clients.write(.daemonSet, at: simulation.time)
                simulation.planPod(pod, creation: creation)
            }
        }
        if simulation.owners[owner].desired == 0 { simulation.owners.free(owner) }
    }

    static func podEnded(_ simulation: inout Simulation, _ pod: PodState) {
        guard pod.isLost else { return simulation.replicaIsOver(pod.ownerSlot) }
        let timings = simulation.scenario.timings
        let due = simulation.time + backoff(afterFailures: pod.incarnation)
        let deletion = simulation.clients.write(.daemonSet, at: due)
        let creation = simulation.clients.write(
            .daemonSet, at: deletion + timings.bind + timings.watch)
        simulation.planPod(simulation.replacement(of: pod), creation: creation)
    }

    /// None for the first failure on a node, then 1, 2, 4 … 900 s.
    static func backoff(afterFailures earlier: UInt32) -> SimDuration {
        guard earlier > 0 else { return .zero }
        return .seconds(min(900, 1 << Int64(min(earlier - 1, 10))))
    }

    /// Whether the node carries the pod's selector and its NoSchedule and NoExecute taints are tolerated.
    private static func isEligible(_ group: NodeGroup, for shape: PodShape) -> Bool {
        shape.nodeSelector.allSatisfy { group.labels.contains($0) }
            && group.taints.allSatisfy { taint in
                taint.effect == .preferNoSchedule
                    || shape.tolerations.contains { $0.tolerates(taint) }
            }
    }
}
