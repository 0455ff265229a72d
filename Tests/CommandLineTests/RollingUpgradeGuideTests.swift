import Foundation
import GRDBSQLite
import TestSupport
import Testing

/// docs/guides/rolling-upgrade.md shows what the program prints and records.
@Suite struct RollingUpgradeGuideTests {
    @Test func `the guide's output and rows are the program's`() throws {
        let guide = Checkout.url.appending(path: "docs/guides/rolling-upgrade.md")
        let text = try String(contentsOf: guide, encoding: .utf8)
        let scratch = try ScratchFolder()
        let runs = text.matches(of: #/```console\n\$ (topsim [^\n]+)\n((?:[^`][^\n]*\n|\n)+)```/#)
        #expect(runs.count == 1)
        for run in runs {
            let result = try RunTopsim.run(shell: String(run.output.1), in: scratch)
            #expect(result.exitCode == 0, "\(result.standardError)")
            #expect(
                result.standardOutput.contains(run.output.2),
                "the guide needs this: \(result.standardOutput)")
        }
        let queries = text.matches(
            of: #/<!-- query -->\n```sql\n((?:[^`][^\n]*\n)+)```\n\n```\n((?:[^`][^\n]*\n)+)```/#)
        #expect(queries.count == 3)
        for query in queries {
            let rows = try rows(String(query.output.1), of: scratch.file("upgrade.sqlite").path)
            #expect(rows == String(query.output.2))
        }
    }

    /// What the `sqlite3` shell prints in its list mode.
    private func rows(_ query: String, of file: String) throws -> String {
        var database: OpaquePointer?
        try #require(sqlite3_open_v2(file, &database, SQLITE_OPEN_READONLY, nil) == SQLITE_OK)
        defer { sqlite3_close(database) }
        var statement: OpaquePointer?
        try #require(sqlite3_prepare_v2(database, query, -1, &statement, nil) == SQLITE_OK)
        defer { sqlite3_finalize(statement) }
        var lines = ""
        while sqlite3_step(statement) == SQLITE_ROW {
            let cells = (0..<sqlite3_column_count(statement)).map { column in
                sqlite3_column_text(statement, column).map { String(cString: $0) } ?? ""
            }
            lines += cells.joined(separator: "|") + "\n"
        }
        return lines
    }
}
