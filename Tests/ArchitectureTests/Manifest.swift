/// What Package.swift says in its tables, read from its text.
struct Manifest: Sendable {
    /// A module or suite and what it may import, in the manifest's order.
    typealias Row = (name: String, imports: [String])

    var modules: [Row]
    var suites: [Row]
    /// What suites share.
    var supports: [Row]
    /// Products of other packages and system libraries, by module or suite.
    var libraries: [String: [String]]

    init(_ text: String) {
        modules = Self.table("modules", in: text)
        suites = Self.table("suites", in: text)
        supports = Self.table("supports", in: text)
        libraries = Dictionary(
            uniqueKeysWithValues: Self.table("libraries", in: text).map { ($0.name, $0.imports) })
    }

    /// What the files of a folder under Sources or Tests may import, or nil when the manifest has no such folder.
    func imports(of module: String) -> Set<String>? {
        let products = libraries[module] ?? []
        if module == "topsim" { return Set(modules.map(\.name) + products) }
        if let row = (modules + supports).first(where: { $0.name == module }) {
            return Set(row.imports + products)
        }
        return suites.first { $0.name == module }
            .map { Set($0.imports + products + ["TestSupport"]) }
    }

    /// The rows between `let <name>` and the line that closes the table.
    private static func table(_ name: String, in text: String) -> [Row] {
        let lines = text.split(separator: "\n")
            .drop { !$0.hasPrefix("let \(name):") }.prefix { $0 != "]" }
            .filter { !$0.drop { $0 == " " }.hasPrefix("//") }
        var rows: [Row] = []
        for match in lines.dropFirst().joined(separator: "\n")
            .matches(of: /"(?<key>[\w-]+)":|package: "[^"]*"|"(?<value>[\w-]+)"/)
        {
            if let key = match.key {
                rows.append((String(key), []))
            } else if let value = match.value, !rows.isEmpty {
                rows[rows.count - 1].imports.append(String(value))
            }
        }
        return rows
    }
}

/// Findings for every dependency that is not pinned to one version: Package.resolved is not committed.
func unpinnedDependencies(in manifest: ProjectFile) -> [String] {
    manifest.text.matches(of: /\.package\((?<call>[^)]*)\)/)
        .map { String($0.call) }
        .filter { !$0.contains("exact:") && !$0.contains("path:") }
        .map { "\(manifest.path): `\($0)` is not pinned with `exact:`" }
}
