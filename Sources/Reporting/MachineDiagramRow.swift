/// A label and items behind it, wrapped: `L3 16 MiB │ 0,64 1,65 2,66 3,67`.
struct MachineDiagramRow {
    var label = ""
    var style = MachineDiagramLine.Style.plain
    var items: [String]
    /// What is counted when not all items are told.
    var noun = ""
    /// Spaces between items.
    var gap = 1

    /// Lines of one row before its middle is left out.
    static let lineLimit = 8

    /// Rows below each other, labels in a column of their own; many short ones side by side.
    static func draw(_ rows: [MachineDiagramRow], columns: Int) -> [MachineDiagramLine] {
        let cells = rows.prefix { $0.style == .cache }
        let labels = rows.map { $0.label.unicodeScalars.count }.max() ?? 0
        let widest = cells.map { $0.naturalColumns }.max() ?? 0
        let cellLabels = cells.map { $0.label.unicodeScalars.count }.max() ?? 0
        let cell = indentation(cellLabels) + widest
        let perLine = (columns + cellGap) / (cell + cellGap)
        guard cells.count > 4, perLine > 1 else {
            return draw(rows, labels: labels, columns: columns)
        }
        var lines: [MachineDiagramLine] = []
        for start in stride(from: 0, to: cells.count, by: perLine) {
            var line = MachineDiagramLine()
            for row in cells[start..<min(start + perLine, cells.count)] {
                if line.width > 0 { line.add(String(repeating: " ", count: cellGap)) }
                line.add(draw([row], labels: cellLabels, columns: cell)[0].fitted(to: cell))
            }
            lines.append(line)
        }
        return lines + draw(Array(rows[cells.count...]), labels: cellLabels, columns: columns)
    }

    /// Spaces between rows that stand side by side.
    private static let cellGap = 3

    private static func indentation(_ labels: Int) -> Int { labels == 0 ? 0 : labels + 3 }

    private static func draw(
        _ rows: [MachineDiagramRow], labels: Int, columns: Int
    ) -> [MachineDiagramLine] {
        rows.flatMap { row in
            row.wrapped(to: max(8, columns - indentation(labels))).enumerated().map { index, text in
                var line = MachineDiagramLine()
                if labels > 0 {
                    line.add(padded(index == 0 ? row.label : "", right: labels), row.style)
                    line.add(" │ ", .frame)
                }
                line.add(text, row.style == .device ? .device : .plain)
                return line
            }
        }
    }

    /// Columns of all items in one line.
    private var naturalColumns: Int {
        items.reduce(0) { $0 + $1.unicodeScalars.count } + gap * max(0, items.count - 1)
    }

    /// Columns that rows need to be readable: the label and two of the widest core, or one of another item.
    static func leastColumns(_ rows: [MachineDiagramRow]) -> Int {
        let labels = rows.map { $0.label.unicodeScalars.count }.max() ?? 0
        let items = rows.map { row in
            let widest = row.items.map { $0.unicodeScalars.count }.max() ?? 0
            return row.style == .cache ? widest * 2 + 1 : widest
        }
        return indentation(labels) + min(items.max() ?? 0, 40)
    }

    /// The items in lines; of a long row the beginning, `…`, the last item and how many there are.
    private func wrapped(to columns: Int) -> [String] {
        let all = lines(of: items, columns: columns)
        guard all.count > MachineDiagramRow.lineLimit, let last = items.last else { return all }
        let end = "… \(last)   \(MachineDiagramText.count(items.count, noun))"
        var kept = items.count - 1
        while kept > 1 {
            let shorter = lines(of: Array(items[..<kept]) + [end], columns: columns)
            if shorter.count <= MachineDiagramRow.lineLimit / 2 { return shorter }
            kept = kept > 64 ? kept - kept / 8 : kept - 1
        }
        return lines(of: [items[0], end], columns: columns)
    }

    /// As few lines as can be; then, of cores, as even as they can be, in columns where these cost no line.
    private func lines(of items: [String], columns: Int) -> [String] {
        let greedy = fill(items, columns: columns, perLine: .max)
        guard style == .cache, greedy.count > 1 else { return greedy }
        let perLine = (items.count + greedy.count - 1) / greedy.count
        let widest = items.map { $0.unicodeScalars.count }.max() ?? 0
        let aligned = items.map { MachineDiagramRow.padded($0, right: widest) }
        for candidate in [aligned, items] {
            let lines = fill(candidate, columns: columns, perLine: perLine)
            if lines.count == greedy.count { return lines }
        }
        return greedy
    }

    private func fill(_ items: [String], columns: Int, perLine: Int) -> [String] {
        var lines: [String] = []
        var width = 0
        var count = 0
        for item in items {
            let length = item.unicodeScalars.count
            if !lines.isEmpty, width + gap + length <= columns, count < perLine {
                lines[lines.count - 1] += String(repeating: " ", count: gap) + item
                width += gap + length
                count += 1
            } else {
                lines.append(item)
                width = length
                count = 1
            }
        }
        return lines
    }

    static func padded(_ text: String, right columns: Int) -> String {
        text + String(repeating: " ", count: max(0, columns - text.unicodeScalars.count))
    }

    static func padded(_ text: String, left columns: Int) -> String {
        String(repeating: " ", count: max(0, columns - text.unicodeScalars.count)) + text
    }
}
