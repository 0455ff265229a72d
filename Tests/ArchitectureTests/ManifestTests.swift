import Testing

@Suite struct `The manifest is a table` {
    @Test func `every dependency is pinned to one version`() {
        #expect(ProjectFiles.manifests.flatMap(unpinnedDependencies) == [])
        #expect(ProjectFiles.manifests.allSatisfy { $0.text.contains(".package(") })
    }

    @Test(arguments: [
        #".package(url: "https://example.org/a", from: "1.0.0")"#,
        #".package(url: "https://example.org/a", branch: "main")"#,
        #".package(url: "https://example.org/a", .upToNextMinor(from: "1.0.0"))"#,
        #".package(url: "https://example.org/a", "1.0.0"..<"2.0.0")"#,
    ])
    func `a dependency that may move is found`(_ call: String) {
        let pinned = #".package(url: "https://example.org/b", exact: "1.0.0"),"#
        let file = ProjectFile(path: "Package.swift", text: pinned + "\n" + call)
        #expect(unpinnedDependencies(in: file).count == 1)
    }

    @Test func `rows are read with their imports, over several lines and without comments`() {
        let manifest = Manifest(
            #"""
            let modules: KeyValuePairs<String, [String]> = [
                "A": [],
                // "Gone": ["A"],
                "B": [
                    "A",
                ],
            ]
            """#)
        #expect(manifest.modules.map(\.name) == ["A", "B"])
        #expect(manifest.modules.map(\.imports) == [[], ["A"]])
        #expect(manifest.imports(of: "B") == ["A"])
        #expect(manifest.imports(of: "C") == nil)
        #expect(manifest.imports(of: "topsim") == ["A", "B"])
    }
}
