extension LintFindings {
    /// `file:line:column: error[R0003] subject: message`, then a hint, and a last line that counts.
    func text() -> String {
        var text = ""
        for finding in all {
            let code = finding.code
            text += "\(finding.place.shown): \(code.severity.rawValue)[\(code.id)] "
            text += "\(finding.subject): \(finding.message)\n"
            if let hint = finding.hint { text += "  hint: \(hint)\n" }
        }
        return text + verdict + "\n"
    }

    /// `2 errors, 1 warning, 0 notes`, or that there is nothing.
    var verdict: String {
        if all.isEmpty { return "no findings" }
        let parts = LintCode.Severity.allCases.map { severity in
            let count = count(of: severity)
            return "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
        }
        let more = beyondLimit > 0 ? "; \(beyondLimit) more findings are not shown" : ""
        return parts.joined(separator: ", ") + more
    }
}

extension LintPlace {
    /// `file`, or `file:line:column`.
    var shown: String { line > 0 ? "\(file):\(line):\(max(column, 1))" : file }
}
