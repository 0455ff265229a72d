import Foundation

/// A tar archive that a test writes byte by byte, honest or not.
struct TarFixture {
    private(set) var bytes: [UInt8] = []

    init() {}

    /// Files by path, with the folders around them.
    init(_ files: [(path: String, text: String)]) {
        for file in files { add(file.path, file.text + "\n") }
        end()
    }

    mutating func add(_ name: String, _ text: String) {
        add(name, type: "0", body: Array(text.utf8))
    }

    mutating func link(_ name: String, to target: String) {
        add(name, type: "2", link: target)
    }

    mutating func folder(_ name: String) { add(name + "/", type: "5") }

    /// One member as its header says; `size` may lie.
    mutating func add(
        _ name: String, type: Unicode.Scalar, link: String = "", body: [UInt8] = [],
        size: String? = nil
    ) {
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int, limit: Int) {
            for (position, byte) in text.utf8.prefix(limit).enumerated() {
                header[offset + position] = byte
            }
        }
        put(name, at: 0, limit: 100)
        put("0000644", at: 100, limit: 8)
        put(size ?? octal(body.count), at: 124, limit: 12)
        header[156] = UInt8(type.value)
        put(link, at: 157, limit: 100)
        put("ustar\u{0}00", at: 257, limit: 8)
        put("        ", at: 148, limit: 8)
        let sum = header.reduce(0) { $0 + Int($1) }
        put(octal(sum).suffix(6) + "\u{0} ", at: 148, limit: 8)
        bytes += header + body
        bytes += [UInt8](repeating: 0, count: (512 - body.count % 512) % 512)
    }

    mutating func end() { bytes += [UInt8](repeating: 0, count: 1024) }

    private func octal(_ number: Int) -> String {
        let digits = String(number, radix: 8)
        return String(repeating: "0", count: max(0, 11 - digits.count)) + digits
    }

    /// The archive packed by a tool of the system: `gzip`, `bzip2` or `xz`.
    func packed(by tool: String) throws -> [UInt8] { try Self.pack(bytes, by: tool) }

    static func pack(_ bytes: [UInt8], by tool: String) throws -> [UInt8] {
        let file = FileManager.default.temporaryDirectory.appending(
            path: "topsim-\(UUID().uuidString)")
        try Data(bytes).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [tool, "-c", file.path]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let packed = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return [UInt8](packed)
    }
}
