import Analysis

extension CheckReport {
    /// What is not as it was, worst first; one line when all is.
    var text: String {
        var lines = ["\(name) · seed \(seed) · \(verdict)"]
        if let first = firstDifference {
            lines += [
                "", "first difference at \(first.time): pod \(first.pod)",
                "  was  \(CheckReport.broken(first.was))",
                "  is   \(CheckReport.broken(first.now))",
            ]
        }
        if !changes.isEmpty {
            var table = PlainTable(["", "", "baseline#", "now#", "difference#", "", ""])
            for kind in MetricChange.Kind.allCases {
                for change in changes where change.kind == kind {
                    let tolerated =
                        change.tolerance > 0
                        ? "of "
                            + MetricFormat.difference(
                                change.tolerance, interval: nil, unit: change.unit
                            ).replacing("+", with: "")
                        : ""
                    let values = MetricFormat.pair(
                        change.baseline, change.candidate, unit: change.unit)
                    table.add([
                        CheckReport.mark(kind),
                        ComparisonReport.shortened(change.metric, to: 24),
                        values.0, values.1, CheckReport.difference(change), kind.rawValue,
                        tolerated,
                    ])
                }
            }
            lines += ["", String(table.text.dropLast())]
        }
        if !thresholds.isEmpty {
            lines += ["", String(ThresholdReport.text(thresholds).dropLast())]
        }
        if !notes.isEmpty { lines += [""] + notes }
        return lines.joined(separator: "\n") + "\n"
    }

    /// What each container got on a line of its own.
    private static func broken(_ decision: String?) -> String {
        (decision ?? "nothing decided").replacing("; ", with: "\n       ")
    }

    /// For a job's summary page.
    var markdown: String {
        var lines = [
            "### \(fails ? "❌" : "✅") topsim check: \(ComparisonReport.inMarkdown(name))", "",
            "Seed \(seed): \(verdict).",
        ]
        if let first = firstDifference {
            lines += [
                "", "First difference at \(first.time), pod `\(first.pod)`:", "",
                "- was " + ComparisonReport.inMarkdown(first.was ?? "nothing decided"),
                "- is " + ComparisonReport.inMarkdown(first.now ?? "nothing decided"),
            ]
        }
        if !changes.isEmpty {
            lines += [
                "", "| | metric | baseline | now | difference | |",
                "| --- | --- | --: | --: | --: | --- |",
            ]
            for kind in MetricChange.Kind.allCases {
                lines += changes.filter { $0.kind == kind }.map { change in
                    let values = MetricFormat.pair(
                        change.baseline, change.candidate, unit: change.unit)
                    return ComparisonReport.markdownRow([
                        CheckReport.mark(kind), "`\(change.metric)`",
                        values.0, values.1, CheckReport.difference(change), kind.rawValue,
                    ])
                }
            }
        }
        if !thresholds.isEmpty {
            lines.append("")
            lines += thresholds.map {
                "- \($0.holds ? "✓" : "✗") " + ComparisonReport.inMarkdown(CheckReport.sentence($0))
            }
        }
        if !notes.isEmpty {
            lines += [""] + notes.map { ComparisonReport.inMarkdown($0) + "." }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
