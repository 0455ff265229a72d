/// The kubelet's managers written down as their description reads: dictionaries, sets, sorts and cross products.
///
/// Slow and obvious, and sharing no code with the managers that are tested against it. CPU amounts are milli-CPU,
/// memory is in bytes, everything else counts units; resources go by name.
package struct LiteralMachine {
    /// One online CPU; `core` is the lowest CPU of its threads, the other numbers are the kernel's.
    package struct Row: Hashable {
        package var cpu: Int
        package var core: Int
        package var socket: Int
        package var numaNode: Int
        package var uncore: Int

        package init(cpu: Int, core: Int, socket: Int, numaNode: Int, uncore: Int) {
            self.cpu = cpu
            self.core = core
            self.socket = socket
            self.numaNode = numaNode
            self.uncore = uncore
        }
    }

    package struct Node {
        package var id: Int
        /// Huge pages included.
        package var memory: Int
        /// Bytes by resource name.
        package var hugePages: [String: Int]

        package init(id: Int, memory: Int, hugePages: [String: Int]) {
            self.id = id
            self.memory = memory
            self.hugePages = hugePages
        }
    }

    package var rows: [Row]
    /// Ascending by id.
    package var nodes: [Node]
    /// By position in `nodes`; empty when the machine does not tell.
    package var distances: [[Int]]

    package init(rows: [Row], nodes: [Node], distances: [[Int]]) {
        self.rows = rows
        self.nodes = nodes
        self.distances = distances
    }

    var all: Set<Int> { Set(rows.map(\.cpu)) }
    var cpusPerCore: Int { rows.count / Set(rows.map(\.core)).count }
    var sockets: Set<Int> { Set(rows.map(\.socket)) }
    /// NUMA nodes that have CPUs, ascending.
    var nodesWithCPUs: [Int] { Set(rows.map(\.numaNode)).sorted() }
    var nodeIDs: [Int] { nodes.map(\.id) }

    func cpus(inNodes mask: UInt64) -> Set<Int> {
        Set(rows.filter { contains(mask, $0.numaNode) }.map(\.cpu))
    }

    func node(of cpu: Int) -> Int { rows.first { $0.cpu == cpu }!.numaNode }
}

func contains(_ mask: UInt64, _ node: Int) -> Bool { mask & (1 << UInt64(node)) != 0 }

func mask(of nodes: [Int]) -> UInt64 { nodes.reduce(0) { $0 | 1 << UInt64($1) } }

func bits(of mask: UInt64) -> [Int] { (0..<64).filter { contains(mask, $0) } }

/// Every non-empty subset of `nodes`, by size, then lexicographic.
func subsets(of nodes: [Int]) -> [UInt64] {
    var result: [UInt64] = []
    func choose(_ count: Int, from start: Int, _ chosen: UInt64) {
        if count == 0 {
            result.append(chosen)
            return
        }
        for index in stride(from: start, to: nodes.count, by: 1) {
            choose(count - 1, from: index + 1, chosen | 1 << UInt64(nodes[index]))
        }
    }
    for count in stride(from: 1, through: nodes.count, by: 1) { choose(count, from: 0, 0) }
    return result
}

package struct LiteralSettings {
    package var cpuPolicy = "none"
    package var cpuOptions: [String: String] = [:]
    package var memoryPolicy = "None"
    package var reservedMemory: [(node: Int, limits: [String: Int])] = []
    package var topologyPolicy = "none"
    package var scope = "container"
    package var topologyOptions: [String: String] = [:]
    package var kubeReserved: [String: Int] = [:]
    package var systemReserved: [String: Int] = [:]
    package var evictionHardMemory = 0
    /// Empty when not given.
    package var reservedSystemCPUs: Set<Int> = []
    package var maxPods = 110
    package var gates: [String: Bool] = [:]

    package init() {}

    /// Policies and options in one line.
    package var summary: String {
        let options = cpuOptions.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return "\(cpuPolicy) \(options) \(memoryPolicy) \(topologyPolicy) \(scope)"
            + " \(topologyOptions) gates \(gates)"
    }

    func has(_ option: String) -> Bool { cpuOptions[option] == "true" }
    var podLevelResources: Bool { gates["PodLevelResources"] ?? true }
    var podLevelManagers: Bool { gates["PodLevelResourceManagers"] ?? false }
    /// The reservation by resource name, hard eviction included.
    package var reservation: [String: Int] {
        var sum = kubeReserved.merging(systemReserved, uniquingKeysWith: +)
        if !reservedSystemCPUs.isEmpty { sum["cpu"] = reservedSystemCPUs.count * 1000 }
        sum["memory", default: 0] += evictionHardMemory
        return sum
    }
}

package struct LiteralContainer {
    package enum Kind: String { case initContainer = "init", sidecar, app }
    package var name: String
    package var kind: Kind
    package var requests: [String: Int]
    package var limits: [String: Int]

    package init(name: String, kind: Kind, requests: [String: Int], limits: [String: Int]) {
        self.name = name
        self.kind = kind
        self.requests = requests
        self.limits = limits
    }

    /// Its request is whole CPUs and more than none.
    package var wholeCPUs: Int {
        let milli = requests["cpu"] ?? 0
        return milli % 1000 == 0 ? milli / 1000 : 0
    }

    /// CPU and memory request = limit > 0.
    var isGuaranteed: Bool {
        ["cpu", "memory"].allSatisfy { (limits[$0] ?? 0) > 0 && limits[$0] == requests[$0] }
    }
}

