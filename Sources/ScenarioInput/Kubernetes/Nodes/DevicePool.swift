public import WorkloadModel

/// One resource of a device plugin as someone configured it: which devices of a node it is made of.
///
/// Read from SriovNetworkNodePolicies, pools of the SR-IOV device plugin and SriovFecClusterConfigs;
/// `placeDevicePools` turns pools into what a node offers.
public struct DevicePool: Hashable, Sendable {
    public enum Kind: Hashable, Sendable {
        /// A policy makes this many virtual functions on each network card that it selects.
        case policy(virtualFunctions: Int)
        /// A pool of the device plugin takes devices that are there.
        case plugin(DeviceType)
        /// This many virtual functions on an accelerator.
        case accelerator(virtualFunctions: Int)
    }

    public enum DeviceType: String, Hashable, Sendable {
        case netDevice, accelerator, auxNetDevice
    }

    /// The extended resource, prefix included.
    public var resource: String
    public var kind: Kind
    /// A device is in the pool when it fits one of them.
    public var selectors: [DeviceSelector] = []
    /// The plugin does not tell the kubelet where its devices are.
    public var excludesTopology = false
    /// Nodes that have all these labels; none selects all.
    public var nodeSelector: [Label] = []
    /// Of two policies for one card the smaller number wins.
    public var priority = 0
    /// The NUMA node that names hint at, such as `du-numa0` and `fh_n0`.
    public var numaHint: Int?
    /// What messages call it.
    public var subject: String
    public var name: String
    public var file: String
    public var line: Int

    /// Whether it is for nodes with these labels.
    public func selects(_ labels: [Label]) -> Bool {
        nodeSelector.allSatisfy { wanted in
            labels.contains { $0.key == wanted.key && $0.value == wanted.value }
        }
    }
}

/// What a device must be to be in a pool; an empty list asks nothing.
public struct DeviceSelector: Hashable, Sendable {
    public var vendors: [Int] = []
    public var devices: [Int] = []
    public var drivers: [String] = []
    public var physicalFunctions: [NamedFunctions] = []
    /// PCI addresses of physical functions.
    public var rootDevices: [NamedFunctions] = []
    public var pciAddresses: [String] = []
    public var isRDMA = false

    public init() {}

    /// A network card, or some of its virtual functions: `ens1f0`, `ens1f0#0-3`.
    public struct NamedFunctions: Hashable, Sendable {
        public var name: String
        /// Ascending ranges of virtual functions; none is all of them.
        public var virtualFunctions: [ClosedRange<Int>] = []

        public func contains(_ virtualFunction: Int) -> Bool {
            virtualFunctions.isEmpty || virtualFunctions.contains { $0.contains(virtualFunction) }
        }
    }
}

/// The NUMA node that a name hints at: `numa0`, `numa-0`, or `_n0` and `-n0` at its end.
///
/// `node-1` is no hint: a cluster's nodes are called so.
func numaHint(in names: [String]) -> Int? {
    for name in names {
        let words = name.lowercased().split { !$0.isLetter && !$0.isNumber }
        for (word, next) in zip(words, words.dropFirst().map { String($0) } + [""]) {
            for prefix in ["numanode", "numa"] where word.hasPrefix(prefix) {
                let rest = word == prefix ? next : String(word.dropFirst(prefix.count))
                if let number = Int(rest), number >= 0 { return number }
            }
        }
        if words.count > 1, let last = words.last, last.hasPrefix("n"),
            let number = Int(last.dropFirst()), number >= 0
        {
            return number
        }
    }
    return nil
}
