import Foundation
import GRDB
import Metrics
import Primitives

/// Reading and writing the SQLite file of a study.
///
/// A study that is under way appends to a journal, `<output>.journal`, in the order in which runs end; a kill leaves
/// every run that was committed. What is handed over at the end is written anew in the study's order, so that equal
/// results are equal bytes, however they were come by.
public enum StudyFile {
    /// The results in a study's file or journal.
    public static func read(_ path: String) throws(ResultsDatabaseError) -> StudyResults {
        guard let header = ResultsHeader(ofFile: path) else {
            throw .cannotRead(path: path, reason: "it is not there, or no SQLite file")
        }
        guard header.isResults, header.schemaVersion >= StudySchema.version else {
            throw .notResults(path: path, reason: "no study wrote it")
        }
        guard header.schemaVersion == StudySchema.version else {
            throw .newerSchema(
                path: path, version: header.schemaVersion, supported: StudySchema.version)
        }
        do {
            let database = try DatabaseQueue(path: path)
            defer { try? database.close() }
            return try database.read { database in try results(in: database) }
        } catch is StudyConflict {
            throw .cannotRead(path: path, reason: "a run is in it twice")
        } catch {
            throw .cannotRead(path: path, reason: "\(error)")
        }
    }

    /// Whether a file is one of a study, by its header.
    public static func isStudy(_ path: String) -> Bool {
        guard let header = ResultsHeader(ofFile: path) else { return false }
        return header.isResults && header.schemaVersion >= StudySchema.version
    }

    /// Writes the results in one piece: equal results give equal bytes.
    public static func write(
        _ results: StudyResults, to path: String
    ) throws(ResultsDatabaseError) {
        var file = try ResultsFile(output: path)
        do {
            let database = try DatabaseQueue(path: file.path)
            try database.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF")
            }
            try database.write { database in
                try describe(results.study, isComplete: results.isComplete, in: database)
                // By name, so that the order in which runs ended leaves no trace.
                let order = results.metrics.indices.sorted {
                    results.metrics[$0].name < results.metrics[$1].name
                }
                var ids = Array(repeating: 0, count: order.count)
                for (id, position) in order.enumerated() {
                    ids[position] = id
                    try insert(results.metrics[position], id: id, in: database)
                }
                for run in results.runs { try insert(run, metricIDs: ids, in: database) }
            }
            try database.close()
        } catch {
            file.discard()
            throw .cannotWrite(path: path, reason: "\(error)")
        }
        try file.moveToOutput()
    }
}

/// Where runs of a study are kept as they end, until all are there.
public final class StudyJournal {
    public let path: String
    private let database: DatabaseQueue
    /// What was there when it was opened, and what came since.
    public private(set) var results: StudyResults
    private var metricIDs: [Int] = []

    /// Opens the journal of a study, or begins one. One of another study is begun anew.
    public init(path: String, study: StudyDescription) throws(ResultsDatabaseError) {
        self.path = path
        var known = StudyResults(study)
        if FileManager.default.fileExists(atPath: path) {
            if let old = try? StudyFile.read(path), old.study == study {
                known = old
            } else if StudyFile.isStudy(path) || ResultsHeader(ofFile: path) == nil {
                for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) }
            } else {
                throw .wouldOverwrite(path: path, reason: "it is no journal of a study")
            }
        }
        let isNew = known.runs.isEmpty && !FileManager.default.fileExists(atPath: path)
        do {
            database = try DatabaseQueue(path: path)
            // The description goes into the file itself: a killed study's journal is known by its header.
            if isNew {
                try database.write { database in
                    try StudyFile.describe(study, isComplete: false, in: database)
                }
            }
            try database.writeWithoutTransaction { database in
                try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL")
            }
        } catch {
            throw .cannotCreate(path: path, reason: "\(error)")
        }
        metricIDs = Array(known.metrics.indices)
        results = known
    }

    /// Keeps runs; they are safe when this returns.
    public func append(_ rows: [StudyRunRow]) throws(ResultsDatabaseError) {
        do {
            let known = results.metrics.count
            var added: [StudyResults.Run] = []
            for row in rows where try results.add(row, replacing: true) {
                if let run = results.run(row.index) { added.append(run) }
            }
            let metrics = results.metrics
            try database.write { database in
                for id in known..<metrics.count {
                    try StudyFile.insert(metrics[id], id: id, in: database)
                }
                let ids = Array(metrics.indices)
                for run in added {
                    try database.execute(
                        sql: "DELETE FROM run_metric WHERE run = ?", arguments: [run.index])
                    try database.execute(
                        sql: "DELETE FROM run WHERE id = ?", arguments: [run.index])
                    try StudyFile.insert(run, metricIDs: ids, in: database)
                }
            }
        } catch is StudyConflict {
            throw .cannotWrite(path: path, reason: "a run came twice with other results")
        } catch {
            throw .cannotWrite(path: path, reason: "\(error)")
        }
    }

    public func close() { try? database.close() }

    /// Removes the file once its runs are elsewhere.
    public func remove() {
        close()
        for suffix in ["", "-wal", "-shm", "-journal"] { unlink(path + suffix) }
    }
}

// MARK: Rows

