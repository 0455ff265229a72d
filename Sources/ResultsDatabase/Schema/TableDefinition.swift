/// One table of a results file: what its SQL, its place in the digest and its page in the reference are made from.
package struct TableDefinition: Sendable {
    package let name: String
    /// What a row is, as a sentence that completes "A row is".
    package let about: String
    package let columns: [ColumnDefinition]
    /// In this order rows are dumped for the digest.
    package let primaryKey: [String]
    /// Foreign keys of more than one column; those of one stand at the column.
    package let foreignKeys: [ForeignKey]
    /// Whether the table's rows are a function of scenario and seed.
    package let isUnderDigest: Bool

    init(
        _ name: String, _ about: String, key primaryKey: [String], underDigest: Bool = true,
        foreignKeys: [ForeignKey] = [], _ columns: [ColumnDefinition]
    ) {
        self.name = name
        self.about = about
        self.columns = columns
        self.primaryKey = primaryKey
        self.foreignKeys = foreignKeys
        isUnderDigest = underDigest
    }

    /// An integer key of one column is SQLite's rowid; any other key orders the table itself, without a rowid.
    var usesRowID: Bool {
        primaryKey.count == 1
            && columns.contains { $0.name == primaryKey[0] && $0.kind == .integer }
    }

    /// Columns that the digest covers, in their order.
    package var digestColumns: [ColumnDefinition] { columns.filter(\.isUnderDigest) }
}

package struct ForeignKey: Sendable {
    package let columns: [String]
    package let table: String
    package let references: [String]

    init(_ columns: [String], _ table: String, _ references: [String]) {
        self.columns = columns
        self.table = table
        self.references = references
    }
}

/// One column: its type, what it may hold and what it means.
package struct ColumnDefinition: Sendable {
    package enum Kind: String, Sendable {
        case integer = "INTEGER"
        case text = "TEXT"
        case real = "REAL"
    }

    package let name: String
    package let kind: Kind
    package private(set) var isOptional = false
    package private(set) var isUnderDigest = true
    /// An SQL condition that every value meets.
    private(set) var check: String?
    /// The table whose `id` the column names.
    package private(set) var references: (table: String, column: String)?
    /// The words that an enumeration allows.
    package private(set) var words: [String] = []
    package let about: String

    private init(_ name: String, _ kind: Kind, _ about: String) {
        self.name = name
        self.kind = kind
        self.about = about
    }
}

// MARK: Writing a table down

extension ColumnDefinition {
    static func integer(_ name: String, _ about: String) -> Self { Self(name, .integer, about) }
    static func text(_ name: String, _ about: String) -> Self { Self(name, .text, about) }
    static func real(_ name: String, _ about: String) -> Self { Self(name, .real, about) }

    /// The `id` of a row of `table`.
    static func row(of table: String, _ name: String, _ about: String) -> Self {
        var column = Self(name, .integer, about)
        column.references = (table, "id")
        return column
    }

    /// 0 or 1.
    static func flag(_ name: String, _ about: String) -> Self {
        Self(name, .integer, about).checked("\(name) IN (0, 1)")
    }

    /// One of an enumeration's raw values.
    static func word<Word: RawRepresentable<String> & CaseIterable>(
        _ name: String, _ type: Word.Type, _ about: String
    ) -> Self {
        let words = type.allCases.map(\.rawValue)
        let list = words.map { "'\($0)'" }.joined(separator: ", ")
        var column = Self(name, .text, about).checked("\(name) IN (\(list))")
        column.words = words
        return column
    }

    /// The same column where a row may have none.
    var optional: Self {
        var column = self
        column.isOptional = true
        return column
    }

    /// The same column, left out of the digest.
    var notUnderDigest: Self {
        var column = self
        column.isUnderDigest = false
        return column
    }

    func checked(_ condition: String) -> Self {
        var column = self
        column.check = condition
        return column
    }
}

// MARK: SQL

extension TableDefinition {
    /// The `CREATE TABLE` statement.
    package var sql: String {
        var lines = columns.map { column in
            let isRowID = usesRowID && column.name == primaryKey[0]
            return column.sql + (isRowID ? " PRIMARY KEY" : "")
        }
        if !usesRowID { lines.append("PRIMARY KEY (\(primaryKey.joined(separator: ", ")))") }
        lines += foreignKeys.map { key in
            "FOREIGN KEY (\(key.columns.joined(separator: ", "))) "
                + "REFERENCES \(key.table) (\(key.references.joined(separator: ", ")))"
        }
        let options = usesRowID ? "STRICT" : "STRICT, WITHOUT ROWID"
        let body = lines.map { "    \($0)" }.joined(separator: ",\n")
        return "CREATE TABLE \(name) (\n\(body)\n) \(options)"
    }
}

extension ColumnDefinition {
    fileprivate var sql: String {
        var sql = "\(name) \(kind.rawValue)"
        if !isOptional { sql += " NOT NULL" }
        if let check { sql += " CHECK (\(check))" }
        if let references { sql += " REFERENCES \(references.table) (\(references.column))" }
        return sql
    }
}
