public import Primitives

/// The part of a KubeletConfiguration that decides placement, after defaulting, quantities resolved.
///
/// Names are KubeletConfiguration's own. Source: k/k staging kubelet/config/v1beta1/types.go.
public struct KubeletSettings: Hashable, Sendable {
    public var cpuManagerPolicy = "none"
    public var cpuManagerPolicyOptions: [String: String] = [:]
    public var memoryManagerPolicy = "None"
    public var reservedMemory: [ReservedMemory] = []
    public var topologyManagerPolicy = "none"
    public var topologyManagerScope = "container"
    public var topologyManagerPolicyOptions: [String: String] = [:]
    /// By resource name; cpu in milli-CPU, the rest in bytes or units.
    public var kubeReserved: [String: Int64] = [:]
    public var systemReserved: [String: Int64] = [:]
    /// `evictionHard["memory.available"]`; the kubelet's own default is 100Mi.
    public var evictionHardMemory = EvictionThreshold.bytes(100 << 20)
    /// Empty when not given.
    public var reservedSystemCPUs = CPUSet()
    public var maxPods: Int64 = 110
    /// Gates that differ from the version's defaults.
    public var featureGates: [String: Bool] = [:]
    /// Bugs that this kubelet, unlike the real one, does not have.
    public var fixes: UpstreamFixes = []

    public init() {}
}

public enum EvictionThreshold: Hashable, Sendable {
    case bytes(Int64)
    /// Of the machine's memory, in thousandths of a per cent (10 % is 10,000).
    case milliPercent(Int64)
}

/// One entry of `reservedMemory`.
public struct ReservedMemory: Hashable, Sendable {
    public var numaNode: Int
    /// Bytes by `memory` or `hugepages-<size>`.
    public var limits: [String: Int64]

    public init(numaNode: Int, limits: [String: Int64]) {
        self.numaNode = numaNode
        self.limits = limits
    }
}
