import TestSupport
import Testing

/// Sessions whose names begin with `malformed`: every command in them is given something broken.
@Suite struct MalformedInputTests {
    private static let names = Snapshot.names.filter { $0.hasPrefix("malformed") }

    @Test(arguments: names)
    func `a broken input costs one clear answer, little time and little memory`(
        _ name: String
    ) throws {
        let snapshot = try Snapshot(named: name)
        for (command, result) in zip(snapshot.commands, try snapshot.replay().results) {
            let isDisk = command.contains("ulimit -f")
            #expect(result.exitCode == (isDisk ? 3 : 2), "\(command)")
            #expect(result.standardOutput.isEmpty, "\(command)")
            #expect(result.standardError.contains("error: "), "\(command)")
            #expect(result.cpuSeconds < 1, "\(command)")
            #expect(result.peakMemoryBytes < 200_000_000, "\(command)")
        }
    }

    @Test func `twenty kinds are tried`() throws {
        let commands = try Self.names.flatMap { try Snapshot(named: $0).commands }
        #expect(commands.count >= 20)
    }
}
