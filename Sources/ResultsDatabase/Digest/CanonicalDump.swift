import GRDB

/// The rows of one table as bytes that do not depend on how they were written: what the digest is taken of.
///
/// A line a row, in order of the primary key, each ended by a line feed; values separated by commas: integers in
/// decimal, texts in single quotes with quotes inside doubled, `NULL`, and reals as their eight IEEE 754 bytes from
/// the most significant, `X'3fe0000000000000'` for 0.5. It is what `sqlite3 -quote` prints for `query(of:)`.
enum CanonicalDump {
    /// The query whose rows are the dump. (`ieee754_to_blob` is a function of the `sqlite3` shell.)
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
        let hasher = RowHasher()
        try hasher.install(in: database)
        defer { hasher.uninstall(from: database) }
        // The function is called with every row and lets none through, so SQLite goes through the whole table in one
        // step. Without an index of some user's, the table is stored in the order of its primary key.
        let columns = table.digestColumns.map(\.name).joined(separator: ", ")
        let scan = try database.makeStatement(
            sql: "SELECT NULL FROM \(table.name) NOT INDEXED "
                + "WHERE \(RowHasher.function)(\(columns)) "
                + "ORDER BY \(table.primaryKey.joined(separator: ", "))")
        try scan.execute()
        return hasher.finish()
    }
}
