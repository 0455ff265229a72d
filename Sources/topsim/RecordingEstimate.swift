import ClusterSimulation
import HardwareModel
import Primitives
import Records
import Reporting
import WorkloadModel

/// How many rows a run will write and how large its file will be, before it runs: an upper bound on samples, no
/// refusals, and averages where chance decides.
struct RecordingEstimate {
    var rows = 0.0
    var bytes = 0.0

    /// Bytes of a row with its share of the page, from files of 10,000 and more rows (topsim 0.1, schema 1).
    private enum RowSize {
        static let pod = 70.0
        static let container = 36.0
        static let memoryBlock = 24.0
        static let device = 32.0
        static let nodeSample = 38.0
        static let clusterSample = 30.0
    }

    /// - Parameter pods: how many pods of each shape come, re-created ones not counted.
    init(_ scenario: Scenario, pods: [(shape: PodShape, count: Double)]) {
        addClusterSamples(scenario)
        guard scenario.record.level != .summary else { return }
        for (shape, count) in pods { add(count, of: shape) }
        addNodeSamples(scenario, pods: pods.reduce(0) { $0 + $1.count })
    }

    /// Results larger than this are worth a warning: 10 GB.
    var isLarge: Bool { bytes > 10e9 }

    /// `about 12,300 rows, 540 kB`; nil when the run has no end that can be told.
    var text: String? {
        guard rows.isFinite, bytes.isFinite, bytes < 0x1p62 else { return nil }
        let size = HumanFormat.bytes(Int64(bytes))
        return "about \(HumanFormat.roundedCount(rows)) rows, \(size)"
    }

    private mutating func add(_ count: Double, of shape: PodShape) {
        var memoryBlocks = 0.0
        var devices = 0.0
        for container in shape.containers {
            for request in container.resources.requests where request.amount > 0 {
                if request.resource.position > ResourceTable.ephemeralStorage.position {
                    devices += Double(request.amount)
                } else if request.resource == ResourceTable.memory, shape.qos == .guaranteed {
                    memoryBlocks += 1
                }
            }
        }
        add(count, RowSize.pod)
        add(count * Double(shape.containers.count), RowSize.container)
        add(count * memoryBlocks, RowSize.memoryBlock)
        // Huge pages are counted in bytes; a pod has no more devices than this.
        add(count * min(devices, 64), RowSize.device)
    }

    private mutating func addClusterSamples(_ scenario: Scenario) {
        guard let samples = RecordingEstimate.sampleCount(scenario) else { return }
        let rows = 1 + scenario.resources.count + scenario.record.targetMix.count
        add(samples * Double(rows), RowSize.clusterSample)
    }

    /// A node is sampled where a pod began or ended since the last sample.
    private mutating func addNodeSamples(_ scenario: Scenario, pods: Double) {
        var nodes = 0.0
        var rows = 0.0
        for group in scenario.nodeGroups {
            let cells = max(1, group.machine.numaNodes.count) * scenario.resources.count
            nodes += Double(group.count)
            rows += Double(group.count) * Double(cells)
        }
        guard nodes > 0 else { return }
        let samples = RecordingEstimate.sampleCount(scenario) ?? .infinity
        add(min(2 * pods, nodes * samples) * rows / nodes, RowSize.nodeSample)
    }

    private static func sampleCount(_ scenario: Scenario) -> Double? {
        guard case .time(let end) = scenario.until, scenario.record.sampleEvery > .zero else {
            return nil
        }
        return Double(end.nanoseconds) / Double(scenario.record.sampleEvery.nanoseconds) + 1
    }

    private mutating func add(_ count: Double, _ size: Double) {
        rows += count
        bytes += count * size
    }
}
