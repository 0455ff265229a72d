import Primitives

/// One thing that sources of a machine say, by which they are compared.
public enum ComparedFact: Hashable, Sendable {
    case cpuCount
    case cpus
    case numaNodes
    /// CPUs of the NUMA node with the OS index.
    case numaNodeCPUs(Int)
    case sockets
    /// CPUs of the socket with the OS index.
    case socketCPUs(Int)
    case dies
    case coreCount
    /// Which CPUs share a core.
    case cores
    /// Which CPUs share an L3 cache.
    case uncoreCaches
    case uncoreCacheSizes
    case memory
    case numaNodeMemory(Int)
    /// Bytes in huge pages of a size, on all NUMA nodes.
    case hugePages(size: Int64)
    case numaNodeHugePages(Int, size: Int64)
    /// From the NUMA node with the OS index to each in turn.
    case distances(Int)
    /// Class, ids and place of the PCI device with the address.
    case device(String)
    case allocatableCPUs
    case allocatableMemory
    case allocatableHugePages(size: Int64)
}

extension ComparedFact {
    /// A fact without its number: a source that states one of a family states all of them.
    enum Family: Int, Hashable, CaseIterable {
        case cpuCount, cpus, numaNodes, numaNodeCPUs, sockets, socketCPUs, dies, coreCount, cores
        case uncoreCaches, uncoreCacheSizes, memory, numaNodeMemory, hugePages, numaNodeHugePages
        case distances, device, allocatableCPUs, allocatableMemory, allocatableHugePages
    }

    /// The family, and what orders facts within it.
    private var place: (family: Family, number: Int64, other: Int64, text: String) {
        switch self {
        case .cpuCount: (.cpuCount, 0, 0, "")
        case .cpus: (.cpus, 0, 0, "")
        case .numaNodes: (.numaNodes, 0, 0, "")
        case .numaNodeCPUs(let node): (.numaNodeCPUs, Int64(node), 0, "")
        case .sockets: (.sockets, 0, 0, "")
        case .socketCPUs(let socket): (.socketCPUs, Int64(socket), 0, "")
        case .dies: (.dies, 0, 0, "")
        case .coreCount: (.coreCount, 0, 0, "")
        case .cores: (.cores, 0, 0, "")
        case .uncoreCaches: (.uncoreCaches, 0, 0, "")
        case .uncoreCacheSizes: (.uncoreCacheSizes, 0, 0, "")
        case .memory: (.memory, 0, 0, "")
        case .numaNodeMemory(let node): (.numaNodeMemory, Int64(node), 0, "")
        case .hugePages(let size): (.hugePages, size, 0, "")
        case .numaNodeHugePages(let node, let size): (.numaNodeHugePages, Int64(node), size, "")
        case .distances(let node): (.distances, Int64(node), 0, "")
        case .device(let address): (.device, 0, 0, address)
        case .allocatableCPUs: (.allocatableCPUs, 0, 0, "")
        case .allocatableMemory: (.allocatableMemory, 0, 0, "")
        case .allocatableHugePages(let size): (.allocatableHugePages, size, 0, "")
        }
    }

    var family: Family { place.family }
}

extension ComparedFact: Comparable {
    public static func < (first: ComparedFact, second: ComparedFact) -> Bool {
        let (one, other) = (first.place, second.place)
        return (one.family.rawValue, one.number, one.other, one.text)
            < (other.family.rawValue, other.number, other.other, other.text)
    }
}

extension ComparedFact: CustomStringConvertible {
    /// What a message calls it, such as `memory of NUMA node 0`.
    public var description: String {
        switch self {
        case .cpuCount: "number of CPUs"
        case .cpus: "CPUs"
        case .numaNodes: "NUMA nodes"
        case .numaNodeCPUs(let node): "CPUs of NUMA node \(node)"
        case .sockets: "sockets"
        case .socketCPUs(let socket): "CPUs of socket \(socket)"
        case .dies: "dies"
        case .coreCount: "number of cores"
        case .cores: "cores"
        case .uncoreCaches: "L3 caches"
        case .uncoreCacheSizes: "sizes of L3 caches"
        case .memory: "memory"
        case .numaNodeMemory(let node): "memory of NUMA node \(node)"
        case .hugePages(let size): ResourceTable.hugePageResource(ofSize: size)
        case .numaNodeHugePages(let node, let size):
            "\(ResourceTable.hugePageResource(ofSize: size)) of NUMA node \(node)"
        case .distances(let node): "distances of NUMA node \(node)"
        case .device(let address): "PCI device \(address)"
        case .allocatableCPUs: "allocatable CPUs"
        case .allocatableMemory: "allocatable memory"
        case .allocatableHugePages(let size):
            "allocatable \(ResourceTable.hugePageResource(ofSize: size))"
        }
    }
}

/// What a source says of a fact.
public enum ComparedValue: Hashable, Sendable {
    case text(String)
    /// A source that rounds down to whole units agrees with one that does not.
    case bytes(Int64, unit: Int64)
    /// Groups of CPUs in the kernel's list format, ascending by first CPU.
    case groups([String])

    /// Whether both can be true of one machine.
    func agrees(with other: ComparedValue) -> Bool {
        guard case .bytes(let one, let unit) = self, case .bytes(let two, let otherUnit) = other
        else { return self == other }
        let coarse = max(1, unit, otherUnit)
        return one / coarse == two / coarse
    }
}

extension ComparedValue: CustomStringConvertible {
    public var description: String {
        switch self {
        case .text(let text): text
        case .bytes(let bytes, _): "\(bytes) bytes"
        case .groups(let groups): groups.joined(separator: " ")
        }
    }
}
