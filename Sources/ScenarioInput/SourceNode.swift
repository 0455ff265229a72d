/// A piece of YAML or JSON with the place where it was written.
///
/// Scalars keep their text, so that `cpu: 1` and `cpu: "1"` are told apart by `style` and read alike as quantities.
public struct SourceNode: Sendable {
    public indirect enum Value: Sendable {
        case null
        /// The text as written, without quotes.
        case scalar(String, isQuoted: Bool)
        case sequence([SourceNode])
        /// In the order of the file. Readers refuse duplicate keys before this is built.
        case mapping([Entry])
    }

    public struct Entry: Sendable {
        public var key: String
        public var keyMark: SourceMark
        public var value: SourceNode

        public init(key: String, keyMark: SourceMark, value: SourceNode) {
            self.key = key
            self.keyMark = keyMark
            self.value = value
        }
    }

    public var value: Value
    public var mark: SourceMark

    public init(_ value: Value, at mark: SourceMark) {
        self.value = value
        self.mark = mark
    }
}

/// A place in a text: line and column from 1.
public struct SourceMark: Hashable, Sendable {
    public var file: String
    public var line: Int
    public var column: Int

    public init(file: String, line: Int, column: Int) {
        self.file = file
        self.line = line
        self.column = column
    }
}

extension SourceNode {
    /// The value under `key` of a mapping, or nil.
    public subscript(key: String) -> SourceNode? {
        guard case .mapping(let entries) = value else { return nil }
        return entries.first { $0.key == key }?.value
    }

    public var entries: [Entry]? {
        if case .mapping(let entries) = value { entries } else { nil }
    }

    public var elements: [SourceNode]? {
        if case .sequence(let elements) = value { elements } else { nil }
    }

    /// The text of a scalar, quoted or not.
    public var text: String? {
        if case .scalar(let text, _) = value { text } else { nil }
    }

    public var isNull: Bool {
        if case .null = value { true } else { false }
    }

    /// What a message calls it: `a mapping`, `a list`, `nothing`, or the text in backticks.
    public var said: String {
        switch value {
        case .null: "nothing"
        case .scalar(let text, _): "`\(text)`"
        case .sequence: "a list"
        case .mapping: "a mapping"
        }
    }
}
