public import HardwareModel

/// A machine from a source of someone else's making, with what was taken, guessed and dropped on the way.
public struct ImportedMachine: Hashable, Sendable {
    /// As the file has it: call `Machine.validate()` before using it.
    public var machine: Machine
    public var report: ImportReport
    /// What the source does not say, so that an empty list or a guess is not taken for its word.
    public var unstated: Set<MachineFactKind>
    /// To how many bytes the source rounds memory: 1 for bytes, 1,048,576 for `numactl -H`.
    public var memoryUnit: Int64

    public init(
        machine: Machine, report: ImportReport = ImportReport(),
        unstated: Set<MachineFactKind> = [], memoryUnit: Int64 = 1
    ) {
        self.machine = machine
        self.report = report
        self.unstated = unstated
        self.memoryUnit = memoryUnit
    }
}
