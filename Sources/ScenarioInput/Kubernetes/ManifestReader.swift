/// Takes Kubernetes objects apart: asks for fields by name and type, and tells what is wrong at its place.
///
/// Types are those of Kubernetes' decoder: `"true"` in quotes is text, `true` is not; a null is an absent field.
struct ManifestReader {
    /// What a field that the API does not have leads to.
    enum UnknownFields {
        /// As `kubectl` warns.
        case noted
        /// As a kubelet refuses its configuration.
        case refused
    }

    var diagnostics: Diagnostics
    var unknownFields: UnknownFields

    init(_ diagnostics: Diagnostics, unknownFields: UnknownFields) {
        self.diagnostics = diagnostics
        self.unknownFields = unknownFields
    }

    // MARK: Mappings and lists

    /// The fields of a mapping, by name; nil after a mistake was told.
    mutating func fields(
        of node: SourceNode, at path: String, known: [String], silent: [String] = []
    ) -> ManifestFields? {
        guard let entries = entries(of: node, at: path) else { return nil }
        for entry in entries where !known.contains(entry.key) && !silent.contains(entry.key) {
            let key = SourceNode(.null, at: entry.keyMark)
            let message = "unknown field `\(joined(path, entry.key))`"
            let hint = nearestName(to: entry.key, among: known + silent)
                .map { "did you mean `\($0)`?" }
            switch unknownFields {
            case .noted: diagnostics.note(at: key, message + ", taken no notice of", hint: hint)
            case .refused: diagnostics.error(at: key, message, hint: hint)
            }
        }
        return ManifestFields(entries: entries, path: path, node: node)
    }

    /// The entries of a mapping; nil after a mistake was told.
    mutating func entries(of node: SourceNode, at path: String) -> [SourceNode.Entry]? {
        if let entries = node.entries { return entries }
        wrongType(node, at: path, expected: "a mapping")
        return nil
    }

    /// The elements of a list under `key`, none when it is absent.
    mutating func list(_ key: String, of fields: ManifestFields) -> [SourceNode] {
        guard let node = fields[key] else { return [] }
        if let elements = node.elements { return elements }
        wrongType(node, at: fields.path(key), expected: "a list")
        return []
    }

    /// Texts by key in the order written, none when it is absent.
    mutating func texts(_ key: String, of fields: ManifestFields) -> [(
        key: String, value: String, node: SourceNode
    )] {
        guard let node = fields[key] else { return [] }
        guard let entries = entries(of: node, at: fields.path(key)) else { return [] }
        var texts: [(key: String, value: String, node: SourceNode)] = []
        for entry in entries where !entry.value.isNull {
            let path = "\(fields.path(key))[\(entry.key)]"
            if let text = text(entry.value, at: path) {
                texts.append((entry.key, text, entry.value))
            }
        }
        return texts
    }

    // MARK: Scalars

    mutating func text(_ key: String, of fields: ManifestFields) -> String? {
        fields[key].flatMap { text($0, at: fields.path(key)) }
    }

    mutating func text(_ node: SourceNode, at path: String) -> String? {
        if case .scalar(let text, let isQuoted) = node.value,
            isQuoted || PlainScalar(text) == .text
        {
            return text
        }
        let hint = node.text.map { "write it in quotes: `\"\($0)\"`" }
        wrongType(node, at: path, expected: "text", hint: hint)
        return nil
    }

    mutating func boolean(_ key: String, of fields: ManifestFields) -> Bool? {
        fields[key].flatMap { boolean($0, at: fields.path(key)) }
    }

    mutating func boolean(_ node: SourceNode, at path: String) -> Bool? {
        if case .scalar(let text, false) = node.value, case .boolean(let value) = PlainScalar(text)
        {
            return value
        }
        let isQuoted = ["true", "false"].contains(node.text)
        wrongType(
            node, at: path, expected: "`true` or `false`",
            hint: isQuoted ? "write it without quotes" : nil)
        return nil
    }

    /// A whole number that fits in the field's integer type.
    mutating func integer<Number: FixedWidthInteger>(
        _ key: String, of fields: ManifestFields, as type: Number.Type
    ) -> Number? {
        fields[key].flatMap { integer($0, at: fields.path(key), as: type) }
    }

    mutating func integer<Number: FixedWidthInteger>(
        _ node: SourceNode, at path: String, as type: Number.Type
    ) -> Number? {
        if case .scalar(let text, false) = node.value, PlainScalar(text) == .number {
            if let number = Number(text) { return number }
            let isWhole = text.utf8.dropFirst().allSatisfy {
                UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
            }
            wrongType(
                node, at: path,
                expected: isWhole ? "at most \(Number.max)" : "a whole number")
            return nil
        }
        let isQuoted = node.text.map { PlainScalar($0) == .number } ?? false
        wrongType(
            node, at: path, expected: "a whole number",
            hint: isQuoted ? "write it without quotes" : nil)
        return nil
    }

    mutating func wrongType(
        _ node: SourceNode, at path: String, expected: String, hint: String? = nil
    ) {
        let subject = path.isEmpty ? "" : "`\(path)`: "
        diagnostics.error(
            at: node, "\(subject)expected \(expected), found \(node.said)", hint: hint)
    }
}

/// The fields of one mapping and its path from the object, such as `spec.containers[0]`.
struct ManifestFields {
    var entries: [SourceNode.Entry]
    var path: String
    var node: SourceNode

    /// The value of a field that is there and not null.
    subscript(key: String) -> SourceNode? {
        guard let node = entries.first(where: { $0.key == key })?.value, !node.isNull else {
            return nil
        }
        return node
    }

    func path(_ key: String) -> String { joined(path, key) }
}

func joined(_ path: String, _ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

/// What a scalar without quotes is to a YAML reader of Kubernetes (YAML 1.1's booleans among it).
enum PlainScalar: Equatable {
    case text
    case number
    case boolean(Bool)

    init(_ text: String) {
        switch text {
        case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON": self = .boolean(true)
        case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF":
            self = .boolean(false)
        default: self = PlainScalar.isNumber(text) ? .number : .text
        }
    }

    private static func isNumber(_ text: String) -> Bool {
        guard let first = text.utf8.first(where: { !"+-.".utf8.contains($0) }),
            UInt8(ascii: "0")...UInt8(ascii: "9") ~= first
        else { return false }
        // Swift's own reading of a number is YAML's, but for hexadecimal floats, which nobody writes.
        return Double(text) != nil
    }
}
