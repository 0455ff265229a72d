/// How large a results file will be, told before the run from what is known of the scenario.
///
/// ```swift
/// var scale = RunScale(level: .pods)
/// scale.pods = 1_000_000
/// ExpectedSize(of: scale).bytes     // about 150 MB
/// ```
public struct ExpectedSize: Sendable, Hashable {
    public var rows: Int64
    public var bytes: Int64

    /// From here on, `topsim run` warns.
    public static let largeBytes: Int64 = 10_000_000_000

    public var isLarge: Bool { bytes > ExpectedSize.largeBytes }

    public init(of scale: RunScale) {
        var size = (rows: 0.0, bytes: ExpectedSize.emptyFile)
        for (table, rows) in scale.rows {
            size.rows += rows
            size.bytes += rows * ExpectedSize.bytesOfRow(table)
        }
        func whole(_ value: Double) -> Int64 { value < 9e18 ? Int64(value) : .max }
        rows = whole(size.rows)
        bytes = whole(size.bytes)
    }

    /// Tables and views, each of which takes a page at least.
    private static let emptyFile = 170_000.0

    /// Measured on a million pods (Benchmarks/Sources/recorder-throughput): pages of a table over its rows.
    private static func bytesOfRow(_ table: String) -> Double {
        switch table {
        case "pod": 68
        case "container": 37
        case "memory_block", "device_allocation": 23
        case "rejection": 110
        case "node_sample": 45
        case "cluster_sample": 32
        case "cluster_resource_sample": 28
        case "mix_sample": 10
        default: 25
        }
    }
}

/// What the size of a results file follows from. Averages may be fractions.
public struct RunScale: Sendable, Hashable {
    public var level: RecordLevel
    public var nodes: Int64 = 0
    /// Pod objects, those included that replace another.
    public var pods: Int64 = 0
    public var containersPerPod = 1.0
    public var memoryBlocksPerContainer = 1.0
    public var devicesPerContainer = 0.0
    public var rejectionsPerPod = 0.1
    /// Samples of the cluster over the run.
    public var samples: Int64 = 0
    /// Rows of one sample of one node: for each of its NUMA nodes, the resources there.
    public var rowsPerNodeSample = 4.0
    /// Nodes that changed from one sample to the next.
    public var changedNodesPerSample = 0.0
    /// Resources that the cluster offers.
    public var resources: Int64 = 2
    public var targetMixMembers: Int64 = 0

    public init(level: RecordLevel) { self.level = level }

    /// Rows by table; those of the summary and of the machines are some thousands at most.
    fileprivate var rows: [(table: String, rows: Double)] {
        let samples = Double(samples)
        let cluster = [
            ("node", Double(nodes)), ("histogram", 4_000),
            ("cluster_sample", samples),
            ("cluster_resource_sample", samples * Double(resources)),
            ("mix_sample", samples * Double(targetMixMembers)),
        ]
        if level == .summary { return cluster }
        let containers = Double(pods) * containersPerPod
        let pods = [
            ("pod", Double(pods)), ("container", containers),
            ("rejection", Double(pods) * rejectionsPerPod),
            ("node_sample", samples * changedNodesPerSample * rowsPerNodeSample),
        ]
        if level == .pods { return cluster + pods }
        return cluster + pods + [
            ("memory_block", containers * memoryBlocksPerContainer),
            ("device_allocation", containers * devicesPerContainer),
        ]
    }
}
