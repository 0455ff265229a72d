/// Rows in columns two spaces apart, with a heading; columns of numbers stand right.
public struct PlainTable: Sendable {
    private var rows: [[String]]
    private let isNumber: [Bool]

    /// - Parameter columns: Headings; those of numbers end in `#`, which is not shown.
    public init(_ columns: [String]) {
        isNumber = columns.map { $0.hasSuffix("#") }
        rows = [columns.map { $0.hasSuffix("#") ? String($0.dropLast()) : $0 }]
    }

    public var isEmpty: Bool { rows.count == 1 }

    /// Adds a row of as many cells as there are columns.
    public mutating func add(_ cells: [String]) { rows.append(cells.map(PlainTable.visible)) }

    public var text: String {
        let widths = isNumber.indices.map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() where column < widths.count {
                if column > 0 { line += "  " }
                line +=
                    isNumber[column]
                    ? RunReport.padded(cell, left: widths[column])
                    : RunReport.padded(cell, right: widths[column])
            }
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    /// Files may hold what a terminal would obey.
    private static func visible(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            if scalar.properties.generalCategory == .control {
                result += scalar.escaped(asASCII: true)
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
