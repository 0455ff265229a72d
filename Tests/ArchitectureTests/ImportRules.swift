/// The layers of docs/architecture.md, from below: a module imports lower layers only.
let layers: [[String]] = [
    ["Primitives"],
    ["DiscreteEvents", "HardwareModel", "WorkloadModel", "Records"],
    ["NodeManagers", "ClusterScheduler", "Metrics"],
    ["ClusterSimulation"],
    ["Analysis"],
    ["Reporting", "Lint"],
    ["HostTopology", "ScenarioInput", "ResultsDatabase"],
    ["Conformance", "TraceTools"],
]

/// Values in, values out: layers 0 to 4 do without files, clocks and the operating system.
let pureModules = Set(layers[...4].joined())

/// What a pure module may not import: each brings files, clocks, locales or threads.
let modulesOfTheSystem: Set<String> = [
    "Foundation", "FoundationEssentials", "FoundationInternationalization", "Dispatch", "Glibc",
    "Musl", "Darwin",
]

/// What comes with the toolchain, so that no manifest declares it.
let modulesOfTheToolchain = modulesOfTheSystem.union(["Swift", "Synchronization", "Testing"])

/// Arrows that are missing on purpose, and why.
let forbiddenArrows: [(module: String, import: String, reason: String)] = [
    (
        "ClusterScheduler", "NodeManagers",
        "a scheduler sees only what nodes publish, never what a kubelet decides"
    )
]

/// An `import` line: its module, and whether it looks inside with `@testable`.
struct ImportLine: Equatable {
    var module: String
    var isTestable = false
}

/// The imports of a file, in order; conditional ones too.
func imports(in text: String) -> [ImportLine] {
    // Every second piece between triple quotes is a text: what a program of another language imports is its own affair.
    let code = text.split(separator: "\"\"\"", omittingEmptySubsequences: false).enumerated()
        .filter { $0.offset.isMultiple(of: 2) }.map(\.element).joined(separator: "\n")
    return code.split(separator: "\n").filter { $0.contains("import ") }.compactMap { line in
        let pattern =
            /\s*(?<attributes>(?:@\w+(?:\([^)]*\))?\s+)*)(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+(?:(?:struct|class|enum|protocol|typealias|func|let|var)\s+)?(?<module>\w+)/
        guard let match = line.prefixMatch(of: pattern) else { return nil }
        return ImportLine(
            module: String(match.module), isTestable: match.attributes.contains("@testable"))
    }
}

/// Findings for pure modules that import what belongs to the system.
func impureImports(in file: ProjectFile) -> [String] {
    guard pureModules.contains(file.module) else { return [] }
    return imports(in: file.text).filter { modulesOfTheSystem.contains($0.module) }
        .map { "\(file.path) imports \($0.module), but \(file.module) is a pure module" }
}

/// Findings for imports that Package.swift does not list for the file's module.
func undeclaredImports(in file: ProjectFile, by manifest: Manifest) -> [String] {
    guard let declared = manifest.imports(of: file.module) else {
        return ["\(file.path): Package.swift knows no module \(file.module)"]
    }
    return imports(in: file.text)
        .filter { !declared.contains($0.module) && !modulesOfTheToolchain.contains($0.module) }
        .map { "\(file.path) imports \($0.module), not declared for \(file.module)" }
}

/// Findings for arrows that are missing on purpose, in a file's imports.
func forbiddenImports(in file: ProjectFile) -> [String] {
    let imported = imports(in: file.text).map(\.module)
    return forbiddenArrows.filter { $0.module == file.module && imported.contains($0.import) }
        .map { "\(file.path) imports \($0.import): \($0.reason)" }
}

/// Findings for `@testable`: it needs a build of its own, and the suites test the release that people run.
func testableImports(in file: ProjectFile) -> [String] {
    imports(in: file.text).filter(\.isTestable)
        .map { "\(file.path): `@testable import \($0.module)`; make the seam `package` instead" }
}

/// Findings for rows of the manifest that import sideways or upwards, or that no layer holds.
func upwardImports(in manifest: Manifest) -> [String] {
    func layer(of module: String) -> Int? { layers.firstIndex { $0.contains(module) } }
    return manifest.modules.flatMap { row -> [String] in
        guard let own = layer(of: row.name) else { return ["\(row.name) is in no layer"] }
        return row.imports.filter { layer(of: $0).map { $0 >= own } ?? true }
            .map { "\(row.name) (layer \(own)) imports \($0), which is not below it" }
            + forbiddenArrows.filter { $0.module == row.name && row.imports.contains($0.import) }
            .map { "\(row.name) may import \($0.import): \($0.reason)" }
    }
}
