import Dispatch
import GRDB
import Primitives
import Synchronization

/// Writes batches of rows on a thread of its own, a transaction a batch; at most two batches wait.
///
/// Batches are written in the order of hand-over, so the rows do not depend on how the threads are scheduled.
final class BulkWriter: Sendable {
    let path: String
    private let database: DatabaseQueue
    private let places = DispatchSemaphore(value: 2)
    private let firstFailure = Mutex<ResultsDatabaseError?>(nil)

    /// Opens a results file that is empty or was made by an earlier writer.
    init(path: String) throws(ResultsDatabaseError) {
        self.path = path
        do {
            database = try DatabaseQueue(path: path, configuration: BulkWriter.configuration)
        } catch {
            throw BulkWriter.failure(error, path)
        }
    }

    /// What went wrong first, if anything did; after it, nothing more is written.
    var failure: ResultsDatabaseError? { firstFailure.withLock { $0 } }

    /// Hands rows over. Waits while two batches are under way.
    func write(_ batch: [RowBuffer]) {
        guard failure == nil else { return }
        places.wait()
        database.asyncWriteWithoutTransaction { database in
            defer { self.places.signal() }
            self.transact(on: database) {
                for buffer in batch { try BulkInsert.insert(buffer, into: database) }
            }
        }
    }

    /// Does `work` in one transaction after everything that was handed over.
    func update(_ work: (Database) throws -> Void) throws(ResultsDatabaseError) {
        if let failure { throw failure }
        database.writeWithoutTransaction { database in
            transact(on: database) { try work(database) }
        }
        if let failure { throw failure }
    }

    private func transact(on database: Database, _ work: () throws -> Void) {
        guard failure == nil else { return }
        do {
            try database.execute(sql: "BEGIN IMMEDIATE")
            try work()
            try database.execute(sql: "COMMIT")
        } catch {
            fail(error)
            if database.isInsideTransaction { try? database.execute(sql: "ROLLBACK") }
        }
    }

    /// Waits for what was handed over, and closes the file even after a failure.
    func close() {
        try? database.close()
    }

    private func fail(_ error: any Error) {
        let failure = BulkWriter.failure(error, path)
        firstFailure.withLock { if $0 == nil { $0 = failure } }
    }
}

// MARK: The beginning and the end of a file

extension BulkWriter {
    /// Makes the tables.
    func migrate() throws(ResultsDatabaseError) {
        do { try Schema.migrator.migrate(database) } catch {
            throw BulkWriter.failure(error, path)
        }
    }

    func write(ended: SimTime, failure: String?) throws(ResultsDatabaseError) {
        try update { database in
            try database.execute(
                sql: "UPDATE run SET ended_ns = ?, failure = ?",
                arguments: [ended.nanoseconds, failure])
        }
    }

    /// Lets others read what was handed over.
    func releaseLock() throws(ResultsDatabaseError) {
        database.writeWithoutTransaction { database in
            guard failure == nil else { return }
            do {
                // The lock goes with the end of the next transaction.
                try database.execute(sql: "PRAGMA locking_mode = NORMAL; SELECT 1 FROM run")
            } catch {
                fail(error)
            }
        }
        if let failure { throw failure }
    }

    /// Writes how the run ended, the last thing that is written, and closes the file.
    ///
    /// - Parameter toDisk: Waits until the file is on the disk, so that it may take the place of another.
    func close(
        as status: RunStatus, digest: RunDigest?, toDisk: Bool
    ) throws(ResultsDatabaseError) {
        if toDisk {
            database.writeWithoutTransaction { database in
                do { try database.execute(sql: "PRAGMA synchronous = FULL") } catch { fail(error) }
            }
        }
        try update { database in
            try database.execute(
                sql: "UPDATE run SET status = ?, digest = ?",
                arguments: [status.rawValue, digest?.hexadecimal])
            for (place, table) in (digest?.tables ?? []).enumerated() {
                try database.execute(
                    sql: "INSERT INTO table_digest VALUES (?, ?, ?, ?, ?)",
                    arguments: [
                        place + 1, table.name, table.rows, table.digest,
                        CanonicalDump.query(of: Schema.table(table.name)),
                    ])
            }
        }
        close()
    }

    /// Marks the file as that of a failed run, if the disk lets it, and closes it.
    func closeAsFailed() {
        let reason = failure?.description
        database.writeWithoutTransaction { database in
            // Rows that exist are changed in place, which often works when nothing can be added.
            try? database.execute(
                sql: "UPDATE run SET status = ?, failure = ?",
                arguments: [RunStatus.failed.rawValue, reason])
        }
        close()
    }
}

// MARK: Settings and errors

extension BulkWriter {
    /// No synchronisation with the disk while the run is on: a killed process loses nothing that it wrote, and a
    /// run that loses its machine is marked as running. The rollback journal keeps the file whole after `kill -9`;
    /// as rows are appended, it holds next to nothing, where a write-ahead log would write everything twice.
    /// Foreign keys are off, because containers are written before their pod, whose record comes when it ends.
    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        configuration.label = "topsim results"
        // A reader of the digests may still be closing when the run's status is written.
        configuration.busyMode = .timeout(10)
        configuration.prepareDatabase { database in
            try database.execute(
                sql: """
                    PRAGMA journal_mode = DELETE;
                    PRAGMA locking_mode = EXCLUSIVE;
                    PRAGMA synchronous = OFF;
                    PRAGMA cache_size = -32768;
                    PRAGMA ignore_check_constraints = ON;
                    """)
        }
        return configuration
    }

    private static func failure(_ error: any Error, _ path: String) -> ResultsDatabaseError {
        guard let error = error as? DatabaseError else {
            return .cannotWrite(path: path, reason: "\(error)")
        }
        switch error.extendedResultCode {
        case .SQLITE_BUSY: return .inUse(path: path)
        case .SQLITE_FULL: return .cannotWrite(path: path, reason: "the disk is full")
        case .SQLITE_IOERR_WRITE:
            // SQLite keeps the system's word to itself; EFBIG and EIO come here, ENOSPC does not.
            return .cannotWrite(
                path: path, reason: "the system refused a write; is there a limit on file sizes?")
        default:
            return .cannotWrite(path: path, reason: error.message ?? error.resultCode.description)
        }
    }
}
