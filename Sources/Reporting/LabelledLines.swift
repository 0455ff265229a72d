/// Rows of a summary: a label of 12 columns, then items three spaces apart, wrapped at 80 columns.
struct LabelledLines {
    static let width = 80
    private static let labelWidth = 12

    private(set) var lines: [String] = []

    mutating func add(_ label: String, _ items: [String]) {
        let indentation = LabelledLines.labelWidth
        let blank = String(repeating: " ", count: indentation)
        for (index, line) in wrapped(
            items, separator: "   ", width: LabelledLines.width - indentation
        ).enumerated() {
            let start = index == 0 ? RunReport.padded(label, right: indentation) : blank
            lines.append(start + line)
        }
    }
}

/// Items joined by `separator`, broken into lines of at most `width` columns; an item is never broken.
func wrapped(
    _ items: [String], separator: String, indentation: Int = 0, width: Int = LabelledLines.width
) -> [String] {
    var lines: [String] = []
    for item in items {
        if let last = lines.last, last.count + separator.count + item.count <= width {
            lines[lines.count - 1] = last + separator + item
        } else {
            let blank = String(repeating: " ", count: lines.isEmpty ? 0 : indentation)
            lines.append(blank + item)
        }
    }
    return lines
}
