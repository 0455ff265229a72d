public import Primitives
public import WorkloadModel

/// A PerformanceProfile of OpenShift's Node Tuning Operator: which CPUs and pages of a node are for what.
///
/// (openshift/cluster-node-tuning-operator pkg/apis/performanceprofile/v2)
public struct PerformanceProfile: Sendable {
    public var name: String
    public var reserved = CPUSet()
    public var isolated = CPUSet()
    public var offlined = CPUSet()
    public var shared = CPUSet()
    /// Whether containers may get shared CPUs beside exclusive ones; these then count as reserved.
    public var hasMixedCPUs = false
    /// Bytes; nil leaves the kernel's own.
    public var defaultHugePageSize: Int64?
    public var pages: [Pages] = []
    /// The Topology Manager's policy; nil is best-effort.
    public var topologyPolicy: String?
    public var isRealTime = false
    public var kernelArguments: [String] = []
    public var nodeSelector: [Label] = []
    /// Labels of the machine config pools that it is for.
    public var poolLabels: [Label] = []
    /// The annotation `kubeletconfig.experimental`, a KubeletConfiguration to start from.
    var experimental: SourceNode?
    /// The annotation `kubeletconfig.prefer-align-cpus-by-uncorecache`.
    var prefersUncoreAlignment: Bool?
    /// `spec.cpu.reserved` as it is written.
    var reservedText = ""
    var node: SourceNode

    /// Huge pages of one size, on one NUMA node or spread by the kernel.
    public struct Pages: Hashable, Sendable {
        /// Bytes in one page.
        public var size: Int64
        public var count: Int64
        /// OS index of the NUMA node; nil spreads them evenly.
        public var numaNode: Int?
    }

    /// Whether the kernel starts without hardware threads, so that only the first CPU of each core is online.
    public var hasNoSMT: Bool {
        kernelArguments.contains { $0 == "nosmt" || $0 == "nosmt=force" }
    }

    /// The role of the nodes that it is for: the end of the selector's first label.
    public var role: String? {
        nodeSelector.first.map { label in
            label.key.split(separator: "/").last.map { String($0) } ?? label.key
        }
    }
}
