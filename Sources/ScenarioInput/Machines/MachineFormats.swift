/// One way in which others write down a machine: how it is told from the rest, and how it is read.
public struct MachineFormat: Sendable {
    /// What messages call it, such as `hwloc XML`.
    public var name: String
    /// How a person makes such a file, as a hint for who has none.
    public var making: String
    /// Whether a file is of this format, told by its first bytes, its root element or its outermost keys.
    public var recognises: @Sendable (MachineFile) -> Bool
    /// The machines in a file, at least one; most formats have one a file.
    ///
    /// The machines may be larger than what can be simulated: call `Machine.validate()` before using one.
    public var read: @Sendable (MachineFile) throws(InputError) -> [ImportedMachine]

    public init(
        name: String, making: String, recognises: @escaping @Sendable (MachineFile) -> Bool,
        read: @escaping @Sendable (MachineFile) throws(InputError) -> [ImportedMachine]
    ) {
        self.name = name
        self.making = making
        self.recognises = recognises
        self.read = read
    }
}

/// Every format of machines that is read, in the order in which a file is tried: one line each.
public enum MachineFormats {
    public static let all: [MachineFormat] = [
        .hwlocXML,
        .sysfsArchive,
        .machineInfo,
        .lscpu,
        .ncclTopology,
        .ghw,
        .vmGroups,
        .nodeTopology,
        .synthetic,
    ]

    /// The format of a file; nil when no format knows it.
    public static func format(of file: MachineFile) -> MachineFormat? {
        all.first { $0.recognises(file) }
    }
}

extension MachineFormat {
    static let hwlocXML = MachineFormat(
        name: "hwloc XML",
        making: "`lstopo --of xml machine.xml` writes the machine that it runs on",
        recognises: { $0.rootElement == "topology" }
    ) { file throws(InputError) in
        [try readHwlocMachine(bytes: file.bytes, file: file.name)]
    }
}

extension MachineFormat {
    static let sysfsArchive = MachineFormat(
        name: "an archive of /sys and /proc",
        making: "`hwloc-gather-topology NAME` packs what describes the machine that it runs on",
        recognises: { ArchivePacking($0.bytes) != nil || TarReading.begins($0.bytes) }
    ) { file throws(InputError) in
        try readSysfsArchive(bytes: file.bytes, file: file.name)
    }
}

extension MachineFormat {
    static let machineInfo = MachineFormat(
        name: "cadvisor's MachineInfo",
        making: "`curl …/api/v1.3/machine` asks a cadvisor for it",
        recognises: { $0.outermostKeys.isSuperset(of: ["topology", "num_cores"]) }
    ) { file throws(InputError) in
        [try readMachineInfo(bytes: file.bytes, file: file.name)]
    }

    static let lscpu = MachineFormat(
        name: "lscpu with numactl -H",
        making: "`(lscpu -p; numactl -H) > machine.txt` writes the machine that it runs on",
        recognises: { LscpuText.recognises($0) }
    ) { file throws(InputError) in
        [try readLscpu(lscpu: file.bytes, file: file.name)]
    }
}
