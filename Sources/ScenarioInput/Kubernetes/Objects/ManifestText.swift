/// What becomes of the marks of Jinja templates (`{% if … %}`, `{{ name }}`) in a manifest.
public enum ManifestTemplates: String, Sendable, CaseIterable {
    /// They are taken as they stand, and mostly are no YAML.
    case refused
    /// Lines of statements are left out, so that every branch is there, and expressions become the word `template`.
    case tolerated
}

/// A manifest's bytes, as tools print them, made into documents with places.
///
/// A byte order mark is passed over, lines may end in CR LF, JSON texts may follow one another and be indented with tabs.
/// A key that is there twice counts as its last value does for `kubectl`, and that is noted.
struct ManifestText {
    let file: String
    let limits: SourceLimits
    let templates: ManifestTemplates
    var report = ImportReport()
    /// Lines that say where Helm took what follows from: `# Source: chart/templates/upf.yaml`.
    private(set) var sources: [(line: Int, path: String)] = []

    /// Keys that are there twice in one text, at most, before it is refused.
    private static let mostRepetitions = 50

    init(file: String, templates: ManifestTemplates, limits: SourceLimits) {
        self.file = file
        self.templates = templates
        self.limits = limits
    }

    mutating func documents(_ bytes: [UInt8]) throws(InputError) -> [SourceNode] {
        let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
        let first = bytes.first { !" \t\r\n".utf8.contains($0) }
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
            do throws(InputError) {
                return try readJSONSources(bytes, file: file, limits: limits)
            } catch {
                // A YAML text may begin with a bracket, too.
                if let documents = try? readSourceDocuments(bytes, file: file, limits: limits) {
                    return documents
                }
                throw error
            }
        }
        // Sizes and encoding are judged by the reader; only a text that passes is looked into.
        guard bytes.count <= limits.bytes, var text = String(validating: bytes, as: UTF8.self)
        else { return try readSourceDocuments(bytes, file: file, limits: limits) }
        if templates == .tolerated { text = withoutTemplates(text) }
        let documents = try read(text)
        noteSources(text)
        return documents
    }

    private mutating func read(_ text: String) throws(InputError) -> [SourceNode] {
        var text = text
        for _ in 0..<ManifestText.mostRepetitions {
            do throws(InputError) {
                return try readSourceDocuments(text, file: file, limits: limits)
            } catch {
                guard let repetition = RepeatedKey(error, in: text) else {
                    throw withHint(error, text)
                }
                report.guessed(
                    "key `\(repetition.key)`",
                    "it is there twice; the last value counts, as for kubectl", file: file,
                    line: repetition.first)
                text = repetition.textWithoutFirst
            }
        }
        return try readSourceDocuments(text, file: file, limits: limits)
    }

    /// Says that a text which is no YAML looks like a template.
    private func withHint(_ error: InputError, _ text: String) -> InputError {
        guard templates == .refused, text.contains("{{") || text.contains("{%") else {
            return error
        }
        var error = error
        for index in error.diagnostics.indices where error.diagnostics[index].hint == nil {
            error.diagnostics[index].hint =
                "it looks like a template: render it first (`helm template`), or read it with "
                + "`templates: tolerated`"
        }
        return error
    }

    /// The same lines, without statements and with words for expressions.
    private mutating func withoutTemplates(_ text: String) -> String {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var (statements, expressions) = (0, 0)
        for index in lines.indices {
            expressions += lines[index].replaceExpressions()
            let trimmed = lines[index].drop { $0 == " " || $0 == "\t" }
            if trimmed.hasPrefix("{%") || trimmed.hasPrefix("{#") {
                lines[index] = ""
                statements += 1
            }
        }
        if statements + expressions > 0 {
            report.guessed(
                "a template",
                "\(statements) statements left out, with every branch taken, and "
                    + "\(expressions) expressions replaced by the word `template`", file: file)
        }
        return lines.joined(separator: "\n")
    }

    private mutating func noteSources(_ text: String) {
        guard text.contains("# Source: ") else { return }
        var number = 0
        for line in text.lines {
            number += 1
            if line.hasPrefix("# Source: ") {
                sources.append((number, String(line.dropFirst(10)).trimmingBlanksAtEnd))
            }
        }
    }

    /// The chart's file that an object came from; nil when nothing says so.
    func source(ofLine line: Int) -> String? {
        var (low, high) = (0, sources.count)
        while low < high {
            let middle = (low + high) / 2
            if sources[middle].line <= line { low = middle + 1 } else { high = middle }
        }
        return low == 0 ? nil : sources[low - 1].path
    }
}

/// The first of two equal keys of one mapping in block style.
private struct RepeatedKey {
    var key: String
    /// The line of the first.
    var first: Int
    var textWithoutFirst: String

    /// Nil when the error is another one, or the keys do not stand at the beginning of their lines.
    init?(_ error: InputError, in text: String) {
        guard let diagnostic = error.diagnostics.first,
            diagnostic.message.hasPrefix("duplicate key `")
        else { return nil }
        let key = String(diagnostic.message.dropFirst(15).dropLast())
        let indent = diagnostic.column - 1
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let second = diagnostic.line - 1
        guard lines.indices.contains(second) else { return nil }
        func isKey(_ line: Substring) -> Bool {
            // In a list's element the first key stands behind dashes.
            let front = line.prefix(indent)
            return front.allSatisfy { $0 == " " || $0 == "-" }
                && line.dropFirst(indent).hasPrefix(key)
        }
        guard isKey(lines[second]),
            let first = lines[..<second].lastIndex(where: isKey),
            !lines[first].prefix(indent).contains("-")
        else { return nil }
        var end = first + 1
        while end < second, RepeatedKey.belongs(lines[end], below: indent) { end += 1 }
        for index in first..<end { lines[index] = "" }
        self.key = key
        self.first = first + 1
        textWithoutFirst = lines.joined(separator: "\n")
    }

    /// Whether a line is part of the value of a key at `indent`.
    private static func belongs(_ line: Substring, below indent: Int) -> Bool {
        let blanks = line.prefix { $0 == " " }.count
        let rest = line.dropFirst(blanks)
        return rest.isEmpty || rest == "\r" || blanks > indent
            || blanks == indent && rest.hasPrefix("- ")
    }
}

extension String {
    /// Puts `template` in the place of every `{{ … }}`; returns how many there were.
    fileprivate mutating func replaceExpressions() -> Int {
        guard contains("{{") else { return 0 }
        var (result, count) = ("", 0)
        var rest = self[...]
        while let start = rest.firstRange(of: "{{"),
            let end = rest[start.upperBound...].firstRange(of: "}}")
        {
            result += rest[..<start.lowerBound] + "template"
            rest = rest[end.upperBound...]
            count += 1
        }
        self = result + rest
        return count
    }

    fileprivate var trimmingBlanksAtEnd: String {
        var text = self
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }
}
