import Foundation
import Lint
import TestSupport
import Testing
import WorkloadModel

/// Rows of an RST `list-table`: `* -` starts a row, `-` a cell, further lines go on with it.
func listTable(titled title: String, in text: String) -> [[String]] {
    var rows: [[String]] = []
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        .drop { !$0.hasPrefix(".. list-table:: \(title)") }.dropFirst()
    for line in lines {
        if !line.isEmpty, !line.hasPrefix(" ") { break }
        let trimmed = line.drop { $0 == " " }
        if trimmed.isEmpty || trimmed.hasPrefix(":") { continue }
        if trimmed.hasPrefix("* -") {
            rows.append([String(trimmed.dropFirst(3))])
        } else if trimmed.hasPrefix("-"), !rows.isEmpty {
            rows[rows.count - 1].append(String(trimmed.dropFirst()))
        } else if !rows.isEmpty {
            rows[rows.count - 1][rows[rows.count - 1].count - 1] += " " + trimmed
        }
    }
    return rows.map { $0.map { $0.trimmingCharacters(in: .whitespaces) } }
}

/// A cell's words: a hyphen at the end of a line belongs to what follows.
func normalized(_ cell: String) -> String { cell.replacing("- ", with: "-") }

@Suite struct `RA2's table of categories` {
    let title = "Categories of applications, requirements for scheduling pods"

    @Test(.enabled(if: SharedFolder.isPresent))
    func `is the chapter's, cell by cell`() throws {
        let data = try SharedFolder.contents("spec/anuket-ra2-chapter03.rst")
        let rows = listTable(titled: title, in: String(decoding: data, as: UTF8.self))
        try #require(rows.count == 6)
        let printed = WorkloadCategories.table.split(separator: "\n").map { line in
            line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
        }
        #expect(printed[0].filter { $0 != "class" } == rows[0])
        for (row, one) in zip(rows.dropFirst(), WorkloadClass.allCases) {
            try #require(row.count == 5)
            let cells = printed[one.number + 1]
            #expect(cells[0] == row[0])
            #expect(cells[2] == row[1])
            #expect(cells[3] == row[2])
            #expect(cells[4] == normalized(row[3]))
            // Three rows have commas where the others have semicolons.
            let demanded = normalized(row[4]).split { $0 == ";" || $0 == "," }
                .map { $0.trimmingCharacters(in: .whitespaces) }
            #expect(one.demands.map(\.rawValue) == demanded)
            #expect(cells[5] == demanded.joined(separator: "; "))
        }
    }

    @Test func `is read from RST with rows, cells and lines that go on`() {
        let text = """
            .. list-table:: Categories of applications, requirements for scheduling pods
               :widths: 1 2

               * - A
                 -
               * - Firmware-
                   programmable
                 - C

            Next
            """
        let rows = listTable(titled: title, in: text)
        #expect(rows == [["A", ""], ["Firmware- programmable", "C"]])
        #expect(normalized(rows[1][0]) == "Firmware-programmable")
    }

    @Test(arguments: PlatformFeature.allCases)
    func `has codes that look after every demand`(_ feature: PlatformFeature) {
        let table = WorkloadCategories.table
        let row = table.split(separator: "\n").first { $0.hasPrefix("| \(feature.rawValue) |") }
        #expect(row?.contains("R00") ?? false)
    }
}
