public import HardwareModel

/// What lies on a user's disk as a scenario: machines, objects of a cluster, recordings.
///
/// ```swift
/// var request = ScenarioImport()
/// request.paths = ["worker1.tgz", "nodes.yaml", "core.yaml"]
/// let scenario = try request.make(name: "core")     // scenario.files, scenario.report
/// try scenario.write(to: folder, replacing: false)
/// ```
public struct ScenarioImport {
    public var kind = ImportKind.auto
    /// Files and folders as the user named them; `-` is standard input, once.
    public var paths: [String] = []
    /// `NODE=FILE` for one node, or what `MachineSource` reads for nodes that nothing else describes.
    public var machines: [String] = []
    /// How many nodes a machine stands for; nil where Nodes say it, else 1.
    public var nodeCount: Int?
    /// The format of recordings, where it cannot be told.
    public var traceFormat: String?
    public var traceOptions = TraceOptions()
    public var templates = ManifestTemplates.refused
    /// Reads this computer, for `--machine host`.
    public var hostMachine: (() throws -> Machine)?

    public init() {}

    /// Reads everything and puts a scenario together; nothing is written.
    ///
    /// - Throws: All mistakes of all files.
    public func make(name: String) throws(InputError) -> ImportedScenario {
        var reading = ImportReading(self)
        reading.readAll()
        if !reading.mistakes.isEmpty { throw InputError(reading.mistakes) }
        var assembly = ImportAssembly(self, reading.material, name: name)
        return try assembly.scenario()
    }
}

/// A scenario folder that is in memory, with the report of what it was made from.
public struct ImportedScenario: Sendable {
    public enum Content: Sendable {
        case bytes([UInt8])
        /// A file that is too large to hold, by its path.
        case copy(String)
    }

    public struct File: Sendable {
        /// Relative to the folder.
        public var path: String
        public var content: Content
    }

    /// `scenario.yaml` and what it names.
    public var files: [File] = []
    public var report = ImportReport()
    /// What there is, in a few words each: `2 nodes in 1 group`, `5 workloads from 2 manifests`.
    public var contents: [String] = []
}
