import Analysis
import Metrics

extension ComparisonReport {
    /// For a summary on a page: every number that a reader judges by.
    var markdown: String {
        var header = ["metric"]
        for variant in variants { header += [variant, "best = 1.00"] }
        for variant in variants.dropFirst() {
            header += variants.count == 2 ? [] : ["**\(ComparisonReport.inMarkdown(variant))**"]
            header += ["difference", "relative", "effect size", "p", "verdict"]
        }
        var lines = [
            "**\(ComparisonReport.inMarkdown(heading))**", "",
            ComparisonReport.markdownRow(header.map(ComparisonReport.inMarkdown)),
            ComparisonReport.markdownRow(["---"] + header.dropFirst().map { _ in "--:" }),
        ]
        for row in rows {
            var cells = ["`\(row.metric)`"]
            for (mean, factor) in zip(row.means, row.factors) {
                cells += [
                    MetricFormat.value(mean, unit: row.unit), ComparisonReport.factor(factor),
                ]
            }
            for comparison in row.comparisons {
                if variants.count > 2 { cells.append("") }
                cells += [
                    MetricFormat.difference(
                        comparison.difference, interval: comparison.interval, unit: row.unit),
                    ComparisonReport.relative(comparison), ComparisonReport.effect(comparison),
                    ComparisonReport.pValue(comparison.correctedPValue),
                    comparison.verdict.rawValue,
                ]
            }
            lines.append(ComparisonReport.markdownRow(cells))
        }
        if !remarks.isEmpty {
            lines.append("")
            lines += remarks.map { ComparisonReport.inMarkdown($0) + "." }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    static func markdownRow(_ cells: [String]) -> String {
        "| " + cells.joined(separator: " | ") + " |"
    }

    /// What would end a cell or begin markup is escaped.
    static func inMarkdown(_ text: String) -> String {
        var result = ""
        for character in text {
            if "|<>&`*_[]".contains(character) { result.append("\\") }
            result.append(character.isNewline ? " " : character)
        }
        return result
    }

    var json: String {
        func number(_ value: Double?) -> JSONValue { value.map(JSONValue.number) ?? .null }
        let rows = self.rows.map { row -> JSONValue in
            let comparisons = zip(variants.dropFirst(), row.comparisons).map { name, comparison in
                let interval: JSONValue =
                    comparison.interval.map {
                        .array([.number($0.lowerBound), .number($0.upperBound)])
                    } ?? .null
                return JSONValue.object([
                    .init("candidate", .string(name)),
                    .init("pairs", .integer(Int64(comparison.pairs))),
                    .init("missing", .integer(Int64(comparison.missing))),
                    .init("referenceMean", .number(comparison.referenceMean)),
                    .init("candidateMean", .number(comparison.candidateMean)),
                    .init("difference", .number(comparison.difference)),
                    .init("interval", interval),
                    .init("relativeDifference", number(comparison.relativeDifference)),
                    .init("effectSize", number(comparison.effectSize)),
                    .init("p", .number(comparison.pValue)),
                    .init("correctedP", .number(comparison.correctedPValue)),
                    .init("verdict", .string(comparison.verdict.rawValue)),
                ])
            }
            return .object([
                .init("metric", .string(row.metric)), .init("unit", .string(row.unit.rawValue)),
                .init("polarity", .string(row.polarity.rawValue)),
                .init("definition", .string(row.definition)),
                .init("means", .array(row.means.map(JSONValue.number))),
                .init("relativeToBest", .array(row.factors.map(number))),
                .init("comparisons", .array(comparisons)),
            ])
        }
        return JSONValue.object([
            .init("name", .string(name)), .init("pairs", .integer(Int64(pairs))),
            .init("confidence", .number(settings.confidence)),
            .init("variants", .array(variants.map(JSONValue.string))),
            .init("metrics", .array(rows)), .init("notes", .array(notes.map(JSONValue.string))),
        ]).text + "\n"
    }

    /// A line a metric and candidate; numbers in the metric's unit, empty where there is none.
    var csv: String {
        func number(_ value: Double?) -> String {
            guard let value, value.isFinite else { return "" }
            return JSONValue.number(value).text
        }
        var lines = [
            "metric,unit,polarity,reference,candidate,pairs,missing,reference_mean,candidate_mean,"
                + "reference_to_best,candidate_to_best,difference,low,high,relative_difference,"
                + "effect_size,p,corrected_p,verdict"
        ]
        for row in rows {
            let factors = row.factors
            for (index, comparison) in row.comparisons.enumerated() {
                let cells = [
                    row.metric, row.unit.rawValue, row.polarity.rawValue, variants[0],
                    variants[index + 1], "\(comparison.pairs)", "\(comparison.missing)",
                    number(comparison.referenceMean), number(comparison.candidateMean),
                    number(factors[0]), number(factors[index + 1]),
                    number(comparison.difference), number(comparison.interval?.lowerBound),
                    number(comparison.interval?.upperBound),
                    number(comparison.relativeDifference), number(comparison.effectSize),
                    number(comparison.pValue), number(comparison.correctedPValue),
                    comparison.verdict.rawValue,
                ]
                lines.append(cells.map(ComparisonReport.inCSV).joined(separator: ","))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// RFC 4180: quoted where it must be.
    private static func inCSV(_ text: String) -> String {
        guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }

    /// A `tabular` that needs no package.
    var latex: String {
        let factors = variants.count == 2
        var header = ["metric"] + variants
        for variant in variants.dropFirst() {
            header += factors ? ["difference", ""] : [variant, ""]
        }
        var lines = [
            "% \(heading.replacing("\n", with: " "))",
            "\\begin{tabular}{l" + variants.map { _ in "r" }.joined()
                + variants.dropFirst().map { _ in "rl" }.joined() + "}",
            "\\hline", header.map(ComparisonReport.inLaTeX).joined(separator: " & ") + " \\\\",
            "\\hline",
        ]
        for row in rows {
            var cells = [ComparisonReport.inLaTeX(row.metric)]
            for (mean, factor) in zip(row.means, row.factors) {
                let value = ComparisonReport.inLaTeX(MetricFormat.value(mean, unit: row.unit))
                cells.append(factor == 1 ? "\\textbf{\(value)}" : value)
            }
            for comparison in row.comparisons {
                cells.append(
                    ComparisonReport.inLaTeX(
                        MetricFormat.difference(
                            comparison.difference, interval: comparison.interval, unit: row.unit)))
                cells.append(comparison.verdict.rawValue)
            }
            lines.append(cells.joined(separator: " & ") + " \\\\")
        }
        lines += ["\\hline", "\\end{tabular}"]
        return lines.joined(separator: "\n") + "\n"
    }

    static func inLaTeX(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "%", "&", "#", "_", "$", "{", "}": result += "\\\(character)"
            case "\\": result += "\\textbackslash{}"
            case "~": result += "\\textasciitilde{}"
            case "^": result += "\\textasciicircum{}"
            case "±": result += "$\\pm$"
            case "−": result += "$-$"
            case "–": result += "--"
            case "µ": result += "$\\mu$"
            case "…": result += "\\ldots{}"
            default: result.append(character.isNewline ? " " : character)
            }
        }
        return result
    }
}
