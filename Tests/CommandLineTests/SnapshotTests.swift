import Foundation
import TestSupport
import Testing

@Suite struct SnapshotTests {
    @Test(arguments: Snapshot.names)
    func `a session at the shell goes as it is written down`(_ name: String) throws {
        let snapshot = try Snapshot(named: name)
        let (text, _) = try snapshot.replay()
        if ProcessInfo.processInfo.environment["TOPSIM_UPDATE_GOLDENS"] == "1" {
            try Data(text.utf8).write(to: snapshot.file)
        } else {
            #expect(text == snapshot.text)
        }
    }

    @Test func `there are sessions`() { #expect(Snapshot.names.count > 5) }
}
