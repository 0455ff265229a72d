/// Files below one folder, on a disk or in an archive, read as if that folder were the root of a system.
///
/// Links are followed inside the tree only: an absolute target starts at the root, and `..` stops there, as in a
/// chroot. So no link, whoever made it, leads to a file outside.
protocol FileTree {
    /// What is at a path without links in it and without `/` at its ends; nil when nothing is.
    func entry(at path: String) -> FileTreeEntry?
    /// A regular file's bytes, at most `FileTreeLimits.fileBytes`; nil when it cannot be read.
    func bytes(ofFile path: String) -> [UInt8]?
    /// Names in a folder, in byte order.
    func names(ofFolder path: String) -> [String]
}

enum FileTreeEntry: Equatable {
    case folder
    case file
    /// The target as written.
    case link(String)
}

enum FileTreeLimits {
    /// Of one file that is read; cpuinfo of a large machine is the largest that matters.
    static let fileBytes = 4 << 20
    /// Links followed on the way to one file, as many as Linux follows.
    static let linkHops = 40
    static let nameBytes = 4096
    static let depth = 64
}

extension FileTree {
    /// The path with its links followed; nil when nothing is there, or when links go in circles.
    func resolve(_ path: String) -> String? {
        if case .some(let direct) = entry(at: path), !isLink(direct) { return path }
        var pending = path.split(separator: "/").reversed().map(String.init)
        var resolved: [String] = []
        var hops = 0
        while let name = pending.popLast() {
            if name == "." { continue }
            if name == ".." {
                _ = resolved.popLast()
                continue
            }
            resolved.append(name)
            guard resolved.count <= FileTreeLimits.depth else { return nil }
            guard let entry = entry(at: resolved.joined(separator: "/")) else { return nil }
            guard case .link(let target) = entry else { continue }
            hops += 1
            guard hops <= FileTreeLimits.linkHops, target.utf8.count <= FileTreeLimits.nameBytes
            else { return nil }
            if target.hasPrefix("/") { resolved = [] } else { resolved.removeLast() }
            pending += target.split(separator: "/").reversed().map(String.init)
        }
        return resolved.joined(separator: "/")
    }

    private func isLink(_ entry: FileTreeEntry) -> Bool {
        if case .link = entry { true } else { false }
    }

    func isFolder(_ path: String) -> Bool {
        resolve(path).flatMap { entry(at: $0) } == .folder
    }

    /// A file's text without white space and NUL at its end; nil when it cannot be read.
    func text(_ path: String) -> String? {
        guard let place = resolve(path), entry(at: place) == .file,
            let bytes = bytes(ofFile: place)
        else { return nil }
        let end = bytes.lastIndex { $0 > 0x20 }.map { $0 + 1 } ?? 0
        return String(decoding: bytes[..<end], as: UTF8.self)
    }

    /// Names in a folder, in byte order; none when it cannot be read.
    func names(in path: String) -> [String] {
        guard let place = resolve(path), entry(at: place) == .folder else { return [] }
        return names(ofFolder: place)
    }

    /// A whole number, decimal or `0x…`; nil when there is none.
    func number(_ path: String) -> Int? {
        guard let text = text(path) else { return nil }
        return text.hasPrefix("0x") ? Int(text.dropFirst(2), radix: 16) : Int(text)
    }
}
