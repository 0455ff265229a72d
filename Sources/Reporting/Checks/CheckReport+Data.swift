import Analysis
import Metrics

extension CheckReport {
    var json: String {
        let first: JSONValue =
            firstDifference.map { first in
                .object([
                    .init("time", .string(first.time)), .init("pod", .string(first.pod)),
                    .init("was", first.was.map(JSONValue.string) ?? .null),
                    .init("now", first.now.map(JSONValue.string) ?? .null),
                ])
            } ?? .null
        let changes = self.changes.map { change in
            JSONValue.object([
                .init("metric", .string(change.metric)),
                .init("unit", .string(change.unit.rawValue)),
                .init("polarity", .string(change.polarity.rawValue)),
                .init("baseline", .number(change.baseline)),
                .init("candidate", .number(change.candidate)),
                .init("tolerance", .number(change.tolerance)),
                .init("verdict", .string(change.kind.rawValue)),
            ])
        }
        return JSONValue.object([
            .init("name", .string(name)), .init("seed", .string(String(seed))),
            .init("baseline", .string(baseline)), .init("candidate", .string(candidate)),
            .init("passes", .bool(!fails)), .init("firstDifference", first),
            .init("changes", .array(changes)),
            .init("thresholds", ThresholdReport.json(thresholds)),
            .init("notes", .array(notes.map(JSONValue.string))),
        ]).text + "\n"
    }

    /// What github-action-benchmark takes as `customSmallerIsBetter` or `customBiggerIsBetter`.
    func benchmark(_ polarity: MetricPolarity) -> String {
        let entries = metrics.filter { $0.polarity == polarity && $0.value.isFinite }.map {
            JSONValue.object([
                .init("name", .string("\(name) / \($0.name)")),
                .init("unit", .string($0.unit.rawValue)), .init("value", .number($0.value)),
                .init("extra", .string($0.definition)),
            ])
        }
        return JSONValue.array(entries).text + "\n"
    }

    // MARK: JUnit

    /// A test a metric and a threshold; what a CI shows of it is why one fails.
    var junit: String {
        let changed = Dictionary(
            self.changes.map { ($0.metric, $0) }, uniquingKeysWith: { first, _ in first })
        var cases: [String] = []
        func add(_ className: String, _ name: String, failure: String?, output: String? = nil) {
            var text =
                "    <testcase classname=\"\(CheckReport.inXML(className))\" "
                + "name=\"\(CheckReport.inXML(name))\" time=\"0\""
            if failure == nil, output == nil {
                cases.append(text + "/>")
                return
            }
            text += ">\n"
            if let failure {
                text += "      <failure message=\"\(CheckReport.inXML(failure))\">"
                text += CheckReport.inXML(firstSentence ?? failure) + "</failure>\n"
            }
            if let output {
                text += "      <system-out>\(CheckReport.inXML(output))</system-out>\n"
            }
            cases.append(text + "    </testcase>")
        }
        let known = Set(metrics.map(\.name))
        let gone = changes.map(\.metric).filter { !known.contains($0) }
        for metric in metrics.map(\.name) + gone {
            let change = changed[metric]
            let sentence = change.map { CheckReport.sentence($0) }
            add(
                "topsim.\(name).metrics", metric,
                failure: change?.kind == .regressed ? sentence : nil,
                output: change?.kind == .regressed ? nil : sentence)
        }
        for outcome in thresholds {
            add(
                "topsim.\(name).thresholds", outcome.threshold.text,
                failure: outcome.holds ? nil : CheckReport.sentence(outcome))
        }
        let failures = count(.regressed) + brokenThresholds.count
        let counts = "tests=\"\(cases.count)\" failures=\"\(failures)\" errors=\"0\""
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="topsim check" \(counts)>
              <testsuite name="\(CheckReport.inXML(name)) seed \(seed)" \(counts) skipped="0" time="0">
            \(cases.joined(separator: "\n"))
              </testsuite>
            </testsuites>

            """
    }

    private var firstSentence: String? {
        firstDifference.map { first in
            "first difference at \(first.time), pod \(first.pod): was "
                + "\(first.was ?? "nothing decided"); is \(first.now ?? "nothing decided")"
        }
    }

    /// Escaped; characters that XML 1.0 does not have become a replacement character.
    static func inXML(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n": result += "&#10;"
            case "\t": result += "&#9;"
            case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    // MARK: SARIF

    private static let rules: [(id: String, level: String, text: String)] = [
        ("regressed", "error", "A metric moved past its tolerance in its bad direction"),
        ("within-tolerance", "warning", "A metric moved in its bad direction within its tolerance"),
        ("improved", "note", "A metric moved in its good direction"),
        ("changed", "note", "A metric without a better side, or measured once only, moved"),
        ("threshold", "error", "A threshold of the scenario is broken"),
        ("first-difference", "note", "The first decision that differs from the baseline"),
    ]

    /// SARIF 2.1.0; every result points at the scenario's file, since what decides has no line in it.
    var sarif: String {
        var results: [JSONValue] = []
        func add(_ rule: String, _ message: String) {
            let index = CheckReport.rules.firstIndex { $0.id == rule } ?? 0
            results.append(
                .object([
                    .init("ruleId", .string(rule)), .init("ruleIndex", .integer(Int64(index))),
                    .init("level", .string(CheckReport.rules[index].level)),
                    .init("message", ["text": .string(message)]),
                    .init(
                        "locations",
                        [
                            [
                                "physicalLocation": [
                                    "artifactLocation": ["uri": .string(CheckReport.uri(file))],
                                    "region": ["startLine": .integer(1)],
                                ]
                            ]
                        ]),
                    .init(
                        "partialFingerprints",
                        ["topsim/v1": .string("\(name)/\(rule)/\(message.prefix { $0 != " " })")]),
                ]))
        }
        if let firstSentence { add("first-difference", firstSentence) }
        for change in changes {
            let rule = change.kind == .withinTolerance ? "within-tolerance" : change.kind.rawValue
            add(rule, CheckReport.sentence(change))
        }
        for outcome in brokenThresholds { add("threshold", CheckReport.sentence(outcome)) }
        let rules = CheckReport.rules.map { rule in
            JSONValue.object([
                .init("id", .string(rule.id)),
                .init("shortDescription", ["text": .string(rule.text)]),
                .init("defaultConfiguration", ["level": .string(rule.level)]),
            ])
        }
        return JSONValue.object([
            .init("$schema", "https://json.schemastore.org/sarif-2.1.0.json"),
            .init("version", "2.1.0"),
            .init(
                "runs",
                [
                    [
                        "tool": ["driver": ["name": "topsim check", "rules": .array(rules)]],
                        "results": .array(results),
                    ]
                ]),
        ]).text + "\n"
    }

    /// A path as the relative reference of RFC 3986.
    private static func uri(_ path: String) -> String {
        var result = ""
        for byte in path.utf8 {
            let character = Character(UnicodeScalar(byte))
            if byte < 0x80, character.isLetter || character.isNumber || "/._-~".contains(character)
            {
                result.append(character)
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                result += "%" + (digits.count < 2 ? "0" : "") + digits
            }
        }
        return result
    }
}
