/// A machine as people and files describe it: groups of CPUs by OS index, each part on its own.
///
/// Every reader (inline YAML, hwloc XML, sysfs, shapes) fills one of these, and `makeMachine()` turns it into a
/// `Machine` or tells every mistake at once. Only NUMA nodes with their CPUs are needed; the rest has defaults.
///
/// ```swift
/// var description = MachineDescription(name: "odd")
/// description.numaNodes = [
///     .init(osIndex: 0, memory: 64 << 30, cpus: [0, 1, 4, 5]),
///     .init(osIndex: 1, memory: 64 << 30, cpus: [2, 3, 6, 7]),
/// ]
/// description.cores = [[0, 4], [1, 5], [2, 6], [3, 7]].map { .init(cpus: $0) }
/// let machine = try description.makeMachine()   // one socket, 4 cores, 8 CPUs
/// ```
public struct MachineDescription: Hashable, Sendable {
    public var name: String
    /// None: one socket 0 that holds every CPU. A socket without CPUs is allowed.
    public var sockets: [SocketGroup] = []
    /// None: dies are not told apart. A CPU in no die is allowed.
    public var dies: [DieGroup] = []
    /// In any order. None: a machine without NUMA nodes, which no kubelet takes.
    public var numaNodes: [NUMANodeGroup] = []
    /// CPUs that share an L3 cache. A CPU in none is allowed.
    public var uncoreCaches: [CacheGroup] = []
    /// None: every CPU is a core of its own. Otherwise every CPU is in exactly one.
    public var cores: [CoreGroup] = []
    /// Rows of SLIT values in the order in which `numaNodes` are given here; nil when not known.
    public var distances: [[Int]]?
    public var devices: [Device] = []

    public init(name: String) { self.name = name }

    /// CPUs of one socket.
    public struct SocketGroup: Hashable, Sendable {
        public var osIndex: Int
        public var model: String
        public var cpus: [Int]

        public init(osIndex: Int, model: String = "", cpus: [Int]) {
            self.osIndex = osIndex
            self.model = model
            self.cpus = cpus
        }
    }

    /// CPUs of one die.
    public struct DieGroup: Hashable, Sendable {
        public var osIndex: Int
        public var cpus: [Int]

        public init(osIndex: Int, cpus: [Int]) {
            self.osIndex = osIndex
            self.cpus = cpus
        }
    }

    /// One NUMA node and the CPUs whose local memory it is; none for a node that is memory only.
    public struct NUMANodeGroup: Hashable, Sendable {
        public var osIndex: Int
        public var kind: NUMANode.Kind
        /// Bytes, huge pages included.
        public var memory: Int64
        /// In any order.
        public var hugePages: [HugePagePool]
        public var cpus: [Int]
        /// OS index of the socket, for a node without CPUs; with CPUs it follows from them.
        public var socket: Int?

        public init(
            osIndex: Int, kind: NUMANode.Kind = .dram, memory: Int64,
            hugePages: [HugePagePool] = [], cpus: [Int] = [], socket: Int? = nil
        ) {
            self.osIndex = osIndex
            self.kind = kind
            self.memory = memory
            self.hugePages = hugePages
            self.cpus = cpus
            self.socket = socket
        }
    }

    /// CPUs that share an L3 cache.
    public struct CacheGroup: Hashable, Sendable {
        /// Bytes; 0 when unknown.
        public var size: Int64
        public var cpus: [Int]

        public init(size: Int64 = 0, cpus: [Int]) {
            self.size = size
            self.cpus = cpus
        }
    }

    /// The CPUs of one core.
    public struct CoreGroup: Hashable, Sendable {
        /// The kernel's `core_id`; nil numbers cores from 0 within their socket.
        public var osIndex: Int?
        public var cpus: [Int]

        public init(osIndex: Int? = nil, cpus: [Int]) {
            self.osIndex = osIndex
            self.cpus = cpus
        }
    }
}

/// Every mistake of one machine, each a sentence without a full stop.
public struct MachineError: Error, Hashable, Sendable {
    public var mistakes: [String]

    public init(mistakes: [String]) { self.mistakes = mistakes }
}

extension MachineDescription {
    /// The machine, or every mistake in its description at once, `Machine.validate()`'s included.
    public func makeMachine() throws(MachineError) -> Machine {
        let (machine, mistakes) = assemble()
        let all = mistakes + machine.validate().filter { !mistakes.contains($0) }
        if !all.isEmpty { throw MachineError(mistakes: all) }
        return machine
    }
}
