import Foundation

/// Unpacks a gzip file through the system's `gzip`, which every Debian has, within a limit.
enum GzipFile {
    /// Whether bytes start as a gzip file does.
    static func isGzip(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x1F, 0x8B]) }

    /// The running `gzip` and what it writes.
    static func unpacking(_ url: URL) throws(FileProblem) -> (Process, FileHandle) {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", "--", url.path]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        do { try process.run() } catch {
            throw FileProblem(
                message: "is packed, and `gzip` cannot be run to unpack it",
                hint: "unpack it yourself and name the plain file")
        }
        return (process, output.fileHandleForReading)
    }

    static func unpacked(_ url: URL, limit: Int) throws(FileProblem) -> [UInt8] {
        let (process, output) = try unpacking(url)
        var bytes: [UInt8] = []
        while true {
            let chunk: Data?
            do { chunk = try output.read(upToCount: 1 << 16) } catch {
                chunk = nil
            }
            guard let chunk, !chunk.isEmpty else { break }
            bytes += chunk
            if bytes.count > limit {
                // SIGTERM may be blocked in a tool that a thread of the pool started.
                kill(process.processIdentifier, SIGKILL)
                process.waitUntilExit()
                throw FileProblem(
                    message:
                        "unpacks to more than \(grouped(limit)) bytes, the most that is read")
            }
        }
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw FileProblem(message: "is not a whole gzip file")
        }
        return bytes
    }
}
