/// A box with a title in its upper edge and lines or further boxes inside, drawn at any width.
struct MachineDiagramBox {
    /// Parts of the title joined by ` · ` as far as they fit; the first is always there.
    var title: [String]
    var titleStyle: MachineDiagramLine.Style
    /// Two boxes with equal signatures differ in their numbers alone.
    var signature: String
    /// The name in a line that stands for several boxes, such as `NUMA node` and 3.
    var kind: String
    var osIndex: Int
    /// What is inside, for the columns between the edges; it is told which parts of the title found no room.
    var content: (_ columns: Int, _ untold: [String]) -> [MachineDiagramLine]
    /// Columns that the inside needs to be readable.
    var leastContent: Int

    /// Columns that the box needs to be readable.
    var leastWidth: Int { max((title.first?.count ?? 0) + 5, leastContent + 4) }

    /// The box, `width` columns wide and at least `height` lines high.
    func draw(width: Int, height: Int = 0) -> [MachineDiagramLine] {
        var told = title.first ?? ""
        var untold: [String] = []
        for part in title.dropFirst() {
            // Two corners, a space before and after, and at least one more piece of the edge.
            if untold.isEmpty, told.count + 3 + part.count + 5 <= width {
                told += " · " + part
            } else {
                untold.append(part)
            }
        }
        var top = MachineDiagramLine("┌ ", .frame)
        top.add(MachineDiagramLine(told, titleStyle).fitted(to: min(told.count, max(0, width - 5))))
        top.add(" " + String(repeating: "─", count: max(0, width - top.width - 2)) + "┐", .frame)
        var lines = [top]
        var inside = content(width - 4, untold)
        while inside.count + 2 < height { inside.append(MachineDiagramLine()) }
        for line in inside {
            var framed = MachineDiagramLine("│ ", .frame)
            framed.add(line.fitted(to: width - 4))
            framed.add(" │", .frame)
            lines.append(framed)
        }
        lines.append(
            MachineDiagramLine("└" + String(repeating: "─", count: width - 2) + "┘", .frame))
        return lines
    }
}

extension MachineDiagramBox {
    /// Boxes in as many columns as give the fewest lines, left to right and then down.
    static func flow(
        _ boxes: [MachineDiagramBox], width: Int, columnLimit: Int = 4
    ) -> [MachineDiagramLine] {
        guard !boxes.isEmpty else { return [] }
        var best: [MachineDiagramLine] = []
        for columns in 1...max(1, min(columnLimit, boxes.count)) {
            let column = (width - (columns - 1)) / columns
            if columns > 1, boxes.contains(where: { $0.leastWidth > column }) { break }
            let lines = rows(boxes, columns: columns, width: width)
            // Fewer columns when it makes no difference: wide boxes read better.
            if columns == 1 || lines.count < best.count { best = lines }
        }
        return best
    }

    private static func rows(
        _ boxes: [MachineDiagramBox], columns: Int, width: Int
    ) -> [MachineDiagramLine] {
        let column = (width - (columns - 1)) / columns
        var lines: [MachineDiagramLine] = []
        for start in stride(from: 0, to: boxes.count, by: columns) {
            let row = boxes[start..<min(start + columns, boxes.count)]
            // The last column takes the columns that are left over.
            let widths = row.indices.map {
                $0 - start == columns - 1 ? width - (columns - 1) * (column + 1) : column
            }
            let height = zip(row, widths).map { $0.draw(width: $1).count }.max() ?? 0
            let drawn = zip(row, widths).map { $0.draw(width: $1, height: height) }
            for line in 0..<height {
                var whole = MachineDiagramLine()
                for (place, box) in drawn.enumerated() {
                    if place > 0 { whole.add(" ") }
                    whole.add(box[line])
                }
                lines.append(whole)
            }
        }
        return lines
    }

    /// Stands for equal boxes in the middle of a long list, so that a huge machine stays readable.
    static func collapsed(_ boxes: [MachineDiagramBox]) -> [[MachineDiagramBox]] {
        var runs: [[MachineDiagramBox]] = []
        for box in boxes {
            if runs.last?.last?.signature == box.signature {
                runs[runs.count - 1].append(box)
            } else {
                runs.append([box])
            }
        }
        return runs
    }
}
