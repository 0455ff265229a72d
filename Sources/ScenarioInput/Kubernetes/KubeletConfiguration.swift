/// A KubeletConfiguration after defaulting: what of it decides placement, and what its own checks look at.
///
/// Names and defaults are the API's, kubelet.config.k8s.io/v1beta1 of 1.36.
/// (k/k staging kubelet/config/v1beta1/types.go, pkg/kubelet/apis/config/v1beta1/defaults.go)
package struct KubeletConfiguration: Sendable {
    package var cpuManagerPolicy = "none"
    /// Nil where it is not given, as in the other mappings.
    package var cpuManagerPolicyOptions: [TextEntry]?
    package var cpuManagerReconcilePeriod = GoDuration(nanoseconds: 10_000_000_000)
    package var memoryManagerPolicy = "None"
    package var reservedMemory: [MemoryReservation] = []
    package var topologyManagerPolicy = "none"
    package var topologyManagerScope = "container"
    package var topologyManagerPolicyOptions: [TextEntry]?
    package var kubeReserved: [TextEntry]?
    package var systemReserved: [TextEntry]?
    /// Signals of hard eviction; nil leaves the kubelet's own.
    package var evictionHard: [TextEntry]?
    package var mergeDefaultEvictionSettings = false
    package var enforceNodeAllocatable = ["pods"]
    package var reservedSystemCPUs = ""
    package var maxPods: Int32 = 110
    package var podPidsLimit: Int64 = -1
    package var featureGates: [GateSetting] = []
    var systemReservedCgroup = ""
    var kubeReservedCgroup = ""
    var cgroupsPerQOS = true
    /// The object, and the values of the fields that were given, for placing mistakes.
    var node: SourceNode
    var given: [String: SourceNode] = [:]
    /// Whole numbers that only their range is asked of, by field.
    var numbers: [(field: String, value: Int64)] = []

    init(node: SourceNode) { self.node = node }

    func node(of field: String) -> SourceNode { given[field] ?? node }
}

extension KubeletConfiguration {
    /// A name with a text, in the order written.
    package struct TextEntry: Sendable {
        package var name: String
        package var text: String
        var node: SourceNode
    }

    package struct GateSetting: Sendable {
        package var name: String
        package var isOn: Bool
        var node: SourceNode
    }

    package struct MemoryReservation: Sendable {
        package var numaNode: Int32 = 0
        package var limits = ResourceQuantities()
    }
}
