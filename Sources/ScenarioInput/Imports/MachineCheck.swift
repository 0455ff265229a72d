import Foundation

/// What several sources say of one machine, each read in its own format.
///
/// A source is a machine in any format (`ARCHIVE#NAME` is one of several) or a Node object (`FILE#NODE`).
///
/// - Throws: All mistakes of all sources; fewer than two.
public func compareMachineSources(_ paths: [String]) throws(InputError) -> MachineComparison {
    var statements: [MachineStatement] = []
    var mistakes: [Diagnostic] = []
    for path in paths {
        do throws(InputError) {
            statements.append(try machineStatement(path))
        } catch {
            mistakes += error.diagnostics
        }
    }
    if paths.count < 2 {
        mistakes.append(
            Diagnostic(
                file: paths.first ?? "--check",
                message: "one source, and nothing to compare it with",
                hint: "name the sources of one machine, such as a sysfs dump and its Node"))
    }
    if !mistakes.isEmpty { throw InputError(mistakes) }
    // The files' names alone, where they tell the sources apart.
    let names = statements.map { String($0.source.split(separator: "/").last ?? "") }
    if Set(names).count == names.count {
        for index in statements.indices { statements[index].source = names[index] }
    }
    return MachineComparison(statements)
}

private func machineStatement(_ path: String) throws(InputError) -> MachineStatement {
    let (file, part) = splitNamedPart(path)
    if let nodes = try nodeStatements(file) {
        let wanted = nodes.filter { node in
            part.map { node.source.hasSuffix("#" + $0) || nodes.count == 1 } ?? true
        }
        guard wanted.count == 1 else {
            throw InputError([
                Diagnostic(
                    file: file,
                    message: part.map { "no Node is called `\($0)`" }
                        ?? "\(nodes.count) Nodes, and one is wanted",
                    hint: "name one: "
                        + nodes.prefix(5).map { "`\($0.source)`" }.joined(separator: ", "))
            ])
        }
        return wanted[0]
    }
    return MachineStatement(of: try MachineSource().readFile(path), source: path)
}

/// The Nodes of a text of objects; nil for a file of another kind.
private func nodeStatements(_ file: String) throws(InputError) -> [MachineStatement]? {
    var isFolder: ObjCBool = false
    guard file != "-", FileManager.default.fileExists(atPath: file, isDirectory: &isFolder),
        !isFolder.boolValue
    else { return nil }
    var files = InputFiles(
        folder: URL(filePath: FileManager.default.currentDirectoryPath), environment: [:])
    let bytes: [UInt8]
    do throws(FileProblem) {
        bytes = try files.read(file, limit: SourceLimits.listing.bytes)
    } catch {
        throw InputError([Diagnostic(file: file, message: error.message, hint: error.hint)])
    }
    let told = ImportFileKind(
        start: bytes.prefix(1 << 16), file: MachineFile(name: file, bytes: bytes), wanted: .auto)
    guard told == .objects else { return nil }
    let nodes = try readNodeStatements(bytes: bytes, file: file)
    return nodes.isEmpty ? nil : nodes
}

private func splitNamedPart(_ path: String) -> (file: String, part: String?) {
    guard let hash = path.lastIndex(of: "#"), hash != path.startIndex,
        !FileManager.default.fileExists(atPath: path)
    else { return (path, nil) }
    return (String(path[..<hash]), String(path[path.index(after: hash)...]))
}
