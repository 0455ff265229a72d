/// How much a text may ask of its reader: checked before anything is built from it.
public struct SourceLimits: Hashable, Sendable {
    /// Bytes of the file.
    public var bytes: Int
    /// Mappings and lists within one another.
    public var depth: Int
    /// Values, counting what an alias stands for each time it is used.
    public var values: Int

    public init(bytes: Int, depth: Int, values: Int) {
        self.bytes = bytes
        self.depth = depth
        self.values = values
    }

    /// Scenarios, manifests, kubelet configurations and machine descriptions.
    public static let configuration = SourceLimits(
        bytes: 4 << 20, depth: 100, values: 400_000)

    /// Listings of whole clusters: about 20,000 pods as `kubectl get -o json` prints them.
    public static let listing = SourceLimits(
        bytes: 256 << 20, depth: 100, values: 20_000_000)
}

/// One pass over the bytes of a text before libyaml sees them: what would cost too much is refused here.
///
/// It does not tokenize: a bracket in a quoted string counts as a bracket. No honest text comes near the limits.
struct SourceScan {
    /// A refusal: a place and a sentence.
    struct Refusal {
        var line: Int
        var column: Int
        var message: String
        var hint: String?
    }

    private let limits: SourceLimits
    private var line = 1
    private var column = 0
    private var flowDepth = 0
    /// Dashes at the start of the present line: each is a list in a list.
    private var dashes = 0
    private var isLineStart = true
    private var previous = UInt8(ascii: "\n")
    private var previousNonBlank = UInt8(ascii: "\n")
    /// An upper estimate of how many values the text holds.
    private var values = 0
    private var anchors = 0
    private var aliases = 0
    private var isInAlias = false
    private var aliasCameLast = false
    private var complexKey: (line: Int, column: Int)?

    private init(limits: SourceLimits) { self.limits = limits }

    /// The first thing in `bytes` that must not be parsed, or nil.
    static func refusal(of bytes: some Collection<UInt8>, limits: SourceLimits) -> Refusal? {
        var scan = SourceScan(limits: limits)
        var iterator = bytes.makeIterator()
        var next = iterator.next()
        while let byte = next {
            next = iterator.next()
            if let refusal = scan.take(byte, before: next) { return refusal }
        }
        return scan.refusalOfKeys()
    }

    private mutating func take(_ byte: UInt8, before next: UInt8?) -> Refusal? {
        // Columns count characters, so continuation bytes of UTF-8 do not.
        if byte & 0xC0 != 0x80 { column += 1 }
        if byte < 0x20 && !isBlank(byte) || byte == 0x7F { return refusalOfControl(byte) }
        let endsToken = next.map(isBlank) ?? true
        followAlias(byte, endsToken: endsToken)
        switch byte {
        case UInt8(ascii: "["), UInt8(ascii: "{"):
            values += 1
            flowDepth += 1
        case UInt8(ascii: "]"), UInt8(ascii: "}"):
            flowDepth = max(0, flowDepth - 1)
        case UInt8(ascii: ","):
            values += 1
        case UInt8(ascii: ":") where endsToken || flowDepth > 0:
            values += 1
            if isFlowEnd(previousNonBlank) || aliasCameLast { noteComplexKey() }
        case UInt8(ascii: "?") where endsToken && (isLineStart || flowDepth > 0):
            values += 1
            dashes += isLineStart ? 1 : 0
            noteComplexKey()
        case UInt8(ascii: "-") where endsToken && isLineStart:
            values += 1
            dashes += 1
        case UInt8(ascii: "&") where !endsToken && startsToken(after: previous):
            anchors += 1
        default:
            break
        }
        if flowDepth > limits.depth || dashes > limits.depth {
            return here("more than \(limits.depth) levels of lists and mappings")
        }
        if values > limits.values {
            return here("more than \(grouped(limits.values)) values in one file")
        }
        step(over: byte, endsToken: endsToken)
        return nil
    }

    /// Notices `*name`, and keeps in mind that it was the last thing said.
    private mutating func followAlias(_ byte: UInt8, endsToken: Bool) {
        if byte == UInt8(ascii: "*") && !endsToken && startsToken(after: previous) {
            aliases += 1
            values += 1
            isInAlias = true
            aliasCameLast = true
        } else if isBlank(byte) {
            isInAlias = false
        } else if !isInAlias && byte != UInt8(ascii: ":") {
            aliasCameLast = false
        }
    }

    private mutating func step(over byte: UInt8, endsToken: Bool) {
        if byte == UInt8(ascii: "\n") {
            values += 1
            line += 1
            column = 0
            dashes = 0
            isLineStart = true
        } else if !isBlank(byte)
            && !((byte == UInt8(ascii: "-") || byte == UInt8(ascii: "?")) && endsToken)
        {
            isLineStart = false
        }
        previous = byte
        if !isBlank(byte) { previousNonBlank = byte }
    }

    private mutating func noteComplexKey() {
        if complexKey == nil { complexKey = (line, column) }
    }

    private func here(_ message: String, hint: String? = nil) -> Refusal {
        Refusal(line: line, column: column, message: message, hint: hint)
    }

    private func refusalOfControl(_ byte: UInt8) -> Refusal {
        here(
            byte == 0 ? "a NUL byte in a text" : "a control character, 0x\(hex(byte)), in a text",
            hint: "the file may be binary, or damaged")
    }

    /// Looking at a key that holds aliases costs what they stand for, before that can be counted.
    private func refusalOfKeys() -> Refusal? {
        guard let complexKey, anchors > 1, aliases > 4 else { return nil }
        return Refusal(
            line: complexKey.line, column: complexKey.column,
            message: "a list or mapping as a key in a text that uses aliases",
            hint: "keys are plain words")
    }
}

private func isBlank(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r")
        || byte == UInt8(ascii: "\t")
}

private func isFlowEnd(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}")
}

/// Whether an indicator right after `byte` can begin an anchor or an alias.
private func startsToken(after byte: UInt8) -> Bool {
    isBlank(byte) || "[{,:-?".utf8.contains(byte)
}

private func hex(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return digits.count < 2 ? "0" + digits : digits
}

/// A count as people read it: `1,048,576`.
func grouped(_ count: Int) -> String {
    var digits = Array(String(count))
    var position = digits.count - 3
    while position > (count < 0 ? 1 : 0) {
        digits.insert(",", at: position)
        position -= 3
    }
    return String(digits)
}
