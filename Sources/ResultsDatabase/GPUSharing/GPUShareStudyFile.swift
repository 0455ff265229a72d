import Crypto
import Foundation
import GRDB

/// One run of a study of GPU sharing, as its results file holds it.
package struct GPUShareRunRow: Sendable {
    /// Percent of the cluster's GPUs that arrivals asked for, and what held after them, in percent.
    package struct Point: Sendable {
        package var arrivedPercent: Int
        package var allocatedPercent: Double
        package var fragmentRatioPercent: Double
        package var fragmentPercent: Double

        package init(
            arrivedPercent: Int, allocatedPercent: Double, fragmentRatioPercent: Double,
            fragmentPercent: Double
        ) {
            self.arrivedPercent = arrivedPercent
            self.allocatedPercent = allocatedPercent
            self.fragmentRatioPercent = fragmentRatioPercent
            self.fragmentPercent = fragmentPercent
        }
    }

    /// One arrival; no node when it fitted nowhere.
    package struct Pod: Sendable {
        package var name: String
        package var node: String?
        /// GPUs by number.
        package var gpus: [Int]

        package init(name: String, node: String?, gpus: [Int]) {
            self.name = name
            self.node = node
            self.gpus = gpus
        }
    }

    package var policy: String
    package var seed: Int64
    package var arrivals: Int
    package var placed: Int
    package var points: [Point]
    package var digest: String

    package init(
        policy: String, seed: Int64, arrivals: Int, placed: Int, points: [Point], digest: String
    ) {
        self.policy = policy
        self.seed = seed
        self.arrivals = arrivals
        self.placed = placed
        self.points = points
        self.digest = digest
    }

    /// SHA-256 over lines `pod node gpu,gpu`, in lower-case hexadecimal: equal for equal placements.
    package static func digest(of pods: some Sequence<Pod>) -> String {
        var hash = SHA256()
        for pod in pods {
            let gpus = pod.gpus.map(String.init).joined(separator: ",")
            hash.update(data: Data("\(pod.name) \(pod.node ?? "-") \(gpus)\n".utf8))
        }
        return hash.finalize().map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        .joined()
    }
}

/// The SQLite file of a study of GPU sharing: tables study, input_file, run, point and pod.
package final class GPUShareStudyFile {
    private var file: ResultsFile
    private let database: DatabaseQueue

    package init(
        path: String, name: String, description: String, topsimVersion: String, studyJSON: String,
        inputFiles: [InputFile]
    ) throws(ResultsDatabaseError) {
        let file = try ResultsFile(output: path)
        self.file = file
        do {
            let database = try DatabaseQueue(path: file.path)
            self.database = database
            try database.write { database in
                try database.execute(sql: GPUShareStudyFile.schema)
                try database.execute(
                    sql: "INSERT INTO study VALUES (?, ?, ?, ?, 'running')",
                    arguments: [name, description, topsimVersion, studyJSON])
                for input in inputFiles {
                    try database.execute(
                        sql: "INSERT INTO input_file VALUES (?, ?, ?)",
                        arguments: [input.path, input.sha256, input.bytes])
                }
            }
        } catch {
            throw .cannotWrite(path: file.output, reason: "\(error)")
        }
    }

    /// Writes one run; `pods` may be empty when they are not recorded.
    package func write(_ run: GPUShareRunRow, pods: [GPUShareRunRow.Pod])
        throws(ResultsDatabaseError)
    {
        do {
            try database.write { database in
                try database.execute(
                    sql: "INSERT INTO run VALUES (NULL, ?, ?, ?, ?, ?)",
                    arguments: [run.policy, run.seed, run.arrivals, run.placed, run.digest])
                let number = database.lastInsertedRowID
                let point = try database.makeStatement(
                    sql: "INSERT INTO point VALUES (?, ?, ?, ?, ?)")
                for value in run.points {
                    try point.execute(arguments: [
                        number, value.arrivedPercent, value.allocatedPercent,
                        value.fragmentRatioPercent, value.fragmentPercent,
                    ])
                }
                let row = try database.makeStatement(
                    sql: "INSERT INTO pod VALUES (?, ?, ?, ?, ?)")
                for (sequence, pod) in pods.enumerated() {
                    try row.execute(arguments: [
                        number, sequence, pod.name, pod.node,
                        pod.gpus.map(String.init).joined(separator: ","),
                    ])
                }
            }
        } catch {
            throw .cannotWrite(path: file.output, reason: "\(error)")
        }
    }

    /// Marks the study complete and moves the file to its place.
    package func finish() throws(ResultsDatabaseError) -> Int64 {
        do {
            try database.write { try $0.execute(sql: "UPDATE study SET status = 'complete'") }
            try database.close()
        } catch {
            throw .cannotWrite(path: file.output, reason: "\(error)")
        }
        try file.moveToOutput()
        return file.size
    }

    /// Percent columns are of the cluster's GPUs, but for `fragment_ratio_percent`, which is of idle ones.
    private static let schema = """
        PRAGMA application_id = \(Schema.applicationID);
        PRAGMA user_version = 1001;
        CREATE TABLE study (
            name TEXT NOT NULL, description TEXT NOT NULL, topsim_version TEXT NOT NULL,
            study_json TEXT NOT NULL, status TEXT NOT NULL) STRICT;
        CREATE TABLE input_file (path TEXT NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL) STRICT;
        CREATE TABLE run (
            run_id INTEGER PRIMARY KEY, policy TEXT NOT NULL, seed INTEGER NOT NULL,
            arrivals INTEGER NOT NULL, placed INTEGER NOT NULL, digest TEXT NOT NULL) STRICT;
        CREATE TABLE point (
            run_id INTEGER NOT NULL REFERENCES run, arrived_percent INTEGER NOT NULL,
            allocated_percent REAL NOT NULL, fragment_ratio_percent REAL NOT NULL,
            fragment_percent REAL NOT NULL, PRIMARY KEY (run_id, arrived_percent)) STRICT, WITHOUT ROWID;
        CREATE TABLE pod (
            run_id INTEGER NOT NULL REFERENCES run, sequence INTEGER NOT NULL, name TEXT NOT NULL,
            node TEXT, gpus TEXT NOT NULL, PRIMARY KEY (run_id, sequence)) STRICT, WITHOUT ROWID;
        """
}
