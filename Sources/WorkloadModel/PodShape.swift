public import Primitives

/// What equal pods ask for, after API defaulting: stored once, referred to by `PodShapeIndex`.
///
/// Built by `ScenarioInput` from a PodSpec; amounts are in each resource's own unit (see `ResourceTable`).
public struct PodShape: Hashable, Sendable {
    public var qos: QoSClass
    /// Init containers and sidecars in their order, then app containers in theirs.
    public var containers: [ContainerShape]
    /// Effective requests of the whole pod as the scheduler and the kubelet's predicates count them: the larger of
    /// running sum and init peak, or pod-level values where given, plus overhead. Ascending by resource, none zero.
    public var requests: [ResourceAmount]
    /// The same rule applied to limits.
    public var limits: [ResourceAmount]
    /// `requests` of cpu (milli) and memory (bytes) where a container without a request counts as 100m and 200Mi:
    /// what LeastAllocated scores. (k/k pkg/scheduler/util/pod_resources.go)
    public var nonZeroMilliCPU: Int64
    public var nonZeroMemory: Int64
    /// `spec.resources`, when the pod has pod-level resources.
    public var podLevel: ContainerResources?
    /// `spec.overhead`.
    public var overhead: [ResourceAmount]
    public var priority: Int32
    public var nodeSelector: [Label]
    public var tolerations: [Toleration]
    public var terminationGracePeriodSeconds: Int64
    public var namespace: String
    /// The profile that places it.
    public var schedulerName: String
    public var labels: [Label]
    /// Affinity, spreading, host ports and the like; nil when the pod has none of it.
    public var placement: PlacementRules?

    public init(qos: QoSClass, containers: [ContainerShape]) {
        self.qos = qos
        self.containers = containers
        requests = []
        limits = []
        nonZeroMilliCPU = 0
        nonZeroMemory = 0
        podLevel = nil
        overhead = []
        priority = 0
        nodeSelector = []
        tolerations = []
        terminationGracePeriodSeconds = 30
        namespace = "default"
        schedulerName = "default-scheduler"
        labels = []
        placement = nil
    }

    /// The effective request of `resource`, 0 when the pod does not ask for it.
    public func request(_ resource: ResourceIndex) -> Int64 {
        requests.first { $0.resource == resource }?.amount ?? 0
    }
}

public struct ContainerShape: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case app
        /// Runs to its end before the app containers start.
        case initContainer = "init"
        /// An init container with `restartPolicy: Always`.
        case sidecar
    }

    public var name: String
    public var kind: Kind
    public var resources: ContainerResources
    /// As the pod names it; empty where nothing is said.
    public var image: String

    public init(
        name: String, kind: Kind, resources: ContainerResources = ContainerResources(),
        image: String = ""
    ) {
        self.name = name
        self.kind = kind
        self.resources = resources
        self.image = image
    }
}

/// Requests and limits after defaulting, ascending by resource. A key that the user gave as 0 is kept as 0.
public struct ContainerResources: Hashable, Sendable {
    public var requests: [ResourceAmount]
    public var limits: [ResourceAmount]

    public init(requests: [ResourceAmount] = [], limits: [ResourceAmount] = []) {
        self.requests = requests
        self.limits = limits
    }

    public func request(_ resource: ResourceIndex) -> Int64? {
        requests.first { $0.resource == resource }?.amount
    }

    public func limit(_ resource: ResourceIndex) -> Int64? {
        limits.first { $0.resource == resource }?.amount
    }
}

/// Kubernetes' quality-of-service class of a pod.
public enum QoSClass: String, Sendable, CaseIterable {
    case guaranteed = "Guaranteed"
    case burstable = "Burstable"
    case bestEffort = "BestEffort"
}

public struct Label: Hashable, Sendable {
    public var key: String
    public var value: String

    public init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

public enum TaintEffect: String, Sendable, CaseIterable {
    case noSchedule = "NoSchedule"
    case preferNoSchedule = "PreferNoSchedule"
    case noExecute = "NoExecute"
}

public struct Taint: Hashable, Sendable {
    public var key: String
    public var value: String
    public var effect: TaintEffect

    public init(key: String, value: String, effect: TaintEffect) {
        self.key = key
        self.value = value
        self.effect = effect
    }
}

/// Lets a pod onto nodes with a matching taint. (k/k pkg/apis/core/v1 Toleration)
public struct Toleration: Hashable, Sendable {
    /// Empty with `exists` matches every key.
    public var key: String
    /// Nil is the operator `Exists`.
    public var value: String?
    /// Nil matches every effect.
    public var effect: TaintEffect?
    /// How long a pod stays on a node with a NoExecute taint; nil for ever.
    public var tolerationSeconds: Int64?

    public init(key: String, value: String?, effect: TaintEffect?) {
        self.key = key
        self.value = value
        self.effect = effect
    }

    public func tolerates(_ taint: Taint) -> Bool {
        if let effect, effect != taint.effect { return false }
        if key.isEmpty { return value == nil }
        guard key == taint.key else { return false }
        return value == nil || value == taint.value
    }
}

/// Every distinct `PodShape` of a run, each with a dense index.
public struct PodShapeTable: Sendable {
    public private(set) var shapes: [PodShape] = []
    private var indices: [PodShape: PodShapeIndex] = [:]

    public init() {}

    public var count: Int { shapes.count }

    /// The index of an equal shape, added at the end when it is new.
    public mutating func intern(_ shape: PodShape) -> PodShapeIndex {
        if let known = indices[shape] { return known }
        let index = PodShapeIndex(shapes.count)
        shapes.append(shape)
        indices[shape] = index
        return index
    }

    public subscript(index: PodShapeIndex) -> PodShape { shapes[index.position] }
}
