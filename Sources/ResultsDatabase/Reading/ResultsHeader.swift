import Foundation

/// The first hundred bytes of an SQLite file (https://www.sqlite.org/fileformat.html, section 1.3).
struct ResultsHeader {
    private let bytes: [UInt8]

    /// Nil when the file cannot be read or is no SQLite file.
    init?(ofFile path: String) {
        guard let file = FileHandle(forReadingAtPath: path),
            let data = try? file.read(upToCount: 100), data.count == 100,
            data.starts(with: Array("SQLite format 3\0".utf8))
        else { return nil }
        bytes = Array(data)
    }

    /// Whether the application id is topsim's.
    var isResults: Bool { integer(at: 68) == UInt32(bitPattern: Schema.applicationID) }

    /// `PRAGMA user_version`.
    var schemaVersion: Int { Int(integer(at: 60)) }

    private func integer(at offset: Int) -> UInt32 {
        bytes[offset..<offset + 4].reduce(0) { $0 << 8 | UInt32($1) }
    }
}
