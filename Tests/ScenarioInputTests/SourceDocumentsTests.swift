import ScenarioInput
import Testing

@Suite struct `YAML with places` {
    @Test func `values keep their text, quoting, order and place`() throws {
        let documents = try readSourceDocuments(
            "a: 1\nb: \"1\"\nc: [x, {y: ~}]\n---\n{\"json\": true}\n", file: "f.yaml")
        #expect(documents.count == 2)
        let first = documents[0]
        #expect(first.entries?.map(\.key) == ["a", "b", "c"])
        guard case .scalar("1", isQuoted: false)? = first["a"]?.value,
            case .scalar("1", isQuoted: true)? = first["b"]?.value
        else { throw Failed() }
        let y = try #require(first["c"]?.elements?[1]["y"])
        #expect(y.isNull)
        #expect(y.mark == SourceMark(file: "f.yaml", line: 3, column: 12))
        #expect(first.entries?[1].keyMark == SourceMark(file: "f.yaml", line: 2, column: 1))
        #expect(documents[1]["json"]?.text == "true")
        #expect(documents[1]["json"]?.mark.line == 5)
    }

    @Test func `merge keys lend what a mapping does not say itself`() throws {
        let text = """
            base: &base {cpu: 1, memory: 2}
            more: &more {gpu: 3, cpu: 9}
            one: {<<: *base, cpu: 5}
            two: {<<: [*base, *more]}
            """
        let document = try #require(try readSourceDocuments(text, file: "f").first)
        #expect(document["one"]?["cpu"]?.text == "5")
        #expect(document["one"]?["memory"]?.text == "2")
        #expect(document["two"]?.entries?.map(\.key) == ["cpu", "memory", "gpu"])
        #expect(document["two"]?["cpu"]?.text == "1")
    }

    @Test(arguments: ["", "# only a comment\n", "\n\n"])
    func `a text without values has no documents`(_ text: String) throws {
        #expect(try readSourceDocuments(text, file: "f").isEmpty)
    }

    struct Refusal: Sendable, CustomTestStringConvertible {
        var name: String
        var text: String
        var place: String
        var message: String
        var testDescription: String { name }
    }

    static let refusals: [Refusal] = [
        Refusal(
            name: "100,000 brackets", text: String(repeating: "[", count: 100_000), place: "1:101",
            message: "more than 100 levels of lists and mappings"),
        Refusal(
            name: "100,000 dashes", text: String(repeating: "- ", count: 100_000), place: "1:201",
            message: "more than 100 levels of lists and mappings"),
        Refusal(
            name: "nesting by indentation",
            text: (0..<200).map { String(repeating: " ", count: $0) + "a:" }.joined(
                separator: "\n"),
            place: "102:102", message: "more than 100 levels of lists and mappings"),
        Refusal(
            name: "billion laughs",
            text: "a0: &a0 [x, x]\n"
                + (1..<40).map {
                    "a\($0): &a\($0) [\(Array(repeating: "*a\($0 - 1)", count: 9).joined(separator: ", "))]"
                }.joined(separator: "\n"),
            place: "6:5", message: "more than 400,000 values once aliases are expanded"),
        Refusal(
            name: "billion laughs in a key",
            text: "a0: &a0 [x, x]\n"
                + (1..<40).map {
                    "a\($0): &a\($0) [\(Array(repeating: "*a\($0 - 1)", count: 9).joined(separator: ", "))]"
                }.joined(separator: "\n") + "\n? *a39\n: x",
            place: "41:1", message: "a list or mapping as a key in a text that uses aliases"),
        Refusal(
            name: "billion laughs in an implicit key",
            text: "a0: &a0 [x, x]\n"
                + (1..<40).map {
                    "a\($0): &a\($0) [\(Array(repeating: "*a\($0 - 1)", count: 9).joined(separator: ", "))]"
                }.joined(separator: "\n") + "\n*a39 : x",
            place: "41:6", message: "a list or mapping as a key in a text that uses aliases"),
        Refusal(
            name: "a value that holds itself", text: "a: &a [1, *a]\n", place: "1:11",
            message: "found undefined alias `*a`"),
        Refusal(
            name: "duplicate key", text: "x:\n  a: 1\n  b: 2\n  a: 3\n", place: "4:3",
            message: "duplicate key `a`"),
        Refusal(
            name: "duplicate key in one line", text: "{a: 1, \"a\": 3}", place: "1:8",
            message: "duplicate key `a`"),
        Refusal(
            name: "tab", text: "a:\n\tb: 1\n", place: "2:1",
            message:
                "found character that cannot start any token (while scanning for the next token at 2:1)"
        ),
        Refusal(
            name: "NUL", text: "a: b\u{0}c\n", place: "1:5", message: "a NUL byte in a text"),
        Refusal(
            name: "escape", text: "a: ü\u{1B}c\n", place: "1:5",
            message: "a control character, 0x1B, in a text"),
        Refusal(
            name: "list as key", text: "? [a, b]\n: 1\n", place: "1:3",
            message: "a list or mapping as a key"),
        Refusal(
            name: "tag", text: "a: !vault x\n", place: "1:4", message: "unknown tag `!vault`"),
        Refusal(
            name: "merge of a word", text: "a: {<<: word}\n", place: "1:9",
            message: "`<<` merges mappings, and this is `word`"),
        Refusal(
            name: "too many values", text: String(repeating: "- x\n", count: 300_000),
            place: "200001:1", message: "more than 400,000 values in one file"),
    ]

