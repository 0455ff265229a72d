import Records
import Testing

import ResultsDatabase

@Suite struct ExpectedSizeTests {
    @Test(arguments: RecordLevel.allCases, [300, 10_000])
    func `what was expected is within a factor of two of what came`(
        level: RecordLevel, podCount: Int
    ) throws {
        let run = SampleRun(seed: 1, podCount: podCount)
        let folder = try TemporaryFolder()
        let path = folder.file("run.sqlite")
        let results = try run.record(to: path, level: level)
        let counts = Dictionary(uniqueKeysWithValues: try ResultsReader(path: path).rowCounts())
        func count(_ table: String) -> Double { Double(counts[table] ?? 0) }

        var scale = RunScale(level: level)
        scale.nodes = 2
        scale.pods = Int64(podCount)
        scale.samples = Int64(podCount / 10)
        scale.changedNodesPerSample = 1
        scale.rowsPerNodeSample = 5
        scale.targetMixMembers = 2
        if level != .summary {
            scale.containersPerPod = count("container") / Double(podCount)
            scale.memoryBlocksPerContainer = count("memory_block") / count("container")
            scale.devicesPerContainer = count("device_allocation") / count("container")
            scale.rejectionsPerPod = count("rejection") / Double(podCount)
        }
        let expected = ExpectedSize(of: scale)
        #expect(expected.bytes < 2 * results.bytes)
        #expect(2 * expected.bytes > results.bytes)
        #expect(!expected.isLarge)
        let rows = counts.values.reduce(0, +)
        #expect(abs(expected.rows - Int64(rows)) < 4_500)
    }

    @Test func `a hundred thousand nodes sampled each minute of a month are large`() {
        var scale = RunScale(level: .full)
        scale.nodes = 100_000
        scale.samples = 30 * 24 * 60
        scale.changedNodesPerSample = 20_000
        #expect(ExpectedSize(of: scale).isLarge)
        scale.level = .summary
        #expect(!ExpectedSize(of: scale).isLarge)
        scale.pods = .max
        scale.level = .full
        #expect(ExpectedSize(of: scale).bytes == .max)
    }
}
