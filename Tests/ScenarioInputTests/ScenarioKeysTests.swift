import Foundation
import ScenarioInput
import Testing

@Suite struct `The key tables` {
    /// Every table once, from the scenario down.
    static let tables: [KeyTable] = {
        var found: [KeyTable] = []
        func walk(_ type: ValueType) {
            switch type {
            case .table(let table), .foreign(.kubeletConfiguration(let table)): walk(table)
            case .list(let element), .map(let element, _): walk(element)
            case .variants(_, let tables): for table in tables { walk(table) }
            case .either(let types): for type in types { walk(type) }
            default: break
            }
        }
        func walk(_ table: KeyTable) {
            guard !found.contains(where: { $0.name == table.name }) else { return }
            found.append(table)
            for key in table.keys { walk(key.type) }
        }
        walk(.table(ScenarioKeys.scenario))
        return found
    }()

    @Test(arguments: tables.map(\.name))
    func `defaults are what their keys may hold, and summaries are sentences`(_ name: String) throws
    {
        let table = try #require(Self.tables.first { $0.name == name })
        #expect(Set(table.keys.map(\.name)).count == table.keys.count)
        #expect(!table.summary.isEmpty && !table.summary.hasSuffix("."))
        for key in table.keys {
            #expect(
                key.summary.first?.isUppercase == true || key.summary.first == "`"
                    || key.summary.first?.isNumber == true)
            #expect(!key.summary.hasSuffix("."))
            #expect(!(key.isRequired && key.defaultText != nil))
            for other in [key.with, key.defaultWith].compactMap(\.self)
                + table.exactlyOneOf.joined()
            {
                #expect(table.key(other) != nil)
            }
            guard let text = key.defaultText else { continue }
            let node = try #require(try readSourceDocuments(text, file: "default").first)
            var check = KeyCheck(diagnostics: Diagnostics())
            check.check(node, against: key.type)
            #expect(check.diagnostics.all.isEmpty, "\(name).\(key.name)")
        }
    }

    @Test func `the schema is JSON and names every table and key`() throws {
        let schema = try #require(
            try JSONSerialization.jsonObject(with: Data(scenarioJSONSchema().utf8))
                as? [String: Any])
        let definitions = try #require(schema["$defs"] as? [String: [String: Any]])
        // All but the scenario itself are definitions.
        #expect(definitions.count == Self.tables.count - 1)
        let all =
            definitions.values.map { $0["properties"] as? [String: Any] ?? [:] }
            + [schema["properties"] as? [String: Any] ?? [:]]
        for table in Self.tables {
            #expect(all.contains { Set($0.keys) == Set(table.keys.map(\.name)) }, "\(table.name)")
        }
    }

    @Test func `the reference page is what the tables say`() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/reference/scenario.md")
        if ProcessInfo.processInfo.environment["TOPSIM_UPDATE_GOLDENS"] == "1" {
            try Data(scenarioReference().utf8).write(to: page)
        }
        let written = try String(contentsOf: page, encoding: .utf8)
        #expect(
            written == scenarioReference(), "rewrite it with TOPSIM_UPDATE_GOLDENS=1 swift test")
    }
}
