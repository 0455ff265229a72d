/// Holds a tree against the tables: unknown keys, wrong types, missing keys, values out of range.
package struct KeyCheck {
    /// Most machines, node groups, workloads or labels of one mapping.
    static let mapLimit = 10_000

    package var diagnostics: Diagnostics

    package init(diagnostics: Diagnostics) { self.diagnostics = diagnostics }

    package mutating func check(_ node: SourceNode, against type: ValueType) {
        switch type {
        case .table(let table): check(node, against: table)
        case .variants(let key, let tables): check(node, by: key, among: tables)
        case .map(let element, let names): check(node, eachAgainst: element, names: names)
        case .list(let element):
            guard let elements = node.elements else { return unexpected(node, type) }
            for item in elements { check(item, against: element) }
        case .either(let types): check(node, against: types)
        case .foreign:
            if node.entries == nil, !node.isNull { unexpected(node, type) }
        case .anything:
            break
        default:
            guard let text = node.text else { return unexpected(node, type) }
            if let mistake = KeyCheck.mistake(in: text, as: type) {
                diagnostics.error(at: node, mistake.message, hint: mistake.hint)
            }
        }
    }

    private mutating func unexpected(_ node: SourceNode, _ type: ValueType) {
        diagnostics.error(at: node, "expected \(type.expectation), found \(node.said)")
    }

    private mutating func check(_ node: SourceNode, against table: KeyTable) {
        guard let entries = node.entries else {
            return diagnostics.error(at: node, "expected \(table.name), found \(node.said)")
        }
        for entry in entries {
            guard let key = table.key(entry.key) else {
                diagnostics.error(
                    at: entry, "unknown key `\(entry.key)` in \(table.name)",
                    hint: diagnostics.isFull
                        ? nil
                        : suggestion(
                            for: entry.key, among: table.keys.map(\.name), called: "its keys"))
                continue
            }
            // An empty value is an absent one, as in Kubernetes.
            if entry.value.isNull && !key.isRequired { continue }
            if let with = key.with, node[with]?.isNull ?? true {
                diagnostics.error(at: entry, "`\(key.name)` goes with `\(with)`, which is not here")
            }
            if case .withoutEffect = key.type {
                diagnostics.note(
                    at: entry, "`\(key.name)` decides nothing here and is left aside")
                continue
            }
            check(entry.value, against: key.type)
        }
        for key in table.keys where key.isRequired && node[key.name] == nil {
            diagnostics.error(
                at: node, "\(table.name) needs `\(key.name)`", hint: "`\(key.name)`: \(key.summary)"
            )
        }
        for group in table.exactlyOneOf { check(node, hasOneOf: group, in: table) }
    }

    private mutating func check(_ node: SourceNode, hasOneOf group: [String], in table: KeyTable) {
        let present = (node.entries ?? []).filter { group.contains($0.key) && !$0.value.isNull }
        let names = group.map { "`\($0)`" }.joined(separator: ", ")
        if present.isEmpty {
            diagnostics.error(at: node, "\(table.name) needs one of \(names)")
        } else if present.count > 1 {
            diagnostics.error(
                at: present[1],
                "`\(present[0].key)` and `\(present[1].key)` exclude each other in \(table.name)",
                hint: "write one of \(names)")
        }
    }

    private mutating func check(_ node: SourceNode, by key: String, among tables: [KeyTable]) {
        guard node.entries != nil else {
            return diagnostics.error(
                at: node, "expected a mapping with `\(key)`, found \(node.said)")
        }
        let words = tables.map(\.variant)
        guard let chosen = node[key] else {
            return diagnostics.error(
                at: node, "a mapping without `\(key)`",
                hint: "`\(key)` is one of \(words.map { "`\($0)`" }.joined(separator: ", "))")
        }
        guard let text = chosen.text, let table = tables.first(where: { $0.variant == text }) else {
            return diagnostics.error(
                at: chosen, "unknown \(key) \(chosen.said)",
                hint: suggestion(for: chosen.text ?? "", among: words, called: "known ones"))
        }
        check(node, against: table)
    }

    private mutating func check(
        _ node: SourceNode, eachAgainst element: ValueType, names: NameRule
    ) {
        guard let entries = node.entries else {
            return diagnostics.error(
                at: node, "expected a mapping by \(names.what), found \(node.said)")
        }
        guard entries.count <= KeyCheck.mapLimit else {
            return diagnostics.error(
                at: node,
                "\(grouped(entries.count)) entries in one mapping; at most \(grouped(KeyCheck.mapLimit))"
                    + " are read")
        }
        for entry in entries {
            if case .label(let what) = names, !isDNSLabel(entry.key) {
                diagnostics.error(
                    at: entry, "`\(entry.key)` cannot be \(what)",
                    hint:
                        "lower-case letters, digits and `-`, at most 50, as Kubernetes names pods "
                        + "and nodes")
            }
            check(entry.value, against: element)
        }
    }

    /// The alternative whose form the value has; what it gets wrong is told of that one.
    private mutating func check(_ node: SourceNode, against types: [ValueType]) {
        let fitting = types.filter { $0.hasForm(of: node) }
        guard let first = fitting.first else { return unexpected(node, .either(types)) }
        guard let text = node.text else { return check(node, against: first) }
        if !fitting.contains(where: { KeyCheck.mistake(in: text, as: $0) == nil }) {
            diagnostics.error(
                at: node, "expected \(ValueType.either(fitting).expectation), found \(node.said)")
        }
    }

    /// What is wrong with a scalar, or nil.
    static func mistake(in text: String, as type: ValueType) -> (message: String, hint: String?)? {
        let wrong = "expected \(type.expectation), found `\(text)`"
        switch type {
        case .text, .string, .path:
            return nil
        case .boolean:
            guard ScalarValues.boolean(text) == nil else { return nil }
            let known = ["yes": "true", "on": "true", "no": "false", "off": "false"]
            return (wrong, known[text.lowercased()].map { "write `\($0)`" })
        case .integer(let range):
            guard let number = ScalarValues.integer(text), range.contains(number) else {
                return (wrong, nil)
            }
            return nil
        case .seed:
            return ScalarValues.seed(text) == nil ? (wrong, nil) : nil
        case .number(let low):
            guard let number = ScalarValues.number(text), number > low else { return (wrong, nil) }
            return nil
        case .bytes:
            return nil
        case .duration:
            guard ScalarValues.nanoseconds(text) == nil else { return nil }
            return (
                wrong, ScalarValues.number(text) == nil ? nil : "a unit is missing: `\(text)s`?"
            )
        case .rate:
            guard ScalarValues.ratePerSecond(text) == nil else { return nil }
            return (
                wrong, ScalarValues.number(text) == nil ? nil : "a unit is missing: `\(text)/h`?"
            )
        case .cpuList:
            return ScalarValues.cpuList(text) == nil ? (wrong, nil) : nil
        case .instant:
            return ScalarValues.unixSeconds(text) == nil
                ? (wrong, "times are in UTC and end in `Z`") : nil
        case .choice(let words):
            guard !words.contains(text) else { return nil }
            return (wrong, nearestName(to: text, among: words).map { "did you mean `\($0)`?" })
        case .withoutEffect, .anything:
            return nil
        case .list, .map, .table, .variants, .either, .foreign:
            return (wrong, nil)
        }
    }
}

