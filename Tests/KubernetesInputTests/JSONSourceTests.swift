import ScenarioInput
import Testing

struct JSONSourceTests {
    @Test func `values keep their text and their place`() throws {
        let text = #"""
            {"a": 1,
             "é": [true, null, "x\n\u00e9\ud83d\ude00"], "b": {"c": -1.5e3}}
            """#
        let node = try readJSONSource(text.utf8, file: "t.json")
        #expect(node["a"]?.text == "1")
        #expect(node["é"]?.elements?.count == 3)
        #expect(node["é"]?.elements?[1].isNull == true)
        #expect(node["é"]?.elements?[2].text == "x\né😀")
        let number = try #require(node["b"]?["c"])
        #expect(number.text == "-1.5e3")
        #expect((number.mark.line, number.mark.column) == (2, 57))
    }

    @Test(arguments: [
        "", " ", "{", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "{a:1}", "[1 2]", "tru", "nulls", "01",
        "1.",
        "+1", "NaN", "-", "1e", "\"a", "\"\\x\"", "\"\\ud800\"", "\"\\u12g4\"", "'a'", "{} {}",
        "// x\n1", "{\"a\":1,\"a\":2}", "\"\t\"", "\"\\ud800\\u0041\"", "[1]]",
    ])
    func `what is no JSON text is refused`(_ text: String) {
        let error = #expect(throws: InputError.self) {
            try readJSONSource(text.utf8, file: "t.json")
        }
        #expect(error?.diagnostics.count == 1)
        #expect(error?.diagnostics.first?.line == 1 || text.contains("\n"))
    }

    @Test func `a text that is not UTF-8 is refused`() {
        #expect(throws: InputError.self) {
            try readJSONSource([0x22, 0xFF, 0x22] as [UInt8], file: "t.json")
        }
    }

    @Test func `nesting, values and bytes have limits`() {
        let deep = String(repeating: "[", count: 1_000_000)
        let wide = "[" + String(repeating: "0,", count: 400_001) + "0]"
        let long = "\"" + String(repeating: "x", count: 17 << 20) + "\""
        for text in [deep, wide, long] {
            #expect(throws: InputError.self) { try readJSONSource(text.utf8, file: "t.json") }
        }
    }
}
