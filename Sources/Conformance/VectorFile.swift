import Foundation
import ScenarioInput

/// One case of a file: where it stands, and what it is.
struct VectorCase: Sendable {
    /// From 1.
    var line: Int
    var bytes: Range<Int>
    /// Unique in its file.
    var id: String
    /// Its place in `VectorKindRegistry.all`.
    var kindIndex: Int
    /// The machines that it names.
    var topologies: [String]

    var kind: VectorKind { VectorKindRegistry.all[kindIndex] }
}

/// A file of vectors that was read and in which every line is a case of a known kind.
struct VectorFile: Sendable {
    /// Below the path that was given; the file's own name if that is a file.
    let name: String
    /// As a message shows it.
    let shownPath: String
    let bytes: [UInt8]
    var cases: [VectorCase]
    var machines: VectorMachines

    /// Mistakes of one file that are told; the others are counted.
    private static let toldMistakes = 50

    /// - Throws: every mistake that can be seen without running a case, of all lines at once.
    init(
        name: String, shownPath: String, url: URL, bytes: [UInt8], threads: Int
    ) throws(InputError) {
        self.name = name
        self.shownPath = shownPath
        self.bytes = bytes
        let lines = VectorFile.lines(of: bytes)
        let checker = VectorLineCheck(shownPath: shownPath)
        let checked = parallelMap(lines.count, threads: threads) { index in
            checker.check(lines[index], line: index + 1)
        }
        var mistakes = checked.flatMap(\.mistakes)
        cases = checked.compactMap(\.found)
        var lineOfID: [String: Int] = [:]
        for vector in cases {
            if let first = lineOfID.updateValue(vector.line, forKey: vector.id) {
                lineOfID[vector.id] = first
                mistakes.append(
                    checker.mistake(
                        vector.line, "the id `\(vector.id)` is that of line \(first), too",
                        hint: "every case of a file has an id of its own"))
            }
        }
        machines = VectorMachines()
        let names = Set(cases.flatMap(\.topologies))
        if !names.isEmpty {
            let shownFolder = shownPath.lastIndex(of: "/").map { String(shownPath[...$0]) }
            machines = VectorMachines(
                folder: url.deletingLastPathComponent(), shown: shownFolder ?? "", names: names)
            mistakes += missingMachines(checker)
        }
        if cases.isEmpty && mistakes.isEmpty {
            mistakes.append(
                Diagnostic(
                    file: shownPath, message: "no case in the file",
                    hint: "a file of vectors has one case a line, each a JSON object"))
        }
        try VectorFile.tell(mistakes, shownPath)
    }

    /// Line 1 first, empty ones too.
    private static func lines(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var ends: [Int] = []
        bytes.withUnsafeBytes { buffer in
            guard let start = buffer.baseAddress else { return }
            var position = 0
            while position < buffer.count,
                let end = memchr(start + position, 0x0A, buffer.count - position)
            {
                ends.append(start.distance(to: end))
                position = ends[ends.count - 1] + 1
            }
        }
        ends.append(bytes.count)
        var first = 0
        return ends.map { end in
            defer { first = end + 1 }
            return bytes[first..<end]
        }
    }

    private func missingMachines(_ checker: VectorLineCheck) -> [Diagnostic] {
        var found: [Diagnostic] = []
        var told: Set<String> = []
        for vector in cases {
            for name in vector.topologies where told.insert(name).inserted {
                guard let message = machines.mistake(of: name) else { continue }
                found.append(
                    checker.mistake(
                        vector.line, message,
                        hint: "machines stand in the list `machines` of a file *.json beside it"))
            }
        }
        return found.isEmpty ? [] : found + machines.mistakes
    }

    /// Throws mistakes in the order of their lines, unless there are none.
    static func tell(_ mistakes: [Diagnostic], _ shownPath: String) throws(InputError) {
        guard !mistakes.isEmpty else { return }
        let sorted = mistakes.enumerated().sorted {
            ($0.element.file == shownPath ? 0 : 1, $0.element.line, $0.offset)
                < ($1.element.file == shownPath ? 0 : 1, $1.element.line, $1.offset)
        }.map(\.element)
        var told = Array(sorted.prefix(toldMistakes))
        if sorted.count > told.count {
            told.append(
                Diagnostic(
                    file: shownPath,
                    message: "\(sorted.count - told.count) more mistakes, not shown"))
        }
        throw InputError(told)
    }

    /// The JSON of a case. It was read before, so that it reads.
    func json(of vector: VectorCase) throws(VectorStop) -> JSONValue {
        do throws(JSONError) {
            return try JSONParser.parse(bytes[vector.bytes])
        } catch {
            throw .malformed(error.message)
        }
    }
}
