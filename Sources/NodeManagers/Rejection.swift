public import Primitives

/// A kubelet's refusal of a pod: cheap to make and to compare, put into words only when asked.
///
/// Reason and message are the kubelet's own, word for word (kubelet 1.36, cm/admission/errors.go,
/// lifecycle/predicate.go and the managers' errors).
public struct Rejection: Hashable, Sendable {
    /// Who refused: the Topology Manager's admission, or the general predicates after it.
    public enum Source: String, Sendable {
        case topologyManager = "topologymanager"
        case predicates
    }

    /// What was wrong, with the numbers that the message quotes.
    public enum Cause: Hashable, Sendable {
        /// The merged hint is not one that the policy admits.
        case topologyAffinity
        case topologyAffinityOfPodLevelPod
        case topologyAffinityOfPodLevelPodByContainer

        case smtMisaligned(requested: Int, cpusPerCore: Int)
        case tooFewFreeCores(available: Int, requested: Int, cpusPerCore: Int)
        case tooFewCPUs(requested: Int, available: Int)
        case cpusNotFound
        /// The kubelet's dealing loop would never end; it stalls there, and we refuse.
        case cpuDistributionNeverEnds
        /// A search beyond our work limit, where the kubelet lists more than it ever gets through; it stalls there,
        /// and we refuse.
        case upstreamWouldStall

        case noMemoryForDefaultAffinity
        case defaultMemoryHintNotPreferred
        case memoryHintNotExtensible
        case extendedMemoryHintNotPreferred
        case memoryHintViolatesGroup
        /// The machine has no pages of this size; the kubelet crashes on a nil pointer, and we refuse.
        case memoryTypeUnknown(ResourceIndex)

        case tooFewDevices(ResourceIndex, requested: Int, available: Int)
        case noHealthyDevices(ResourceIndex)
        case devicesNoLongerHealthy(ResourceIndex)
        case devicesNotRegistered(ResourceIndex)
        case deviceRequestChanged(ResourceIndex, from: Int, to: Int)

        case noCPUsLeftForSharedContainers
        case noCPUsLeftForSharedInitContainers
        case initContainerExceedsPodCPUs(requested: Int, available: Int)
        case noMemoryLeftForSharedContainers(ResourceIndex)
        case noMemoryLeftForSharedInitContainers(ResourceIndex)
        case initContainerExceedsPodMemory(ResourceIndex, requested: Int64, available: Int64)

        case tooManyPods(used: Int64, capacity: Int64)
        case outOf(ResourceIndex, requested: Int64, used: Int64, capacity: Int64)
    }

    public var cause: Cause

    public init(_ cause: Cause) { self.cause = cause }

    public var source: Source {
        switch cause {
        case .tooManyPods, .outOf: .predicates
        default: .topologyManager
        }
    }

    /// Kubernetes' reason, such as `TopologyAffinityError` or `OutOfcpu`.
    public func reason(_ resources: ResourceTable) -> String {
        switch cause {
        case .topologyAffinity, .topologyAffinityOfPodLevelPod,
            .topologyAffinityOfPodLevelPodByContainer:
            "TopologyAffinityError"
        case .smtMisaligned, .tooFewFreeCores: "SMTAlignmentError"
        case .noCPUsLeftForSharedContainers, .noCPUsLeftForSharedInitContainers,
            .initContainerExceedsPodCPUs, .noMemoryLeftForSharedContainers,
            .noMemoryLeftForSharedInitContainers, .initContainerExceedsPodMemory:
            "EmptyPodSharedPoolError"
        case .tooManyPods: "OutOfpods"
        case .outOf(let resource, _, _, _): "OutOf\(resources[resource])"
        default: "UnexpectedAdmissionError"
        }
    }

