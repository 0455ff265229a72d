public import WorkloadModel

/// A Node as the API server has it: what of it decides placement.
///
/// (k/k staging api/core/v1/types.go Node)
public struct NodeObject: Hashable, Sendable {
    public var name: String
    /// Ascending by key.
    public var labels: [Label] = []
    public var annotations: [Label] = []
    public var taints: [Taint] = []
    public var isUnschedulable = false
    public var capacity = NodeAmounts()
    public var allocatable = NodeAmounts()
    public var conditions: [Condition] = []
    public var info = Info()
    /// The file that it was read from, and its line.
    public var file = ""
    public var line = 0

    public init(name: String) { self.name = name }

    public struct Condition: Hashable, Sendable {
        /// Such as `Ready` and `MemoryPressure`.
        public var type: String
        /// `True`, `False` or `Unknown`.
        public var status: String
    }

    /// What the kubelet says about its system; empty where it says nothing.
    public struct Info: Hashable, Sendable {
        public var architecture = ""
        public var operatingSystem = ""
        public var kernelVersion = ""
        public var kubeletVersion = ""
        public var containerRuntimeVersion = ""
        public var osImage = ""

        public init() {}
    }

    public func label(_ key: String) -> String? { labels.first { $0.key == key }?.value }

    /// Whether the condition is there and `True`.
    public func isTrue(_ condition: String) -> Bool {
        conditions.contains { $0.type == condition && $0.status == "True" }
    }

    /// A node that says nothing about it counts as ready.
    public var isReady: Bool {
        !conditions.contains { $0.type == "Ready" && $0.status != "True" }
    }

    /// What is set aside of each resource: capacity − allocatable, never below 0; for memory without huge pages.
    public var reserved: NodeAmounts {
        var reserved = NodeAmounts()
        var pages: Int64 = 0
        for entry in capacity.entries where ResourceNames.isHugePages(entry.name) {
            pages += entry.amount
        }
        for entry in capacity.entries {
            var left = entry.amount - (allocatable[entry.name] ?? entry.amount)
            if entry.name == "memory" { left -= pages }
            reserved[entry.name] = max(0, left)
        }
        return reserved
    }

    /// Names under `node-role.kubernetes.io/`, ascending, and the value of `kubernetes.io/role`.
    public var roles: [String] {
        let prefix = "node-role.kubernetes.io/"
        var roles = labels.filter { $0.key.hasPrefix(prefix) }
            .map { String($0.key.dropFirst(prefix.count)) }
        if let role = label("kubernetes.io/role"), !roles.contains(role) { roles.append(role) }
        return roles.sorted()
    }

    /// The taints that the node has and those that the node controller adds for its state.
    ///
    /// (k/k pkg/controller/nodelifecycle/node_lifecycle_controller.go)
    public var effectiveTaints: [Taint] {
        var all = taints
        func add(_ key: String, _ effect: TaintEffect) {
            if !all.contains(where: { $0.key == key && $0.effect == effect }) {
                all.append(Taint(key: key, value: "", effect: effect))
            }
        }
        if isUnschedulable { add("node.kubernetes.io/unschedulable", .noSchedule) }
        if !isReady {
            add("node.kubernetes.io/not-ready", .noSchedule)
            add("node.kubernetes.io/not-ready", .noExecute)
        }
        for (condition, key) in [
            ("MemoryPressure", "memory-pressure"), ("DiskPressure", "disk-pressure"),
            ("PIDPressure", "pid-pressure"), ("NetworkUnavailable", "network-unavailable"),
        ] where isTrue(condition) {
            add("node.kubernetes.io/\(key)", .noSchedule)
        }
        return all
    }
}

/// Whole amounts by resource name, ascending by name: milli-CPU for cpu, bytes or units for the rest.
public struct NodeAmounts: Hashable, Sendable {
    public struct Entry: Hashable, Sendable {
        public var name: String
        public var amount: Int64
    }

    public private(set) var entries: [Entry] = []

    public init() {}

    public subscript(name: String) -> Int64? {
        get { entries.first { $0.name == name }?.amount }
        set {
            let position = entries.firstIndex { $0.name >= name } ?? entries.count
            let isThere = position < entries.count && entries[position].name == name
            switch (newValue, isThere) {
            case (let amount?, true): entries[position].amount = amount
            case (let amount?, false):
                entries.insert(Entry(name: name, amount: amount), at: position)
            case (nil, true): entries.remove(at: position)
            case (nil, false): break
            }
        }
    }
}
