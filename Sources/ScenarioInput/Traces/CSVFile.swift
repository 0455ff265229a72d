import Foundation

/// A CSV file with a header (RFC 4180), read line by line: only the line at hand is in memory.
///
/// A field may be in quotes, which may hold commas, line feeds and doubled quotes. Lines may end in CR LF.
struct CSVFile {
    private var lines: TraceLines

    var name: String { lines.name }

    init(_ input: TraceInput) throws(InputError) { lines = try TraceLines(input) }

    init(url: URL, name: String) throws(InputError) {
        try self.init(TraceInput(name: name, content: .file(url)))
    }

    /// The next line's fields, or nil at the end; empty lines are passed over.
    mutating func next() throws(InputError) -> CSVRow? {
        while let bytes = try lines.next() {
            if bytes.isEmpty { continue }
            let first = lines.line
            guard bytes.contains(UInt8(ascii: "\"")) else {
                return CSVRow(file: name, line: first, bytes: bytes)
            }
            var joined = bytes
            // An odd number of quotes: one is open at the end of the line.
            while joined.count(where: { $0 == UInt8(ascii: "\"") }) % 2 == 1 {
                guard joined.count < lines.lineLimit, let more = try lines.next() else {
                    throw InputError([
                        Diagnostic(
                            file: name, line: first, column: 1,
                            message: "a quote that is opened here and not closed",
                            sourceLine: String(decoding: bytes.prefix(2000), as: UTF8.self))
                    ])
                }
                joined.append(UInt8(ascii: "\n"))
                joined += more
            }
            return CSVRow(file: name, line: first, bytes: joined)
        }
        return nil
    }
}

/// One line of a CSV file.
struct CSVRow {
    let file: String
    let line: Int
    let bytes: ArraySlice<UInt8>
    /// Where each field starts and ends, its quotes included.
    private let fields: [Range<Int>]

    init(file: String, line: Int, bytes: ArraySlice<UInt8>) {
        self.file = file
        self.line = line
        self.bytes = bytes
        var fields: [Range<Int>] = []
        var start = bytes.startIndex
        var isQuoted = false
        for position in bytes.indices {
            if bytes[position] == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if bytes[position] == UInt8(ascii: ","), !isQuoted {
                fields.append(start..<position)
                start = position + 1
            }
        }
        fields.append(start..<bytes.endIndex)
        self.fields = fields
    }

    var count: Int { fields.count }

    func text(_ field: Int) -> String {
        let raw = bytes[fields[field]]
        guard raw.count >= 2, raw.first == UInt8(ascii: "\""), raw.last == UInt8(ascii: "\"")
        else { return String(decoding: raw, as: UTF8.self) }
        var plain: [UInt8] = []
        var wasQuote = false
        for byte in raw.dropFirst().dropLast() {
            if byte == UInt8(ascii: "\""), !wasQuote {
                wasQuote = true
                continue
            }
            wasQuote = false
            plain.append(byte)
        }
        return String(decoding: plain, as: UTF8.self)
    }

    func isEmpty(_ field: Int) -> Bool { fields[field].isEmpty || text(field).isEmpty }

    /// A field as a whole number in `range`, or an error at its place.
    func integer(
        _ field: Int, _ column: String, in range: ClosedRange<Int64>
    ) throws(InputError) -> Int64 {
        guard let number = ScalarValues.integer(text(field)), range.contains(number) else {
            throw error(
                field,
                "`\(column)` is `\(text(field))`, and a whole number from \(grouped(Int(range.lowerBound))) "
                    + "to \(grouped(Int(range.upperBound))) was expected")
        }
        return number
    }

    func error(_ field: Int, _ message: String, hint: String? = nil) -> InputError {
        let start = field < fields.count ? fields[field].lowerBound : bytes.endIndex
        let column = bytes[bytes.startIndex..<start].count { $0 & 0xC0 != 0x80 } + 1
        return InputError([
            Diagnostic(
                file: file, line: line, column: column, message: message, hint: hint,
                sourceLine: String(decoding: bytes.prefix(2000), as: UTF8.self))
        ])
    }
}

/// Where the columns of a CSV file are, by their names in its header.
struct CSVColumns {
    private let positions: [String: Int]
    /// In the order of the header.
    let names: [String]
    /// Fields of every line.
    var count: Int { names.count }

    /// Reads the header; all missing columns are told at once.
    init(of file: inout CSVFile, needed: [String]) throws(InputError) {
        guard let header = try file.next() else {
            throw InputError([
                Diagnostic(
                    file: file.name, message: "the file is empty",
                    hint: "its first line names the columns: \(needed.joined(separator: ","))")
            ])
        }
        var positions: [String: Int] = [:]
        var names: [String] = []
        for field in 0..<header.count {
            let name = header.text(field)
            names.append(name)
            guard positions.updateValue(field, forKey: name) == nil else {
                throw header.error(field, "the column `\(name)` is here twice")
            }
        }
        self.names = names
        self.positions = positions
        let missing = needed.filter { positions[$0] == nil }
        if !missing.isEmpty {
            let said = missing.map { "`\($0)`" }.joined(separator: ", ")
            throw header.error(
                0, "missing column\(missing.count == 1 ? "" : "s") \(said)",
                hint: "the first line names the columns: \(needed.joined(separator: ","))")
        }
    }

    /// The position of a column that was needed.
    subscript(name: String) -> Int { positions[name] ?? 0 }

    func optional(_ name: String) -> Int? { positions[name] }

    func check(_ row: CSVRow) throws(InputError) {
        if row.count != count {
            throw row.error(
                min(row.count, count), "\(row.count) fields, and the header names \(count)")
        }
    }
}

/// Whether bytes start with a header line that names all of `columns`.
func startsWithHeader(_ start: ArraySlice<UInt8>, naming columns: [String]) -> Bool {
    let line = start.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
    let names = String(decoding: line, as: UTF8.self).split(
        separator: ",", omittingEmptySubsequences: false)
    return columns.allSatisfy { names.contains(Substring($0)) }
}
