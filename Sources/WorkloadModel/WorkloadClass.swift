/// A category of non-resilient applications, as Anuket's RA2 numbers them (chapter 3, Scheduling Pods with
/// Non-resilient Applications).
public enum WorkloadClass: String, Sendable, CaseIterable {
    case c1, c2, c3, c4, c5

    /// From 1, the number in RA2's table.
    public var number: Int { (WorkloadClass.allCases.firstIndex(of: self) ?? 0) + 1 }

    /// Whether it moves packets rather than computes: categories 4 and 5.
    public var isDataplane: Bool { self == .c4 || self == .c5 }

    /// The label, or annotation, by which a pod says its class.
    public static let labelKey = "topsim/workload-class"
}

/// What a pod's networks carry.
public enum TrafficKind: String, Sendable, CaseIterable {
    /// Needs a network without address translation, on MACVLAN or IPVLAN, and no user space networking.
    case signalling
    /// Low latency and high throughput through accelerated user space networking.
    case userPlane = "user-plane"

    /// The label, or annotation, by which a pod says it.
    public static let labelKey = "topsim/traffic"
}

/// How a network plugin connects pods, as RA2 sorts them (chapter 3, Container Networking Services).
public enum NetworkCategory: String, Sendable, CaseIterable {
    /// Pods are on segments of the data centre's switches.
    case layer2Underlay = "l2-underlay"
    /// Tunnels between nodes carry segments.
    case layer2Overlay = "l2-overlay"
    /// Each node routes.
    case layer3 = "l3"
}
