import Foundation

extension ImportedScenario {
    /// Writes the folder: beside it first, then it is read as a user would run it, and only then it gets its name.
    ///
    /// - Parameters:
    ///   - path: The folder; it must not be there, or be empty.
    ///   - isReplacing: An earlier import (`scenario.yaml` with `report.md`) may be there; it is replaced.
    /// - Returns: The scenario that was read from it.
    /// - Throws: A folder that is in the way, what cannot be written, and mistakes of the scenario; nothing is left.
    @discardableResult
    public func write(to path: String, replacing isReplacing: Bool) throws(InputError)
        -> LoadedScenario
    {
        let target = URL(filePath: path).standardizedFileURL
        try ImportedScenario.checkPlace(path, replacing: isReplacing)
        let id = ProcessInfo.processInfo.processIdentifier
        let draft = target.deletingLastPathComponent()
            .appending(path: ".\(target.lastPathComponent).import-\(id)")
        let manager = FileManager.default
        defer { try? manager.removeItem(at: draft) }
        do {
            try manager.createDirectory(
                at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
            try manager.createDirectory(at: draft, withIntermediateDirectories: false)
            for file in files { try write(file, into: draft) }
            let page = report.page(title: "What was imported")
            try Data(page.utf8).write(to: draft.appending(path: "report.md"))
        } catch {
            throw ImportedScenario.problem(path, "cannot be written: \(error.localizedDescription)")
        }
        let loaded = try read(draft)
        do {
            if manager.fileExists(atPath: target.path) { try manager.removeItem(at: target) }
            try manager.moveItem(at: draft, to: target)
        } catch {
            throw ImportedScenario.problem(path, "cannot be written: \(error.localizedDescription)")
        }
        return loaded
    }

    /// Refuses a folder that holds anything else than an earlier import.
    public static func checkPlace(
        _ path: String, replacing isReplacing: Bool
    ) throws(InputError) {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return }
        guard isFolder.boolValue else {
            throw problem(path, "a file, where the folder would be made", "name another folder")
        }
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: path) else {
            throw problem(path, "the folder cannot be read")
        }
        if names.isEmpty { return }
        let isImport = names.contains("scenario.yaml") && names.contains("report.md")
        guard isImport else {
            throw problem(
                path, "the folder is not empty, and no earlier import is in it",
                "name another folder, or empty this one")
        }
        guard isReplacing else {
            throw problem(path, "an earlier import is there", "`--force` replaces it")
        }
    }

    private static func problem(
        _ path: String, _ message: String, _ hint: String? = nil
    ) -> InputError {
        InputError([Diagnostic(file: path, message: message, hint: hint)])
    }

    private func write(_ file: File, into folder: URL) throws {
        let url = folder.appending(path: file.path)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        switch file.content {
        case .bytes(let bytes): try Data(bytes).write(to: url)
        case .copy(let path): try FileManager.default.copyItem(at: URL(filePath: path), to: url)
        }
    }

    /// Reads the draft as `topsim run` would.
    private func read(_ draft: URL) throws(InputError) -> LoadedScenario {
        guard case .bytes(let bytes) = files.first?.content else {
            return try readScenario(path: draft.appending(path: "scenario.yaml").path)
        }
        return try readScenario(
            text: String(decoding: bytes, as: UTF8.self), file: "scenario.yaml", folder: draft.path)
    }
}
