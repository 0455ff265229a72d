import Testing

@Suite struct `Documents lead somewhere` {
    @Test func `every relative link is a file or folder of the project`() {
        let broken = ProjectFiles.documents.flatMap {
            brokenLinks(in: $0, exists: ProjectFiles.exists)
        }
        #expect(broken == [])
    }

    @Test func `the README and the docs are read`() {
        let paths = ProjectFiles.documents.map(\.path)
        #expect(paths.contains("README.md") && paths.contains("docs/architecture.md"))
    }

    @Test func `links are read in prose, not in code, and without fragments`() {
        let text = """
            See [one](docs/one.md#part), [two](../two.md "Two") and ![three](a%20b.png).
            Not [the web](https://example.org/x.md), [here](#here) or `[code](code.md)`.
            ```
            [fenced](fenced.md)
            ```
            """
        #expect(relativeLinks(in: text) == ["docs/one.md", "../two.md", "a b.png"])
    }

    @Test(arguments: [
        ("docs/a/b.md", "c.md", "docs/a/c.md"), ("docs/a/b.md", "../../README.md", "README.md"),
        ("README.md", "./docs/", "docs"), ("README.md", "../outside.md", nil),
    ])
    func `a link starts at its document's folder`(
        _ document: String, _ link: String, _ path: String?
    ) {
        #expect(target(of: link, in: document) == path)
    }

    @Test func `a broken link is found`() {
        let document = ProjectFile(
            path: "docs/a.md", text: "[x](b.md) [y](../c.md) [z](../../d.md)")
        #expect(brokenLinks(in: document) { $0 == "docs/b.md" }.count == 2)
    }
}
