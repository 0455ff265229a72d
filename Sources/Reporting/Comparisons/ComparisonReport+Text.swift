import Analysis

extension ComparisonReport {
    /// Within 80 columns as long as there are two or three variants: names give way, never numbers.
    var text: String {
        var lines = [heading, ""]
        lines.append(variants.count == 2 ? pairTable : meansTable)
        if variants.count > 2 {
            for candidate in variants.indices.dropFirst() {
                lines.append(differencesTable(candidate))
            }
        }
        lines += remarks
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines.joined(separator: "\n") + "\n"
    }

    private var pairTable: String {
        let cells = rows.map { row -> [String] in
            let comparison = row.comparisons[0]
            let factors = row.factors.map(ComparisonReport.factor)
            return [
                MetricFormat.value(row.means[0], unit: row.unit), factors[0],
                MetricFormat.value(row.means[1], unit: row.unit), factors[1],
                MetricFormat.difference(
                    comparison.difference, interval: comparison.interval, unit: row.unit),
                comparison.verdict.rawValue,
            ]
        }
        // Many verdicts are one remark below the table.
        let columns = pairs < settings.minimumPairs ? 5 : 6
        return table(
            names: rows.map(\.metric), cells: cells.map { Array($0.prefix(columns)) },
            header: Array(
                [variants[0], "", variants[1], "", "difference", "verdict"].prefix(columns)),
            leftAligned: [5])
    }

    private var meansTable: String {
        let cells = rows.map { row in
            zip(row.means, row.factors).flatMap { mean, factor in
                [MetricFormat.value(mean, unit: row.unit), ComparisonReport.factor(factor)]
            }
        }
        return table(
            names: rows.map(\.metric), cells: cells, header: variants.flatMap { [$0, ""] },
            leftAligned: [])
    }

    private func differencesTable(_ candidate: Int) -> String {
        let cells = rows.map { row -> [String] in
            let comparison = row.comparisons[candidate - 1]
            return [
                MetricFormat.difference(
                    comparison.difference, interval: comparison.interval, unit: row.unit),
                ComparisonReport.relative(comparison),
                ComparisonReport.pValue(comparison.correctedPValue), comparison.verdict.rawValue,
            ]
        }
        let body = table(
            names: rows.map(\.metric), cells: cells,
            header: ["difference", "relative", "p", "verdict"],
            leftAligned: [3])
        return "\(variants[candidate]) against \(variants[0])\n" + body
    }

    /// Names at the left, in what the numbers leave of 80 columns; a heading may lie over the column before it too.
    private func table(
        names: [String], cells: [[String]], header: [String], leftAligned: Set<Int>
    ) -> String {
        guard !cells.isEmpty else { return "no metric was measured in both\n" }
        var widths = header.indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        // A variant's name stands over its value and its factor.
        var column = 0
        var heads: [String] = []
        while column < header.count {
            let spans = column + 1 < header.count && header[column + 1].isEmpty ? 2 : 1
            let room = widths[column..<column + spans].reduce(0, +) + (spans - 1) * 2
            let name = ComparisonReport.shortened(header[column], to: max(room, 16))
            if name.count > room { widths[column] += name.count - room }
            heads.append(
                leftAligned.contains(column) ? name : RunReport.padded(name, left: room))
            column += spans
        }
        let numbers = widths.reduce(0) { $0 + $1 + 2 }
        let longest = names.map(\.count).max() ?? 0
        let room = min(longest, max(18, 80 - numbers))
        var lines = [String(repeating: " ", count: room) + "  " + heads.joined(separator: "  ")]
        for (name, row) in zip(names, cells) {
            let padded = row.indices.map { column in
                leftAligned.contains(column)
                    ? row[column] : RunReport.padded(row[column], left: widths[column])
            }
            let short = ComparisonReport.shortened(name, to: room)
            lines.append(
                ([RunReport.padded(short, right: room)] + padded).joined(separator: "  "))
        }
        return lines.map { line in
            var line = line
            while line.last == " " { line.removeLast() }
            return line + "\n"
        }.joined()
    }

    /// The middle of a long name gives way: its family and its end tell most.
    static func shortened(_ name: String, to width: Int) -> String {
        guard name.count > width, width > 3 else { return name }
        let end = (width - 1) * 3 / 5
        return name.prefix(width - 1 - end) + "…" + name.suffix(end)
    }
}
