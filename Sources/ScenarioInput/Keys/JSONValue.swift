/// JSON whose objects keep their order.
enum JSONValue: Sendable {
    case object([(String, JSONValue)])
    case array([JSONValue])
    case string(String)
    /// A number or a literal, as it stands.
    case bare(String)

    static func strings(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }

    /// Indented by two spaces; short values stay on one line.
    func text(indent: Int = 0) -> String {
        let oneLine = self.oneLine
        if oneLine.count + indent <= 80 { return oneLine }
        let margin = String(repeating: " ", count: indent + 2)
        let end = String(repeating: " ", count: indent)
        switch self {
        case .object(let entries):
            let lines = entries.map {
                "\(margin)\(CanonicalJSON.quoted($0.0)): \($0.1.text(indent: indent + 2))"
            }
            return "{\n\(lines.joined(separator: ",\n"))\n\(end)}"
        case .array(let elements):
            let lines = elements.map { margin + $0.text(indent: indent + 2) }
            return "[\n\(lines.joined(separator: ",\n"))\n\(end)]"
        case .string, .bare:
            return oneLine
        }
    }

    var oneLine: String {
        switch self {
        case .object(let entries):
            "{"
                + entries.map { "\(CanonicalJSON.quoted($0.0)): \($0.1.oneLine)" }
                .joined(separator: ", ") + "}"
        case .array(let elements): "[" + elements.map(\.oneLine).joined(separator: ", ") + "]"
        case .string(let text): CanonicalJSON.quoted(text)
        case .bare(let text): text
        }
    }
}
