import Primitives

/// How a node hands memory of its NUMA nodes to containers. (cm/memorymanager/policy.go)
///
/// Like a CPU policy it holds no allocations; the state is lent to it.
package protocol MemoryManagerPolicy: Sendable {
    /// As KubeletConfiguration spells it.
    static var name: String { get }
    /// One line for `topsim policies`.
    static var summary: String { get }

    init(_ setup: MemoryManagerSetup) throws(PolicyError)

    /// What there is, by NUMA node and type: `node * types + type`; empty when the policy keeps no tables.
    var totals: [MemoryTotals] { get }
    /// The fewest NUMA nodes that could hold `amounts` if nothing were taken; all of them when none could.
    func minimumNodes(for amounts: [MemoryAmount]) -> Int
    /// The groups of NUMA nodes on which `demand` could be satisfied now.
    ///
    /// `holder` is a container that has an entry already, as after a kubelet restart; else nil.
    func hints(
        for demand: MemoryDemand, holder: ContainerSlot?, in state: MemoryManagerState,
        into hints: inout HintCollector)
    /// Gives the pod's container at `position` its blocks, or says why not. `hint` is the Topology Manager's.
    func allocate(
        _ demand: MemoryDemand, to position: Int, of pod: ContainerRange, hint: TopologyHint,
        in state: inout MemoryManagerState
    ) -> Rejection.Cause?
    /// Why a pod with pod-level resources could never be placed as one; nil when it could.
    func refusal(ofShareOf pod: PreparedPod) -> Rejection.Cause?
    /// Gives such a pod one portion and cuts it up among its containers; the slot after theirs is the pod's. The
    /// default gives nothing.
    func allocateShare(
        of pod: PreparedPod, _ range: ContainerRange, hint: TopologyHint,
        in state: inout MemoryManagerState
    ) -> Rejection.Cause?
    /// Takes back what a pod's containers hold.
    func release(_ pod: ContainerRange, in state: inout MemoryManagerState)
}

extension MemoryManagerPolicy {
    package func refusal(ofShareOf pod: PreparedPod) -> Rejection.Cause? { nil }

    package func allocateShare(
        of pod: PreparedPod, _ range: ContainerRange, hint: TopologyHint,
        in state: inout MemoryManagerState
    ) -> Rejection.Cause? { nil }

    package func release(_ pod: ContainerRange, in state: inout MemoryManagerState) {
        state.release(pod)
    }
}

/// What a memory policy is made from.
package struct MemoryManagerSetup: Sendable {
    package var layout: NUMALayout
    package var types: MemoryTypes
    /// Bytes of each type on each NUMA node, `node * types + type`, huge pages included in `memory`.
    package var capacity: [Int64]
    /// Bytes in huge pages of any size on each NUMA node, those of sizes included that no pod asks for.
    package var hugePages: [Int64]
    /// `reservedMemory`.
    package var reservedMemory: [ReservedMemory]
    /// What Node Allocatable sets aside: kube, system and hard eviction; by resource name.
    package var reservation: [String: Int64]
    package var resourceNames: [String]
    package var fixes: UpstreamFixes

    package init(
        layout: NUMALayout, types: MemoryTypes, capacity: [Int64], hugePages: [Int64],
        reservedMemory: [ReservedMemory], reservation: [String: Int64], resourceNames: [String],
        fixes: UpstreamFixes = []
    ) {
        self.layout = layout
        self.types = types
        self.capacity = capacity
        self.hugePages = hugePages
        self.reservedMemory = reservedMemory
        self.reservation = reservation
        self.resourceNames = resourceNames
        self.fixes = fixes
    }
}

/// Bytes of one memory type; a type that is asked for with 0 bytes counts as asked for.
package struct MemoryAmount: Hashable, Sendable {
    /// Position in `MemoryTypes`.
    package var type: Int
    package var bytes: Int64

    package init(type: Int, bytes: Int64) {
        self.type = type
        self.bytes = bytes
    }
}

/// Memory that a container, or with pod scope a pod, asks for; the same for all pods of one shape.
package struct MemoryDemand: Hashable, Sendable {
    /// False for a container that the Memory Manager has nothing to do with.
    package var isManaged = false
    /// Ascending by type.
    package var amounts: [MemoryAmount] = []
    /// `MemoryManagerPolicy.minimumNodes` of the amounts.
    package var minimumNodes = 1
    /// Of a regular init container: later containers may use the memory again.
    package var isReusable = false
    /// Regular init containers of the pod before this one, by position in the pod.
    package var earlierInitContainers: [Int] = []

    package init() {}

    /// A bit for each type that is asked for.
    package var types: UInt32 { amounts.reduce(0) { $0 | 1 << UInt32($1.type) } }
}
