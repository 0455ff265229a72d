import Foundation

/// A trace that cannot be written.
package struct TraceOutputError: Error {
    /// A sentence without a full stop.
    package var message: String
}

/// Where a trace is written: standard output, a file, or a file through `gzip` when its name ends in `.gz`.
///
/// A file appears under its name when it is whole; until then it is `<name>.partial`.
package final class TraceOutput {
    private let handle: FileHandle
    private let gzip: Process?
    private let place: URL?
    private var isWhole = false
    /// The reader of standard output has gone away: what follows is of no use.
    package private(set) var isClosed = false

    /// - Parameter path: nil or `-` is standard output.
    package init(path: String?) throws {
        guard let path, path != "-" else {
            handle = .standardOutput
            gzip = nil
            place = nil
            return
        }
        let url = URL(filePath: path)
        let partial = TraceOutput.partial(url)
        guard FileManager.default.createFile(atPath: partial.path, contents: nil),
            let file = FileHandle(forWritingAtPath: partial.path)
        else { throw TraceOutputError(message: "cannot write `\(path)`") }
        place = url
        guard path.hasSuffix(".gz") else {
            handle = file
            gzip = nil
            return
        }
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", "-n", "-c"]
        process.standardInput = pipe
        process.standardOutput = file
        do { try process.run() } catch {
            try? FileManager.default.removeItem(at: partial)
            throw TraceOutputError(message: "`gzip` cannot be run to pack `\(path)`")
        }
        handle = pipe.fileHandleForWriting
        gzip = process
    }

    private static func partial(_ url: URL) -> URL { url.appendingPathExtension("partial") }

    package func write(_ bytes: [UInt8]) throws {
        guard !isClosed else { return }
        do { try handle.write(contentsOf: Data(bytes)) } catch {
            let error = error as NSError
            let code = (error.userInfo[NSUnderlyingErrorKey] as? NSError ?? error).code
            if place == nil, code == Int(EPIPE) { return isClosed = true }
            throw TraceOutputError(
                message: "cannot write: \(String(cString: strerror(Int32(code))))")
        }
    }

    /// Makes the file appear under its name.
    package func finish() throws {
        guard let place else { return }
        try? handle.close()
        if let gzip {
            gzip.waitUntilExit()
            if gzip.terminationStatus != 0 {
                throw TraceOutputError(message: "`gzip` failed on `\(place.path)`")
            }
        }
        isWhole = true
        if rename(TraceOutput.partial(place).path, place.path) != 0 {
            throw TraceOutputError(
                message: "cannot write `\(place.path)`: \(String(cString: strerror(errno)))")
        }
    }

    deinit {
        guard let place, !isWhole else { return }
        try? handle.close()
        gzip?.waitUntilExit()
        try? FileManager.default.removeItem(at: TraceOutput.partial(place))
    }
}
