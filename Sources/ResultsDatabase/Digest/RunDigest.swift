import Crypto
import Dispatch
import Synchronization

/// SHA-256 over what a run decided: one digest a table, and one of them all.
///
/// Two runs with equal digests hold the same rows in every table that is a function of scenario and seed, whatever
/// computer, batch size or order of writing made them. docs/reference/database.md says how to compute it without topsim.
public struct RunDigest: Sendable, Hashable, CustomStringConvertible {
    /// In the order of the reference.
    public let tables: [TableDigest]

    /// The digest of the whole, 64 lowercase hexadecimal digits: SHA-256 over a line `<table> <digest>` a table.
    public var hexadecimal: String {
        let lines = tables.map { "\($0.name) \($0.digest)\n" }.joined()
        return ResultsDatabase.hexadecimal(SHA256.hash(data: Array(lines.utf8)))
    }

    public var description: String { hexadecimal }
}

/// The digest of one table.
public struct TableDigest: Sendable, Hashable {
    public var name: String
    public var rows: Int
    /// 64 lowercase hexadecimal digits.
    public var digest: String
}

extension RunDigest {
    /// Computes the digest of a results file from its rows, a thread a table.
    public init(ofFile path: String) throws(ResultsDatabaseError) {
        let schema = Schema.digestTables
        let results = Mutex(
            [Result<TableDigest, ResultsDatabaseError>?](
                repeating: nil, count: schema.count))
        DispatchQueue.concurrentPerform(iterations: schema.count) { position in
            let result = RunDigest.digest(of: schema[position], inFile: path)
            results.withLock { $0[position] = result }
        }
        var tables: [TableDigest] = []
        for case let result? in results.withLock({ $0 }) { tables.append(try result.get()) }
        self.tables = tables
    }

    private static func digest(
        of table: TableDefinition, inFile path: String
    ) -> Result<TableDigest, ResultsDatabaseError> {
        Result { () throws(ResultsDatabaseError) in
            try ResultsReader.read(path) { database in
                let (rows, digest) = try CanonicalDump.digest(of: table, in: database)
                return TableDigest(name: table.name, rows: rows, digest: digest)
            }
        }
    }
}
