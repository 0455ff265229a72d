/// The keys of one kind of mapping: the one place that says what may be written.
///
/// Reading, messages about unknown keys, `validate --explain`, the JSON Schema and docs/reference/scenario.md are
/// all drawn from these tables, so that they cannot drift apart.
package struct KeyTable: Sendable {
    /// What a message calls the mapping: `a machine`.
    package var name: String
    /// A sentence about it, for the reference.
    package var summary: String
    /// What the reference says besides, in paragraphs.
    package var details = ""
    package var keys: [Key]
    /// Groups of keys of which exactly one must be there.
    package var exactlyOneOf: [[String]] = []

    package func key(_ name: String) -> Key? { keys.first { $0.name == name } }
}

/// One key: what it holds, what it means, and what holds when it is absent.
package struct Key: Sendable {
    package var name: String
    package var type: ValueType
    /// A sentence without a full stop.
    package var summary: String
    package var isRequired = false
    /// The key that this one goes with; without that, it has neither meaning nor default.
    package var with: String?
    /// The key beside which `defaultText` holds, when it may also stand without.
    package var defaultWith: String?
    /// What stands for an absent key, written as a person would.
    package var defaultText: String?
    /// What each word of a choice means, for the reference and the schema, where words do not tell it.
    package var meanings: [(word: String, meaning: String)] = []

    init(
        _ name: String, _ type: ValueType, _ summary: String, isRequired: Bool = false,
        with: String? = nil, default defaultText: String? = nil,
        defaultWith: String? = nil, meanings: [(word: String, meaning: String)] = []
    ) {
        self.meanings = meanings
        self.name = name
        self.type = type
        self.summary = summary
        self.isRequired = isRequired
        self.with = with
        self.defaultWith = defaultWith
        self.defaultText = defaultText
    }
}

/// What a key may hold.
package indirect enum ValueType: Sendable {
    case text
    /// A text that must be quoted where YAML would take it for a number, as Kubernetes' decoders demand.
    case string
    /// The path of a file: relative to the scenario's folder, `${NAME}` and `${NAME:-default}` expanded.
    case path
    case boolean
    case integer(ClosedRange<Int64>)
    /// 64 bits without a sign.
    case seed
    /// Greater than `above`.
    case number(above: Double)
    /// Bytes, as Kubernetes writes them: `96Gi`.
    case bytes
    /// `1h30m`, `500ms`.
    case duration
    /// `30/h`, `2.5/s`.
    case rate
    /// CPUs by OS index, in the kernel's list format: `0-3,8`.
    case cpuList
    /// `2026-01-01T00:00:00Z`, or whole Unix seconds.
    case instant
    case choice([String])
    case list(ValueType)
    /// Keys that people choose, each with a value of one type.
    case map(ValueType, names: NameRule)
    case table(KeyTable)
    /// A mapping whose keys depend on the word under `by`.
    case variants(by: String, [KeyTable])
    case either([ValueType])
    /// What a pasted file may hold, and topsim takes no notice of.
    case withoutEffect
    /// A value that is judged where it is put.
    case anything
    /// A mapping that another reader judges.
    case foreign(ForeignKind)
}

/// What people may call the entries of a map.
package enum NameRule: Sendable {
    /// A DNS label, since names of nodes and pods are made of it: `what` is what it names.
    case label(what: String)
    /// Anything: `what` is what it names.
    case free(what: String)

    var what: String {
        switch self {
        case .label(let what), .free(let what): what
        }
    }
}

/// Values whose form is Kubernetes', with readers of their own.
package enum ForeignKind: Sendable {
    /// The table lists what decides placement; other keys of a KubeletConfiguration are noted.
    case kubeletConfiguration(KeyTable)
    case podTemplate
    /// A NetworkAttachmentDefinition.
    case networkAttachment
}

extension ValueType {
    /// What a message says was expected: `a whole number from 1 to 1,000,000`.
    var expectation: String {
        switch self {
        case .text: "a text"
        case .string: "a quoted text"
        case .path: "the path of a file"
        case .boolean: "`true` or `false`"
        case .integer(let range):
            range.upperBound == .max
                ? "a whole number of at least \(grouped(Int(range.lowerBound)))"
                : "a whole number from \(grouped(Int(range.lowerBound))) to "
                    + grouped(Int(range.upperBound))
        case .seed: "a whole number from 0 to 2⁶⁴ − 1"
        case .number(let low): "a number above \(shortest(low))"
        case .bytes: "a quantity of bytes such as `96Gi`"
        case .duration: "a duration such as `1h30m` or `500ms`"
        case .rate: "a rate such as `30/h`"
        case .cpuList: "a list of CPUs such as `0-3,8`"
        case .instant: "a time such as `2026-01-01T00:00:00Z`, or Unix seconds"
        case .choice(let words): words.map { "`\($0)`" }.joined(separator: " or ")
        case .list(let element): "a list of which each is \(element.expectation)"
        case .map(_, let names): "a mapping by \(names.what)"
        case .table(let table): table.name
        case .variants(let key, _): "a mapping with `\(key)`"
        case .either(let types): types.map(\.expectation).joined(separator: ", or ")
        case .withoutEffect: "anything"
        case .anything: "a value"
        case .foreign(.kubeletConfiguration): "a KubeletConfiguration"
        case .foreign(.podTemplate): "a pod template"
        case .foreign(.networkAttachment): "a NetworkAttachmentDefinition"
        }
    }
}

/// A number without a needless `.0`.
func shortest(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e15 ? String(Int64(number)) : String(number)
}
