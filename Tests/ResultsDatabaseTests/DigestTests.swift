import Crypto
import Foundation
import GRDB
import Metrics
import Testing

import ResultsDatabase

@Suite struct DigestTests {
    @Test(arguments: 1...10 as ClosedRange<UInt64>)
    func `an implementation made from the documentation agrees`(seed: UInt64) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("run.sqlite")
        let results = try SampleRun(seed: seed).record(to: path)
        let digest = try #require(results.digest)
        #expect(try PlainDigest(ofFile: path).tables == digest.tables.map(\.digest))
        #expect(try PlainDigest(ofFile: path).all == digest.hexadecimal)
        let reader = try ResultsReader(path: path)
        #expect(reader.run.digest == digest.hexadecimal)
        #expect(try reader.changedTables() == [])
        #expect(digest.hexadecimal.count == 64)
    }

    @Test func `the same seed gives the same digest, another seed another`() throws {
        let folder = try TemporaryFolder()
        let first = try SampleRun(seed: 1).record(to: folder.file("1.sqlite"))
        let again = try SampleRun(seed: 1).record(to: folder.file("again.sqlite"))
        let other = try SampleRun(seed: 2).record(to: folder.file("2.sqlite"))
        #expect(first.digest == again.digest)
        #expect(first.digest != other.digest)
        for table in ["pod", "container", "rejection", "node_sample", "cluster_resource_sample"] {
            let (left, right) = (first.digest?[table], other.digest?[table])
            #expect(left != nil && left != right, "\(table)")
        }
    }

    @Test func `paths, words about the scenario and facts about the execution do not count`() throws
    {
        let folder = try TemporaryFolder()
        let run = SampleRun()
        let results = try run.record(to: folder.file("run.sqlite"))
        var description = run.description
        description.description = "Other words"
        description.scenarioJSON = #"{"metadata":{"name":"sample"},"seed":1,"new":"default"}"#
        description.topsimVersion = "9.9"
        description.inputFiles[0].path = "/elsewhere/sample.yaml"
        let recorder = try ResultsRecorder(
            to: folder.file("other.sqlite"), describing: description, level: .full)
        run.push(to: recorder)
        var ending = run.ending
        ending.engine[0].value += 1
        #expect(try recorder.finish(ending).digest == results.digest)
    }

    @Test func `the order of insertion does not count`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("run.sqlite")
        let results = try SampleRun(seed: 3).record(to: path)
        let database = try DatabaseQueue(path: path)
        try database.writeWithoutTransaction { database throws in
            try database.execute(sql: "PRAGMA foreign_keys = OFF")
            for table in Schema.digestTables {
                try database.execute(
                    sql: """
                        CREATE TEMP TABLE shuffled AS SELECT * FROM \(table.name) ORDER BY random();
                        DELETE FROM \(table.name);
                        INSERT INTO \(table.name) SELECT * FROM shuffled;
                        DROP TABLE shuffled
                        """)
            }
            try database.execute(sql: "VACUUM; CREATE INDEX by_node ON pod (node, id)")
        }
        #expect(try RunDigest(ofFile: path) == results.digest)
        #expect(try ResultsReader(path: path).changedTables() == [])
    }

    @Test(arguments: Schema.digestTables.map(\.name))
    func `a changed value is found`(_ name: String) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("run.sqlite")
        try SampleRun().record(to: path)
        let table = Schema.table(name)
        let changed = try #require(
            table.digestColumns.last { $0.words.isEmpty && !table.primaryKey.contains($0.name) })
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let database = try DatabaseQueue(path: path, configuration: configuration)
        try database.write { database throws in
            let value =
                switch changed.kind {
                case .integer: "coalesce(\(changed.name), 0) + 1"
                case .real: "coalesce(\(changed.name), 0) + 0.5"
                case .text: "coalesce(\(changed.name), '') || 'x'"
                }
            let key = table.primaryKey.joined(separator: ", ")
            try database.execute(
                sql: """
                    PRAGMA ignore_check_constraints = ON;
                    UPDATE \(name) SET \(changed.name) = \(value)
                    WHERE (\(key)) = (SELECT \(key) FROM \(name) ORDER BY \(key) LIMIT 1)
                    """)
        }
        #expect(try ResultsReader(path: path).changedTables() == [name])
    }

    @Test(.enabled(if: SQLiteShell.isPresent))
    func `the sqlite3 shell and sha256 come to the same`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("run.sqlite")
        try SampleRun(seed: 5).record(to: path)
        let rows = try ResultsReader(path: path).read { database throws in
            try Row.fetchAll(database, sql: "SELECT * FROM table_digest ORDER BY position")
        }
        #expect(rows.count == Schema.digestTables.count)
        for row in rows {
            let dump = try SQLiteShell.run(["-quote", path, row["query"]])
            #expect(PlainDigest.sha256(dump) == row["digest"], "\(row["name"] as String)")
        }
        let list = try SQLiteShell.run(
            ["-separator", " ", path, "SELECT name, digest FROM table_digest ORDER BY position"])
        #expect(try PlainDigest.sha256(list) == ResultsReader(path: path).run.digest)
    }
}

extension RunDigest {
    fileprivate subscript(table: String) -> String? { tables.first { $0.name == table }?.digest }
}

/// docs/reference/database.md, section "The digest", word by word and without any of topsim's own code but the list
/// of tables and columns.
struct PlainDigest {
    var tables: [String] = []
    var all: String

    init(ofFile path: String) throws {
        let database = try DatabaseQueue(path: path)
        var list = ""
        for table in Schema.digestTables {
            let columns = table.columns.filter(\.isUnderDigest).map(\.name)
            let key = table.primaryKey.joined(separator: ", ")
            let rows = try database.read { database throws in
                try Row.fetchAll(
                    database,
                    sql:
                        "SELECT \(columns.joined(separator: ", ")) FROM \(table.name) ORDER BY \(key)"
                )
            }
            var dump = ""
            for row in rows {
                dump += row.databaseValues.map(PlainDigest.text).joined(separator: ",") + "\n"
            }
            let digest = PlainDigest.sha256(Data(dump.utf8))
            tables.append(digest)
            list += "\(table.name) \(digest)\n"
        }
        all = PlainDigest.sha256(Data(list.utf8))
    }

    private static func text(_ value: DatabaseValue) -> String {
        switch value.storage {
        case .null: "NULL"
        case .int64(let value): String(value)
        case .string(let text): "'" + text.replacingOccurrences(of: "'", with: "''") + "'"
        case .double(let value):
            "X'"
                + withUnsafeBytes(of: value.bitPattern.bigEndian) { bytes in
                    bytes.map { String(format: "%02x", $0) }.joined()
                } + "'"
        case .blob: "a table has no blob"
        }
    }

    static func sha256(_ data: Data) -> String {
        SHA256.hash(data: data).map { String(format: "%02x", $0) }.joined()
    }
}

/// The `sqlite3` command, where it is installed.
enum SQLiteShell {
    static let path = ["/usr/bin/sqlite3", "/usr/local/bin/sqlite3"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    static var isPresent: Bool { path != nil }

    static func run(_ arguments: [String]) throws -> Data {
        let process = Process()
        process.executableURL = URL(filePath: try #require(path))
        process.arguments = ["-batch", "-noheader"] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return data
    }
}
