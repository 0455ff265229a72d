public import HardwareModel
import Primitives

/// A machine in a format of others, and what of it that format could not say.
public struct MachineExport: Hashable, Sendable {
    /// The text, ending in a newline.
    public var text: String
    /// What was left out or had to be said otherwise, each a sentence without a full stop.
    public var unsaid: [String]
}

/// A format that machines are written in.
public enum MachineExportFormat: String, CaseIterable, Sendable {
    /// hwloc XML 2.0.
    case hwloc
    /// cadvisor's MachineInfo, what a kubelet reads of its node.
    case machineinfo
    /// A NodeResourceTopology object, v1alpha2.
    case nrt
    /// hwloc's synthetic string.
    case synthetic

    /// What the format has words for. Whatever is read, written and read again agrees in it.
    ///
    /// A synthetic string says all of them for a regular machine only: where NUMA nodes or caches at one place are
    /// unlike, it has one number for all. A NodeResourceTopology object's name is the machine's where Kubernetes takes
    /// such a name.
    public var aspects: Set<MachineAspect> {
        switch self {
        case .hwloc: Set(MachineAspect.allCases).subtracting([.name])
        case .machineinfo:
            [
                .cpus, .cpuCounts, .sockets, .numaNodes, .memory, .hugePages, .distances,
                .uncoreCaches, .uncoreCacheSizes, .cores, .coreNumbers,
            ]
        case .nrt: [.name, .cpuCounts, .memory, .hugePages, .distances]
        case .synthetic:
            [
                .cpus, .cpuOrder, .cpuCounts, .sockets, .dies, .numaNodes, .numaNodeSockets,
                .memory, .uncoreCaches, .uncoreCacheSizes, .cores, .coreNumbers,
            ]
        }
    }
}

/// Writes a machine in a format of others.
///
/// - Precondition: `machine.validate()` finds no mistake: sums of memory are taken.
/// - Throws: One error when the format cannot hold such a machine at all.
public func exportMachine(
    _ machine: Machine, as format: MachineExportFormat
) throws(InputError) -> MachineExport {
    switch format {
    case .hwloc:
        var document = HwlocDocument(machine)
        let text = document.text()
        let again = try readHwlocXML(bytes: Array(text.utf8), file: machine.name)
        return MachineExport(text: text, unsaid: unsaid(machine, again, format))
    case .machineinfo:
        let homeless = machine.cpus.filter { $0.numaNode == nil }.map(\.osIndex).sorted()
        let left =
            homeless.isEmpty
            ? [] : ["CPUs \(listFormat(of: homeless)) are in no NUMA node, so they cannot be said"]
        return MachineExport(
            text: machineInfoText(of: machine), unsaid: unsaid(machine, nil, format) + left)
    case .nrt:
        let text = nodeTopologyText(of: machine)
        let again = try readNodeTopologies(bytes: Array(text.utf8), file: machine.name)
        return MachineExport(text: text, unsaid: unsaid(machine, again.first?.machine, format))
    case .synthetic:
        let text = try syntheticText(of: machine)
        let again = try readSyntheticMachine(bytes: Array(text.utf8), file: machine.name).machine
        return MachineExport(text: text + "\n", unsaid: unsaid(machine, again, format))
    }
}

/// Aspects without words, each once; then what reads otherwise in the text, when it was read again.
private func unsaid(
    _ machine: Machine, _ again: Machine?, _ format: MachineExportFormat
) -> [String] {
    let stated = MachineAspects(machine)
    let wordless = MachineAspect.allCases.filter {
        !format.aspects.contains($0) && stated.hasSomething(of: $0)
    }
    let differences =
        again.map { machineDifferences(between: machine, and: $0, in: format.aspects, limit: 5) }
        ?? []
    return wordless.map { "\($0.words) cannot be said in this format" }
        + differences.map(\.description)
}
