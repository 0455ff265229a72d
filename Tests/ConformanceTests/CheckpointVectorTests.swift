import Conformance
import Foundation
import TestSupport
import Testing

/// The kubelet's checkpoint files against what its own code wrote at the end of each case.
@Suite(.enabled(if: SharedFolder.isPresent)) struct CheckpointVectorTests {
    @Test
    func `nodes whose restarts go through the files' texts agree with the kubelet, checksums too`()
        throws
    {
        let folder = try #require(SharedFolder.url).appending(path: "conformance")
        let (report, checksums) = try Conformance.runThroughCheckpoints(
            file: folder.appending(path: "node-admission.jsonl"))
        let line =
            "checkpoints: \(report); checksums equal: \(checksums.cpu) cpu,"
            + " \(checksums.memory) memory\n"
        FileHandle.standardOutput.write(Data(line.utf8))
        for failure in report.failures {
            Issue.record(
                """
                \(failure.id), \(failure.what)
                  expected \(failure.expected)
                  got      \(failure.got)
                """)
        }
        #expect(report.failed == 0)
        let carried = try CheckpointVectorTests.checksums(
            in: SharedFolder.contents("conformance/node-admission.jsonl"))
        #expect(checksums.cpu == carried.cpu)
        // Another of the kubelet's outcomes may be ours, with a checksum or without.
        #expect(abs(checksums.memory - carried.memory) <= carried.alternatives)
    }

    /// How many checksums the cases carry, and how many cases have several outcomes.
    private static func checksums(
        in file: Data
    ) throws -> (cpu: Int, memory: Int, alternatives: Int) {
        var count = (cpu: 0, memory: 0, alternatives: 0)
        for line in file.split(separator: UInt8(ascii: "\n")) {
            let json = try JSONSerialization.jsonObject(with: line) as? [String: Any]
            let final = json?["final"] as? [String: [String: Any]]
            if final?["cpu"]?["checksum"] is NSNumber { count.cpu += 1 }
            if final?["memory"]?["checksum"] is NSNumber { count.memory += 1 }
            if json?["alternatives"] != nil { count.alternatives += 1 }
        }
        return count
    }
}
