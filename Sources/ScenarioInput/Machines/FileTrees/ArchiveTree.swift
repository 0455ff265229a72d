/// The files of an archive in memory, as far as somebody wants them.
struct ArchiveTree {
    fileprivate enum Entry {
        case folder
        case file([UInt8])
        case link(String)
    }

    fileprivate var entries: [String: Entry] = ["": .folder]
    fileprivate var children: [String: [String]] = [:]
    /// Bytes of the files that are kept.
    private(set) var keptBytes = 0
    /// Every folder that holds a `sys` with CPUs in it, in the archive's order: each is the root of a machine.
    private(set) var machineRoots: [String] = []

    mutating func insertFolder(_ components: [String]) {
        insert(.folder, at: components)
    }

    mutating func insertFile(_ components: [String], _ bytes: [UInt8]) {
        keptBytes += bytes.count
        insert(.file(bytes), at: components)
    }

    mutating func insertLink(_ components: [String], to target: String) {
        insert(.link(target), at: components)
    }

    /// The bytes of a file that was kept before, for a hard link to it.
    func file(_ components: [String]) -> [UInt8]? {
        guard case .file(let bytes) = entries[components.joined(separator: "/")] else { return nil }
        return bytes
    }

    private mutating func insert(_ entry: Entry, at components: [String]) {
        guard let last = components.last else { return }
        let parent = components.dropLast().joined(separator: "/")
        if entries[parent] == nil { insert(.folder, at: components.dropLast()) }
        let path = parent.isEmpty ? last : parent + "/" + last
        if let old = entries.updateValue(entry, forKey: path) {
            if case .file(let bytes) = old { keptBytes -= bytes.count }
            // A folder that is named again keeps what is in it.
            return
        }
        children[parent, default: []].append(last)
        if components.suffix(4) == ["sys", "devices", "system", "cpu"] {
            machineRoots.append(components.dropLast(4).joined(separator: "/"))
        }
    }
}

/// One folder of an archive as the root of a system.
struct ArchiveFolder: FileTree {
    let archive: ArchiveTree
    private let prefix: String
    private let root: String

    init(_ archive: ArchiveTree, root: String) {
        self.archive = archive
        self.root = root
        prefix = root.isEmpty ? "" : root + "/"
    }

    private func place(_ path: String) -> String { path.isEmpty ? root : prefix + path }

    func entry(at path: String) -> FileTreeEntry? {
        switch archive.entries[place(path)] {
        case .folder: .folder
        case .file: .file
        case .link(let target): .link(target)
        case nil: nil
        }
    }

    func bytes(ofFile path: String) -> [UInt8]? {
        guard case .file(let bytes) = archive.entries[place(path)] else { return nil }
        return bytes
    }

    func names(ofFolder path: String) -> [String] {
        (archive.children[place(path)] ?? []).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }
}
