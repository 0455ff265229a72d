import Testing

@Suite struct `Sources are finished and repeatable` {
    @Test func `no file holds a forbidden text`() {
        let files = ProjectFiles.sources + ProjectFiles.tests + ProjectFiles.documents
        #expect(files.flatMap(forbiddenTexts) == [])
    }

    @Test(arguments: (forbiddenEverywhere + forbiddenInPureModules).map(\.text))
    func `a forbidden text is found in a pure module, with its line`(_ text: String) {
        let file = ProjectFile(path: "Sources/Records/A.swift", text: "\n    x \(text) y")
        #expect(forbiddenTexts(in: file).count == 1)
        #expect(forbiddenTexts(in: file).first?.hasPrefix("Sources/Records/A.swift:2: ") == true)
    }

    @Test(arguments: forbiddenInPureModules.map(\.text))
    func `edges may ask the system`(_ text: String) {
        #expect(forbiddenTexts(in: ProjectFile(path: "Sources/topsim/A.swift", text: text)) == [])
    }
}
