import Foundation

/// A CSV file with a header, read line by line: only the line at hand is in memory.
///
/// Fields are plain: no quotes, no line feeds in them. A line has at most 64 KiB.
struct CSVFile {
    static let lineLimit = 1 << 16

    let name: String
    private let handle: FileHandle
    private var buffer: [UInt8] = []
    private var position = 0
    private var isAtEnd = false
    /// Offset in the file of the next line, and its number from 1.
    private(set) var offset: UInt64 = 0
    private(set) var line = 0

    init(url: URL, name: String) throws(InputError) {
        self.name = name
        do throws(FileProblem) {
            handle = try openForReading(url, name: name)
        } catch {
            throw InputError([Diagnostic(file: name, message: error.message, hint: error.hint)])
        }
    }

    /// The next line's fields, or nil at the end; empty lines are passed over.
    mutating func next() throws(InputError) -> CSVRow? {
        while let bytes = try nextLine() {
            if bytes.isEmpty { continue }
            return CSVRow(file: name, line: line, bytes: bytes)
        }
        return nil
    }

    /// Goes to a line that was seen before.
    mutating func seek(to offset: UInt64, line: Int) throws(InputError) {
        do { try handle.seek(toOffset: offset) } catch {
            throw refusal("cannot be read again: \(error.localizedDescription)")
        }
        buffer = []
        position = 0
        isAtEnd = false
        self.offset = offset
        self.line = line - 1
    }

    private mutating func nextLine() throws(InputError) -> ArraySlice<UInt8>? {
        var searched = position
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                return take(upTo: end, andSkip: 1)
            }
            searched = buffer.count
            guard searched - position <= CSVFile.lineLimit else {
                line += 1
                throw refusal("a line of more than \(grouped(CSVFile.lineLimit)) bytes")
            }
            if isAtEnd {
                return position < buffer.count ? take(upTo: buffer.count, andSkip: 0) : nil
            }
            buffer.removeFirst(position)
            searched -= position
            position = 0
            try fill()
        }
    }

    private mutating func take(upTo end: Int, andSkip ending: Int) -> ArraySlice<UInt8> {
        var bytes = buffer[position..<end]
        offset += UInt64(end + ending - position)
        position = end + ending
        line += 1
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        if line == 1, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        return bytes
    }

    private mutating func fill() throws(InputError) {
        let chunk: Data?
        do { chunk = try handle.read(upToCount: 1 << 16) } catch {
            throw refusal("cannot be read: \(error.localizedDescription)")
        }
        guard let chunk, !chunk.isEmpty else { return isAtEnd = true }
        buffer += chunk
    }

    private func refusal(_ message: String) -> InputError {
        InputError([Diagnostic(file: name, line: line, column: 1, message: message)])
    }
}

/// One line of a CSV file.
struct CSVRow {
    let file: String
    let line: Int
    let bytes: ArraySlice<UInt8>
    /// Where each field starts and ends.
    private let fields: [Range<Int>]

    init(file: String, line: Int, bytes: ArraySlice<UInt8>) {
        self.file = file
        self.line = line
        self.bytes = bytes
        var fields: [Range<Int>] = []
        var start = bytes.startIndex
        for position in bytes.indices where bytes[position] == UInt8(ascii: ",") {
            fields.append(start..<position)
            start = position + 1
        }
        fields.append(start..<bytes.endIndex)
        self.fields = fields
    }

    var count: Int { fields.count }

    func text(_ field: Int) -> String { String(decoding: bytes[fields[field]], as: UTF8.self) }

    func isEmpty(_ field: Int) -> Bool { fields[field].isEmpty }

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
    /// Fields of every line.
    let count: Int

    /// Reads the header; all missing columns are told at once.
    init(of file: inout CSVFile, needed: [String]) throws(InputError) {
        guard let header = try file.next() else {
            throw InputError([
                Diagnostic(
                    file: file.name, message: "the file is empty",
                    hint: "its first line names the columns: \(needed.joined(separator: ","))")
            ])
        }
        count = header.count
        var positions: [String: Int] = [:]
        for field in 0..<header.count {
            let name = header.text(field)
            guard positions.updateValue(field, forKey: name) == nil else {
                throw header.error(field, "the column `\(name)` is here twice")
            }
        }
        self.positions = positions
        let missing = needed.filter { positions[$0] == nil }
        if !missing.isEmpty {
            let names = missing.map { "`\($0)`" }.joined(separator: ", ")
            throw header.error(
                0, "missing column\(missing.count == 1 ? "" : "s") \(names)",
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
