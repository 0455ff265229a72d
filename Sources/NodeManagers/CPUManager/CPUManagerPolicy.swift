package import Primitives
package import Records

/// How a node hands exclusive CPUs to containers. (cm/cpumanager/policy.go)
///
/// A policy holds options and topology, never allocations: what is taken lives in `CPUManagerState` and is lent to
/// it. Each method is called once for a decision, so inside everything is concrete.
package protocol CPUManagerPolicy: Sendable {
    /// As KubeletConfiguration spells it.
    static var name: String { get }
    /// One line for `topsim policies`.
    static var summary: String { get }

    /// Reads and checks options, and chooses the reserved CPUs.
    init(_ setup: CPUManagerSetup) throws(PolicyError)

    /// CPUs that are never exclusive.
    var reserved: CPUSet { get }
    /// The shared pool of a node that runs nothing.
    var initialPool: CPUSet { get }
    /// The NUMA nodes on which `count` CPUs could be had now: of a container, or with pod scope of a pod.
    ///
    /// `held` is what the container or the pod's containers hold already, as after a kubelet restart; else nil.
    func hints(
        for count: Int, holding held: CPUSet?, in state: CPUManagerState,
        into hints: inout HintCollector)
    /// Gives a container its CPUs, or says why not. `affinity` is the Topology Manager's; nil is "any".
    func allocate(
        _ request: CPURequest, within affinity: NUMAMask?, in state: inout CPUManagerState
    ) -> CPUOutcome
    /// Why a pod with pod-level resources could never be placed as one; nil when it could.
    func refusal(ofShareOf pod: PreparedPod) -> Rejection.Cause?
    /// Gives such a pod one portion and cuts it up among its containers; the slot after theirs is the pod's. The
    /// default gives nothing.
    func allocateShare(
        of pod: PreparedPod, _ range: ContainerRange, within affinity: NUMAMask?,
        in state: inout CPUManagerState
    ) -> Rejection.Cause?
    /// Adds the order of taking to what is known of a choice, for `topsim run --explain`. The default adds nothing.
    func explain(
        _ request: CPURequest, from available: CPUSet, within affinity: NUMAMask?,
        in explanation: inout AllocationExplanation.CPUs)
    /// Takes back what the containers of a pod hold. The default returns all of it to the shared pool.
    func release(_ pod: ContainerRange, in state: inout CPUManagerState)
}

extension CPUManagerPolicy {
    package func refusal(ofShareOf pod: PreparedPod) -> Rejection.Cause? { nil }

    package func allocateShare(
        of pod: PreparedPod, _ range: ContainerRange, within affinity: NUMAMask?,
        in state: inout CPUManagerState
    ) -> Rejection.Cause? { nil }

    package func release(_ pod: ContainerRange, in state: inout CPUManagerState) {
        state.release(pod)
    }
}

/// What a CPU policy is made from.
package struct CPUManagerSetup: Sendable {
    package var topology: CPUTopology
    package var layout: NUMALayout
    package var options: [String: String]
    /// `kubeReserved` plus `systemReserved` cpu, or the size of `reservedSystemCPUs`; nil when none is given.
    package var reservedMilliCPU: Int64?
    package var reservedSystemCPUs: CPUSet
    package var gates: FeatureGates
    package var topologyManagerPolicy: String
    package var fixes: UpstreamFixes

    package init(
        topology: CPUTopology, layout: NUMALayout, options: [String: String] = [:],
        reservedMilliCPU: Int64? = nil, reservedSystemCPUs: CPUSet = CPUSet(),
        gates: FeatureGates = FeatureGates(), topologyManagerPolicy: String = "none",
        fixes: UpstreamFixes = []
    ) {
        self.topology = topology
        self.layout = layout
        self.options = options
        self.reservedMilliCPU = reservedMilliCPU
        self.reservedSystemCPUs = reservedSystemCPUs
        self.gates = gates
        self.topologyManagerPolicy = topologyManagerPolicy
        self.fixes = fixes
    }

    /// How many CPUs are to be reserved: the reservation in whole CPUs, rounded up.
    package func reservedCount() throws(PolicyError) -> Int {
        guard let milli = reservedMilliCPU else {
            throw PolicyError(
                "[cpumanager] unable to determine reserved CPU resources for static policy")
        }
        guard milli > 0 else {
            throw PolicyError(
                "[cpumanager] the static policy requires systemreserved.cpu + kubereserved.cpu"
                    + " to be greater than zero")
        }
        return Int((milli + 999) / 1000)
    }
}

/// What a container asks of the CPU Manager.
package struct CPURequest: Sendable {
    /// Whole CPUs of a container that is entitled to exclusive ones, else 0.
    package var count: Int
    package var container: ContainerSlot
    /// Its CPUs may be used again by later containers of the pod: a regular init container.
    package var isReusable: Bool

    package init(count: Int, container: ContainerSlot, isReusable: Bool) {
        self.count = count
        self.container = container
        self.isReusable = isReusable
    }
}

package enum CPUOutcome: Sendable {
    /// The container runs in the shared pool.
    case shared
    /// The container has exclusive CPUs, now or already.
    case exclusive
    case rejected(Rejection.Cause)
}
