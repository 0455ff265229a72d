import Foundation

/// Lines of a recording, one at a time, out of one buffer that serves again: memory does not grow with the file.
///
/// A file that is packed by gzip is unpacked as it is read. A line has at most 1 MiB.
final class ByteLines {
    static let lineLimit = 1 << 20
    private static let chunk = 1 << 18

    private enum Source {
        case bytes([UInt8], position: Int)
        case file(FileHandle)
        case packed(GzipStream)
        case ended
    }

    let name: String
    private var source: Source
    private var buffer: UnsafeMutablePointer<UInt8>
    private var capacity = ByteLines.chunk
    /// What of the buffer has been filled and not been handed out.
    private var start = 0
    private var end = 0
    /// Of the line that was handed out last, from 1.
    private(set) var line = 0

    init(_ input: TraceInput) throws(InputError) {
        name = input.name
        source = .ended
        // All that is kept of a file; given back by `deinit`.
        buffer = .allocate(capacity: capacity)
        do throws(FileProblem) {
            try open(input.content)
        } catch {
            throw InputError([Diagnostic(file: name, message: error.message, hint: error.hint)])
        }
    }

    deinit {
        if case .file(let handle) = source { try? handle.close() }
        buffer.deallocate()
    }

    private func open(_ content: TraceInput.Content) throws(FileProblem) {
        switch content {
        case .bytes(let bytes):
            source =
                GzipFile.isGzip(bytes)
                ? .packed(try GzipStream(bytes: bytes)) : .bytes(bytes, position: 0)
        case .file(let url):
            let handle = try openForReading(url, name: name)
            source = .file(handle)
            try fill()
            if end >= 2, buffer[0] == 0x1F, buffer[1] == 0x8B {
                try? handle.close()
                end = 0
                source = .packed(try GzipStream(url: url))
            }
        }
    }

    /// The next line without its ending, valid until the next call; nil at the end.
    ///
    /// - Throws: what ends the reading: the next call gives nil.
    func next() throws(InputError) -> UnsafeBufferPointer<UInt8>? {
        var searched = start
        while true {
            if let feed = memchr(buffer + searched, 10, end - searched) {
                let position = buffer.distance(to: feed.assumingMemoryBound(to: UInt8.self))
                return take(upTo: position, andSkip: 1)
            }
            searched = end
            if end - start > ByteLines.lineLimit {
                source = .ended
                line += 1
                start = end
                throw refusal("a line of more than \(grouped(ByteLines.lineLimit)) bytes")
            }
            if case .ended = source { return start < end ? take(upTo: end, andSkip: 0) : nil }
            if start > 0 {
                memmove(buffer, buffer + start, end - start)
                end -= start
                searched -= start
                start = 0
            }
            if end == capacity { grow() }
            do throws(FileProblem) { try fill() } catch {
                source = .ended
                start = end
                throw InputError([
                    Diagnostic(file: name, message: error.message, hint: error.hint)
                ])
            }
        }
    }

    /// The first bytes, at most `limit` of them, unpacked; nothing is taken.
    ///
    /// - Precondition: `limit` is at most 256 KiB, and no line was taken.
    func start(limit: Int) throws(InputError) -> [UInt8] {
        do throws(FileProblem) {
            while end < limit {
                if case .ended = source { break }
                try fill()
            }
        } catch {
            throw InputError([Diagnostic(file: name, message: error.message, hint: error.hint)])
        }
        return Array(UnsafeBufferPointer(start: buffer, count: min(limit, end)))
    }

    private func take(upTo position: Int, andSkip ending: Int) -> UnsafeBufferPointer<UInt8> {
        var length = position - start
        if length > 0, buffer[position - 1] == UInt8(ascii: "\r") { length -= 1 }
        let taken = UnsafeBufferPointer(start: buffer + start, count: length)
        start = position + ending
        line += 1
        return taken
    }

    private func grow() {
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 2)
        memcpy(larger, buffer, end)
        buffer.deallocate()
        buffer = larger
        capacity *= 2
    }

    private func fill() throws(FileProblem) {
        switch source {
        case .ended: return
        case .bytes(let bytes, let position):
            let count = min(capacity - end, bytes.count - position)
            bytes.withUnsafeBufferPointer { bytes in
                if count > 0, let base = bytes.baseAddress {
                    memcpy(buffer + end, base + position, count)
                }
            }
            end += count
            source = count == 0 ? .ended : .bytes(bytes, position: position + count)
        case .file(let handle):
            if try fill(from: handle.fileDescriptor) == 0 {
                try? handle.close()
                source = .ended
            }
        case .packed(let stream):
            if try fill(from: stream.descriptor) == 0 {
                source = .ended
                try stream.finish()
            }
        }
    }

    private func fill(from descriptor: Int32) throws(FileProblem) -> Int {
        while true {
            let count = read(descriptor, buffer + end, capacity - end)
            if count >= 0 {
                end += count
                return count
            }
            guard errno == EINTR else {
                throw FileProblem(message: "cannot be read: \(String(cString: strerror(errno)))")
            }
        }
    }

    func refusal(
        _ message: String, column: Int = 1, hint: String? = nil,
        line bytes: UnsafeBufferPointer<UInt8>? = nil
    ) -> InputError {
        InputError([
            Diagnostic(
                file: name, line: line, column: column, message: message, hint: hint,
                sourceLine: bytes.map { String(decoding: $0.prefix(2000), as: UTF8.self) })
        ])
    }
}

/// What `gzip -dc` makes of a file, read as it comes.
final class GzipStream {
    private let process = Process()
    private let output = Pipe()
    /// A copy on disk of bytes that were in memory, removed with the stream.
    private var spooled: URL?

    var descriptor: Int32 { output.fileHandleForReading.fileDescriptor }

    init(url: URL) throws(FileProblem) {
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", "-dc", "--", url.path]
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        do { try process.run() } catch {
            throw FileProblem(
                message: "is packed, and `gzip` cannot be run to unpack it",
                hint: "unpack it yourself and name the plain file")
        }
    }

    convenience init(bytes: [UInt8]) throws(FileProblem) {
        let url = FileManager.default.temporaryDirectory.appending(
            path: "topsim-\(UUID().uuidString).gz")
        do { try Data(bytes).write(to: url) } catch {
            throw FileProblem(message: "cannot be kept on disk: \(error.localizedDescription)")
        }
        do throws(FileProblem) { try self.init(url: url) } catch {
            try? FileManager.default.removeItem(at: url)
            throw error
        }
        spooled = url
    }

    /// To be called when nothing more comes.
    ///
    /// - Throws: when the file was cut short or is no gzip file.
    func finish() throws(FileProblem) {
        process.waitUntilExit()
        if process.terminationStatus != 0 {
            throw FileProblem(message: "is not a whole gzip file")
        }
    }

    deinit {
        // Where signals are blocked, as in a test, `gzip` would sit on its full pipe for ever: nothing blocks this one.
        try? output.fileHandleForReading.close()
        if process.isRunning {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        if let spooled { try? FileManager.default.removeItem(at: spooled) }
    }
}
