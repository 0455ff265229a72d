import ClusterScheduler
import DiscreteEvents
import NodeManagers
public import Primitives
import Records
import WorkloadModel

extension Simulation {
    /// Makes the shapes of standing pods known, before the scheduler is told of any.
    mutating func internStandingShapes() {
        for start in nodes.standing {
            for pod in start.pods { _ = shapes.intern(pod.shape) }
        }
    }

    /// The pods that are there from the beginning, admitted at time zero.
    mutating func admitStandingPods() {
        guard !nodes.standing.isEmpty,
            let workload = scenario.workloads.firstIndex(where: {
                $0.name == StandingPods.workloadName
            })
        else { return }
        var ordinal: UInt32 = 0
        for start in nodes.standing {
            let outcomes = Dictionary(
                start.readmissions.map { ($0.pod, $0) }, uniquingKeysWith: { first, _ in first })
            for (pod, index) in zip(start.pods, start.indices) {
                let handle = place(
                    pod, index, on: start.node, of: WorkloadIndex(workload), ordinal)
                ordinal += 1
                switch outcomes[index]?.outcome {
                case .admitted(let counts): stands(handle, on: start.node, counts)
                case .rejected(let rejection): doesNotStand(handle, on: start.node, rejection)
                case nil: preconditionFailure("a kubelet decides on every pod that it knows")
                }
            }
        }
    }

    /// The pod object, bound to its node, as the scheduler knows it.
    private mutating func place(
        _ standing: StandingPod, _ index: PodIndex, on node: NodeIndex, of workload: WorkloadIndex,
        _ ordinal: UInt32
    ) -> PodHandle {
        var pod = PodState()
        pod.phase = .bound
        pod.pod = index
        pod.workload = workload
        pod.shape = shapes.intern(standing.shape)
        pod.owner = ordinal
        pod.node = node.rawValue
        pod.lifetime = standing.lifetime?.nanoseconds ?? -1
        pod.scheduled = 0
        let handle = pods.allocate(pod)
        pods.setTraceName(standing.name, for: handle.slot)
        counters.arrived += 1
        counters.pending += 1
        notePodObjects()
        count(handle.slot, total: 1)
        scheduler.assume(shape: pod.shape, on: node)
        scheduler.nodePods.add(NodePod(pod: handle.slot, shape: pod.shape), to: node)
        return handle
    }

    private mutating func stands(
        _ handle: PodHandle, on node: NodeIndex, _ alignment: AlignmentCounts
    ) {
        nodes.countStanding(shapes.shapes[pods[handle.slot].shape.position], on: node)
        admitted(handle, on: node, alignment)
    }

    /// The kubelet does not take the pod back.
    private mutating func doesNotStand(
        _ handle: PodHandle, on node: NodeIndex, _ rejection: Rejection
    ) {
        counters.readmissionsRefused += 1
        refused(handle, by: node, rejection, stage: .readmission)
    }

    // MARK: A run as the beginning of another

    /// What the kubelet of a node has written down, and the pods that it runs, for another run to begin with.
    public func standing(on node: NodeIndex, position: Int = 0) -> StandingNode {
        let slots = pods.liveSlots.filter {
            pods[$0].phase == .running && pods[$0].node == node.rawValue
        }.sorted { pods[$0].pod < pods[$1].pod }
        var uids: [PodIndex: String] = [:]
        var standing: [StandingPod] = []
        for slot in slots {
            let pod = pods[slot]
            uids[pod.pod] = uid(of: slot)
            var left: SimDuration?
            if pod.lifetime >= 0 {
                left = SimDuration(
                    nanoseconds: max(0, pod.started + pod.lifetime - time.nanoseconds))
            }
            standing.append(
                StandingPod(
                    name: name(ofPodIn: slot), uid: uid(of: slot), shape: shapes[pod.shape],
                    lifetime: left))
        }
        let checkpoints = nodes.checkpoints(of: node) { uids[$0] ?? "gone" }
        return StandingNode(position: position, checkpoints: checkpoints, pods: standing)
    }
}
