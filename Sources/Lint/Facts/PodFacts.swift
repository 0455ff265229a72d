public import WorkloadModel

/// What a check wants to know of a pod or of a workload's pods, as it is written.
public struct PodFacts: Sendable {
    /// `Deployment core/amf`, `workload upf`.
    public var subject: String
    public var place: LintPlace
    public var namespace = "default"
    /// Pods at a time; nil when every node has one.
    public var replicas: Int? = 1
    /// Whether its pods end by themselves: a Job's, or those with a lifetime.
    public var isTransient = false
    /// The word under `class` or the label, be it a class or not.
    public var classWord: String?
    public var classPlace: LintPlace?
    public var trafficWord: String?
    public var trafficPlace: LintPlace?
    /// Init containers first.
    public var containers: [ContainerFacts] = []
    /// `spec.resources`.
    public var podLevel: ResourceFacts?
    public var nodeSelector: [Label] = []
    /// A required node affinity: one of the terms must hold, and all of it. Empty asks for nothing.
    public var affinityTerms: [[NodeRequirement]] = []
    public var tolerations: [Toleration] = []
    /// Whether anti-affinity or a spread constraint keeps replicas apart.
    public var isKeptApart = false
    public var nodeName: String?
    /// Whether the object comes from a cluster, where the scheduler filled in `nodeName`.
    public var isPlaced = false
    public var hostPaths: [(path: String, place: LintPlace)] = []
    /// What `k8s.v1.cni.cncf.io/networks` names, repetitions included.
    public var networks: [NetworkChoice] = []

    public init(subject: String, place: LintPlace) {
        self.subject = subject
        self.place = place
    }
}

/// One expression of a node affinity.
public struct NodeRequirement: Hashable, Sendable {
    public var key: String
    /// `In`, `NotIn`, `Exists`, `DoesNotExist`, `Gt` or `Lt`.
    public var operation: String
    public var values: [String]

    public init(key: String, operation: String, values: [String]) {
        self.key = key
        self.operation = operation
        self.values = values
    }

    /// As a node with these labels answers; an operator that Kubernetes does not have holds for all.
    func holds(for labels: [Label]) -> Bool {
        let value = labels.first { $0.key == key }?.value
        switch operation {
        case "In": return value.map(values.contains) ?? false
        case "NotIn": return !(value.map(values.contains) ?? false)
        case "Exists": return value != nil
        case "DoesNotExist": return value == nil
        case "Gt", "Lt":
            guard let own = value.flatMap(Int.init), let bound = values.first.flatMap(Int.init)
            else { return false }
            return operation == "Gt" ? own > bound : own < bound
        default: return true
        }
    }
}

public struct NetworkChoice: Hashable, Sendable {
    public var namespace: String
    public var name: String
    public var place: LintPlace

    public init(namespace: String, name: String, place: LintPlace) {
        self.namespace = namespace
        self.name = name
        self.place = place
    }
}

public struct ContainerFacts: Sendable {
    public var name: String
    public var kind: ContainerShape.Kind
    public var place: LintPlace
    public var resources: ResourceFacts

    public init(
        name: String, kind: ContainerShape.Kind, place: LintPlace,
        resources: ResourceFacts = ResourceFacts()
    ) {
        self.name = name
        self.kind = kind
        self.place = place
        self.resources = resources
    }
}

/// Amounts by resource name as they are written: milli-CPU for `cpu`, bytes or units for the rest.
public struct ResourceFacts: Sendable, Hashable {
    public var requests: [String: Int64]
    public var limits: [String: Int64]

    public init(requests: [String: Int64] = [:], limits: [String: Int64] = [:]) {
        self.requests = requests
        self.limits = limits
    }

    /// A limit counts as a request where none is written.
    public func request(_ name: String) -> Int64 { requests[name] ?? limits[name] ?? 0 }

    /// Names in requests or limits, ascending.
    public var names: [String] { Set(requests.keys).union(limits.keys).sorted() }

    /// Names of huge pages with an amount, ascending.
    public var hugePages: [String] {
        names.filter { $0.hasPrefix("hugepages-") && request($0) > 0 }
    }

    /// Names of devices and other extended resources with an amount, ascending.
    public var devices: [String] { names.filter { isExtendedResource($0) && request($0) > 0 } }

    /// Whether cpu and memory are both limited, and requested as they are limited.
    public var isGuaranteed: Bool {
        ["cpu", "memory"].allSatisfy { name in
            guard let limit = limits[name], limit > 0 else { return false }
            return request(name) == limit
        }
    }
}

/// `vendor.com/name`, but none of Kubernetes' own names.
public func isExtendedResource(_ name: String) -> Bool {
    guard let slash = name.firstIndex(of: "/") else { return false }
    let domain = name[..<slash]
    return domain != "kubernetes.io" && !domain.hasSuffix(".kubernetes.io")
}

extension PodFacts {
    public var statedClass: WorkloadClass? { classWord.flatMap(WorkloadClass.init(rawValue:)) }

    public var traffic: TrafficKind? { trafficWord.flatMap(TrafficKind.init(rawValue:)) }

    /// Those that run for as long as the pod does.
    var lasting: [ContainerFacts] { containers.filter { $0.kind != .initContainer } }

    /// Kubernetes' rule: every container limits cpu and memory and requests the same; pod-level values go before.
    var isGuaranteed: Bool {
        if let podLevel, !(podLevel.requests.isEmpty && podLevel.limits.isEmpty) {
            return podLevel.isGuaranteed
        }
        return !containers.isEmpty && containers.allSatisfy(\.resources.isGuaranteed)
    }

    /// Keys that a required node affinity wants nodes to have, in the order written.
    var affinityKeys: [String] {
        affinityTerms.joined().filter { !["NotIn", "DoesNotExist"].contains($0.operation) }
            .map(\.key)
    }

    /// Of `resource` while the pod runs: the lasting containers together, or the pod-level request.
    func request(_ resource: String) -> Int64 {
        if let podLevel, podLevel.names.contains(resource) { return podLevel.request(resource) }
        var sum: Int64 = 0
        for container in lasting {
            sum = adding(sum, container.resources.request(resource))
        }
        return sum
    }

    /// Every resource that some container asks for, ascending.
    var resourceNames: [String] {
        Set(containers.flatMap(\.resources.names) + (podLevel?.names ?? [])).sorted()
    }

    var hugePages: [String] { resourceNames.filter { $0.hasPrefix("hugepages-") && asks($0) } }

    var devices: [String] { resourceNames.filter { isExtendedResource($0) && asks($0) } }

    private func asks(_ resource: String) -> Bool {
        containers.contains { $0.resources.request(resource) > 0 }
            || (podLevel?.request(resource) ?? 0) > 0
    }
}

/// A sum that stays at the largest number instead of passing it.
func adding(_ a: Int64, _ b: Int64) -> Int64 {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
}

/// A product that stays at the largest number instead of passing it; both are 0 or more.
func multiplying(_ a: Int64, _ b: Int64) -> Int64 {
    let (product, overflow) = a.multipliedReportingOverflow(by: b)
    return overflow ? .max : product
}
