public import Primitives

/// What is taken on one node, and the pods that hold it.
///
/// Made by `NodeModel.makeState`, changed by `NodeModel.admit` and `remove`. A value: copies are independent.
public struct NodeState: Sendable {
    package var cpu: CPUManagerState
    package var memory: MemoryManagerState
    package var devices: DeviceManagerState
    package var pods = PodTable()
    /// Σ requests of the node's pods, by `ResourceIndex.position`.
    package var requested: [Int64]
    /// Pods that the kubelet counts as active; fewer than `pods` only while it restarts.
    package var activePods = 0
    /// Kept only where the kubelet may be restarted.
    package var deviceCheckpoint: DeviceCheckpoint?
    /// CPUs of pods whose whole share the kubelet lost track of.
    package var lostPodCPUs: [(pod: PodIndex, cpus: CPUSet)] = []
    /// Admitted merges whose NUMA nodes `numa-allocation-strategy` changed.
    public package(set) var numaScoreSelections: Int64 = 0
    /// Pods that only checkpoint files know, until the kubelet that read them sweeps.
    package var stalePods: [PodIndex] = []

    init(
        cpu: CPUManagerState, memory: MemoryManagerState, devices: DeviceManagerState,
        resourceCount: Int
    ) {
        self.cpu = cpu
        self.memory = memory
        self.devices = devices
        requested = Array(repeating: 0, count: resourceCount)
    }

    /// How many pods the node holds.
    public var podCount: Int { pods.count }

    /// The node's pods in order of admission.
    public var podIndices: [PodIndex] { pods.inOrderOfAdmission.map { pods[$0].id } }

    /// Σ requests of the node's pods, by `ResourceIndex.position`.
    public var requestedAmounts: [Int64] { requested }

    /// How often a bug of the kubelet broke a law on this node; docs/fidelity.md names them.
    public var upstreamBugCounts: UpstreamBugCounts {
        var counts = UpstreamBugCounts()
        counts.busyThreadsOfFreeCore = cpu.busyThreadsTaken
        counts.singleBlockOnGroup = memory.singleBlocksOnGroups
        counts.shareNeverReturned = Int64(lostPodCPUs.count)
        counts.secondShareAfterRestart = cpu.sharesReplaced + memory.sharesReplaced
        return counts
    }
}

/// How often bugs of the kubelet that break a law have shown themselves, by name.
public struct UpstreamBugCounts: Hashable, Sendable {
    /// `busy-threads-of-free-core`: where CPUs per core truncate, a core with one free thread counted as free and
    /// its busy or reserved threads were handed out too.
    public var busyThreadsOfFreeCore: Int64 = 0
    /// `single-block-on-group`: a block on one NUMA node landed on a node that belongs to a group.
    public var singleBlockOnGroup: Int64 = 0
    /// `share-never-returned`: a pod-level share of CPUs could not be cut up, and the kubelet lost track of it.
    public var shareNeverReturned: Int64 = 0
    /// `second-share-after-restart`: a restarted kubelet gave a pod with a share another one; the first is lost.
    public var secondShareAfterRestart: Int64 = 0

    public init() {}
}
