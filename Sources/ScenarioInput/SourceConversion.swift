import Yams

/// Turns what Yams composed into `SourceNode`s, within a budget.
///
/// Yams shares the values of anchors, so that a text of ten lines may stand for a billion values. Here the value
/// of an anchor is converted once and counted each time that it is used.
struct SourceConversion {
    private let text: String
    private let file: String
    private let limits: SourceLimits
    /// Anchored values by where they are written, with how many values they hold.
    private var anchored: [Place: (node: SourceNode, values: Int)] = [:]
    /// Values so far, aliases expanded.
    private var values = 0

    private struct Place: Hashable {
        var line: Int
        var column: Int
    }

    init(text: String, file: String, limits: SourceLimits) {
        self.text = text
        self.file = file
        self.limits = limits
    }

    /// Anchors end with their document.
    mutating func forgetAnchors() { anchored = [:] }

    mutating func convert(_ root: Node) throws(InputError) -> SourceNode {
        try convert(root, depth: 0)
    }

    private mutating func convert(_ node: Node, depth: Int) throws(InputError) -> SourceNode {
        let mark = SourceMark(
            file: file, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
        guard depth <= limits.depth else {
            throw refusal(mark, "more than \(limits.depth) levels of lists and mappings")
        }
        let place = Place(line: mark.line, column: mark.column)
        if node.anchor != nil, let known = anchored[place] {
            try count(known.values, at: mark)
            return known.node
        }
        let before = values
        try count(1, at: mark)
        let converted = SourceNode(try value(of: node, at: mark, depth: depth), at: mark)
        if node.anchor != nil { anchored[place] = (converted, values - before) }
        return converted
    }

    private mutating func value(
        of node: Node, at mark: SourceMark, depth: Int
    ) throws(InputError) -> SourceNode.Value {
        switch node {
        case .scalar(let scalar):
            return try value(of: scalar, tag: node.tag.description, at: mark)
        case .sequence(let sequence):
            try check(tag: node.tag.description, is: "tag:yaml.org,2002:seq", at: mark)
            var elements: [SourceNode] = []
            elements.reserveCapacity(sequence.count)
            for element in sequence { elements.append(try convert(element, depth: depth + 1)) }
            return .sequence(elements)
        case .mapping(let mapping):
            try check(tag: node.tag.description, is: "tag:yaml.org,2002:map", at: mark)
            return .mapping(try entries(of: mapping, depth: depth))
        case .alias:
            throw refusal(mark, "an alias that stands for nothing")
        }
    }

    private func value(
        of scalar: Node.Scalar, tag: String, at mark: SourceMark
    ) throws(InputError) -> SourceNode.Value {
        switch tag {
        case "tag:yaml.org,2002:str", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float",
            "tag:yaml.org,2002:bool":
            break
        case "tag:yaml.org,2002:null":
            return .null
        default:
            throw unknown(tag: tag, at: mark)
        }
        let isPlain = scalar.style == .plain || scalar.style == .any
        if isPlain && ["", "~", "null", "Null", "NULL"].contains(scalar.string) { return .null }
        return .scalar(scalar.string, isQuoted: !isPlain)
    }

    /// The entries in the order of the file; those of merge keys follow where the mapping has no such key itself.
    private mutating func entries(
        of mapping: Node.Mapping, depth: Int
    ) throws(InputError) -> [SourceNode.Entry] {
        var entries: [SourceNode.Entry] = []
        entries.reserveCapacity(mapping.count)
        var merged: [SourceNode] = []
        for (key, value) in mapping {
            let keyMark = SourceMark(
                file: file, line: key.mark?.line ?? 1, column: key.mark?.column ?? 1)
            guard case .scalar(let scalar) = key else {
                throw refusal(keyMark, "a list or mapping as a key", hint: "keys are plain words")
            }
            try count(1, at: keyMark)
            let converted = try convert(value, depth: depth + 1)
            if scalar.string == "<<", scalar.style == .plain {
                merged += try sources(ofMerge: converted)
            } else {
                entries.append(
                    SourceNode.Entry(key: scalar.string, keyMark: keyMark, value: converted))
            }
        }
        guard !merged.isEmpty else { return entries }
        var known = Set(entries.map(\.key))
        for source in merged {
            for entry in source.entries ?? [] where known.insert(entry.key).inserted {
                entries.append(entry)
            }
        }
        return entries
    }

    /// The mappings that a merge key names: one, or a list of them.
    private func sources(ofMerge node: SourceNode) throws(InputError) -> [SourceNode] {
        let sources = node.elements ?? [node]
        for source in sources where source.entries == nil {
            throw refusal(
                source.mark, "`<<` merges mappings, and this is \(source.said)",
                hint: "write `<<: *name` or `<<: [*one, *other]`")
        }
        return sources
    }

    private mutating func count(_ more: Int, at mark: SourceMark) throws(InputError) {
        values += more
        guard values <= limits.values else {
            throw refusal(
                mark, "more than \(grouped(limits.values)) values once aliases are expanded",
                hint: "aliases within aliases multiply; write fewer of them")
        }
    }

    private func check(
        tag: String, is expected: String, at mark: SourceMark
    ) throws(InputError) {
        if tag != expected { throw unknown(tag: tag, at: mark) }
    }

    private func unknown(tag: String, at mark: SourceMark) -> InputError {
        let shown = tag.hasPrefix("tag:yaml.org,2002:") ? "!!" + tag.dropFirst(18) : tag
        return refusal(
            mark, "unknown tag `\(shown)`", hint: "leave it out: values are plain YAML")
    }

    private func refusal(
        _ mark: SourceMark, _ message: String, hint: String? = nil
    ) -> InputError {
        InputError([
            Diagnostic(
                file: mark.file, line: mark.line, column: mark.column, message: message, hint: hint,
                sourceLine: text.line(mark.line))
        ])
    }
}
