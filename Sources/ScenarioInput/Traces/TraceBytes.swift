import Foundation

/// The unpacked bytes of a recording, a chunk at a time: only the chunk at hand is in memory.
///
/// A file that starts as gzip files do is unpacked by the system's `gzip`.
struct TraceBytes {
    /// Most bytes that one recording may unpack to.
    static let limit = 1 << 40

    let name: String
    private var handle: FileHandle?
    private var process: Process?
    private var atHand: [UInt8]
    private var total = 0

    init(_ input: TraceInput) throws(InputError) {
        name = input.name
        switch input.content {
        case .bytes(let bytes):
            guard !GzipFile.isGzip(bytes) else {
                throw InputError([
                    Diagnostic(
                        file: name, message: "packed bytes that are not in a file",
                        hint: "unpack them first, for example with `gzip -d`")
                ])
            }
            atHand = bytes
        case .file(let url):
            atHand = []
            do throws(FileProblem) {
                let plain = try openForReading(url, name: name)
                handle = plain
                atHand = try chunk()
                guard GzipFile.isGzip(atHand) else { return }
                atHand = []
                try? plain.close()
                let (process, output) = try GzipFile.unpacking(url)
                self.process = process
                handle = output
            } catch {
                throw InputError([Diagnostic(file: name, message: error.message, hint: error.hint)])
            }
        }
    }

    /// The bytes that follow, never none; nil at the end.
    mutating func next() throws(InputError) -> [UInt8]? {
        var bytes = atHand
        atHand = []
        do throws(FileProblem) {
            if bytes.isEmpty { bytes = try chunk() }
        } catch {
            throw InputError([Diagnostic(file: name, message: error.message, hint: error.hint)])
        }
        total += bytes.count
        if total > TraceBytes.limit {
            throw InputError([
                Diagnostic(
                    file: name,
                    message: "more than \(grouped(TraceBytes.limit)) bytes, the most that is read")
            ])
        }
        return bytes.isEmpty ? nil : bytes
    }

    private mutating func chunk() throws(FileProblem) -> [UInt8] {
        guard let handle else { return [] }
        let data: Data?
        do { data = try handle.read(upToCount: 1 << 16) } catch {
            throw FileProblem(message: "cannot be read: \(error.localizedDescription)")
        }
        if let data, !data.isEmpty { return Array(data) }
        self.handle = nil
        try? handle.close()
        if let process {
            process.waitUntilExit()
            self.process = nil
            guard process.terminationStatus == 0 else {
                throw FileProblem(message: "is not a whole gzip file")
            }
        }
        return []
    }

    /// All bytes of a recording that is read as a whole.
    static func all(of input: TraceInput, limit: Int) throws(InputError) -> [UInt8] {
        var source = try TraceBytes(input)
        var bytes: [UInt8] = []
        while let chunk = try source.next() {
            bytes += chunk
            if bytes.count > limit {
                throw InputError([
                    Diagnostic(
                        file: input.name,
                        message: "more than \(grouped(limit)) bytes, the most that is read at once")
                ])
            }
        }
        return bytes
    }
}

/// The lines of a recording, one at a time, without their ends.
struct TraceLines {
    /// Most bytes of a line.
    let lineLimit: Int
    private var source: TraceBytes
    private var buffer: [UInt8] = []
    private var position = 0
    private var isAtEnd = false
    /// The number of the line that was read last, from 1.
    private(set) var line = 0

    var name: String { source.name }

    init(_ input: TraceInput, lineLimit: Int = 1 << 16) throws(InputError) {
        self.lineLimit = lineLimit
        source = try TraceBytes(input)
    }

    /// The next line, or nil at the end. After an error there is nothing more.
    mutating func next() throws(InputError) -> ArraySlice<UInt8>? {
        var searched = position
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                return take(upTo: end, andSkip: 1)
            }
            searched = buffer.count
            guard searched - position <= lineLimit else {
                line += 1
                stop()
                throw InputError([
                    Diagnostic(
                        file: name, line: line, column: 1,
                        message: "a line of more than \(grouped(lineLimit)) bytes")
                ])
            }
            if isAtEnd {
                return position < buffer.count ? take(upTo: buffer.count, andSkip: 0) : nil
            }
            buffer.removeFirst(position)
            searched -= position
            position = 0
            do throws(InputError) {
                if let chunk = try source.next() { buffer += chunk } else { isAtEnd = true }
            } catch {
                stop()
                throw error
            }
        }
    }

    private mutating func stop() {
        isAtEnd = true
        buffer = []
        position = 0
    }

    private mutating func take(upTo end: Int, andSkip ending: Int) -> ArraySlice<UInt8> {
        var bytes = buffer[position..<end]
        position = end + ending
        line += 1
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        if line == 1, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        return bytes
    }
}
