/// Rows and columns as plain text, columns aligned: text to the left, numbers to the right.
public struct AlignedTable: Sendable {
    public var header: [String]
    public var rows: [[String]] = []
    /// Columns of text.
    public var leftAligned: Set<Int>

    public init(header: [String], leftAligned: Set<Int>) {
        self.header = header
        self.leftAligned = leftAligned
    }

    public var text: String {
        let all = [header] + rows
        let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        return all.map { row in
            let cells = row.indices.map { column in
                leftAligned.contains(column)
                    ? RunReport.padded(row[column], right: widths[column])
                    : RunReport.padded(row[column], left: widths[column])
            }
            var line = cells.joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            return line
        }
        .joined(separator: "\n") + "\n"
    }
}
