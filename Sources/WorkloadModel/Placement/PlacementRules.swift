/// What a pod says about where it may run and where it would rather run, beyond requests, nodeSelector and tolerations.
///
/// Plain pods have none of it, so a shape holds it as one optional value. Names stay as they are written; the scheduler
/// turns them into numbers before the run. Source: k/k staging api/core/v1/types.go PodSpec.
public struct PlacementRules: Hashable, Sendable {
    /// `nodeAffinity.required…`: one of the terms must match. Nil asks for nothing, an empty list matches no node.
    public var requiredNodeTerms: [NodeSelectorTerm]?
    /// `nodeAffinity.preferred…`.
    public var preferredNodeTerms: [PreferredNodeTerm]
    public var podAffinity: PodAffinityRules
    public var podAntiAffinity: PodAffinityRules
    public var topologySpread: [TopologySpreadConstraint]
    /// Of app containers and sidecars; ports without a host port are left out.
    public var hostPorts: [HostPort]
    /// Names of `schedulingGates`: while there is one, the pod is not scheduled.
    public var schedulingGates: [String]
    /// `preemptionPolicy` is not `Never`.
    public var mayPreempt: Bool
    /// The controller reference, by which ReplicaSets and StatefulSets select for the default spreading.
    public var controller: ControllerReference?

    public init() {
        requiredNodeTerms = nil
        preferredNodeTerms = []
        podAffinity = PodAffinityRules()
        podAntiAffinity = PodAffinityRules()
        topologySpread = []
        hostPorts = []
        schedulingGates = []
        mayPreempt = true
        controller = nil
    }

    /// Nothing is asked for: the shape may as well have no rules.
    public var isEmpty: Bool { self == PlacementRules() }
}

/// The owner that a pod's controller reference names.
public struct ControllerReference: Hashable, Sendable {
    public var kind: ControllerKind
    public var name: String

    public init(kind: ControllerKind, name: String) {
        self.kind = kind
        self.name = name
    }
}

/// A port of the node that a container wants for itself.
public struct HostPort: Hashable, Sendable {
    public enum TransportProtocol: String, Sendable, CaseIterable {
        case tcp = "TCP"
        case udp = "UDP"
        case sctp = "SCTP"
    }

    public var port: Int32
    /// An empty address is every address, as `0.0.0.0` is.
    public var address: String
    public var transport: TransportProtocol

    public init(port: Int32, address: String = "0.0.0.0", transport: TransportProtocol = .tcp) {
        self.port = port
        self.address = address.isEmpty ? "0.0.0.0" : address
        self.transport = transport
    }
}
