import Foundation
import GRDB
import Metrics
import Records
import Testing

import ResultsDatabase

@Suite struct SchemaTests {
    @Test func `the schema is the one that was released under its version`() throws {
        let statements = Schema.tables.map(\.sql) + Schema.views.map(\.sql)
        let sql = statements.map { $0 + ";\n" }.joined(separator: "\n")
        try expectGolden(sql, "docs/reference/schema-\(Schema.version).sql")
    }

    @Test func `a new file says what it is`() throws {
        let folder = try TemporaryFolder()
        let path = folder.file("run.sqlite")
        try SampleRun().record(to: path)
        let database = try DatabaseQueue(path: path)
        try database.read { database throws in
            #expect(try Int.fetchOne(database, sql: "PRAGMA user_version") == Schema.version)
            #expect(try String.fetchOne(database, sql: "PRAGMA journal_mode") == "delete")
            let tables = try Row.fetchAll(database, sql: "PRAGMA table_list")
                .filter { $0["type"] == "table" && Schema.tables.map(\.name).contains($0["name"]) }
            #expect(tables.count == Schema.tables.count)
            for table in tables { #expect(table["strict"] == 1, "\(table)") }
        }
        #expect(folder.contents == ["run.sqlite"])
    }

    @Test(arguments: [1, 2, 3] as [UInt64])
    func `rows keep every foreign key and every check`(seed: UInt64) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("run.sqlite")
        try SampleRun(seed: seed).record(to: path)
        let database = try DatabaseQueue(path: path)
        try database.read { database throws in
            #expect(try Row.fetchAll(database, sql: "PRAGMA foreign_key_check") == [])
            #expect(try String.fetchAll(database, sql: "PRAGMA integrity_check") == ["ok"])
        }
    }

    @Test func `a word that an enumeration does not have is refused`() throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        let folder = try TemporaryFolder()
        try Schema.migrate(fileAt: folder.file("empty.sqlite"))
        let database = try DatabaseQueue(
            path: folder.file("empty.sqlite"), configuration: configuration)
        let words = Schema.tables.flatMap { table in
            table.columns.filter { !$0.words.isEmpty }.map { (table, $0) }
        }
        #expect(words.count >= 10)
        try database.write { database throws in
            for (table, column) in words {
                func insert(_ word: String) throws {
                    let values = table.columns.map { other -> String in
                        if other.name == column.name { return "'\(word)'" }
                        if let first = other.words.first { return "'\(first)'" }
                        if other.name == "id" && table.name == "run" { return "1" }
                        switch other.kind {
                        case .integer: return "0"
                        case .real: return "0.0"
                        case .text: return "'{}'"
                        }
                    }
                    try database.execute(sql: "DELETE FROM \(table.name)")
                    try database.execute(
                        sql: "INSERT INTO \(table.name) VALUES (\(values.joined(separator: ",")))")
                }
                for word in column.words { try insert(word) }
                #expect(throws: DatabaseError.self, "\(table.name).\(column.name)") {
                    try insert("no such word")
                }
            }
        }
    }

    @Test(arguments: Schema.views.map(\.name))
    func `every view answers`(_ name: String) throws {
        let folder = try TemporaryFolder()
        let path = folder.file("run.sqlite")
        try SampleRun().record(to: path)
        let database = try DatabaseQueue(path: path)
        try database.read { database throws in
            let rows = try Row.fetchAll(database, sql: "SELECT * FROM \(name)")
            #expect(!rows.isEmpty)
        }
    }

    @Test func `at the level summary there are cluster samples, histograms and metrics only`()
        throws
    {
        let folder = try TemporaryFolder()
        let path = folder.file("run.sqlite")
        try SampleRun().record(to: path, level: .summary)
        let counts = try ResultsReader(path: path).rowCounts()
        let filled = counts.filter { $0.rows > 0 }.map(\.table)
        for table in [
            "cluster_sample", "cluster_resource_sample", "mix_sample", "histogram", "metric", "run",
        ] {
            #expect(filled.contains(table))
        }
        for table in [
            "pod", "container", "memory_block", "device_allocation", "rejection", "node_sample",
        ] {
            #expect(!filled.contains(table))
        }
    }
}
