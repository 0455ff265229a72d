import Foundation

/// How an archive is packed, told by its first bytes, and the system's tool that unpacks it.
enum ArchivePacking: CaseIterable {
    case gzip, bzip2, xz

    init?(_ bytes: [UInt8]) {
        guard let packing = ArchivePacking.allCases.first(where: { bytes.starts(with: $0.magic) })
        else { return nil }
        self = packing
    }

    private var magic: [UInt8] {
        switch self {
        case .gzip: [0x1F, 0x8B]
        case .bzip2: [0x42, 0x5A, 0x68]
        case .xz: [0xFD, 0x37, 0x7A, 0x58, 0x5A]
        }
    }

    var tool: String {
        switch self {
        case .gzip: "gzip"
        case .bzip2: "bzip2"
        case .xz: "xz"
        }
    }

    /// A hostile xz file may ask for memory by the gigabyte.
    fileprivate var arguments: [String] {
        self == .xz ? ["-dc", "--memlimit-decompress=256MiB"] : ["-dc"]
    }
}

/// Reads a tar archive, packed or not, and keeps the files whose last name is wanted.
func readArchive(
    _ bytes: [UInt8], limits: ArchiveLimits = ArchiveLimits(),
    keeping keeps: @escaping (String) -> Bool
) throws(ArchiveProblem) -> ArchiveTree {
    var reading = TarReading(limits: limits, keeps: keeps)
    if let packing = ArchivePacking(bytes) {
        try unpack(bytes, packing, limit: limits.unpackedBytes) { chunk throws(ArchiveProblem) in
            try reading.take(chunk)
        }
    } else {
        try reading.take(bytes[...])
    }
    try reading.finish()
    return reading.tree
}

/// Hands over the unpacked bytes of an archive chunk by chunk, and stops the tool where they become too many.
private func unpack(
    _ bytes: [UInt8], _ packing: ArchivePacking, limit: Int,
    _ body: (ArraySlice<UInt8>) throws(ArchiveProblem) -> Void
) throws(ArchiveProblem) {
    let file = FileManager.default.temporaryDirectory.appending(
        path: "topsim-\(UUID().uuidString).packed")
    defer { try? FileManager.default.removeItem(at: file) }
    let input: FileHandle
    do {
        try Data(bytes).write(to: file, options: .withoutOverwriting)
        input = try FileHandle(forReadingFrom: file)
    } catch {
        throw ArchiveProblem(message: "cannot be unpacked: no temporary file can be written")
    }
    defer { try? input.close() }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = [packing.tool] + packing.arguments
    let output = Pipe()
    process.standardInput = input
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    do { try process.run() } catch {
        throw ArchiveProblem(
            message: "is packed, and `\(packing.tool)` cannot be run to unpack it",
            hint: "unpack it yourself and name the plain file or folder")
    }
    // A thread of the pool may have signals blocked, and the tool inherits that: SIGTERM would never come through.
    func stop() {
        try? output.fileHandleForReading.close()
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
    var count = 0
    while true {
        guard let chunk = try? output.fileHandleForReading.read(upToCount: 1 << 18),
            !chunk.isEmpty
        else { break }
        count += chunk.count
        guard count <= limit else {
            stop()
            throw ArchiveProblem(
                message: "unpacks to more than \(grouped(limit)) bytes, the most that is read")
        }
        do throws(ArchiveProblem) { try body([UInt8](chunk)[...]) } catch {
            stop()
            throw error
        }
    }
    process.waitUntilExit()
    switch process.terminationStatus {
    case 0: return
    case 127:
        throw ArchiveProblem(
            message: "is packed, and there is no `\(packing.tool)` to unpack it",
            hint: "unpack it yourself and name the plain file or folder")
    default:
        throw ArchiveProblem(
            message: "is not a whole \(packing.tool) file",
            hint: "it was cut off or damaged; fetch it again")
    }
}