    /// The kubelet's message.
    public func message(_ resources: ResourceTable) -> String {
        switch cause {
        case .topologyAffinity:
            return "Resources cannot be allocated with Topology locality"
        case .topologyAffinityOfPodLevelPod:
            return "Pod Scope pod with pod-level resources failed admission"
                + " under pod-scope topology manager"
        case .topologyAffinityOfPodLevelPodByContainer:
            return "Pod Scope pod with pod-level resources failed admission"
                + " with a container-level topology manager"
        case .smtMisaligned(let requested, let cpusPerCore):
            return "SMT Alignment Error: requested \(requested) cpus"
                + " not multiple cpus per core = \(cpusPerCore)"
        case .tooFewFreeCores(let available, let requested, let cpusPerCore):
            return "SMT Alignment Error: not enough free physical CPUs: available physical CPUs"
                + " = \(available), requested CPUs = \(requested), CPUs per core = \(cpusPerCore)"
        case .noCPUsLeftForSharedContainers:
            return "pod rejected, sum of exclusive container cpu requests equals pod budget,"
                + " leaving no cpus for shared containers"
        case .noCPUsLeftForSharedInitContainers:
            return "pod rejected, pod has shared init containers but no cpus available for them"
        case .initContainerExceedsPodCPUs(let requested, let available):
            return "pod rejected, largest exclusive init container requests \(requested) cpus,"
                + " but only \(available) available"
        case .noMemoryLeftForSharedContainers(let type):
            return "pod rejected, sum of exclusive container \(resources[type]) requests equals"
                + " pod budget, leaving no memory for shared containers"
        case .noMemoryLeftForSharedInitContainers(let type):
            return "pod rejected, pod has shared init containers but no \(resources[type])"
                + " available for them"
        case .initContainerExceedsPodMemory(let type, let requested, let available):
            return "pod rejected, largest exclusive init container requests \(requested) of"
                + " \(resources[type]), but only \(available) available"
        case .tooManyPods(let used, let capacity):
            return Rejection.shortage("pods", 1, used, capacity)
        case .outOf(let resource, let requested, let used, let capacity):
            return Rejection.shortage(resources[resource], requested, used, capacity)
        default:
            return "Allocate failed due to \(error(resources)), which is unexpected"
        }
    }

    private static func shortage(
        _ resource: String, _ requested: Int64, _ used: Int64, _ capacity: Int64
    ) -> String {
        "Node didn't have enough resource: \(resource), requested: \(requested), used: \(used),"
            + " capacity: \(capacity)"
    }

    /// The manager's error inside an `UnexpectedAdmissionError`.
    private func error(_ resources: ResourceTable) -> String {
        switch cause {
        case .tooFewCPUs(let requested, let available):
            "not enough cpus available to satisfy request:"
                + " requested=\(requested), available=\(available)"
        case .cpusNotFound: "failed to allocate cpus"
        case .cpuDistributionNeverEnds:
            "a distribution of CPUs across NUMA nodes that never ends in the kubelet"
        case .upstreamWouldStall:
            "upstream would stall: more combinations of NUMA nodes than the kubelet gets through"
        case .noMemoryForDefaultAffinity:
            "[memorymanager] failed to get the default NUMA affinity,"
                + " no NUMA nodes with enough memory is available"
        case .defaultMemoryHintNotPreferred:
            "[memorymanager] failed to find the default preferred hint"
        case .memoryHintNotExtensible:
            "[memorymanager] failed to find NUMA nodes to extend the current topology hint"
        case .extendedMemoryHintNotPreferred:
            "[memorymanager] failed to find the extended preferred hint"
        case .memoryHintViolatesGroup:
            "[memorymanager] preferred hint violates NUMA node allocation"
        case .memoryTypeUnknown(let type):
            "a request for \(resources[type]), of which the machine has none: the kubelet crashes"
        case .tooFewDevices(let resource, let requested, let available):
            "requested number of devices unavailable for \(resources[resource])."
                + " Requested: \(requested), Available: \(available)"
        case .noHealthyDevices(let resource):
            "no healthy devices present; cannot allocate unhealthy devices \(resources[resource])"
        case .devicesNoLongerHealthy(let resource):
            "previously allocated devices are no longer healthy;"
                + " cannot allocate unhealthy devices \(resources[resource])"
        case .devicesNotRegistered(let resource):
            "cannot allocate unregistered device \(resources[resource])"
        case .deviceRequestChanged(let resource, let from, let to):
            "a container changed its request for \(resources[resource]) from \(from) to \(to)"
        default: "\(cause)"
        }
    }
}

/// A kubelet's answer to one pod.
public enum AdmissionOutcome: Hashable, Sendable {
    case admitted(AlignmentCounts)
    case rejected(Rejection)
}

/// How many of a pod's containers got something to align, and inside how many units it lies.
///
/// Definitions are those of `Records.Alignment`; streaming metrics add these up.
public struct AlignmentCounts: Hashable, Sendable, BitwiseCopyable {
    /// Containers with exclusive CPUs, a memory block or a device.
    public var containers: Int32 = 0
    /// Containers with exclusive CPUs; core, uncore and socket apply to these.
    public var cpuContainers: Int32 = 0
    public var coreAligned: Int32 = 0
    public var uncoreAligned: Int32 = 0
    public var numaAligned: Int32 = 0
    public var socketAligned: Int32 = 0
    /// Exclusive CPUs that the pod holds when all its containers run; CPUs shared with init containers once.
    public var exclusiveCPUs: Int32 = 0

    public init() {}
}