    @Test(arguments: refusals)
    func `what must not be read is refused at its place`(_ refusal: Refusal) {
        let error = #expect(throws: InputError.self) {
            try readSourceDocuments(refusal.text, file: "f")
        }
        let diagnostic = error?.diagnostics.first
        #expect(diagnostic.map { "\($0.line):\($0.column)" } == refusal.place)
        #expect(diagnostic?.message == refusal.message)
        #expect(diagnostic?.sourceLine != nil)
    }

    @Test func `bytes that are not UTF-8 are refused with their offset`() {
        let error = #expect(throws: InputError.self) {
            try readSourceDocuments(Array("ä: 1\nb: ".utf8) + [0xC3, 0x28], file: "f")
        }
        #expect(
            error?.diagnostics.first?.message == "not UTF-8: byte 9 of the file begins no character"
        )
        #expect(error?.diagnostics.first.map { "\($0.line):\($0.column)" } == "2:4")
    }

    @Test func `a file larger than allowed is refused before it is decoded`() {
        let error = #expect(throws: InputError.self) {
            try readSourceDocuments(
                [UInt8](repeating: 0xFF, count: 2000), file: "f",
                limits: SourceLimits(bytes: 1000, depth: 10, values: 10))
        }
        #expect(
            error?.diagnostics.first?.message == "the file has 2,000 bytes; at most 1,000 are read")
    }
}

@Suite struct `Mistakes as people see them` {
    @Test func `a mistake shows its place, its line, carets and a hint`() {
        let line = "      topologyManagerPolicy: single-numa   # as in production"
        let diagnostic = Diagnostic(
            file: "telco-edge.yaml", line: 31, column: 30,
            message: "unknown Topology Manager policy `single-numa`",
            hint: "policies are `none`, `best-effort`, `restricted`, `single-numa-node`",
            sourceLine: line)
        #expect(
            render([diagnostic], colour: false) == """
                error: `telco-edge.yaml:31:30`: unknown Topology Manager policy `single-numa`
                   31 |       topologyManagerPolicy: single-numa   # as in production
                      |                              ^^^^^^^^^^^
                hint: policies are `none`, `best-effort`, `restricted`, `single-numa-node`

                """)
        #expect(render([diagnostic], colour: true).contains("\u{1B}[1;31m^^^^^^^^^^^\u{1B}[0m"))
    }

    @Test func `a mistake of a whole file shows no line`() {
        #expect(
            render([Diagnostic(file: "x.yaml", message: "no such file")], colour: false)
                == "error: `x.yaml`: no such file\n")
    }

    @Test func `a long line is cut around the mistake`() {
        let line = String(repeating: "a", count: 5000) + " " + String(repeating: "b", count: 5000)
        let text = render(
            [Diagnostic(file: "f", line: 1, column: 5002, message: "m", sourceLine: line)],
            colour: false)
        let rows = text.split(separator: "\n")
        #expect(rows.allSatisfy { $0.count < 120 })
        let caret = rows[2].firstIndex(of: "^").map {
            rows[2].distance(from: rows[2].startIndex, to: $0)
        }
        let b = rows[1].firstIndex(of: "b").map {
            rows[1].distance(from: rows[1].startIndex, to: $0)
        }
        #expect(caret == b)
    }

    @Test(arguments: [
        ("single-numa", "single-numa-node"), ("nodse", "nodes"), ("Deployement", "Deployment"),
        ("kublet", "kubelet"), ("zzzzz", nil),
    ])
    func `a slip is recognized`(_ word: String, _ expected: String?) {
        let names = ["nodes", "kubelet", "Deployment", "single-numa-node", "best-effort"]
        #expect(nearestName(to: word, among: names) == expected)
    }
}

struct Failed: Error {}
