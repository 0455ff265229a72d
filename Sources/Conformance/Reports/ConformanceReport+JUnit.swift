extension ConformanceReport {
    /// JUnit's XML: a suite a file, a test a case; what is not yet supported is skipped.
    public var junit: String {
        var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        text += "<testsuites name=\"topsim conformance\""
        text += ConformanceReport.counts(cases, failed, notYetSupported) + ">\n"
        for file in files {
            text += "  <testsuite name=\"\(escaped(file.name))\""
            text += ConformanceReport.counts(file.cases, file.failed, file.unsupportedCount)
            text += ">\n"
            for result in file.results { text += element(result) }
            text += "  </testsuite>\n"
        }
        return text + "</testsuites>\n"
    }

    private static func counts(_ tests: Int, _ failures: Int, _ skipped: Int) -> String {
        " tests=\"\(tests)\" failures=\"\(failures)\" errors=\"0\" skipped=\"\(skipped)\""
    }

    private func element(_ result: VectorResult) -> String {
        let start = "    <testcase classname=\"\(result.kind)\" name=\"\(escaped(result.id))\""
        switch result.verdict {
        case .passed:
            return start + "/>\n"
        case .failed(let what, let expected, let got):
            return start + ">\n      <failure type=\"difference\" message=\"\(escaped(what))\">"
                + "line \(result.line)\nexpected \(escaped(expected))\ngot      \(escaped(got))"
                + "</failure>\n    </testcase>\n"
        case .unsupported(let reason), .malformed(let reason):
            return start + ">\n      <skipped message=\"not yet supported: \(escaped(reason))\"/>\n"
                + "    </testcase>\n"
        }
    }

    /// For text and for attributes in double quotes; characters that XML 1.0 cannot hold are written as `\u{1}`.
    private func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\n", "\t", "\r": escaped += "&#\(scalar.value);"
            case "\u{0}"..<"\u{20}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}":
                escaped += "\\u{\(String(scalar.value, radix: 16))}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