extension StudyFile {
    fileprivate static func describe(
        _ study: StudyDescription, isComplete: Bool, in database: Database
    ) throws {
        try database.execute(sql: StudySchema.sql)
        try database.execute(
            sql: "INSERT INTO study VALUES (1, ?, ?, ?, ?, ?, ?)",
            arguments: [
                study.name, study.description, study.studyJSON, study.topsimVersion,
                isComplete ? "complete" : "partial", study.runCount,
            ])
        for (id, parameter) in study.parameters.enumerated() {
            try database.execute(
                sql: "INSERT INTO parameter VALUES (?, ?, ?)",
                arguments: [id, parameter.path, parameter.label])
        }
        let value = try database.makeStatement(sql: "INSERT INTO point_value VALUES (?, ?, ?)")
        for (point, values) in study.points.enumerated() {
            for (parameter, text) in values.enumerated() {
                try value.execute(arguments: [point, parameter, text])
            }
        }
        for (position, seed) in study.seeds.enumerated() {
            try database.execute(
                sql: "INSERT INTO seed VALUES (?, ?)", arguments: [position, String(seed)])
        }
    }

    fileprivate static func insert(
        _ metric: StudyResults.MetricInfo, id: Int, in database: Database
    ) throws {
        try database.execute(
            sql: "INSERT INTO metric VALUES (?, ?, ?, ?, ?)",
            arguments: [
                id, metric.name, metric.unit.rawValue, metric.polarity.rawValue, metric.definition,
            ])
    }

    fileprivate static func insert(
        _ run: StudyResults.Run, metricIDs: [Int], in database: Database
    ) throws {
        let insertRun = try database.cachedStatement(
            sql: "INSERT INTO run VALUES (?, ?, ?, ?, ?, ?, ?)")
        try insertRun.execute(arguments: [
            run.index, run.runID, run.point, String(run.seed),
            run.failure == nil ? "complete" : "failed", run.failure, run.ended.nanoseconds,
        ])
        let insertValue = try database.cachedStatement(
            sql: "INSERT INTO run_metric VALUES (?, ?, ?)")
        let present = run.values.indices.filter { !run.values[$0].isNaN }
        for position in present.sorted(by: { metricIDs[$0] < metricIDs[$1] }) {
            try insertValue.execute(arguments: [
                run.index, metricIDs[position], run.values[position],
            ])
        }
    }

    fileprivate static func results(in database: Database) throws -> StudyResults {
        guard let row = try Row.fetchOne(database, sql: "SELECT * FROM study") else {
            throw DatabaseError(message: "the study is not described")
        }
        var study = StudyDescription(
            name: row["name"], description: row["description"], studyJSON: row["study_json"],
            topsimVersion: row["topsim_version"], parameters: [], points: [], seeds: [])
        study.parameters = try Row.fetchAll(
            database, sql: "SELECT path, label FROM parameter ORDER BY id"
        ).map { StudyDescription.Parameter(path: $0["path"], label: $0["label"]) }
        study.seeds = try String.fetchAll(
            database, sql: "SELECT seed FROM seed ORDER BY position"
        ).compactMap { UInt64($0) }
        let values = try Row.fetchCursor(
            database, sql: "SELECT point, value FROM point_value ORDER BY point, parameter")
        while let row = try values.next() {
            let point: Int = row["point"]
            guard point >= 0, point <= study.points.count else {
                throw DatabaseError(message: "points are missing")
            }
            if point == study.points.count { study.points.append([]) }
            study.points[point].append(row["value"])
        }
        let runCount: Int = row["run_count"]
        // A study that varies nothing has one point and no value.
        if study.parameters.isEmpty { study.points = [[]] }
        guard runCount == study.runCount else {
            throw DatabaseError(message: "\(runCount) runs announced, \(study.runCount) described")
        }
        var results = StudyResults(study)
        var positions: [Int64: Int] = [:]
        for row in try Row.fetchAll(database, sql: "SELECT * FROM metric ORDER BY id") {
            guard let unit = MetricUnit(rawValue: row["unit"]),
                let polarity = MetricPolarity(rawValue: row["polarity"])
            else { throw DatabaseError(message: "an unknown unit or polarity") }
            positions[row["id"]] = results.intern(
                StudyResults.MetricInfo(
                    name: row["name"], unit: unit, polarity: polarity,
                    definition: row["definition"]))
        }
        let runs = try Row.fetchCursor(database, sql: "SELECT * FROM run ORDER BY id")
        let measured = try Row.fetchCursor(
            database, sql: "SELECT run, metric, value FROM run_metric ORDER BY run, metric")
        var next = try measured.next()
        while let row = try runs.next() {
            let index: Int = row["id"]
            var run = StudyResults.Run(
                index: index, runID: row["run_id"], point: row["point"],
                seed: UInt64(row["seed"] as String) ?? 0, failure: row["failure"],
                ended: SimTime(nanoseconds: row["ended_ns"]), values: [])
            guard study.points.indices.contains(run.point), index < study.runCount else {
                throw DatabaseError(message: "a run of no point")
            }
            while let value = next, (value["run"] as Int) == index {
                if let position = positions[value["metric"]] {
                    while run.values.count <= position { run.values.append(.nan) }
                    run.values[position] = value["value"]
                }
                next = try measured.next()
            }
            _ = try results.insert(run)
        }
        return results
    }
}
