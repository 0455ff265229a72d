package import Primitives
package import WorkloadModel

/// Reads topsim's own format of recordings, line by line in constant memory: only shapes are kept.
///
/// `nextRow` allocates nothing; `next` makes a record of the row, with texts of its own. A line with a mistake is
/// told and passed over by the call that follows; a mistake before the first pod ends the reading.
package final class StreamTraceReader: TraceRecordReader {
    private let lines: ByteLines
    private var columns: [StreamTrace.Column?] = []
    private var identifiers = ByteStringTable()
    package private(set) var definitions: [StreamTraceDefinition] = []
    /// Columns of names that this version does not know, with their line.
    package private(set) var unknownColumns: [(name: String, line: Int)] = []
    /// Of each definition in the table that `next` is handed.
    private var indices: [PodShapeIndex?] = []
    private var isUsed: [Bool] = []
    private var resources: ResourceTable
    /// Whether pods must come in order of arrival; one that checks a trace looks itself.
    package var demandsOrder = true
    private var latest: Int64 = 0
    /// Pods read so far.
    package private(set) var rowCount = 0
    package private(set) var report = ImportReport()
    private var current = UnsafeBufferPointer<UInt8>(start: nil, count: 0)

    package init(_ input: TraceInput, resources: inout ResourceTable) throws(InputError) {
        lines = try ByteLines(input)
        self.resources = resources
        try readHeader()
        resources = self.resources
    }

    // MARK: Rows

    /// The next pod line, or nil at the end.
    package func nextRow() throws(InputError) -> StreamTraceRow? {
        while let line = try lines.next() {
            guard let first = line.first else { continue }
            if first >= UInt8(ascii: "0") && first <= UInt8(ascii: "9") { return try row(line) }
            if first == UInt8(ascii: "#") { continue }
            try define(line, isHeader: false)
        }
        current = UnsafeBufferPointer(start: nil, count: 0)
        return nil
    }

    private func row(_ line: UnsafeBufferPointer<UInt8>) throws(InputError) -> StreamTraceRow {
        current = line
        var row = StreamTraceRow()
        row.line = lines.line
        var position = 0
        let count = line.count
        for index in 0..<columns.count {
            while position < count, line[position] == 0x20 || line[position] == 0x09 {
                position += 1
            }
            guard position < count else {
                if index < 3 {
                    throw refusal(
                        at: position, "a pod without `\(columns[index]?.rawValue ?? "")`",
                        hint: "columns are \(columnNames)")
                }
                break
            }
            let start = position
            var accumulated: UInt8 = 0
            while position < count, line[position] > 0x20 {
                accumulated |= line[position]
                position += 1
            }
            let isAbsent = position == start + 1 && line[start] == UInt8(ascii: "-")
            switch columns[index] {
            case .arrival: row.arrival = try time("arrival", line, start, position)
            case .lifetime:
                if !isAbsent { row.lifetime = try time("lifetime", line, start, position) }
            case .deletion:
                if !isAbsent {
                    row.deletion = try time("deletion", line, start, position)
                    if row.deletion < row.arrival {
                        throw refusal(
                            at: start,
                            "deleted at \(row.deletion), before the arrival at \(row.arrival)")
                    }
                }
            case .shape:
                let word = UnsafeBufferPointer(rebasing: line[start..<position])
                guard let shape = identifiers.index(of: word) else {
                    throw refusal(
                        at: start, "no `shape` line above defines `\(text(word))`",
                        hint: "a shape is defined before the first pod that has it")
                }
                row.shape = Int32(truncatingIfNeeded: shape)
            case .count:
                if !isAbsent {
                    let value = try number("count", line, start, position)
                    guard value >= 1, value <= Int64(StreamTrace.countLimit) else {
                        throw refusal(
                            at: start,
                            "`count` is \(value), and 1 to "
                                + "\(grouped(Int(StreamTrace.countLimit))) was expected")
                    }
                    row.count = Int32(truncatingIfNeeded: value)
                }
            case .name:
                if !isAbsent {
                    row.name = try word("name", line, start, position, accumulated)
                }
            case .group:
                if !isAbsent {
                    row.group = try word("group", line, start, position, accumulated)
                }
            case nil: break
            }
            if position < count, line[position] < 0x20, line[position] != 0x09 {
                throw refusal(at: position, "a control character in a line")
            }
        }
        while position < count, line[position] == 0x20 || line[position] == 0x09 { position += 1 }
        if position < count {
            throw refusal(
                at: position, "more fields than there are columns",
                hint: "columns are \(columnNames)")
        }
        if row.arrival < latest {
            if demandsOrder {
                throw refusal(
                    at: 0, "arrives at \(row.arrival), and a pod above it at \(latest)",
                    hint: "pods stand in the order of arrival")
            }
        } else {
            latest = row.arrival
        }
        rowCount += 1
        return row
    }

    private func time(
        _ column: String, _ line: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int
    ) throws(InputError) -> Int64 {
        let value = try number(column, line, start, end)
        guard value <= StreamTrace.timeLimit else {
            throw refusal(
                at: start, "`\(column)` is beyond \(grouped(Int(StreamTrace.timeLimit))) ns",
                hint: "73 years are the most that a trace may say")
        }
        return value
    }

    /// A whole number of at most 18 digits.
    @inline(__always)
    private func number(
        _ column: String, _ line: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int
    ) throws(InputError) -> Int64 {
        var value: Int64 = 0
        var isNumber = end - start <= 18
        if isNumber {
            for position in start..<end {
                let digit = line[position] &- UInt8(ascii: "0")
                if digit > 9 {
                    isNumber = false
                    break
                }
                value = value &* 10 &+ Int64(digit)
            }
        }
        guard isNumber else {
            throw refusal(
                at: start,
                "`\(column)` is `\(text(UnsafeBufferPointer(rebasing: line[start..<end])))`, "
                    + "and a whole number was expected",
                hint: column == "count"
                    ? "for example `3`" : "times are whole nanoseconds, as 1500000000 for 1.5 s")
        }
        return value
    }

    private func word(
        _ column: String, _ line: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int,
        _ accumulated: UInt8
    ) throws(InputError) -> StreamTraceRow.Word {
        guard end - start <= StreamTrace.wordLimit else {
            throw refusal(
                at: start, "`\(column)` has more than \(grouped(StreamTrace.wordLimit)) bytes")
        }
        if accumulated >= 0x80,
            String(validating: line[start..<end], as: UTF8.self) == nil
        {
            throw refusal(at: start, "`\(column)` is not UTF-8")
        }
        return StreamTraceRow.Word(start: Int32(start), length: Int32(end - start))
    }

    /// The name of the row that was read last; made from its number where the trace names none.
    package func name(of row: StreamTraceRow) -> String {
        row.name.length == 0 ? "pod-\(rowCount - 1)" : text(row.name)
    }

    /// The group of the row that was read last; empty for none.
    package func group(of row: StreamTraceRow) -> String {
        row.group.length == 0 ? "" : text(row.group)
    }

    private func text(_ word: StreamTraceRow.Word) -> String {
        let start = Int(word.start)
        let bytes = UnsafeBufferPointer(rebasing: current[start..<start + Int(word.length)])
        return StreamTraceWords.decoded(bytes)
    }

    // MARK: Records

    package func next(shapes: inout PodShapeTable) throws(InputError) -> TraceRecord? {
        guard let row = try nextRow() else { return nil }
        return TraceRecord(
            name: name(of: row), arrival: SimTime(nanoseconds: row.arrival),
            lifetime: row.lifetime < 0 ? nil : SimDuration(nanoseconds: row.lifetime),
            deletion: row.deletion < 0 ? nil : SimTime(nanoseconds: row.deletion),
            shape: index(of: row, in: &shapes), group: group(of: row), count: Int(row.count),
            line: row.line)
    }

    /// The row's shape in a table, which must be the same one each time.
    package func index(of row: StreamTraceRow, in shapes: inout PodShapeTable) -> PodShapeIndex {
        let position = Int(row.shape)
        if let known = indices[position] { return known }
        isUsed[position] = true
        let index = shapes.intern(definitions[position].shape)
        indices[position] = index
        return index
    }

    /// How the trace calls a shape of the table that `next` was handed; of several names the first.
    package func identifier(of shape: PodShapeIndex) -> String? {
        indices.firstIndex { $0 == shape }.map { definitions[$0].identifier }
    }

    /// Shapes that no pod had so far.
    package var unusedDefinitions: [StreamTraceDefinition] {
        definitions.indices.filter { !isUsed[$0] }.map { definitions[$0] }
    }

    // MARK: Header

    private func readHeader() throws(InputError) {
        guard let first = try lines.next() else {
            throw lines.refusal(
                "the file is empty", hint: "its first line is `topsim-trace 1`")
        }
        current = first
        let words = text(first).split(separator: " ")
        guard words.first.map(String.init) == StreamTrace.magic else {
            throw refusal(
                at: 0, "no trace of topsim's own format",
                hint: "its first line is `topsim-trace 1`")
        }
        guard words.count == 2, words[1] == "\(StreamTrace.version)" else {
            throw refusal(
                at: StreamTrace.magic.utf8.count + 1,
                "version `\(words.dropFirst().joined(separator: " "))` of the format",
                hint: "this topsim reads version \(StreamTrace.version)")
        }
        while columns.isEmpty {
            guard let line = try lines.next() else {
                throw lines.refusal(
                    "the file ends before its columns are named",
                    hint: "for example `columns arrival lifetime shape name`")
            }
            guard lines.line <= StreamTrace.headerLineLimit else {
                throw refusal(at: 0, "no `columns` line among so many lines")
            }
            guard let first = line.first, first != UInt8(ascii: "#") else { continue }
            current = line
            if first >= UInt8(ascii: "0") && first <= UInt8(ascii: "9") {
                throw refusal(
                    at: 0, "a pod before the columns are named",
                    hint: "for example `columns arrival lifetime shape name`")
            }
            try define(line, isHeader: true)
        }
    }

    /// A line that does not start with a digit: `columns`, `resources` or `shape`.
    private func define(
        _ line: UnsafeBufferPointer<UInt8>, isHeader: Bool
    ) throws(InputError) {
        current = line
        guard let text = String(validating: line, as: UTF8.self) else {
            throw refusal(at: 0, "a line that is not UTF-8")
        }
        let words = text.split { $0 == " " || $0 == "\t" }
        switch words.first {
        case "shape": try defineShape(text, words)
        case "columns" where isHeader: try nameColumns(words.dropFirst().map(String.init))
        case "resources" where isHeader:
            for name in words.dropFirst() {
                guard ResourceNames.isForContainers(String(name)) || name.contains("/"),
                    resources.count < StreamTrace.resourceLimit
                else { throw refusal(at: 0, "`\(name)` cannot be a resource") }
                _ = resources.intern(String(name))
            }
        case nil: break
        case "columns"?: throw refusal(at: 0, "columns are named twice")
        case "resources"?: throw refusal(at: 0, "`resources` behind `columns`")
        case let word?:
            throw refusal(
                at: 0, "a line that starts with `\(word.prefix(40))`",
                hint: "a pod line starts with its arrival; others with `shape`, `resources`, "
                    + "`columns` or `#`")
        }
    }

    private func nameColumns(_ names: [String]) throws(InputError) {
        let required: [StreamTrace.Column] = [.arrival, .lifetime, .shape]
        guard names.prefix(3).elementsEqual(required.map(\.rawValue)) else {
            throw refusal(
                at: 0, "columns that do not start with `arrival lifetime shape`",
                hint:
                    "others may follow: \(StreamTrace.Column.allCases.dropFirst(3).map(\.rawValue).joined(separator: ", "))"
            )
        }
        guard names.count <= StreamTrace.columnLimit else {
            throw refusal(at: 0, "more than \(StreamTrace.columnLimit) columns")
        }
        if let twice = names.enumerated().first(where: { names[..<$0.offset].contains($0.element) })
        {
            throw refusal(at: 0, "the column `\(twice.element)` is here twice")
        }
        columns = names.map { StreamTrace.Column(rawValue: $0) }
        for (name, column) in zip(names, columns) where column == nil {
            unknownColumns.append((name, lines.line))
            report.dropped(
                "column \(name)", "it is none of this format's", file: lines.name, line: lines.line)
        }
    }

    private func defineShape(_ text: String, _ words: [Substring]) throws(InputError) {
        guard words.count >= 2, words[1].utf8.count <= StreamTrace.identifierLimit,
            !words[1].contains("="), words[1] != "-"
        else {
            throw refusal(
                at: 0,
                "a shape without an identifier of at most "
                    + "\(StreamTrace.identifierLimit) bytes",
                hint: "for example `shape web cpu=2 memory=4Gi`")
        }
        let identifier = Array(words[1].utf8)
        let isKnown = identifier.withUnsafeBufferPointer { identifiers.index(of: $0) } != nil
        guard !isKnown else { throw refusal(at: 0, "the shape `\(words[1])` is here twice") }
        guard definitions.count < StreamTrace.shapeLimit else {
            throw refusal(at: 0, "more than \(grouped(StreamTrace.shapeLimit)) shapes")
        }
        let known = resources.count
        var diagnostics = Diagnostics()
        let rest = text[words[1].endIndex...]
        let column = text.unicodeScalars.distance(from: text.startIndex, to: rest.startIndex) + 1
        let shape = StreamTraceShape.shape(
            String(rest), at: SourceMark(file: lines.name, line: lines.line, column: column),
            resources: &resources, diagnostics: &diagnostics)
        guard let shape, !diagnostics.hasErrors else {
            throw InputError(
                diagnostics.all.filter { $0.severity == .error }.map {
                    var diagnostic = $0
                    diagnostic.sourceLine = String(text.prefix(2000))
                    return diagnostic
                })
        }
        if !columns.isEmpty, resources.count > known {
            throw refusal(
                at: 0, "`\(resources.names[known])` is asked for and not among the resources",
                hint: "a `resources` line before `columns` names what shapes behind it ask for")
        }
        for note in diagnostics.all {
            report.dropped(
                "shape \(words[1])", note.message, file: lines.name, line: lines.line)
        }
        _ = identifier.withUnsafeBufferPointer { identifiers.add($0) }
        definitions.append(
            StreamTraceDefinition(identifier: String(words[1]), shape: shape, line: lines.line))
        indices.append(nil)
        isUsed.append(false)
    }

    private var columnNames: String {
        columns.map { $0.map { "`\($0.rawValue)`" } ?? "…" }.joined(separator: ", ")
    }

    private func text(_ bytes: UnsafeBufferPointer<UInt8>) -> String {
        String(decoding: bytes.prefix(200), as: UTF8.self)
    }

    private func refusal(at offset: Int, _ message: String, hint: String? = nil) -> InputError {
        let column = current.prefix(offset).count { $0 & 0xC0 != 0x80 } + 1
        return lines.refusal(message, column: column, hint: hint, line: current)
    }
}
