import HardwareModel

/// Reads fields of machine descriptions in JSON and YAML, and notes every mistake at its place.
struct MachineFields {
    let file: String
    var diagnostics = Diagnostics()
    var report = ImportReport()

    init(file: String) { self.file = file }

    mutating func taken(_ subject: String, _ reason: String, at node: SourceNode? = nil) {
        report.taken(subject, reason, file: file, line: node?.mark.line ?? 0)
    }

    mutating func guessed(_ subject: String, _ reason: String, at node: SourceNode? = nil) {
        report.guessed(subject, reason, file: file, line: node?.mark.line ?? 0)
    }

    mutating func dropped(_ subject: String, _ reason: String, at node: SourceNode? = nil) {
        report.dropped(subject, reason, file: file, line: node?.mark.line ?? 0)
    }

    /// A whole number, quoted or not; nil when it is not there, `null` or a mistake.
    mutating func integer(
        _ node: SourceNode?, _ what: String, in range: ClosedRange<Int> = 0...Int.max
    ) -> Int? {
        guard let node, !node.isNull else { return nil }
        guard let text = node.text, let value = Int(text) else {
            diagnostics.error(
                at: node, "`\(what)` is \(node.said), and a whole number was expected")
            return nil
        }
        guard range.contains(value) else {
            diagnostics.error(
                at: node,
                range.upperBound == .max
                    ? "`\(what)` is \(value), and at least \(range.lowerBound) was expected"
                    : "`\(what)` is \(value), which is not \(range.lowerBound) to "
                        + "\(range.upperBound)")
            return nil
        }
        return value
    }

    /// A text; nil when it is not there, `null` or a mistake.
    mutating func text(_ node: SourceNode?, _ what: String) -> String? {
        guard let node, !node.isNull else { return nil }
        guard let text = node.text else {
            diagnostics.error(at: node, "`\(what)` is \(node.said), and a text was expected")
            return nil
        }
        return text
    }

    /// The elements of a list; empty when it is not there, `null` or a mistake.
    mutating func list(
        _ node: SourceNode?, _ what: String, limit: Int = HwlocMachine.partLimit
    ) -> [SourceNode] {
        guard let node, !node.isNull else { return [] }
        guard let elements = node.elements else {
            diagnostics.error(at: node, "`\(what)` is \(node.said), and a list was expected")
            return []
        }
        guard elements.count <= limit else {
            diagnostics.error(
                at: node,
                "`\(what)` has \(elements.count) entries, and no machine has more than \(limit)")
            return []
        }
        return elements
    }

    /// A mapping; nil when it is not there, `null` or a mistake.
    mutating func mapping(_ node: SourceNode?, _ what: String) -> SourceNode? {
        guard let node, !node.isNull else { return nil }
        guard node.entries != nil else {
            diagnostics.error(at: node, "`\(what)` is \(node.said), and a mapping was expected")
            return nil
        }
        return node
    }

    /// Numbers of CPUs.
    mutating func cpus(_ node: SourceNode?, _ what: String) -> [Int] {
        let limit = 0...(HwlocBitmap.bitLimit - 1)
        return list(node, what).compactMap { integer($0, what, in: limit) }
    }

    /// A number in hexadecimal digits such as `10de` or `0x10de`; nil when it is not there or something else.
    func hexadecimal(_ node: SourceNode?) -> Int? { node?.text.flatMap { hexadecimalNumber($0) } }

    /// The machine of a description, or every mistake: those of the fields first.
    func imported(_ description: MachineDescription) throws(InputError) -> ImportedMachine {
        try diagnostics.throwIfErrors()
        let (machine, mistakes) = description.assemble()
        if !mistakes.isEmpty {
            throw InputError(mistakes.map { Diagnostic(file: file, message: $0) })
        }
        return ImportedMachine(machine: machine, report: report)
    }
}

/// The number of hexadecimal digits with or without `0x`; nil for other text and for more than 15 digits.
func hexadecimalNumber(_ text: String) -> Int? {
    let digits = text.hasPrefix("0x") || text.hasPrefix("0X") ? text.dropFirst(2) : text[...]
    guard digits.count <= 15, digits.allSatisfy(\.isHexDigit) else { return nil }
    return Int(digits, radix: 16)
}

/// Memory of a NUMA node in a description that does not tell it.
let guessedMemory = MachineShape.defaultMemoryPerNUMANode
