/// The JSON Schema (draft 2020-12) of a scenario file, for completion and checks in editors.
///
/// Drawn from the same tables that the reader uses. With the YAML language server, a scenario's first line is
/// `# yaml-language-server: $schema=topsim.schema.json`.
public func scenarioJSONSchema() -> String {
    var schema = SchemaWriter()
    let root = schema.properties(of: ScenarioKeys.scenario)
    let head: [(String, JSONValue)] = [
        ("$schema", .string("https://json-schema.org/draft/2020-12/schema")),
        ("title", .string("topsim scenario, topsim/v1")),
    ]
    let definitions = JSONValue.object(schema.definitions.map { ($0.name, $0.schema) })
    return JSONValue.object(head + root + [("$defs", definitions)]).text() + "\n"
}

private struct SchemaWriter {
    /// Tables by name, in the order in which they were met.
    private(set) var definitions: [(name: String, schema: JSONValue)] = []

    mutating func properties(of table: KeyTable, isOpen: Bool = false) -> [(String, JSONValue)] {
        var properties: [(String, JSONValue)] = []
        for key in table.keys { properties.append((key.name, schema(of: key))) }
        var members: [(String, JSONValue)] = [
            ("description", .string(table.summary)), ("type", .string("object")),
            ("properties", .object(properties)),
        ]
        let required = table.keys.filter(\.isRequired).map(\.name)
        if !required.isEmpty { members.append(("required", .strings(required))) }
        let together = table.keys.compactMap { key in
            key.with.map { (key.name, JSONValue.strings([$0])) }
        }
        if !together.isEmpty { members.append(("dependentRequired", .object(together))) }
        for group in table.exactlyOneOf {
            let choices = group.map { JSONValue.object([("required", .strings([$0]))]) }
            members.append(("oneOf", .array(choices)))
        }
        if !isOpen { members.append(("additionalProperties", .bare("false"))) }
        return members
    }

    private mutating func schema(of key: Key) -> JSONValue {
        guard case .object(var members) = schema(of: key.type) else { return .object([]) }
        let meanings = key.meanings.map { "\n`\($0.word)`: \($0.meaning)" }.joined()
        members.insert(("description", .string(key.summary + meanings)), at: 0)
        if let text = key.defaultText, let node = try? readSourceDocuments(text, file: "").first {
            members.append(("default", .bare(CanonicalJSON.text(of: node, as: key.type))))
        }
        return .object(members)
    }

    private mutating func reference(to table: KeyTable, isOpen: Bool = false) -> JSONValue {
        let name = table.name.split(separator: " ").dropFirst(table.name.hasPrefix("a") ? 1 : 0)
            .joined(separator: "-")
        if !definitions.contains(where: { $0.name == name }) {
            // Its place is kept first, so that a table within comes after it.
            let position = definitions.count
            definitions.append((name, .object([])))
            definitions[position].schema = .object(properties(of: table, isOpen: isOpen))
        }
        return .object([("$ref", .string("#/$defs/\(name)"))])
    }

    private mutating func schema(of type: ValueType) -> JSONValue {
        switch type {
        case .text: return types("string", "number", "boolean")
        case .string, .path: return types("string")
        case .boolean: return types("boolean")
        case .integer(let range):
            var members: [(String, JSONValue)] = [
                ("type", .string("integer")), ("minimum", .bare(String(range.lowerBound))),
            ]
            if range.upperBound < .max {
                members.append(("maximum", .bare(String(range.upperBound))))
            }
            return .object(members)
        case .seed:
            return .object([
                ("type", .string("integer")), ("minimum", .bare("0")),
                ("maximum", .bare(String(UInt64.max))),
            ])
        case .number(let low):
            return .object([
                ("type", .string("number")), ("exclusiveMinimum", .bare(shortest(low))),
            ])
        case .bytes:
            return pattern(
                "^[0-9]*\\.?[0-9]+([kMGTPE]|[KMGTPE]i|[eE][0-9]+)?$", "string", "integer")
        case .duration:
            return pattern("^(0|([0-9]*\\.?[0-9]+(ns|us|µs|ms|s|m|h|d))+)$", "string", "integer")
        case .rate:
            return pattern("^[0-9.eE+-]+/(s|second|m|min|minute|h|hour|d|day)$", "string")
        case .cpuList:
            return pattern("^([0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*)?$", "string", "integer")
        case .instant:
            return pattern(
                "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$", "string", "integer")
        case .choice(let words): return .object([("enum", .strings(words))])
        case .list(let element):
            return .object([("type", .string("array")), ("items", schema(of: element))])
        case .map(let element, let names):
            var members: [(String, JSONValue)] = [("type", .string("object"))]
            if case .label = names {
                members.append(
                    ("propertyNames", pattern("^[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?$", "string")))
            }
            return .object(members + [("additionalProperties", schema(of: element))])
        case .table(let table): return reference(to: table)
        case .variants(_, let tables):
            return .object([("oneOf", .array(tables.map { reference(to: $0) }))])
        case .either(let types):
            return .object([("anyOf", .array(types.map { schema(of: $0) }))])
        case .foreign(.kubeletConfiguration(let table)): return reference(to: table, isOpen: true)
        case .withoutEffect, .anything: return .object([])
        case .foreign(.podTemplate): return podTemplate
        case .foreign(.networkAttachment): return types("object")
        }
    }

    /// What editors need of a pod template; Kubernetes' own schema says the rest.
    private var podTemplate: JSONValue {
        let quantities = JSONValue.object([
            ("type", .string("object")), ("additionalProperties", types("string", "number")),
        ])
        let resources = JSONValue.object([
            ("type", .string("object")),
            ("properties", .object([("limits", quantities), ("requests", quantities)])),
        ])
        let container = JSONValue.object([
            ("type", .string("object")), ("required", .strings(["name"])),
            ("properties", .object([("name", types("string")), ("resources", resources)])),
        ])
        let containers = JSONValue.object([("type", .string("array")), ("items", container)])
        let spec = JSONValue.object([
            ("type", .string("object")), ("required", .strings(["containers"])),
            ("properties", .object([("initContainers", containers), ("containers", containers)])),
        ])
        return .object([
            ("type", .string("object")), ("required", .strings(["spec"])),
            ("properties", .object([("metadata", types("object")), ("spec", spec)])),
        ])
    }

    private func types(_ names: String...) -> JSONValue {
        .object([("type", names.count == 1 ? .string(names[0]) : .strings(names))])
    }

    private func pattern(_ pattern: String, _ names: String...) -> JSONValue {
        .object([
            ("type", names.count == 1 ? .string(names[0]) : .strings(names)),
            ("pattern", .string(pattern)),
        ])
    }
}
