/// What the hardware of one node is, as values: never what is taken on it.
///
/// Parts refer to each other by position in these arrays; `osIndex` is the kernel's number, in any order and
/// with gaps. A machine is only used after `validate()` found no mistake.
public struct Machine: Hashable, Sendable {
    /// What a person calls it: a product name, a file's name or the shape.
    public var name: String
    public var sockets: [Socket] = []
    public var dies: [Die] = []
    /// Ascending by OS index, as the kernel and the kubelet list them; readers and builders see to it.
    public var numaNodes: [NUMANode] = []
    /// The groups of CPUs that share an L3 cache.
    public var uncoreCaches: [UncoreCache] = []
    public var cores: [Core] = []
    /// Online CPUs, in hwloc's logical order.
    public var cpus: [CPU] = []
    /// SLIT values between `numaNodes`, by position; nil when the machine does not tell.
    public var distances: NUMADistances?
    /// PCI and other I/O devices with their locality, as the hardware has them.
    public var devices: [Device] = []

    public init(name: String) { self.name = name }
}

public struct Socket: Hashable, Sendable {
    public var osIndex: Int
    /// The processor's name, such as `AMD EPYC 7502`, or empty.
    public var model: String

    public init(osIndex: Int, model: String = "") {
        self.osIndex = osIndex
        self.model = model
    }
}

public struct Die: Hashable, Sendable {
    public var osIndex: Int
    /// Position in `Machine.sockets`.
    public var socket: Int

    public init(osIndex: Int, socket: Int) {
        self.osIndex = osIndex
        self.socket = socket
    }
}

/// Memory and the CPUs near it.
public struct NUMANode: Hashable, Sendable {
    public enum Kind: String, Sendable, CaseIterable {
        case dram, hbm, gpu, specificPurpose = "specific-purpose", persistent
    }

    public var osIndex: Int
    public var kind: Kind
    /// All of the node's memory in bytes, its huge pages included.
    public var memory: Int64
    /// Pools of huge pages, ascending by page size.
    public var hugePages: [HugePagePool]
    /// Position in `Machine.sockets` when the node lies inside one socket.
    public var socket: Int?

    public init(
        osIndex: Int, kind: Kind = .dram, memory: Int64, hugePages: [HugePagePool] = [],
        socket: Int? = nil
    ) {
        self.osIndex = osIndex
        self.kind = kind
        self.memory = memory
        self.hugePages = hugePages
        self.socket = socket
    }
}

/// Huge pages of one size on one NUMA node.
public struct HugePagePool: Hashable, Sendable {
    /// Bytes in one page.
    public var pageSize: Int64
    public var count: Int64

    public init(pageSize: Int64, count: Int64) {
        self.pageSize = pageSize
        self.count = count
    }
}

public struct UncoreCache: Hashable, Sendable {
    /// Bytes; 0 when unknown.
    public var size: Int64

    public init(size: Int64) { self.size = size }
}

public struct Core: Hashable, Sendable {
    /// The kernel's `core_id`; unique only within a socket.
    public var osIndex: Int
    /// Position in `Machine.sockets`.
    public var socket: Int

    public init(osIndex: Int, socket: Int) {
        self.osIndex = osIndex
        self.socket = socket
    }
}

/// One logical CPU (hwloc PU).
public struct CPU: Hashable, Sendable {
    public var osIndex: Int
    /// Positions in the machine's arrays.
    public var core: Int
    public var socket: Int
    public var die: Int?
    /// The NUMA node whose memory is local; nil on a machine without NUMA nodes.
    public var numaNode: Int?
    public var uncoreCache: Int?

    public init(
        osIndex: Int, core: Int, socket: Int, die: Int? = nil, numaNode: Int? = nil,
        uncoreCache: Int? = nil
    ) {
        self.osIndex = osIndex
        self.core = core
        self.socket = socket
        self.die = die
        self.numaNode = numaNode
        self.uncoreCache = uncoreCache
    }
}

/// Relative distances between NUMA nodes as ACPI's SLIT gives them: 10 is local, 20 costs twice as much.
public struct NUMADistances: Hashable, Sendable {
    /// How many NUMA nodes the table covers.
    public let count: Int
    /// Row-major, `count` × `count`.
    public let values: [Int]

    /// - Precondition: `values.count == count * count`.
    public init(count: Int, values: [Int]) {
        precondition(values.count == count * count, "a distance table is square")
        self.count = count
        self.values = values
    }

    /// From the NUMA node at position `from` to the one at `to`.
    public subscript(from: Int, to: Int) -> Int { values[from * count + to] }
}
