import Foundation
import GRDB

/// Where a run's results are written until it is over, and where they end up.
///
/// They start as `<output>.partial`. As soon as the file is one that opens and says that its run is running, it moves
/// to `<output>`, unless there are older results: those stay until the new ones are complete. So whatever happens,
/// `<output>` is either absent or whole, or the readable beginning of its first run.
struct ResultsFile {
    /// Where the results are to be.
    let output: String
    /// Where they are now.
    private(set) var path: String
    /// Whether older results keep the place until the run is over.
    let replacesOlder: Bool

    /// Makes an empty file to write to.
    init(output: String) throws(ResultsDatabaseError) {
        let output = try ResultsFile.resolvingSymbolicLinks(output)
        self.output = output
        replacesOlder = try ResultsFile.occupant(of: output) == .results
        path = output + ".partial"
        if try ResultsFile.occupant(of: path) != .nothing { ResultsFile.remove(path) }
        let descriptor = open(path, O_CREAT | O_EXCL | O_RDWR, 0o644)
        guard descriptor >= 0 else {
            throw .cannotCreate(path: output, reason: ResultsFile.reason(errno))
        }
        close(descriptor)
    }

    /// Puts results where they are to be; the database must be closed.
    mutating func moveToOutput() throws(ResultsDatabaseError) {
        if path == output { return }
        guard rename(path, output) == 0 else {
            throw .cannotWrite(path: output, reason: ResultsFile.reason(errno))
        }
        path = output
    }

    /// Bytes in the file; 0 when it cannot be told.
    var size: Int64 {
        var facts = stat()
        return stat(path, &facts) == 0 ? Int64(facts.st_size) : 0
    }

    /// Removes what was written.
    func discard() { ResultsFile.remove(path) }
}

// MARK: What is there already

extension ResultsFile {
    private enum Occupant {
        case nothing, emptyFile, results
    }

    private static func occupant(of path: String) throws(ResultsDatabaseError) -> Occupant {
        var facts = stat()
        guard stat(path, &facts) == 0 else {
            if errno == ENOENT { return .nothing }
            throw .cannotCreate(path: path, reason: reason(errno))
        }
        switch facts.st_mode & S_IFMT {
        case S_IFREG: break
        case S_IFDIR: throw .cannotCreate(path: path, reason: "it is a folder")
        default: throw .cannotCreate(path: path, reason: "it is not a regular file")
        }
        guard access(path, W_OK) == 0 else {
            throw .cannotCreate(path: path, reason: reason(errno))
        }
        if facts.st_size == 0 { return .emptyFile }
        guard ResultsHeader(ofFile: path)?.isResults == true else {
            throw .wouldOverwrite(path: path, reason: "it is there already and no run wrote it")
        }
        try checkIdle(path)
        return .results
    }

    /// Fails when a run is writing the file. What a killed run left half-written in it is rolled back on the way.
    private static func checkIdle(_ path: String) throws(ResultsDatabaseError) {
        do {
            let database = try DatabaseQueue(path: path)
            try database.writeWithoutTransaction { database in
                try database.execute(sql: "BEGIN EXCLUSIVE; ROLLBACK")
            }
            try database.close()
            // What is left of a journal that there was nothing to roll back from.
            unlink(path + "-journal")
        } catch let error as DatabaseError where error.resultCode == .SQLITE_BUSY {
            throw .inUse(path: path)
        } catch {
            // A file that SQLite cannot read is no reason not to replace it.
        }
    }

    /// Follows links, so that the file is replaced and not the link to it.
    private static func resolvingSymbolicLinks(
        _ path: String
    ) throws(ResultsDatabaseError) -> String {
        guard !path.isEmpty else { throw .cannotCreate(path: path, reason: "the path is empty") }
        guard let resolved = realpath(path, nil) else { return path }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    private static func remove(_ path: String) {
        for suffix in ["", "-journal", "-wal", "-shm"] { unlink(path + suffix) }
    }

    /// What the system says about an error, as in `No space left on device`.
    static func reason(_ code: Int32) -> String {
        switch code {
        case ENOENT: "the folder does not exist"
        case ENOTDIR: "a file stands where a folder should be"
        default: String(cString: strerror(code))
        }
    }
}
