import ClusterSimulation
public import Foundation
public import HardwareModel
import Primitives
import WorkloadModel

/// What a scenario may depend on outside its text.
public struct ScenarioSurroundings {
    /// For `${NAME}` in the paths of files.
    public var environment: [String: String]
    /// Reads this computer, for `host: true`; nil where that is not possible.
    public var hostMachine: (() throws -> Machine)?

    public init(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        hostMachine: (() throws -> Machine)? = nil
    ) {
        self.environment = environment
        self.hostMachine = hostMachine
    }
}

/// Reads a scenario file with everything that it names, or tells all mistakes at once.
///
/// - Parameters:
///   - path: The scenario file; `-` is standard input.
///   - overrides: `path.to.key=value`, as after `--set`.
public func readScenario(
    path: String, overrides: [String] = [],
    surroundings: ScenarioSurroundings = ScenarioSurroundings()
) throws(InputError) -> LoadedScenario {
    var files = InputFiles(
        folder: URL(filePath: FileManager.default.currentDirectoryPath),
        environment: surroundings.environment)
    let bytes: [UInt8]
    do throws(FileProblem) {
        bytes = try files.readScenarioFile(path, limit: SourceLimits.configuration.bytes)
    } catch {
        throw InputError([Diagnostic(file: path, message: error.message, hint: error.hint)])
    }
    return try readScenario(
        bytes, file: path, files: files, overrides: overrides, surroundings: surroundings)
}

/// Reads a scenario that is in memory, such as one that comes with the program.
///
/// - Parameters:
///   - file: What messages call it.
///   - folder: Where its relative paths start.
public func readScenario(
    text: String, file: String, folder: String, overrides: [String] = [],
    surroundings: ScenarioSurroundings = ScenarioSurroundings()
) throws(InputError) -> LoadedScenario {
    var files = InputFiles(
        folder: URL(filePath: folder, directoryHint: .isDirectory),
        environment: surroundings.environment)
    let bytes = Array(text.utf8)
    files.note(bytes, name: file)
    return try readScenario(
        bytes, file: file, files: files, overrides: overrides, surroundings: surroundings)
}

private func readScenario(
    _ bytes: [UInt8], file: String, files: InputFiles, overrides: [String],
    surroundings: ScenarioSurroundings
) throws(InputError) -> LoadedScenario {
    let written = try applyOverrides(
        overrides, to: try readRoot(bytes, file: file), as: .table(ScenarioKeys.scenario))
    let named = naming(written, after: file)
    let completed = KeyDefaults.complete(named, as: .table(ScenarioKeys.scenario))

    var check = KeyCheck(diagnostics: Diagnostics())
    check.check(written, against: .table(ScenarioKeys.scenario))
    var builder = ScenarioBuilder(
        root: completed, files: files, surroundings: surroundings, diagnostics: check.diagnostics)
    builder.build()
    let thresholds = builder.readThresholds()

    let found = shown(builder.diagnostics, text: String(decoding: bytes, as: UTF8.self), file: file)
    if builder.diagnostics.hasErrors { throw InputError(found) }
    return LoadedScenario(
        scenario: builder.scenario, files: builder.files.files,
        canonicalJSON: CanonicalJSON.text(of: completed, as: .table(ScenarioKeys.scenario)),
        thresholds: thresholds, notes: found, imports: builder.imports,
        explanation: Explanation.text(
            of: completed, written: written, as: .table(ScenarioKeys.scenario)))
}

/// The one document of a scenario file, a mapping.
func readRoot(_ bytes: [UInt8], file: String) throws(InputError) -> SourceNode {
    let documents = try readSourceDocuments(bytes, file: file)
    func refuse(_ message: String, at node: SourceNode? = nil) -> InputError {
        InputError([
            Diagnostic(
                file: file, line: node?.mark.line ?? 0, column: node?.mark.column ?? 0,
                message: message,
                hint: "a scenario starts with `apiVersion: topsim/v1` and `kind: Scenario`")
        ])
    }
    guard let root = documents.first, !root.isNull else {
        throw refuse("the file is empty, and a scenario was expected")
    }
    guard documents.count == 1 else {
        throw refuse("a second document: a scenario is one", at: documents[1])
    }
    guard root.entries != nil else {
        throw refuse("expected a scenario, found \(root.said)", at: root)
    }
    return root
}

