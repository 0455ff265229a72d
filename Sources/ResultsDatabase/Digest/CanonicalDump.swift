import Crypto
import GRDB
import GRDBSQLite

/// The rows of one table as bytes that do not depend on how they were written: what the digest is taken of.
///
/// A line a row, in order of the primary key, each ended by a line feed; values separated by commas: integers in
/// decimal, texts in single quotes with quotes inside doubled, `NULL`, and reals as their eight IEEE 754 bytes from
/// the most significant, `X'3fe0000000000000'` for 0.5. It is what `sqlite3 -quote` prints for `query(of:)`.
enum CanonicalDump {
    /// The query whose rows are the dump.
    static func query(of table: TableDefinition) -> String {
        let columns = table.digestColumns.map { column in
            column.kind == .real ? "ieee754_to_blob(\(column.name))" : column.name
        }
        return "SELECT \(columns.joined(separator: ", ")) FROM \(table.name) "
            + "ORDER BY \(table.primaryKey.joined(separator: ", "))"
    }

    /// Reads the table and returns the SHA-256 of its dump.
    static func digest(
        of table: TableDefinition, in database: Database
    ) throws -> (rows: Int, digest: String) {
        // `ieee754_to_blob` is the sqlite3 shell's own; here the reals are read as such.
        let columns = table.digestColumns.map(\.name).joined(separator: ", ")
        let statement = try database.makeStatement(
            sql: "SELECT \(columns) FROM \(table.name) "
                + "ORDER BY \(table.primaryKey.joined(separator: ", "))")
        let handle = statement.sqliteStatement
        let count = Int32(table.digestColumns.count)
        var hash = SHA256()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1 << 17)
        var rows = 0
        while true {
            let result = sqlite3_step(handle)
            guard result == SQLITE_ROW else {
                guard result == SQLITE_DONE else {
                    throw DatabaseError(
                        resultCode: ResultCode(rawValue: result),
                        message: String(cString: sqlite3_errmsg(database.sqliteConnection)))
                }
                break
            }
            rows += 1
            for column in 0..<count {
                if column > 0 { bytes.append(UInt8(ascii: ",")) }
                bytes.append(value: column, of: handle)
            }
            bytes.append(UInt8(ascii: "\n"))
            if bytes.count >= 1 << 16 {
                bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
                bytes.removeAll(keepingCapacity: true)
            }
        }
        bytes.withUnsafeBytes { hash.update(bufferPointer: $0) }
        return (rows, hexadecimal(hash.finalize()))
    }

    static func hexadecimal(_ digest: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        for byte in digest { text.append(hexadecimal: byte) }
        return String(decoding: text, as: UTF8.self)
    }
}

extension [UInt8] {
    fileprivate mutating func append(value column: Int32, of row: SQLiteStatement) {
        switch sqlite3_column_type(row, column) {
        case SQLITE_INTEGER:
            append(decimal: sqlite3_column_int64(row, column))
        case SQLITE_TEXT:
            let text = sqlite3_column_text(row, column)
            append(
                quoted: UnsafeBufferPointer(
                    start: text, count: Int(sqlite3_column_bytes(row, column))))
        case SQLITE_FLOAT:
            append(contentsOf: "X'".utf8)
            let bits = sqlite3_column_double(row, column).bitPattern
            for place in stride(from: 56, through: 0, by: -8) {
                append(hexadecimal: UInt8(truncatingIfNeeded: bits >> UInt64(place)))
            }
            append(UInt8(ascii: "'"))
        default:
            append(contentsOf: "NULL".utf8)
        }
    }

    private mutating func append(quoted text: UnsafeBufferPointer<UInt8>) {
        append(UInt8(ascii: "'"))
        if text.contains(UInt8(ascii: "'")) {
            for byte in text {
                append(byte)
                if byte == UInt8(ascii: "'") { append(byte) }
            }
        } else {
            append(contentsOf: text)
        }
        append(UInt8(ascii: "'"))
    }

    fileprivate mutating func append(hexadecimal byte: UInt8) {
        for digit in [byte >> 4, byte & 15] {
            append(digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10))
        }
    }
}
