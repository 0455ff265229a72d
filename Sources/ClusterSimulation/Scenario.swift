public import ClusterScheduler
public import HardwareModel
public import NodeManagers
public import Primitives
public import WorkloadModel

/// What to simulate: checked, with every default made explicit. With a seed it is a run.
public struct Scenario: Sendable {
    public var name: String
    public var description: String
    public var seed: UInt64
    /// Simulated time 0 in whole seconds since 1970-01-01T00:00:00Z.
    public var epoch: Int64
    public var until: RunEnd
    /// Every resource that a node offers or a pod asks for.
    public var resources: ResourceTable
    public var nodeGroups: [NodeGroup]
    public var scheduler: SchedulerSettings
    public var timings: ControlPlaneTimings
    public var workloads: [Workload]
    public var disruptionBudgets: [PodDisruptionBudget]
    /// What someone does to owners while the run is on, and how those replace their pods, by name of workload.
    public var workloadChanges: [WorkloadChange] = []
    public var rolloutStrategies: [String: RolloutStrategy] = [:]
    /// What happens to nodes while the run is on.
    public var lifecycle = LifecyclePlan()
    public var record: RecordSettings
    /// What becomes of a pod whose admission never ends in a real kubelet.
    public var upstreamHang = UpstreamHang.reject

    public enum RunEnd: Sendable, Hashable {
        case time(SimTime)
        /// When nothing is left that could change: no event but samples, or only pods that run for ever.
        case workloadFinished
    }

    public init(name: String) {
        self.name = name
        description = ""
        seed = 0
        epoch = 0
        until = .workloadFinished
        resources = ResourceTable()
        nodeGroups = []
        scheduler = SchedulerSettings()
        timings = ControlPlaneTimings()
        workloads = []
        disruptionBudgets = []
        record = RecordSettings()
    }
}

/// Equal nodes: one machine and one kubelet configuration, many times.
public struct NodeGroup: Sendable, Hashable {
    public var name: String
    public var count: Int
    /// A name for each node; empty names them `<group>-0`, `<group>-1`, …
    public var nodeNames: [String]
    public var machine: Machine
    /// The machine's name in the scenario.
    public var machineName: String
    /// Nodes that have pods when the run begins, ascending by position.
    public var standing: [StandingNode] = []
    public var kubelet: KubeletSettings
    public var devices: [DeviceResource]
    public var labels: [Label]
    public var taints: [Taint]
    public var kubeletRestarts: [KubeletRestart] = []
    public var deviceChanges: [DeviceChange] = []
    /// Set when the group's nodes are virtual machines: `machine` is then the guest.
    public var virtualMachines: VirtualMachineLayout?

    public init(name: String, count: Int, machine: Machine) {
        self.name = name
        self.count = count
        nodeNames = []
        self.machine = machine
        machineName = machine.name
        kubelet = KubeletSettings()
        devices = []
        labels = []
        taints = []
    }

    public func nodeName(_ position: Int) -> String {
        nodeNames.isEmpty ? "\(name)-\(position)" : nodeNames[position]
    }
}

/// What is recorded, how often, and against which wishes fragmentation is measured.
public struct RecordSettings: Sendable, Hashable {
    public enum Level: String, Sendable, CaseIterable {
        case summary, pods, full
    }

    public var level = Level.pods
    public var sampleEvery = SimDuration.seconds(60)
    /// Workloads by name with whole weights; the pods that fragmentation and policy tax are measured against.
    public var targetMix: [MixMember] = []

    public init() {}
}

public struct MixMember: Sendable, Hashable {
    public var workload: String
    public var weight: Int
    public var shape: PodShape

    public init(workload: String, weight: Int, shape: PodShape) {
        self.workload = workload
        self.weight = weight
        self.shape = shape
    }
}

/// How long the steps between a pod's arrival and its start take, and how fast clients may write.
///
/// Defaults are the shared folder's spec/controllers.md section 10, "D for L": the round trip of a re-created pod adds up to 37 ms.
public struct ControlPlaneTimings: Sendable, Hashable {
    /// A write at the API server until a watcher sees it.
    public var watch = SimDuration.milliseconds(5)
    /// One scheduling cycle; cycles do not overlap.
    public var schedulingCycle = SimDuration.milliseconds(5)
    /// What each examined node adds to a cycle: 1.6 µs lie between the real scheduler's cycles with 420 and with all of
    /// 1,000 nodes (conformance/scheduler, benchmark: 1 / 616 s and 1 / 1386 s of CPU time).
    public var nodeExamined = SimDuration(nanoseconds: 1600)
    /// The binding's write; bindings overlap.
    public var bind = SimDuration.milliseconds(4)
    /// The kubelet's own admission.
    public var admission = SimDuration.milliseconds(5)
    /// The kubelet's GET and PATCH of a refused pod's status.
    public var statusUpdate = SimDuration.milliseconds(8)
    /// Client-side limits of each controller: writes a second, and how many may come at once.
    public var controllerQPS: Int64 = 20
    public var controllerBurst: Int64 = 30
    /// A controller's write, from leaving its client until the answer.
    public var controllerWrite = SimDuration.milliseconds(4)
    /// Pods that ended and are kept before pod GC deletes the oldest; 0 keeps all.
    public var terminatedPodGCThreshold: Int64 = 12_500

    public init() {}
}
