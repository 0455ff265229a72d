public import NodeManagers
public import Primitives
public import WorkloadModel

/// What a node of a group has when the run begins: its kubelet's checkpoint files and the pods bound to it.
///
/// At time zero a kubelet starts on the files and admits the pods again, as after a restart: they hold the CPUs, the
/// memory and the devices that the files say, and one that is refused fails.
public struct StandingNode: Sendable, Hashable {
    /// In the group, from 0.
    public var position: Int
    public var checkpoints: KubeletCheckpoints
    /// In order of creation.
    public var pods: [StandingPod]

    public init(position: Int, checkpoints: KubeletCheckpoints, pods: [StandingPod]) {
        self.position = position
        self.checkpoints = checkpoints
        self.pods = pods
    }
}

/// A pod that is there from the beginning.
public struct StandingPod: Sendable, Hashable {
    public var name: String
    /// As the checkpoint files name it.
    public var uid: String
    public var shape: PodShape
    /// Its containers have been started.
    public var isStarted: Bool
    /// How long it goes on from time zero; nil is until the end.
    public var lifetime: SimDuration?

    public init(
        name: String, uid: String, shape: PodShape, isStarted: Bool = true,
        lifetime: SimDuration? = nil
    ) {
        self.name = name
        self.uid = uid
        self.shape = shape
        self.isStarted = isStarted
        self.lifetime = lifetime
    }
}

/// The entry of a scenario's workloads that standing pods belong to; nothing arrives by it.
public struct StandingPods: PodTraceSource {
    public static let workloadName = "standing"

    public init() {}

    public func makeReader(resources: ResourceTable) -> any PodTraceReader { Reader() }

    private struct Reader: PodTraceReader {
        mutating func next(shapes: inout PodShapeTable) -> TracePod? { nil }
    }

    /// A workload of bare pods.
    public static var workload: Workload {
        Workload(name: workloadName, controller: .none, source: .trace(StandingPods()))
    }
}

/// A standing node whose kubelet has started.
struct StandingStart {
    var node: NodeIndex
    /// The node as its kubelet has it once it has started.
    var state: NodeState
    var pods: [StandingPod]
    /// Of each pod, in the same order.
    var indices: [PodIndex]
    var readmissions: [Readmission]
}

extension StandingStart {
    /// Kubelets start on the checkpoints of nodes that have some; pods are numbered through.
    static func all(
        of scenario: Scenario, _ models: [NodeModel]
    ) throws(SimulationError) -> [StandingStart] {
        var starts: [StandingStart] = []
        var (firstNode, firstPod) = (0, 0)
        for (group, model) in zip(scenario.nodeGroups, models) {
            for node in group.standing {
                do throws(KubeletStartError) {
                    let (state, readmissions) = try node.start(on: model, firstPod: firstPod)
                    starts.append(
                        StandingStart(
                            node: NodeIndex(firstNode + node.position), state: state,
                            pods: node.pods,
                            indices: node.pods.indices.map {
                                PodIndex(rawValue: UInt32(firstPod + $0))
                            }, readmissions: readmissions))
                    firstPod += node.pods.count
                } catch {
                    throw .kubeletDoesNotStart(group: group.name, message: error.message)
                }
            }
            firstNode += group.count
        }
        return starts
    }
}

extension StandingNode {
    /// The kubelet starts on the files.
    ///
    /// - Parameter first: The number of the first pod; the others follow.
    /// - Throws: Why it does not start, in its words.
    package func start(
        on model: NodeModel, firstPod first: Int
    ) throws(KubeletStartError) -> (state: NodeState, readmissions: [Readmission]) {
        let known = pods.enumerated().map { offset, pod in
            KnownPod(
                index: PodIndex(rawValue: UInt32(truncatingIfNeeded: first + offset)),
                uid: pod.uid, shape: pod.shape, isStarted: pod.isStarted)
        }
        let restored = try model.restore(checkpoints, pods: known)
        var state = restored.state
        let uids = Dictionary(
            known.map { ($0.index, $0.uid) } + restored.otherUIDs.map { ($0.key, $0.value) },
            uniquingKeysWith: { first, _ in first })
        let readmissions = try model.restart(
            from: restored.basis, plugins: .before, podUID: { uids[$0] ?? "" }, in: &state)
        return (state, readmissions)
    }
}
