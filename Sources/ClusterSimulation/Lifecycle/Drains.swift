import ClusterScheduler
import DiscreteEvents
import Primitives
import Records
import WorkloadModel

/// A node that is being emptied through the eviction API, as `kubectl drain` does it.
struct Drain {
    /// The action that asked for it.
    var run: Int
    var node: NodeIndex
    var settings: DrainSettings
    /// Pods that are not known to be gone.
    var left = 0
    var isOver = false
    /// Retries that are planned.
    var retries = 0
}

/// A drain that waits for the end of a pod since its eviction was accepted.
struct DrainWait {
    var drain: Int
    var generation: UInt32
    var since: SimTime
}

/// Source: kubectl pkg/drain (RunNodeDrain, evictPods), k/k pkg/registry/core/pod/storage/eviction.go; the shared folder's
/// spec/controllers.md section 7. The command's calls follow each other, a `controllerWrite` each: the cordon, the list of
/// pods, then the evictions, all at once.
extension Simulation {
    mutating func startDrain(of node: NodeIndex, _ settings: DrainSettings, for run: Int) {
        cordon(node)
        lifecycle.drains.append(Drain(run: run, node: node, settings: settings))
        let drain = lifecycle.drains.count - 1
        var evicted: [PodHandle] = []
        for slot in lifecycle.residents[node] {
            let pod = pods[slot]
            guard pod.phase == .bound || pod.phase == .running else { continue }
            let handle = PodHandle(slot: slot, generation: pod.generation)
            let workload = scenario.workloads[pod.workload.position]
            switch workload.controller {
            case .daemonSet:
                if settings.ignoresDaemonSets { continue }
                return drainFailed(
                    drain,
                    "cannot delete DaemonSet-managed Pods (use --ignore-daemonsets to ignore): "
                        + "\(workload.namespace)/\(name(ofPodIn: slot))")
            case .none where !settings.isForced:
                return drainFailed(
                    drain,
                    "cannot delete Pods that declare no controller (use --force to override): "
                        + "\(workload.namespace)/\(name(ofPodIn: slot))")
            case .none, .replicaSet, .deployment, .statefulSet, .job: evicted.append(handle)
            }
        }
        lifecycle.drains[drain].left = evicted.count
        if let timeout = settings.timeout { plan(.drainTimeout(drain), at: time + timeout) }
        let answered = time + scenario.timings.controllerWrite * 2
        if evicted.isEmpty { return plan(.gone(drain: drain), at: answered) }
        for handle in evicted {
            plan(
                .evict(drain: drain, handle), at: answered + scenario.timings.controllerWrite,
                phase: .controller)
        }
    }

    /// The API server decides on one eviction.
    mutating func evict(_ handle: PodHandle, for drain: Int) {
        if lifecycle.drains[drain].retries > 0 {
            // Those of a drain are all alike.
            lifecycle.drains[drain].retries -= 1
            lifecycle.idleTimers -= 1
        }
        guard !lifecycle.drains[drain].isOver else { return }
        guard pods.isCurrent(handle),
            pods[handle.slot].phase == .running
                || pods[handle.slot].phase == .bound
        else {
            // 404, or an end that is about to be seen: the pod is gone.
            return plan(.gone(drain: drain), at: time)
        }
        let node = lifecycle.drains[drain].node
        let number = lifecycle.runs[lifecycle.drains[drain].run].number
        func tell(_ verdict: EvictionRecord.Verdict, _ message: String) {
            counters.evictions.add(verdict)
            sink.evicted(
                EvictionRecord(
                    time: time, action: number, pod: pods[handle.slot].pod, node: node,
                    verdict: verdict, message: message))
        }
        switch evictionAnswer(handle.slot) {
        case .accepted:
            tell(.accepted, "")
            if let grace = lifecycle.drains[drain].settings.gracePeriodSeconds {
                lifecycle.graceOverrides[handle.slot] = grace
            }
            lifecycle.waits[handle.slot] = DrainWait(
                drain: drain, generation: handle.generation, since: time)
            terminate(handle, as: .evicted, seen: time + scenario.timings.watch)
        case .tooManyRequests(let message):
            tell(.refused, message)
            lifecycle.drains[drain].retries += 1
            lifecycle.idleTimers += 1
            plan(
                .evict(drain: drain, handle),
                at: time + scenario.lifecycle.settings.evictionRetry
                    + scenario.timings.controllerWrite, phase: .controller)
        case .error(let message):
            tell(.failed, message)
            drainFailed(drain, message)
        }
    }

    private enum EvictionAnswer {
        case accepted
        case tooManyRequests(String)
        case error(String)
    }

