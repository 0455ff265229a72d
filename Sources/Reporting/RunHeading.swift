/// What was simulated, in the words of a report: enough to know one run from another at a glance.
public struct RunHeading: Sendable, Hashable {
    public var scenario: String
    public var seed: UInt64
    public var nodes: Int64
    public var cpus: Int64
    public var numaNodes: Int64
    /// One line for each distinct kubelet configuration: policies, options, scope.
    public var kubelets: [String]
    public var scheduler: String

    public init(
        scenario: String, seed: UInt64, nodes: Int64, cpus: Int64, numaNodes: Int64,
        kubelets: [String], scheduler: String
    ) {
        self.scenario = scenario
        self.seed = seed
        self.nodes = nodes
        self.cpus = cpus
        self.numaNodes = numaNodes
        self.kubelets = kubelets
        self.scheduler = scheduler
    }
}

/// Where the results went.
public struct RunResult: Sendable, Hashable {
    /// As the user may type it.
    public var file: String
    public var bytes: Int64
    /// Lowercase hexadecimal digits of the SHA-256 over the deterministic tables.
    /// Nil of a run that did not end by itself.
    public var digest: String?
    public var isInterrupted: Bool
    /// SQL that shows something worth seeing in the file.
    public var query = "select * from rejections_by_reason"

    public init(file: String, bytes: Int64, digest: String?, isInterrupted: Bool = false) {
        self.file = file
        self.bytes = bytes
        self.digest = digest
        self.isInterrupted = isInterrupted
    }
}
