import Foundation
import Reporting
import Testing

@Suite struct JSONValueTests {
    @Test func `is read back as it was written`() throws {
        let text = "quote \" backslash \\ newline \n bell \u{7} é 漢"
        let value: JSONValue = [
            "text": .string(text), "whole": .integer(.max), "half": .number(0.5),
            "count": .number(12), "none": .null, "yes": .bool(true), "empty": [], "nothing": [:],
            "list": [.integer(1), ["deep": .number(.nan)]],
        ]
        let read = try #require(
            try JSONSerialization.jsonObject(with: Data(value.text.utf8)) as? [String: Any])
        #expect(read["text"] as? String == text)
        #expect(read["whole"] as? Int == .max)
        #expect(read["half"] as? Double == 0.5)
        #expect(read["none"] is NSNull)
        #expect((read["list"] as? [Any])?.count == 2)
        #expect(value.text.contains("\"count\": 12,"))
    }

    @Test func `keeps the order of keys and indents by two`() {
        let value: JSONValue = ["b": [.integer(1)], "a": [:]]
        #expect(value.text == "{\n  \"b\": [\n    1\n  ],\n  \"a\": {}\n}")
    }
}
