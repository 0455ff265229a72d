import Yams

/// The documents of a YAML or JSON text, each value with the place where it was written.
///
/// Sizes are checked before anything is trusted: bytes, nesting, and what aliases expand to. Duplicate keys, tags
/// of other programs and texts that are not UTF-8 are refused. Merge keys (`<<: *base`) are followed.
///
/// - Parameter file: What messages call the text.
public func readSourceDocuments(
    _ bytes: some Collection<UInt8>, file: String, limits: SourceLimits = .configuration
) throws(InputError) -> [SourceNode] {
    guard bytes.count <= limits.bytes else {
        throw InputError([
            Diagnostic(
                file: file,
                message: "the file has \(grouped(bytes.count)) bytes; at most "
                    + "\(grouped(limits.bytes)) are read")
        ])
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
        throw InputError([notUTF8(bytes, file: file)])
    }
    return try readSourceDocuments(text, file: file, limits: limits)
}

/// The documents of a YAML or JSON text that is in memory already.
public func readSourceDocuments(
    _ text: String, file: String, limits: SourceLimits = .configuration
) throws(InputError) -> [SourceNode] {
    var text = text
    text.makeContiguousUTF8()
    if text.utf8.count > limits.bytes {
        throw InputError([
            Diagnostic(
                file: file,
                message: "the text has \(grouped(text.utf8.count)) bytes; at most "
                    + "\(grouped(limits.bytes)) are read")
        ])
    }
    if let refusal = SourceScan.refusal(of: text.utf8, limits: limits) {
        throw InputError([
            Diagnostic(
                file: file, line: refusal.line, column: refusal.column, message: refusal.message,
                hint: refusal.hint, sourceLine: text.line(refusal.line))
        ])
    }
    var documents: [SourceNode] = []
    var conversion = SourceConversion(text: text, file: file, limits: limits)
    do {
        // No rules: a scalar stays text, and no regular expression is run over every key.
        let parser = try Parser(yaml: text, resolver: .basic, encoding: .utf8)
        while let root = try parser.nextRoot() {
            documents.append(try conversion.convert(root))
            conversion.forgetAnchors()
        }
    } catch let refusal as InputError {
        throw refusal
    } catch let problem as YamlError {
        throw InputError([YAMLProblem(problem, text: text, file: file).diagnostic])
    } catch {
        throw InputError([Diagnostic(file: file, message: "not YAML: \(error)")])
    }
    return documents
}

/// The first byte that is not UTF-8, as an error at its place.
private func notUTF8(_ bytes: some Collection<UInt8>, file: String) -> Diagnostic {
    let bytes = Array(bytes)
    let utf16 = bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF])
    // The longest valid start, by halving: a start is valid when only its last character may be cut.
    var low = 0
    var high = bytes.count
    while low < high {
        let middle = (low + high + 1) / 2
        if isStartOfUTF8(bytes[..<middle]) { low = middle } else { high = middle - 1 }
    }
    var offset = low
    while offset > 0, String(validating: bytes[..<offset], as: UTF8.self) == nil { offset -= 1 }
    let line = bytes[..<offset].count { $0 == UInt8(ascii: "\n") } + 1
    let lineStart = bytes[..<offset].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    let column = bytes[lineStart..<offset].count { $0 & 0xC0 != 0x80 } + 1
    return Diagnostic(
        file: file, line: line, column: column,
        message: "not UTF-8: byte \(grouped(offset)) of the file begins no character",
        hint: utf16 ? "the file starts as UTF-16 does; save it as UTF-8" : "save the file as UTF-8")
}

/// Whether `bytes` are UTF-8, but for a last character that may be incomplete.
private func isStartOfUTF8(_ bytes: ArraySlice<UInt8>) -> Bool {
    if String(validating: bytes, as: UTF8.self) != nil { return true }
    for cut in 1...3 where bytes.count >= cut {
        let rest = bytes.suffix(cut)
        // A lead byte that announces more bytes than there are, and only continuation bytes behind it.
        guard let lead = rest.first, lead >= 0xC2, lead < 0xF5 else { continue }
        let needed = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
        guard needed > cut, rest.dropFirst().allSatisfy({ $0 & 0xC0 == 0x80 }) else { continue }
        return String(validating: bytes.dropLast(cut), as: UTF8.self) != nil
    }
    return false
}

/// A Yams error in our form: place, libyaml's sentence, the line.
private struct YAMLProblem {
    var diagnostic: Diagnostic

    init(_ problem: YamlError, text: String, file: String) {
        switch problem {
        case .scanner(let context, let said, let mark, _),
            .parser(let context, let said, let mark, _):
            let place = context.map { " (\($0.text) at \($0.mark.line):\($0.mark.column))" } ?? ""
            diagnostic = Diagnostic(
                file: file, line: mark.line, column: mark.column, message: "\(said)\(place)",
                hint: YAMLProblem.hint(for: text.line(mark.line), column: mark.column))
        case .composer(_, let said, let mark, _):
            let name = text.line(mark.line).map { $0.token(at: mark.column) } ?? ""
            diagnostic = Diagnostic(
                file: file, line: mark.line, column: mark.column,
                message: name.isEmpty ? said : "\(said) `\(name)`",
                hint: "an alias `*name` comes after the end of the value that `&name` marks")
        case .duplicatedKeysInMapping(let keys, let context):
            let key = keys.first ?? ""
            let first = SourceMark(file: file, line: context.mark.line, column: context.mark.column)
            let second = YAMLProblem.repetition(of: key, after: first, in: text) ?? first
            diagnostic = Diagnostic(
                file: file, line: second.line, column: second.column,
                message: "duplicate key `\(key)`",
                hint: second == first
                    ? "each key of a mapping is written once"
                    : "its first value is in line \(first.line); each key is written once")
        case .reader(let said, let offset, _, _):
            let place = text.place(ofCharacter: offset ?? 0)
            diagnostic = Diagnostic(
                file: file, line: place.line, column: place.column, message: said)
        case .memory:
            diagnostic = Diagnostic(file: file, message: "not enough memory to read the file")
        default:
            diagnostic = Diagnostic(file: file, message: "not YAML: \(problem)")
        }
        diagnostic.sourceLine = text.line(diagnostic.line)
    }

    /// What often is behind a libyaml complaint about this line.
    private static func hint(for line: String?, column: Int) -> String? {
        guard let line else { return nil }
        if line.prefix(while: { $0 == " " || $0 == "\t" }).contains("\t") {
            return "YAML is indented with spaces, not with tabs"
        }
        return nil
    }

    /// The next line that writes `key` at the same column, for block mappings; or later in the same line.
    private static func repetition(
        of key: String, after first: SourceMark, in text: String
    ) -> SourceMark? {
        let lines = text.lines
        for number in first.line...max(first.line, lines.count) {
            guard number <= lines.count else { break }
            let line = lines[number - 1].unicodeScalars
            for column in 1...max(1, line.count) where number > first.line || column > first.column
            {
                // In block style the key stands in the same column.
                if number > first.line && column != first.column { continue }
                let rest = String(line.dropFirst(column - 1))
                guard
                    rest.hasPrefix(key) || rest.hasPrefix("\"\(key)\"")
                        || rest.hasPrefix("'\(key)'")
                else { continue }
                let behind = rest.drop { $0 == "\"" || $0 == "'" }.dropFirst(key.count)
                    .drop { $0 == "\"" || $0 == "'" || $0 == " " }
                if behind.hasPrefix(":") {
                    return SourceMark(file: first.file, line: number, column: column)
                }
            }
        }
        return nil
    }
}