package struct LiteralPod {
    package var uid: String
    /// Init containers and sidecars, then app containers.
    package var containers: [LiteralContainer]
    package var podLevel: (requests: [String: Int], limits: [String: Int])?

    package init(
        uid: String, containers: [LiteralContainer],
        podLevel: (requests: [String: Int], limits: [String: Int])?
    ) {
        self.uid = uid
        self.containers = containers
        self.podLevel = podLevel
    }

    /// The largest amount that the containers hold at any time: sidecars accumulate, a regular init container needs
    /// its own beside the sidecars so far, the end is apps and sidecars.
    package func overTime(_ amount: (LiteralContainer) -> Int) -> Int {
        var (sidecars, peak, apps) = (0, 0, 0)
        for container in containers {
            switch container.kind {
            case .sidecar:
                sidecars += amount(container)
                peak = max(peak, sidecars)
            case .initContainer: peak = max(peak, sidecars + amount(container))
            case .app: apps += amount(container)
            }
        }
        return max(peak, apps + sidecars)
    }

    package func qos(_ settings: LiteralSettings) -> String {
        var groups = containers.map { (requests: $0.requests, limits: $0.limits) }
        if let podLevel, settings.podLevelResources {
            groups = [podLevel]
        }
        let names = ["cpu", "memory"]
        if groups.allSatisfy({ group in
            names.allSatisfy {
                (group.limits[$0] ?? 0) > 0 && group.limits[$0] == group.requests[$0]
            }
        }) {
            return "Guaranteed"
        }
        let asksNothing = groups.allSatisfy { group in
            names.allSatisfy { (group.limits[$0] ?? 0) == 0 && (group.requests[$0] ?? 0) == 0 }
        }
        return asksNothing ? "BestEffort" : "Burstable"
    }

    /// What the predicates count.
    func requests(_ settings: LiteralSettings) -> [String: Int] {
        var sum: [String: Int] = [:]
        for name in Set(containers.flatMap { $0.requests.keys }) {
            sum[name] = overTime { $0.requests[name] ?? 0 }
        }
        if let podLevel, settings.podLevelResources {
            for (name, amount) in podLevel.requests { sum[name] = amount }
        }
        return sum
    }
}

/// A device plugin: its devices, and what GetPreferredAllocation answers.
package struct LiteralPlugin {
    package enum Preferred: String { case none, lowest, highest }
    package struct Device {
        package var id: String
        /// Nil without topology.
        package var nodes: [Int]?
        package var isHealthy: Bool

        package init(id: String, nodes: [Int]?, isHealthy: Bool) {
            self.id = id
            self.nodes = nodes
            self.isHealthy = isHealthy
        }
    }

    package var resource: String
    package var preferred: Preferred
    package var devices: [Device]

    package init(resource: String, preferred: Preferred, devices: [Device]) {
        self.resource = resource
        self.preferred = preferred
        self.devices = devices
    }
}

package struct LiteralHint: Hashable {
    /// By NUMA node id; nil is "any".
    package var mask: UInt64?
    package var preferred: Bool

    package init(_ mask: UInt64?, _ preferred: Bool) {
        self.mask = mask
        self.preferred = preferred
    }
}

/// One provider's answer: hints by resource, nil for "no preference", empty for "impossible".
package typealias LiteralHints = [(resource: String, hints: [LiteralHint]?)]

/// Why a pod is refused, word for word.
package struct LiteralRefusal: Error, Hashable {
    package var by: String
    package var reason: String
    package var message: String

    package init(by: String, reason: String, message: String) {
        self.by = by
        self.reason = reason
        self.message = message
    }

    /// An error of an allocation that is not typed.
    static func unexpected(_ error: String) -> LiteralRefusal {
        LiteralRefusal(
            by: "topologymanager", reason: "UnexpectedAdmissionError",
            message: "Allocate failed due to \(error), which is unexpected")
    }

    static func typed(_ reason: String, _ message: String) -> LiteralRefusal {
        LiteralRefusal(by: "topologymanager", reason: reason, message: message)
    }

    /// The kubelet would never come back from this call.
    static let neverEnds = LiteralRefusal(by: "", reason: "never ends", message: "")
    /// The kubelet would panic.
    static let panics = LiteralRefusal(by: "", reason: "panics", message: "")
}

/// Why a kubelet does not start.
package struct LiteralStartError: Error, Hashable {
    package var stage: String
    package var message: String
}

/// `0-3,8`.
package func listed(_ cpus: Set<Int>) -> String {
    var runs: [(Int, Int)] = []
    for cpu in cpus.sorted() {
        if let last = runs.last, last.1 == cpu - 1 {
            runs[runs.count - 1].1 = cpu
        } else {
            runs.append((cpu, cpu))
        }
    }
    return runs.map { $0.0 == $0.1 ? "\($0.0)" : "\($0.0)-\($0.1)" }.joined(separator: ",")
}