extension KeyTable {
    /// The word that chooses this table among variants: the only choice of its first key.
    var variant: String {
        guard case .choice(let words)? = keys.first?.type, let word = words.first else { return "" }
        return word
    }
}

extension ValueType {
    /// Whether a value of this type can look like `node`: a mapping, a list or a scalar.
    func hasForm(of node: SourceNode) -> Bool {
        switch self {
        case .table, .variants, .map, .foreign: node.entries != nil
        case .list: node.elements != nil
        case .either(let types): types.contains { $0.hasForm(of: node) }
        case .withoutEffect, .anything: true
        default: node.text != nil
        }
    }
}

extension Diagnostics {
    /// Something at a key that is taken no notice of.
    mutating func note(at entry: SourceNode.Entry, _ message: String) {
        add(
            Diagnostic(
                severity: .note, file: entry.keyMark.file, line: entry.keyMark.line,
                column: entry.keyMark.column, message: message))
    }

    /// An error at a key.
    mutating func error(at entry: SourceNode.Entry, _ message: String, hint: String? = nil) {
        add(
            Diagnostic(
                file: entry.keyMark.file, line: entry.keyMark.line, column: entry.keyMark.column,
                message: message, hint: hint))
    }
}

/// A DNS label short enough that a number behind it keeps a node's or pod's name valid.
func isDNSLabel(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, let last = bytes.last, bytes.count <= 50 else { return false }
    func isLetterOrDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
            || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
    return isLetterOrDigit(first) && isLetterOrDigit(last)
        && bytes.allSatisfy { isLetterOrDigit($0) || $0 == UInt8(ascii: "-") }
}
