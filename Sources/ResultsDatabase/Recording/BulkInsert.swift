import GRDB
import GRDBSQLite

/// Writes buffers of rows through prepared INSERT statements of many rows each, on SQLite's own interface.
///
/// Measured: 3 to 4 million rows a second against 0.7 million through single GRDB statements.
enum BulkInsert {
    /// Rows of one statement.
    private static let rowsAtOnce = 64

    /// Appends the rows in order of the primary key's first column, which is where SQLite appends fastest.
    static func insert(_ buffer: RowBuffer, into database: Database) throws {
        guard !buffer.isEmpty else { return }
        let many = try statement(for: buffer.table, rows: rowsAtOnce, in: database)
        let one = try statement(for: buffer.table, rows: 1, in: database)
        defer {
            // Their texts belong to the buffer, which goes away.
            sqlite3_clear_bindings(many)
            sqlite3_clear_bindings(one)
        }
        let order = ascendingOrder(of: buffer)
        try buffer.cells.withUnsafeBufferPointer { cells in
            try buffer.text.bytes.withUnsafeBufferPointer { text in
                var row = 0
                let source = Source(
                    cells: cells, text: text, kinds: buffer.table.columns.map(\.kind), order: order)
                while row < buffer.rowCount {
                    let count = buffer.rowCount - row >= rowsAtOnce ? rowsAtOnce : 1
                    let insert = count == 1 ? one : many
                    source.bind(rows: row..<row + count, to: insert)
                    let result = sqlite3_step(insert)
                    sqlite3_reset(insert)
                    guard result == SQLITE_DONE else {
                        throw DatabaseError(
                            resultCode: ResultCode(rawValue: result),
                            message: String(cString: sqlite3_errmsg(database.sqliteConnection)))
                    }
                    row += count
                }
            }
        }
    }

    private static func statement(
        for table: TableDefinition, rows: Int, in database: Database
    ) throws -> SQLiteStatement {
        let row = "(" + repeatElement("?", count: table.columns.count).joined(separator: ",") + ")"
        let values = repeatElement(row, count: rows).joined(separator: ",")
        return try database.cachedStatement(sql: "INSERT INTO \(table.name) VALUES \(values)")
            .sqliteStatement
    }

    /// Rows in order of their first cell; nil when they are so already.
    private static func ascendingOrder(of buffer: RowBuffer) -> [Int]? {
        let columns = buffer.columnCount
        guard buffer.table.columns[0].kind == .integer else { return nil }
        var isAscending = true
        for row in 1..<max(buffer.rowCount, 1)
        where buffer.cells[row * columns] < buffer.cells[(row - 1) * columns] {
            isAscending = false
            break
        }
        if isAscending { return nil }
        // Keys and row numbers both fit 32 bits: pods are numbered by UInt32. Ties keep their order.
        var keys = (0..<buffer.rowCount).map { row in
            UInt64(buffer.cells[row * columns]) << 32 | UInt64(row)
        }
        keys.sort()
        return keys.map { Int($0 & 0xffff_ffff) }
    }

    /// A buffer's memory, lent for the time of the inserts.
    private struct Source {
        let cells: UnsafeBufferPointer<Int64>
        let text: UnsafeBufferPointer<UInt8>
        let kinds: [ColumnDefinition.Kind]
        let order: [Int]?

        func bind(rows: Range<Int>, to statement: SQLiteStatement) {
            var parameter: Int32 = 1
            for place in rows {
                let start = (order?[place] ?? place) * kinds.count
                for column in kinds.indices {
                    bind(cells[start + column], kinds[column], to: statement, parameter)
                    parameter += 1
                }
            }
        }

        private func bind(
            _ cell: Int64, _ kind: ColumnDefinition.Kind, to statement: SQLiteStatement,
            _ parameter: Int32
        ) {
            if cell == RowBuffer.null {
                sqlite3_bind_null(statement, parameter)
                return
            }
            switch kind {
            case .integer: sqlite3_bind_int64(statement, parameter, cell)
            case .real:
                sqlite3_bind_double(
                    statement, parameter, Double(bitPattern: UInt64(bitPattern: cell)))
            case .text:
                let (offset, length) = TextArena.bounds(cell)
                bind(offset, length, to: statement, parameter)
            }
        }

        /// The text stays where it is until the statement has run, so SQLite need not copy it.
        private func bind(
            _ offset: Int, _ length: Int, to statement: SQLiteStatement, _ parameter: Int32
        ) {
            guard length > 0, let base = text.baseAddress else {
                sqlite3_bind_text(statement, parameter, "", 0, nil)
                return
            }
            (base + offset).withMemoryRebound(to: CChar.self, capacity: length) { start in
                _ = sqlite3_bind_text(statement, parameter, start, Int32(length), nil)
            }
        }
    }
}
