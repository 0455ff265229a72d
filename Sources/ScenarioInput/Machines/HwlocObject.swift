import HardwareModel

/// One object of a hwloc topology, as far as a machine needs it.
struct HwlocObject {
    enum Kind {
        case machine, socket, die, numaNode, group, uncoreCache, core, cpu, pciDevice, osDevice,
            bridge
        /// Smaller caches, memory-side caches, misc and whatever hwloc adds: looked through.
        case other
    }

    var kind: Kind
    /// Position of the object around it.
    var parent: Int?
    /// Position in the file's bytes.
    var place: Int
    var osIndex: Int?
    var gpIndex: Int?
    var subtype = ""
    /// Ranges of the file's bytes with bitmaps, parsed only when they are asked for.
    var cpuset: Range<Int>?
    var nodeset: Range<Int>?
    var allowedCPUs: Range<Int>?
    var onlineCPUs: Range<Int>?
    var allowedNodes: Range<Int>?
    /// Bytes: a NUMA node's or a 1.x machine's memory, or a cache's size.
    var size: Int64 = 0
    var pages: [HugePages] = []
    /// A processor's model, from infos.
    var model = ""
    /// An OS device's name.
    var name = ""
    /// What an OS device is.
    var osKind = OSDeviceKind.unknown
    var pciBusID: String?
    /// `0200 [8086:1533] [17aa:404d] 03`: class, vendor and device, subsystem, revision.
    var pciType = ""
    /// kB/s; 0 when not told.
    var linkSpeed = 0

    /// A NUMA node that says of itself that its CPUs belong to others.
    var isMemoryOnly = false
    /// What a PCI device says of itself, as our own files do: NUMA nodes, physical function, driver.
    var localNUMANodes: [Int]?
    var physicalFunction: String?
    var driver = ""

    /// A `page_type` element: pages of one size, base pages included.
    struct HugePages {
        var size: Int64
        var count: Int64
    }

    /// Whether it hangs among I/O objects, so that its place is that of something around it.
    var isIO: Bool { kind == .pciDevice || kind == .osDevice || kind == .bridge }
}

extension HwlocObject.Kind {
    /// The kind of an object by its `type`, and for a 1.x `Cache` by its `depth` and `cache_type` too.
    init(type: String, cacheDepth: Int?, cacheType: Int?) {
        switch type {
        case "Machine", "System": self = .machine
        case "Package", "Socket": self = .socket
        case "Die": self = .die
        case "NUMANode", "Node": self = .numaNode
        case "Group": self = .group
        case "L3Cache": self = .uncoreCache
        // Type 2 holds instructions alone.
        case "Cache": self = cacheDepth == 3 && cacheType != 2 ? .uncoreCache : .other
        case "Core": self = .core
        case "PU": self = .cpu
        case "PCIDev": self = .pciDevice
        case "OSDev": self = .osDevice
        case "Bridge": self = .bridge
        default: self = .other
        }
    }
}

/// A table of distances in a hwloc file.
struct HwlocDistances {
    /// How its rows name NUMA nodes.
    enum Indexing {
        case osIndex([Int]), gpIndex([Int])
        /// Logical order of the objects at a depth below the object that holds the table (1.x).
        case logical(depth: Int)
    }

    var indexing: Indexing
    var count: Int
    /// Row-major.
    var values: [Int]
    var name: String
}
