import Primitives
import Records
import WorkloadModel

/// StatefulSets (OrderedReady): ordinals come one after another, each when the one before runs; a failed pod is
/// deleted and comes again under the same name, without back-off.
///
/// A refusal costs four writes (DELETE, POST, two status PUTs). Source: k/k
/// pkg/controller/statefulset/stateful_set_control.go; the shared folder's spec/controllers.md section 3.
enum StatefulSetController {
    static func ownerArrived(
        _ simulation: inout Simulation, _ index: WorkloadIndex, _ arrival: Arrival
    ) {
        let workload = simulation.scenario.workloads[index.position]
        guard workload.replicas > 0 else { return }
        let owner = simulation.newOwner(index, arrival, desired: workload.replicas)
        simulation.owners[owner].nextOrdinal = 1
        createNext(&simulation, simulation.newPod(of: owner, replica: 0, arrival))
    }

    /// The pod runs: the next ordinal follows.
    static func podStarted(_ simulation: inout Simulation, _ handle: PodHandle) {
        let pod = simulation.pods[handle.slot]
        simulation.putStatus(pod.ownerSlot, by: .statefulSet, at: simulation.time)
        let owner = simulation.owners[pod.ownerSlot]
        let replicas = simulation.scenario.workloads[pod.workload.position].replicas
        guard owner.nextOrdinal < replicas, owner.nextOrdinal == pod.replica + 1 else { return }
        simulation.owners[pod.ownerSlot].nextOrdinal += 1
        let arrival = Arrival(ordinal: pod.owner, shape: pod.shape, traceName: nil)
        var next = simulation.newPod(
            of: pod.ownerSlot, replica: Int(owner.nextOrdinal), arrival)
        next.wanted = pod.wanted
        createNext(&simulation, next)
    }

    private static func createNext(_ simulation: inout Simulation, _ pod: PodState) {
        let slot = simulation.pods.allocate(pod).slot
        let answered = simulation.create(slot, by: .statefulSet, at: simulation.time)
        simulation.putStatus(
            pod.ownerSlot, by: .statefulSet, at: answered + simulation.scenario.timings.watch)
    }

    static func podEnded(_ simulation: inout Simulation, _ pod: PodState) {
        guard pod.isLost else {
            simulation.changeScale(of: pod.shape, pod.workload, by: -1)
            return simulation.replicaIsOver(pod.ownerSlot)
        }
        // A preempted pod was deleted by the scheduler.
        let seen =
            pod.outcome == .failed
            ? simulation.deleteEnded(pod.ownerSlot, by: .statefulSet, at: simulation.time)
            : simulation.time
        let slot = simulation.pods.allocate(simulation.replacement(of: pod)).slot
        _ = simulation.create(slot, by: .statefulSet, at: seen)
        let last = simulation.clients.write(.statefulSet, count: 2, at: seen)
        simulation.owners[pod.ownerSlot].statusLeaves = last
        simulation.counters.statusWrites.add(.statefulSet, count: 2)
    }
}
