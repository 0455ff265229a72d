import Primitives

/// Rows of one table on their way to the file, in two flat arrays: no allocation a row, cheap to hand over.
///
/// A row is built cell by cell in the order of the table's columns:
///
/// ```swift
/// buffer.integer(7)          // pod
/// buffer.list(cpus)          // cpus, "0-3,8"
/// buffer.null()              // affinity
/// ```
struct RowBuffer: Sendable {
    let table: TableDefinition
    /// Row after row. A text is its place in `text`, a real its bits.
    private(set) var cells: [Int64] = []
    private(set) var text: [UInt8]
    /// Where the texts of `words` end; they stay for ever.
    private let wordsEnd: Int
    /// The largest number of rows that it is meant to hold.
    let capacity: Int

    /// Stands for NULL. No amount, time or text's place has this value, and a real's -0.0 is stored as 0.0.
    static let null = Int64.min

    /// - Parameter words: Texts that many rows hold, such as an enumeration's; see `word(_:)`.
    init(_ table: TableDefinition, capacity: Int, words: [String] = []) {
        self.table = table
        self.capacity = capacity
        text = []
        var places: [Int64] = []
        for word in words {
            places.append(RowBuffer.place(text.count, word.utf8.count))
            text.append(contentsOf: word.utf8)
        }
        self.words = places
        wordsEnd = text.count
    }

    private let words: [Int64]

    var columnCount: Int { table.columns.count }
    var rowCount: Int { cells.count / columnCount }
    var isEmpty: Bool { cells.isEmpty }
    var isFull: Bool { cells.count >= capacity * columnCount }

    /// The filled buffer; what stays is empty and ready for as many rows.
    mutating func take() -> RowBuffer {
        let filled = self
        cells = []
        cells.reserveCapacity(min(filled.cells.count + columnCount, capacity * columnCount))
        text = Array(filled.text[..<wordsEnd])
        text.reserveCapacity(filled.text.count)
        return filled
    }
}

// MARK: Cells

extension RowBuffer {
    mutating func integer(_ value: Int64) { cells.append(value) }

    mutating func integer(_ value: some FixedWidthInteger) { cells.append(Int64(value)) }

    mutating func integer(_ value: Int64?) { cells.append(value ?? RowBuffer.null) }

    mutating func null() { cells.append(RowBuffer.null) }

    mutating func flag(_ value: Bool) { cells.append(value ? 1 : 0) }

    mutating func flag(_ value: Bool?) {
        cells.append(value.map { $0 ? 1 : 0 } ?? RowBuffer.null)
    }

    /// NULL when it is no number or not finite.
    mutating func real(_ value: Double) {
        cells.append(value.isFinite ? Int64(bitPattern: (value + 0).bitPattern) : RowBuffer.null)
    }

    /// The `position`th of the words that the buffer was made with.
    mutating func word(_ position: Int) { cells.append(words[position]) }

    mutating func string(_ value: String) {
        let start = text.count
        text.append(contentsOf: value.utf8)
        cells.append(RowBuffer.place(start, text.count - start))
    }

    mutating func string(_ value: String?) {
        if let value { string(value) } else { null() }
    }

    /// CPUs in the kernel's list format; see `CPUSet.description`.
    mutating func list(_ cpus: CPUSet) {
        let start = text.count
        var writer = ListFormat()
        for position in 0..<CPUSet.wordCount where cpus[word: position] != 0 {
            writer.add(cpus[word: position], from: position * 64, to: &text)
        }
        writer.finish(to: &text)
        cells.append(RowBuffer.place(start, text.count - start))
    }

    /// NUMA nodes in the kernel's list format.
    mutating func list(_ nodes: NUMANodeSet) {
        let start = text.count
        var writer = ListFormat()
        if nodes.mask != 0 { writer.add(nodes.mask, from: 0, to: &text) }
        writer.finish(to: &text)
        cells.append(RowBuffer.place(start, text.count - start))
    }

    /// A text's start and length in one cell.
    private static func place(_ start: Int, _ length: Int) -> Int64 {
        precondition(length < 1 << 31 && start < 1 << 31, "a batch of rows holds less than 2 GiB of text")
        return Int64(start) << 31 | Int64(length)
    }

    /// Start and length of the text of a cell that is not null.
    static func bounds(_ cell: Int64) -> (start: Int, length: Int) {
        (Int(cell >> 31), Int(cell & 0x7fff_ffff))
    }
}

/// Writes ascending integers as `0-3,8`, a word of bits at a time.
private struct ListFormat {
    private var first = -1
    private var last = -1
    private var isEmpty = true

    mutating func add(_ word: UInt64, from base: Int, to text: inout [UInt8]) {
        var rest = word
        while rest != 0 {
            let start = rest.trailingZeroBitCount
            let length = (~(rest >> UInt64(start))).trailingZeroBitCount
            // A run of 64 fills the word.
            rest = start + length >= 64 ? 0 : rest & ~(((1 << UInt64(length)) - 1) << UInt64(start))
            if first >= 0, last + 1 == base + start {
                last += length
            } else {
                finish(to: &text)
                first = base + start
                last = first + length - 1
            }
        }
    }

    mutating func finish(to text: inout [UInt8]) {
        guard first >= 0 else { return }
        if !isEmpty { text.append(UInt8(ascii: ",")) }
        isEmpty = false
        text.append(decimal: Int64(first))
        if last > first {
            text.append(UInt8(ascii: "-"))
            text.append(decimal: Int64(last))
        }
        first = -1
    }
}