/// All overrides in turn; the mistakes of all are told together.
func applyOverrides(
    _ overrides: [String], to root: SourceNode, as type: ValueType
) throws(InputError) -> SourceNode {
    var root = root
    var mistakes: [Diagnostic] = []
    for text in overrides {
        do throws(InputError) {
            root = try OverrideApplication.apply(
                Override(text), to: root, as: type)
        } catch {
            mistakes += error.diagnostics
        }
    }
    if !mistakes.isEmpty { throw InputError(mistakes) }
    return root
}

/// The scenario with `metadata.name`, which is the file's name when nothing else is said.
func naming(_ root: SourceNode, after file: String) -> SourceNode {
    guard root["metadata"]?["name"]?.text == nil, var entries = root.entries else { return root }
    let fileName = URL(filePath: file).deletingPathExtension().lastPathComponent
    let name = SourceNode.Entry(
        key: "name", keyMark: root.mark,
        value: SourceNode(
            .scalar(file == "-" ? "scenario" : fileName, isQuoted: true), at: root.mark))
    if let position = entries.firstIndex(where: { $0.key == "metadata" }) {
        guard let own = entries[position].value.entries else {
            guard entries[position].value.isNull else { return root }
            entries[position].value = SourceNode(.mapping([name]), at: root.mark)
            return SourceNode(.mapping(entries), at: root.mark)
        }
        entries[position].value = SourceNode(
            .mapping([name] + own.filter { $0.key != "name" }), at: entries[position].value.mark)
    } else {
        entries.append(
            SourceNode.Entry(
                key: "metadata", keyMark: root.mark,
                value: SourceNode(.mapping([name]), at: root.mark)))
    }
    return SourceNode(.mapping(entries), at: root.mark)
}

/// Mistakes in the order of the text, each with its line; what was said twice of one place is said once.
func shown(_ diagnostics: Diagnostics, text: String, file: String) -> [Diagnostic] {
    var seen: Set<Diagnostic> = []
    let lines = text.lines
    var all = diagnostics.all.filter { seen.insert($0).inserted }.map { diagnostic in
        var diagnostic = diagnostic
        if diagnostic.file == file, diagnostic.sourceLine == nil,
            lines.indices.contains(diagnostic.line - 1)
        {
            diagnostic.sourceLine = String(lines[diagnostic.line - 1])
        }
        return diagnostic
    }
    let order = all.indices.sorted { left, right in
        let (a, b) = (all[left], all[right])
        if a.file != b.file {
            return a.file == file && b.file != file ? true : b.file == file ? false : left < right
        }
        return (a.line, a.column, left) < (b.line, b.column, right)
    }
    all = order.map { all[$0] }
    if diagnostics.dropped > 0 || diagnostics.isFull {
        all.append(
            Diagnostic(
                file: file,
                message: "there may be more mistakes; the first \(Diagnostics.limit) are shown"))
    }
    return all
}

/// The word under `kind` of a file that may be a scenario or a study; nil when it cannot be told.
public func readKind(path: String) -> String? {
    guard path != "-", let handle = FileHandle(forReadingAtPath: path) else { return nil }
    defer { try? handle.close() }
    guard let bytes = try? handle.read(upToCount: 1 << 16) else { return nil }
    for line in String(decoding: bytes, as: UTF8.self).lines where line.hasPrefix("kind:") {
        return line.dropFirst(5).prefix { $0 != "#" }
            .trimmingCharacters(in: CharacterSet(charactersIn: " \t\r\"'"))
    }
    return nil
}
