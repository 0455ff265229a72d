public import HardwareModel

/// This computer as a machine: its online CPUs, memory and devices, as the kernel shows them in /sys.
///
/// It takes what is there. Without NUMA (or /sys/devices/system/node hidden, as in some containers) there is one
/// NUMA node 0 with all CPUs and memory; ids of -1, as some VMs and ARM boards have them, count as unknown. Sources: the
/// kernel's Documentation/ABI/stable/sysfs-devices-node and sysfs-devices-system-cpu, and libnuma.
public enum HostMachine {
    /// Reads the machine.
    ///
    /// - Parameters:
    ///   - root: Where `sys` and `proc` are.
    ///   - numa: Asked for memory and distances first; nil reads files alone.
    ///   - processorCount: How many CPUs there are when /sys does not tell.
    /// - Throws: `HostMachineError` when not even CPUs can be found.
    public static func read(
        root: String = "/", numa: (any NUMALibrary)?, processorCount: Int = 0
    ) throws(HostMachineError) -> Machine {
        let files = SystemFiles(root: root)
        var reader = HostReader(files: files, numa: numa)
        try reader.readCPUs(fallback: processorCount)
        reader.readNUMANodes()
        reader.readDevices()
        do throws(MachineError) {
            return try reader.description.makeMachine()
        } catch {
            throw HostMachineError(
                message: "the kernel contradicts itself: " + error.mistakes.joined(separator: "; "))
        }
    }

    /// Reads this computer, through libnuma where it is linked.
    public static func read() throws(HostMachineError) -> Machine {
        #if canImport(CNuma)
            try read(root: "/", numa: LibNUMA(), processorCount: onlineProcessorCount())
        #else
            try read(root: "/", numa: nil, processorCount: onlineProcessorCount())
        #endif
    }
}

/// Why this computer cannot be read.
public struct HostMachineError: Error, Hashable, Sendable, CustomStringConvertible {
    /// One sentence without a full stop.
    public var message: String
    public var description: String { message }
}
