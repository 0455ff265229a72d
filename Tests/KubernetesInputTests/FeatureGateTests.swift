import Foundation
import ScenarioInput
import TestSupport
import Testing

/// The list of feature gates, both ways: the vectors ask for each of theirs, this for each of ours.
struct FeatureGateTests {
    @Test(.enabled(if: SharedFolder.isPresent))
    func `feature gates are those of 1.36`() throws {
        let file = "feature-gates.jsonl"
        let lines = try SharedFolder.contents("conformance/api/\(file)").split(separator: 10)
        let want = try lines.enumerated().map { index, line in
            let gate = try readJSONSource(line, file: file, line: index + 1)
            return ["gate", "stage", "default", "locked"].map { gate[$0]?.text ?? "" }
        }
        let found = KubernetesFeatureGate.all.map { gate in
            [gate.name, gate.stage.rawValue, "\(gate.isOnByDefault)", "\(gate.isLocked)"]
        }
        #expect(Set(found) == Set(want))
        #expect(found.count == Set(found.map { $0[0] }).count)
    }
}
