#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Musl)
    internal import Musl
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The kernel's small text files below a root: `/`, or a tree that a test wrote.
struct SystemFiles {
    /// Without a slash at its end.
    let root: String
    /// More than any of these files needs; cpuinfo of 1,024 CPUs is longer, and its beginning is enough.
    static let sizeLimit = 1 << 16

    init(root: String) {
        var root = root
        while root.hasSuffix("/") { root.removeLast() }
        self.root = root
    }

    /// A file's text without white space at its end; nil when it cannot be read.
    func text(_ path: String) -> String? {
        let descriptor = open(root + path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: SystemFiles.sizeLimit)
        var count = 0
        while count < bytes.count {
            let more = bytes.withUnsafeMutableBytes { buffer in
                read(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count)
            }
            if more < 0 { return nil }
            if more == 0 { break }
            count += more
        }
        while count > 0, bytes[count - 1] <= 0x20 { count -= 1 }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }

    /// A whole number, decimal or `0x…`; nil when there is none.
    func number(_ path: String) -> Int? {
        guard let text = text(path) else { return nil }
        return text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
    }

    /// A list such as `0-3,8`; nil when it cannot be read.
    func list(_ path: String) -> [Int]? { text(path).flatMap { kernelList($0) } }

    /// Names in a folder, in byte order; none when it cannot be read.
    func names(in path: String) -> [String] {
        guard let folder = opendir(root + path) else { return [] }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The numbers behind `prefix` in a folder's names, ascending: 0, 1 and 10 of `node0`, `node1`, `node10`.
    func numbers(in path: String, after prefix: String) -> [Int] {
        names(in: path).filter { $0.hasPrefix(prefix) }
            .compactMap { Int($0.dropFirst(prefix.count)) }.filter { $0 >= 0 }.sorted()
    }
}

/// The kernel's list format, `0-3,8`, ascending; nil for other text. Empty text is an empty list.
func kernelList(_ text: String) -> [Int]? {
    var values: Set<Int> = []
    for part in text.split(separator: ",") {
        let ends = part.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard let first = ends.first ?? nil, let last = ends.last ?? nil, ends.count <= 2,
            0 <= first, first <= last, last < 1 << 20
        else { return nil }
        values.formUnion(first...last)
    }
    return values.sorted()
}
