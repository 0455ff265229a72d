import Foundation
import GRDB
import ResultsDatabase
import Testing

/// docs/reference: what the code knows is written there by the code.
@Suite struct ReferenceTests {
    private let page = "docs/reference/database.md"

    @Test func `the reference lists every table, column and view as they are`() throws {
        var text = try checkoutText(page)
        text = try replacing("tables", with: tables, in: text)
        text = try replacing("views", with: try views, in: text)
        try expectGolden(text, page)
    }

    @Test func `datasette gets each view's example as a named query`() throws {
        var lines = [
            "# datasette run.sqlite --metadata datasette-metadata.yaml",
            "title: topsim results",
            "description: One run of a topsim scenario; docs/reference/database.md explains each table.",
            "databases:",
            "  run:",
            "    queries:",
        ]
        for view in Schema.views {
            lines.append("      \(view.name)_example:")
            lines.append("        title: \"\(view.about)\"")
            lines.append("        sql: |-")
            lines += view.example.split(separator: "\n").map { "          \($0)" }
        }
        lines.append("    tables:")
        for table in Schema.tables {
            lines.append("      \(table.name):")
            lines.append("        description: \"A row is \(table.about).\"")
            lines.append("        columns:")
            for column in table.columns {
                let about = column.about.replacingOccurrences(of: "\"", with: "\\\"")
                lines.append("          \(column.name): \"\(about)\"")
            }
        }
        try expectGolden(
            lines.joined(separator: "\n") + "\n", "docs/reference/datasette-metadata.yaml")
    }

    @Test func `the page is true to the shell commands that it shows`() throws {
        let text = try checkoutText(page)
        for word in RecordLevel.allCases.map(\.rawValue) { #expect(text.contains("`\(word)`")) }
        #expect(text.contains("now \(Schema.version);"))
        #expect(text.contains("0x" + String(Schema.applicationID, radix: 16)))
    }

    private var tables: String {
        Schema.tables.map { table in
            var lines = ["### `\(table.name)`", "", "A row is \(table.about).", ""]
            lines += ["| column | type | meaning |", "|---|---|---|"]
            for column in table.columns {
                let isKey = table.primaryKey.contains(column.name)
                let name = isKey ? "**`\(column.name)`**" : "`\(column.name)`"
                let type = column.kind.rawValue.lowercased() + (column.isOptional ? "?" : "")
                let arrow = column.references.map { " → `\($0.table)`" } ?? ""
                let words =
                    column.words.isEmpty
                    ? "" : ": " + column.words.map { "`\($0)`" }.joined(separator: ", ")
                let about = column.about.replacingOccurrences(of: "|", with: "\\|")
                let aside =
                    table.isUnderDigest && !column.isUnderDigest ? " (not in the digest)" : ""
                lines.append("| \(name) | \(type)\(arrow) | \(about)\(words)\(aside) |")
            }
            var notes: [String] = []
            for key in table.foreignKeys {
                notes.append(
                    "(\(key.columns.joined(separator: ", "))) → `\(key.table)` "
                        + "(\(key.references.joined(separator: ", "))).")
            }
            if !table.isUnderDigest { notes.append("Not in the digest.") }
            if !notes.isEmpty { lines += ["", notes.joined(separator: " ")] }
            return lines.joined(separator: "\n") + "\n"
        }.joined(separator: "\n")
    }

    private var views: String {
        get throws {
            let folder = try TemporaryFolder()
            let path = folder.file("run.sqlite")
            try SampleRun().record(to: path)
            return try ResultsReader(path: path).read { database throws in
                try Schema.views.map { view in
                    let statement = try database.makeStatement(sql: view.example)
                    let rows = try Row.fetchAll(statement)
                    let output = grid([statement.columnNames] + rows.map(cells))
                    return """
                        ### `\(view.name)`

                        \(view.about)

                        ```sql
                        \(view.example)
                        ```
                        ```
                        \(output)
                        ```

                        """
                }.joined(separator: "\n")
            }
        }
    }

    private func cells(_ row: Row) -> [String] {
        row.databaseValues.map { value in
            switch value.storage {
            case .null: ""
            case .int64(let value): String(value)
            case .double(let value): String(format: "%.12g", value)
            case .string(let text): text
            case .blob: "a table has no blob"
            }
        }
    }

    /// Columns side by side, as wide as their widest cell.
    private func grid(_ rows: [[String]]) -> String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            zip(row, widths).map { $0.padding(toLength: $1, withPad: " ", startingAt: 0) }
                .joined(separator: "  ").trimmingTrailingSpaces
        }.joined(separator: "\n")
    }

    private func replacing(_ section: String, with body: String, in text: String) throws -> String {
        let start = try #require(text.range(of: "<!-- generated: \(section) -->\n"))
        let end = try #require(
            text.range(of: "<!-- end -->", range: start.upperBound..<text.endIndex))
        return text[..<start.upperBound] + body + text[end.lowerBound...]
    }
}

extension String {
    fileprivate var trimmingTrailingSpaces: String {
        String(reversed().drop { $0 == " " }.reversed())
    }
}
