import Foundation
import GRDB
public import Metrics
public import Primitives

/// Reads a results file, and only reads it.
///
/// ```swift
/// let reader = try ResultsReader(path: "run.sqlite")
/// reader.run.status        // .complete
/// try reader.metrics()     // use.cpu 0.71, …
/// ```
public final class ResultsReader {
    public let path: String
    public let run: RunFacts
    let database: DatabaseQueue

    /// Opens a file of this schema version. A file of a newer one is refused.
    public init(path: String) throws(ResultsDatabaseError) {
        self.path = path
        database = try ResultsReader.open(path)
        run = try ResultsReader.translating(path) { [database] in
            try database.read(RunFacts.init(database:))
        }
    }

    public func metrics() throws(ResultsDatabaseError) -> [Metric] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM metric ORDER BY name").map { row in
                Metric(
                    name: row["name"], value: row["value"] ?? .nan,
                    unit: MetricUnit(rawValue: row["unit"]) ?? .count,
                    polarity: MetricPolarity(rawValue: row["polarity"]) ?? .neither,
                    definition: row["definition"])
            }
        }
    }

    /// Buckets by metric, ascending.
    public func histogram(_ metric: String) throws(ResultsDatabaseError) -> [HistogramBucket] {
        try read { database in
            try Row.fetchAll(
                database,
                sql: "SELECT low, high, count FROM histogram WHERE metric = ? ORDER BY low",
                arguments: [metric]
            ).map { HistogramBucket(low: $0["low"], high: $0["high"], count: $0["count"]) }
        }
    }

    public func inputFiles() throws(ResultsDatabaseError) -> [InputFile] {
        try read { database in
            try Row.fetchAll(database, sql: "SELECT * FROM input_file ORDER BY id").map { row in
                InputFile(path: row["path"], sha256: row["sha256"], bytes: row["size_bytes"])
            }
        }
    }

    /// Rows of every table, in the order of the reference.
    public func rowCounts() throws(ResultsDatabaseError) -> [(table: String, rows: Int)] {
        try read { database in
            try Schema.tables.map { table in
                let sql = "SELECT count(*) FROM \(table.name)"
                return (table.name, try Int.fetchOne(database, sql: sql) ?? 0)
            }
        }
    }

    /// Computes the digests again and compares them with those in the file.
    ///
    /// - Returns: The tables whose rows are not those that were written; empty when the file is as it was.
    public func changedTables() throws(ResultsDatabaseError) -> [String] {
        let written = try read { database in
            try Row.fetchAll(database, sql: "SELECT name, digest FROM table_digest").map { row in
                (name: row["name"] as String, digest: row["digest"] as String)
            }
        }
        let known = Dictionary(written.map { ($0.name, $0.digest) }, uniquingKeysWith: { $1 })
        let now = try RunDigest(ofFile: path)
        var changed = now.tables.filter { known[$0.name] != $0.digest }.map(\.name)
        if changed.isEmpty, now.hexadecimal != run.digest { changed.append("run") }
        return changed
    }

    func read<Value>(
        _ work: (Database) throws -> Value
    ) throws(ResultsDatabaseError) -> Value {
        try ResultsReader.translating(path) { try database.read(work) }
    }
}

/// What a results file says of its run.
public struct RunFacts: Sendable, Hashable {
    public var name: String
    public var description: String
    /// Canonical JSON, from which the run can be made again.
    public var scenarioJSON: String
    public var seed: UInt64
    public var epoch: Int64
    public var recordLevel: RecordLevel
    public var status: RunStatus
    public var failure: String?
    /// In simulated time; nil while it runs.
    public var ended: SimTime?
    /// Nil until complete.
    public var digest: String?
    public var topsimVersion: String
    public var kubeletVersion: String
    public var schemaVersion: Int

    init(database: Database) throws {
        guard let row = try Row.fetchOne(database, sql: "SELECT * FROM run") else {
            throw DatabaseError(message: "it describes no run")
        }
        name = row["name"]
        description = row["description"]
        scenarioJSON = row["scenario"]
        guard let seed = UInt64(row["seed"] as String),
            let level = RecordLevel(rawValue: row["record_level"]),
            let status = RunStatus(rawValue: row["status"])
        else { throw DatabaseError(message: "its description of the run is damaged") }
        self.seed = seed
        epoch = row["epoch_s"]
        recordLevel = level
        self.status = status
        failure = row["failure"]
        ended = (row["ended_ns"] as Int64?).map(SimTime.init(nanoseconds:))
        digest = row["digest"]
        topsimVersion = row["topsim_version"]
        kubeletVersion = row["kubelet_version"]
        schemaVersion = row["schema_version"]
    }
}

// MARK: Opening

extension ResultsReader {
    /// Opens the file for reading, and checks that a run wrote it with a schema that this code knows.
    static func open(_ path: String) throws(ResultsDatabaseError) -> DatabaseQueue {
        guard FileManager.default.fileExists(atPath: path) else {
            throw .cannotRead(path: path, reason: "there is no such file")
        }
        guard FileManager.default.isReadableFile(atPath: path) else {
            throw .cannotRead(path: path, reason: "no permission")
        }
        guard let header = ResultsHeader(ofFile: path) else {
            throw .notResults(path: path, reason: "it is not an SQLite file")
        }
        guard header.isResults else {
            throw .notResults(path: path, reason: "its application_id is not topsim's")
        }
        guard header.schemaVersion <= Schema.version else {
            throw .newerSchema(
                path: path, version: header.schemaVersion, supported: Schema.version)
        }
        return try translating(path) {
            // A killed run leaves a journal, which only a connection that may write can roll back.
            if FileManager.default.fileExists(atPath: path + "-journal") {
                let recovery = try DatabaseQueue(path: path)
                _ = try recovery.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM run") }
                try recovery.close()
            }
            var configuration = Configuration()
            configuration.readonly = true
            configuration.busyMode = .timeout(5)
            return try DatabaseQueue(path: path, configuration: configuration)
        }
    }

    /// Does `work` on a connection of its own.
    static func read<Value>(
        _ path: String, _ work: (Database) throws -> Value
    ) throws(ResultsDatabaseError) -> Value {
        let database = try open(path)
        return try translating(path) { try database.read(work) }
    }

    static func translating<Value>(
        _ path: String, _ work: () throws -> Value
    ) throws(ResultsDatabaseError) -> Value {
        do {
            return try work()
        } catch let error as DatabaseError {
            switch error.resultCode {
            case .SQLITE_BUSY: throw .inUse(path: path)
            default:
                throw .cannotRead(
                    path: path, reason: error.message ?? error.resultCode.description)
            }
        } catch {
            throw .cannotRead(path: path, reason: "\(error)")
        }
    }
}
