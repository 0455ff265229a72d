import ClusterScheduler
import Primitives
import Records
import WorkloadModel

/// What a run remembers of nodes that come and go, and of owners that change.
struct LifecycleState {
    /// By workload: its owners are kept by the controllers that can roll out.
    let isManaged: [Bool]
    var rollouts = RolloutTable()
    var residents: ResidentSlots
    /// By node.
    var nodes: [NodeLife]
    /// The next number of a node's name, by group.
    var nextNumber: [Int]
    var timers = LifecycleTimers()
    /// Of the timers, how many do nothing unless something else does: retries and looks that come again for ever.
    var idleTimers = 0
    var runs: [ActionRun] = []
    var drains: [Drain] = []
    /// By slot: the drain that waits for the pod, and since when. Looked up by slot only.
    var waits: [UInt32: DrainWait] = [:]
    /// By slot: the grace period that a drain gave.
    var graceOverrides: [UInt32: Int64] = [:]
    var templates: [TemplateState] = []
    /// By node: the action that waits until it is Ready.
    var nodeRuns: [Int: Int] = [:]
    var podGC: TokenBucket
    /// Actions that began.
    var actionCount = 0
    /// When the next node of a zone may get the NoExecute taint, by the zone's name.
    var nextTaint: [String: SimTime] = [:]

    init(_ scenario: Scenario) {
        let changed = Set(scenario.workloadChanges.map(\.workload))
        isManaged = scenario.workloads.map { workload in
            switch workload.controller {
            case .replicaSet, .deployment, .statefulSet: changed.contains(workload.name)
            case .daemonSet:
                changed.contains(workload.name) || scenario.lifecycle.changesNodes
            case .none, .job: false
            }
        }
        let count = scenario.nodeGroups.reduce(0) { $0 + $1.count }
        residents = ResidentSlots(nodeCount: scenario.hasLifecycle ? count : 0)
        nodes = scenario.hasLifecycle ? Array(repeating: NodeLife(), count: count) : []
        nextNumber = scenario.nodeGroups.map(\.count)
        podGC = TokenBucket(
            qps: scenario.timings.controllerQPS, burst: scenario.timings.controllerBurst)
        templates = scenario.lifecycle.templates.map { TemplateState($0, scenario) }
    }
}

/// Where a node stands, besides what its kubelet holds.
struct NodeLife {
    var isCordoned = false
    /// Its object exists and its kubelet has not been Ready yet.
    var isStarting = false
    /// It fell silent and nobody has noticed.
    var isSilent = false
    var isUnreachable = false
    /// Counts how often it was freed of the NoExecute taint.
    var taintEpoch: UInt32 = 0
    /// Counts what happened to it, so that timers know whether they are late.
    var epoch: UInt32 = 0
}

/// Slots of the pods that are bound to each node, in the order in which they were bound.
struct ResidentSlots {
    private var onNode: [[UInt32]]

    init(nodeCount: Int) { onNode = Array(repeating: [], count: nodeCount) }

    subscript(node: NodeIndex) -> [UInt32] { onNode[node.position] }

    mutating func addNode() { onNode.append([]) }

    mutating func add(_ slot: UInt32, to node: NodeIndex) { onNode[node.position].append(slot) }

    mutating func remove(_ slot: UInt32, from node: NodeIndex) {
        if let place = onNode[node.position].firstIndex(of: slot) {
            onNode[node.position].remove(at: place)
        }
    }
}

/// What a planned event of the lifecycle is about.
enum LifecycleTimer {
    case action(Int)
    case workloadChange(Int)
    case registered(NodeOrder)
    case ready(NodeIndex, epoch: UInt32)
    case plugin(NodeIndex, DeviceChange)
    case evict(drain: Int, PodHandle)
    case gone(drain: Int)
    case drainTimeout(Int)
    case upgraded(run: Int, NodeIndex)
    case recovery(NodeIndex, epoch: UInt32)
    case noticed(NodeIndex, epoch: UInt32)
    case tainted(NodeIndex, epoch: UInt32)
    /// The same, looked at again in vain so far.
    case taintedAgain(NodeIndex, epoch: UInt32)
    case taintEviction(PodHandle, NodeIndex, epoch: UInt32)
    case orphans(NodeIndex)
    case orphan(PodHandle, NodeIndex)
    case template(Int)
    case rollout(UInt32)
    case replicaSet(UInt32, revision: Int)
    case replicaSetStatus(UInt32, revision: Int, ReplicaSetStatus)
    case daemonPod(UInt32, PodHandle)

    /// A machine that was asked for.
    struct NodeOrder {
        var group: Int
        var run: Int?
        var template: Int?
    }
}

/// Timers that wait; positions serve again.
struct LifecycleTimers {
    private var timers: [LifecycleTimer?] = []
    private var free: [UInt32] = []

    mutating func add(_ timer: LifecycleTimer) -> UInt32 {
        if let position = free.popLast() {
            timers[Int(position)] = timer
            return position
        }
        timers.append(timer)
        return UInt32(timers.count - 1)
    }

    mutating func take(_ position: UInt32) -> LifecycleTimer? {
        defer {
            timers[Int(position)] = nil
            free.append(position)
        }
        return timers[Int(position)]
    }
}

/// An action that is under way.
struct ActionRun {
    /// Its number among those that began.
    var number: Int
    /// Its place in the scenario; nil for one of a loop.
    var planned: Int?
    var kind: String
    var target: String
    var began: SimTime
    /// Nodes whose turn has not come.
    var waiting: [NodeIndex] = []
    var underWay = 0
    var atOnce = 1
    var doneCount = 0
    /// What went wrong, by node.
    var problems: [String] = []
    var isOver = false
}
