/// A JSON value whose members keep their order.
indirect enum LintJSONValue {
    case string(String)
    case integer(Int)
    case list([LintJSONValue])
    case object([(String, LintJSONValue)])

    /// Indented by two spaces.
    var text: String {
        var text = ""
        write(into: &text, indent: "")
        return text
    }

    private func write(into text: inout String, indent: String) {
        let inner = indent + "  "
        switch self {
        case .string(let string): text += LintJSONValue.quoted(string)
        case .integer(let number): text += String(number)
        case .list(let values):
            if values.isEmpty {
                text += "[]"
                return
            }
            for (index, value) in values.enumerated() {
                text += (index == 0 ? "[\n" : ",\n") + inner
                value.write(into: &text, indent: inner)
            }
            text += "\n\(indent)]"
        case .object(let members):
            if members.isEmpty {
                text += "{}"
                return
            }
            for (index, member) in members.enumerated() {
                text += (index == 0 ? "{\n" : ",\n") + inner
                text += LintJSONValue.quoted(member.0) + ": "
                member.1.write(into: &text, indent: inner)
            }
            text += "\n\(indent)}"
        }
    }

    static func quoted(_ string: String) -> String {
        let digits = Array("0123456789abcdef")
        var text = "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\t": text += "\\t"
            case "\r": text += "\\r"
            case "\u{0}"..<" ", "\u{7F}":
                text += "\\u00\(digits[Int(scalar.value >> 4)])\(digits[Int(scalar.value & 15)])"
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}

extension LintFindings {
    /// `{"findings": […], "errors": 1, "warnings": 0, "notes": 0, "notShown": 0}`.
    func json() -> LintJSONValue {
        let findings = all.map { finding -> LintJSONValue in
            var members: [(String, LintJSONValue)] = [
                ("code", .string(finding.code.id)), ("name", .string(finding.code.name)),
                ("severity", .string(finding.code.severity.rawValue)),
                ("subject", .string(finding.subject)), ("file", .string(finding.place.file)),
                ("line", .integer(finding.place.line)), ("column", .integer(finding.place.column)),
                ("message", .string(finding.message)),
            ]
            if let hint = finding.hint { members.append(("hint", .string(hint))) }
            if !finding.code.clause.isEmpty {
                members.append(("clause", .string(finding.code.clause)))
            }
            members.append(("page", .string(finding.code.page)))
            return .object(members)
        }
        return .object([
            ("findings", .list(findings)), ("errors", .integer(count(of: .error))),
            ("warnings", .integer(count(of: .warning))), ("notes", .integer(count(of: .note))),
            ("notShown", .integer(beyondLimit)),
        ])
    }
}
