import Primitives
import WorkloadModel

/// Pods with pod-level resources under pod scope (gate PodLevelResourceManagers): one portion of CPUs for the pod,
/// cut up among its containers. (cm/cpumanager/policy_static.go, AllocatePod)
extension StaticCPUPolicy {
    package func refusal(ofShareOf pod: PreparedPod) -> Rejection.Cause? {
        guard let total = pod.podLevel?.cpus else { return nil }
        var exclusive = 0
        var hasSharedContainers = false
        for container in pod.containers {
            switch container.kind {
            case .initContainer:
                if container.cpus > 0 {
                    if container.cpus > total - exclusive {
                        return .initContainerExceedsPodCPUs(
                            requested: container.cpus, available: total - exclusive)
                    }
                } else if exclusive >= total {
                    return .noCPUsLeftForSharedInitContainers
                }
            case .sidecar, .app:
                if container.cpus == 0 { hasSharedContainers = true }
                exclusive += container.cpus
            }
        }
        return hasSharedContainers && exclusive >= total ? .noCPUsLeftForSharedContainers : nil
    }

    package func allocateShare(
        of pod: PreparedPod, _ range: ContainerRange, within affinity: NUMAMask?,
        in state: inout CPUManagerState
    ) -> Rejection.Cause? {
        guard let total = pod.podLevel?.cpus, total > 0 else { return nil }
        if let refusal = refusal(ofShareOf: pod) { return refusal }
        let slot = range[pod.containers.count]
        if keepsShares, state.cpus(of: slot)?.count == total { return nil }
        if let refusal = refusalBySMT(total, in: state) { return refusal }
        let allocatable = state.pool.subtracting(reserved)
        let share: CPUSet
        switch choose(total, from: allocatable, within: affinity) {
        case .taken(let cpus): share = cpus
        case .tooFew(let requested, let available):
            return .tooFewCPUs(requested: requested, available: available)
        case .notFound: return .cpusNotFound
        case .neverEnds: return .cpuDistributionNeverEnds
        case .wouldStall: return .upstreamWouldStall
        }
        countBusyThreads(share, of: allocatable, in: &state)
        // Set before the cut: when that fails, the kubelet never gives the portion back.
        state.assignShare(share, to: slot)
        let refusal = cut(share, for: pod, range, in: &state)
        if refusal != nil, returnsUncutShares {
            state.release(ContainerRange(first: slot.index, count: 1))
        }
        return refusal
    }

    /// Init containers from what sidecars before them leave, apps one after another from what all sidecars leave;
    /// containers without CPUs of their own get the rest.
    private func cut(
        _ share: CPUSet, for pod: PreparedPod, _ range: ContainerRange,
        in state: inout CPUManagerState
    ) -> Rejection.Cause? {
        var portions: [CPUSet?] = Array(repeating: nil, count: pod.containers.count)
        var left = share
        for (position, container) in pod.containers.enumerated() {
            guard container.cpus > 0 else {
                if container.isRegularInit { portions[position] = left }
                continue
            }
            switch topologyTake(container.cpus, from: left) {
            case .taken(let cpus):
                countBusyThreads(cpus, of: left, in: &state)
                portions[position] = cpus
                if !container.isRegularInit { left.subtract(cpus) }
            case .tooFew(let requested, let available):
                return .tooFewCPUs(requested: requested, available: available)
            case .notFound: return .cpusNotFound
            case .neverEnds: return .cpuDistributionNeverEnds
            case .wouldStall: return .upstreamWouldStall
            }
        }
        for (position, portion) in portions.enumerated() {
            state.record(portion ?? left, of: range[position])
        }
        return nil
    }
}