    /// What the eviction subresource answers; an accepted eviction counts against its budget at once.
    private mutating func evictionAnswer(_ slot: UInt32) -> EvictionAnswer {
        let pod = pods[slot]
        guard pod.phase == .running, !pod.isTerminating, !disruptions.isEmpty else {
            return .accepted
        }
        let budgets = disruptions.covering(pod.shape, shapes.shapes[pod.shape.position])
        guard let budget = budgets.first else { return .accepted }
        if budgets.count > 1 {
            return .error(
                "This pod has more than one PodDisruptionBudget, which the eviction subresource "
                    + "does not support.")
        }
        if !pod.isHealthy {
            return disruptions.isHealthy(budget)
                ? .accepted : .tooManyRequests(refusal(budget))
        }
        guard disruptions.allowed(budget) > 0 else { return .tooManyRequests(refusal(budget)) }
        loseHealth(slot)
        return .accepted
    }

    private func refusal(_ budget: Int) -> String {
        "Cannot evict pod as it would violate the pod's disruption budget. The disruption budget "
            + "\(disruptions.name(budget)) needs \(disruptions.wanted(budget)) healthy pods and has "
            + "\(disruptions.healthyCount(budget)) currently"
    }

    /// A pod's deletion was written and will be seen at `seen`.
    mutating func terminate(_ handle: PodHandle, as outcome: PodOutcomeCode, seen: SimTime) {
        if !pods[handle.slot].isTerminating { pods[handle.slot].leavesAs = outcome }
        counters.podDeletions += 1
        events.push(.podTerminationSeen(handle), at: seen, phase: .release)
    }

    /// A pod object no longer exists: a drain that waits for it sees so at its next look.
    mutating func podIsGone(_ handle: PodHandle, _ pod: PodState) {
        lifecycle.graceOverrides[handle.slot] = nil
        guard let wait = lifecycle.waits[handle.slot], wait.generation == handle.generation else {
            return
        }
        lifecycle.waits[handle.slot] = nil
        let poll = scenario.lifecycle.settings.deletionPoll.nanoseconds
        let elapsed = (time - wait.since).nanoseconds
        let looks = (elapsed + poll - 1) / poll
        plan(.gone(drain: wait.drain), at: wait.since + SimDuration(nanoseconds: looks * poll))
    }

    /// The command has seen that one more pod is gone, or that there was none.
    mutating func podIsNoted(by drain: Int) {
        guard !lifecycle.drains[drain].isOver else { return }
        lifecycle.drains[drain].left = max(0, lifecycle.drains[drain].left - 1)
        guard lifecycle.drains[drain].left == 0 else { return }
        end(drain)
        let node = lifecycle.drains[drain].node
        tell(node, .drained, "")
        drained(node, lifecycle.drains[drain].run)
    }

    mutating func drainTimedOut(_ drain: Int) {
        guard !lifecycle.drains[drain].isOver,
            let timeout = lifecycle.drains[drain].settings.timeout
        else { return }
        drainFailed(
            drain,
            "drain did not complete within \(timeout.nanoseconds / 1_000_000_000)s, "
                + "\(lifecycle.drains[drain].left) pods left")
    }

    private mutating func end(_ drain: Int) { lifecycle.drains[drain].isOver = true }

    private mutating func drainFailed(_ drain: Int, _ message: String) {
        end(drain)
        let (run, node) = (lifecycle.drains[drain].run, lifecycle.drains[drain].node)
        // An upgrade gives the node back as it was; a drain leaves it cordoned, as the command does.
        if lifecycle.runs[run].kind == "upgradeNodes" || lifecycle.runs[run].kind == "scale-down" {
            uncordon(node)
        }
        nodeIsDone(run, node, problem: message)
    }

    /// What an action does with a node that is empty.
    private mutating func drained(_ node: NodeIndex, _ run: Int) {
        switch lifecycle.runs[run].kind {
        case "removeNodes", "scale-down":
            remove(node)
            nodeIsDone(run, node)
        case "upgradeNodes": stop(node, for: run)
        default: nodeIsDone(run, node)
        }
    }
}

/// Answers of the eviction API, and deletions by other controllers.
public struct EvictionCounts: Sendable, Hashable {
    public var accepted: Int64 = 0
    public var refused: Int64 = 0
    public var failed: Int64 = 0
    public var tainted: Int64 = 0
    public var orphaned: Int64 = 0

    mutating func add(_ verdict: EvictionRecord.Verdict) {
        switch verdict {
        case .accepted: accepted += 1
        case .refused: refused += 1
        case .failed: failed += 1
        case .tainted: tainted += 1
        case .orphaned: orphaned += 1
        }
    }
}
