/// Words that say nothing of what a file holds.
let wordsThatSayNothing: Set<String> = [
    "Utils", "Util", "Utilities", "Helpers", "Helper", "Common", "Misc", "Stuff", "New", "Old",
]

/// The words of a file's name: `PodTable+Growth.swift` has Pod, Table and Growth.
func words(ofFileName name: String) -> [String] {
    name.dropLast(name.hasSuffix(".swift") ? 6 : 0)
        .matches(of: /[A-Z]+(?![a-z])|[A-Z][a-z]*|[a-z]+|[0-9]+/).map { String($0.output) }
}

/// Findings for names that say nothing (`Helpers`), and for second tries (`Manager2`).
func badName(of file: ProjectFile) -> [String] {
    let words = words(ofFileName: file.name)
    let isSecondTry = words.last.map { $0.count == 1 && $0.allSatisfy(\.isNumber) } ?? true
    return words.filter(wordsThatSayNothing.contains).map { "\(file.path): `\($0)` says nothing" }
        + (isSecondTry ? ["\(file.path): say how it differs, not that it is another"] : [])
}

/// Findings for files of one module that share a name: Swift refuses them, and people mistake them.
func sharedNames(among files: [ProjectFile]) -> [String] {
    Dictionary(grouping: files) { $0.module + "/" + $0.name }
        .filter { $0.value.count > 1 }.values
        .map { $0.map(\.path).sorted().joined(separator: " and ") + " share a name" }.sorted()
}
