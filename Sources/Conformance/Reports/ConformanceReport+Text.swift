extension ConformanceReport {
    /// A line a file, the first failures below it, and a closing line with the sums.
    public var text: String {
        let rows = files.map { file in
            [
                file.name, file.kinds.joined(separator: ", "), "\(file.cases)", "\(file.passed)",
                "\(file.failed)", "\(file.unsupportedCount)",
            ]
        }
        let sums = ["total", "", "\(cases)", "\(passed)", "\(failed)", "\(notYetSupported)"]
        let head = ["file", "kind", "cases", "passed", "failed", "not yet supported"]
        let all = [head] + rows + [sums]
        let widths = head.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
        var text = line(head, widths)
        for (file, row) in zip(files, rows) {
            text += line(row, widths)
            for failure in file.failures.prefix(shownFailures) { text += paragraph(failure) }
            let hidden = file.failed - min(file.failed, shownFailures)
            if hidden > 0 { text += "  and \(hidden) more that failed\n" }
        }
        if files.count > 1 { text += line(sums, widths) }
        text += "\n"
        for (reason, cases) in reasons { text += "not yet supported: \(reason): \(cases)\n" }
        text += "\(cases) cases: \(passed) passed, \(failed) failed"
        text += ", \(notYetSupported) not yet supported\n"
        return text
    }

    /// Words to the left, numbers to the right.
    private func line(_ cells: [String], _ widths: [Int]) -> String {
        let padded = zip(cells, widths).enumerated().map { column, cell in
            let blanks = String(repeating: " ", count: cell.1 - cell.0.count)
            return column < 2 ? cell.0 + blanks : blanks + cell.0
        }
        return padded.joined(separator: "  ") + "\n"
    }

    private func paragraph(_ failure: VectorFailure) -> String {
        let (expected, got) = shortened(failure)
        return """
              \(failure.id) (line \(failure.line)): \(printable(failure.what))
                expected \(expected)
                got      \(got)

            """
    }

    /// Both answers around their first difference.
    func shortened(_ failure: VectorFailure) -> (expected: String, got: String) {
        let width = 160
        let expected = Array(printable(failure.expected))
        let got = Array(printable(failure.got))
        let same = zip(expected, got).prefix { $0 == $1 }.count
        func cut(_ text: [Character]) -> String {
            guard text.count > width else { return String(text) }
            let start = max(0, min(same - width / 3, text.count - width))
            let end = min(text.count, start + width)
            return (start > 0 ? "…" : "") + String(text[start..<end])
                + (end < text.count ? "…" : "")
        }
        return (cut(expected), cut(got))
    }

    /// Without what could write to a terminal.
    private func printable(_ text: String) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            shown.append(scalar.properties.generalCategory == .control ? "?" : scalar)
        }
        return String(shown)
    }
}
