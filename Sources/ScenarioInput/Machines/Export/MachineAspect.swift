/// One side of what a machine is: what a format has words for or has not, and where two descriptions may differ.
public enum MachineAspect: String, CaseIterable, Hashable, Sendable {
    case name
    /// OS indices of all CPUs.
    case cpus
    /// The order in which the hardware has its CPUs.
    case cpuOrder
    /// How many CPUs each NUMA node has.
    case cpuCounts
    /// Sockets by OS index, each with its CPUs; one without any is known by its memory.
    case sockets
    case socketModels
    case dies
    /// NUMA nodes by OS index, each with its CPUs.
    case numaNodes
    case numaNodeKinds
    /// The socket that each NUMA node lies in.
    case numaNodeSockets
    case memory
    case hugePages
    case distances
    /// Groups of CPUs that share an uncore cache.
    case uncoreCaches
    case uncoreCacheSizes
    /// Groups of CPUs that are a core.
    case cores
    /// The kernel's number of each core.
    case coreNumbers
    /// Devices with class, vendor and model, and where they are.
    case devices
    /// Every name that the OS has for a device.
    case deviceNames
    /// What those names stand for.
    case deviceKinds
    case physicalFunctions
    case drivers
    case linkSpeeds

    /// What messages call it.
    public var words: String {
        switch self {
        case .name: "the name"
        case .cpus: "the CPUs"
        case .cpuOrder: "the order of the CPUs"
        case .cpuCounts: "how many CPUs a NUMA node has"
        case .sockets: "the sockets and their CPUs"
        case .socketModels: "the processors' models"
        case .dies: "the dies"
        case .numaNodes: "the NUMA nodes and their CPUs"
        case .numaNodeKinds: "the kinds of memory"
        case .numaNodeSockets: "the NUMA nodes' sockets"
        case .memory: "the memory of NUMA nodes"
        case .hugePages: "huge pages"
        case .distances: "distances"
        case .uncoreCaches: "the uncore caches"
        case .uncoreCacheSizes: "the sizes of uncore caches"
        case .cores: "the cores and their CPUs"
        case .coreNumbers: "the kernel's numbers of cores"
        case .devices: "devices and where they are"
        case .deviceNames: "the names of devices"
        case .deviceKinds: "what the names of devices stand for"
        case .physicalFunctions: "which virtual function is of which card"
        case .drivers: "the drivers of devices"
        case .linkSpeeds: "the speed of PCI links"
        }
    }
}

/// Something that two descriptions of a machine say otherwise.
public struct MachineDifference: Hashable, Sendable {
    public var aspect: MachineAspect
    /// What it is about, such as `NUMA node 1`.
    public var subject: String
    /// What the first says; nil when it does not know the subject.
    public var first: String?
    /// What the second says; nil when it does not know the subject.
    public var second: String?
}

extension MachineDifference: CustomStringConvertible {
    /// One sentence without a full stop.
    public var description: String {
        func said(_ value: String?) -> String {
            value.map { $0.isEmpty ? "nothing" : "`\($0)`" } ?? "not there"
        }
        return "\(aspect.words), \(subject): \(said(first)) against \(said(second))"
    }
}
