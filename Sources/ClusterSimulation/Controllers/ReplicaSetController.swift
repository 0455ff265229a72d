import Primitives
import Records
import WorkloadModel

/// ReplicaSets, and Deployments, whose pods a ReplicaSet makes: a failed pod is replaced at once, by a new object.
///
/// Nothing backs off (kubernetes#84869); only the client's rate limits the loop: for each failed pod one POST and one
/// status PUT. Source: k/k pkg/controller/replicaset/replica_set.go; spec/controllers.md section 1.
enum ReplicaSetController {
    static func ownerArrived(
        _ simulation: inout Simulation, _ index: WorkloadIndex, _ arrival: Arrival
    ) {
        let workload = simulation.scenario.workloads[index.position]
        let owner = simulation.newOwner(index, arrival, desired: workload.replicas)
        for replica in 0..<workload.replicas {
            let creation = simulation.clients.write(workload.controller, at: simulation.time)
            let pod = simulation.newPod(of: owner, replica: replica, arrival)
            simulation.planPod(pod, creation: creation)
        }
    }

    static func podEnded(_ simulation: inout Simulation, _ pod: PodState) {
        guard pod.isLost else { return simulation.replicaIsOver(pod.ownerSlot) }
        let kind = simulation.scenario.workloads[pod.workload.position].controller
        let creation = simulation.clients.write(kind, at: simulation.time)
        _ = simulation.clients.write(kind, at: simulation.time)
        simulation.planPod(simulation.replacement(of: pod), creation: creation)
    }
}
