import Primitives

/// Rows of one table on their way to the file, in two flat arrays: no allocation a row, cheap to hand over.
///
/// A row is written cell by cell in the order of the table's columns:
///
/// ```swift
/// buffer.row { row, text in
///     row.integer(7)                  // pod
///     row.text(text.list(cpus))       // cpus, "0-3,8"
///     row.null()                      // affinity
/// }
/// ```
struct RowBuffer: Sendable {
    let table: TableDefinition
    let columnCount: Int
    /// The largest number of rows that it is meant to hold.
    let capacity: Int
    /// Row after row. A text is its place in `text`, a real its bits.
    private(set) var cells: [Int64] = []
    private(set) var text: TextArena

    /// Stands for NULL. No amount, time or text's place has this value, and a real's -0.0 is stored as 0.0.
    static let null = Int64.min

    /// - Parameter words: Texts that many rows hold, such as an enumeration's; see `TextArena.word(_:)`.
    init(_ table: TableDefinition, capacity: Int = 0, words: [String] = []) {
        self.table = table
        self.capacity = capacity
        columnCount = table.columns.count
        text = TextArena(words: words)
    }

    var rowCount: Int { cells.count / columnCount }
    var isEmpty: Bool { cells.isEmpty }
    var isFull: Bool { cells.count >= capacity * columnCount }

    /// Adds one row; `write` gives a cell for each column.
    @inline(__always)
    mutating func row(_ write: (inout OutputSpan<Int64>, inout TextArena) -> Void) {
        cells.append(addingCapacity: columnCount) { row in
            write(&row, &text)
            assert(row.isFull, "a row has a cell for each column")
        }
    }

    /// The filled buffer; what stays is empty and ready for as many rows.
    mutating func take() -> RowBuffer {
        let filled = self
        cells = []
        cells.reserveCapacity(min(filled.cells.count, capacity * columnCount))
        text.removeAll()
        return filled
    }

    /// As `take`, but rows whose first cell is `limit` or more stay.
    mutating func take(below limit: Int64) -> RowBuffer {
        var filled = self
        filled.cells = []
        filled.cells.reserveCapacity(cells.count)
        let all = take()
        let texts = table.columns.indices.filter { table.columns[$0].kind == .text }
        for start in stride(from: 0, to: all.cells.count, by: columnCount) {
            let row = all.cells[start..<start + columnCount]
            if row[start] < limit {
                filled.cells.append(contentsOf: row)
            } else {
                let kept = cells.count
                cells.append(contentsOf: row)
                for column in texts where cells[kept + column] != RowBuffer.null {
                    cells[kept + column] = text.copy(cells[kept + column], from: all.text)
                }
            }
        }
        return filled
    }
}

extension OutputSpan<Int64> {
    @inline(__always)
    mutating func integer(_ value: Int64) { append(value) }

    @inline(__always)
    mutating func integer(_ value: some FixedWidthInteger) { append(Int64(value)) }

    @inline(__always)
    mutating func integer(_ value: Int64?) { append(value ?? RowBuffer.null) }

    @inline(__always)
    mutating func flag(_ value: Bool) { append(value ? 1 : 0) }

    @inline(__always)
    mutating func flag(_ value: Bool?) { append(value.map { $0 ? 1 : 0 } ?? RowBuffer.null) }

    /// NULL when it is not finite.
    mutating func real(_ value: Double) {
        append(value.isFinite ? Int64(bitPattern: (value + 0).bitPattern) : RowBuffer.null)
    }

    /// A text that the buffer's arena has taken in.
    @inline(__always)
    mutating func text(_ place: TextArena.Place) { append(place.cell) }

    @inline(__always)
    mutating func null() { append(RowBuffer.null) }
}
