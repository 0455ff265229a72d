import ScenarioInput

/// What of OpenAPI v3 a CustomResourceDefinition and the API server's own document use to say what an object looks like:
/// types, required fields, enums, patterns, alternatives, references, and no field that is not listed.
struct StructuralSchema {
    let schema: SourceNode
    /// What references point at, by name.
    private var definitions: [String: SourceNode] = [:]

    /// The schema of a kind in a document of the API server, `/openapi/v3/apis/…`.
    init?(api: SourceNode, kind: String) {
        for entry in api["components"]?["schemas"]?.entries ?? [] {
            definitions[entry.key] = entry.value
        }
        guard let found = definitions[kind] else { return nil }
        schema = found
    }

    /// The schema of one version in a CustomResourceDefinition.
    init?(definition: SourceNode, version: String) {
        let versions = definition["spec"]?["versions"]?.elements ?? []
        guard
            let found = versions.first(where: { $0["name"]?.text == version })?["schema"]?[
                "openAPIV3Schema"]
        else { return nil }
        schema = found
    }

    /// Every place where an object is not as the schema says; none for a valid one.
    func violations(of object: SourceNode) -> [String] {
        // The API server knows `metadata` itself, whatever the schema says.
        violations(of: object, schema, at: "")
    }

    private func violations(
        of value: SourceNode, _ schema: SourceNode, at path: String
    ) -> [String] {
        var found: [String] = []
        if let reference = schema["$ref"]?.text {
            let name = reference.split(separator: "/").last.map { String($0) } ?? ""
            guard let target = definitions[name] else { return ["\(path): no `\(reference)`"] }
            return violations(of: value, target, at: path)
        }
        for part in schema["allOf"]?.elements ?? [] {
            found += violations(of: value, part, at: path)
        }
        if let type = schema["type"]?.text, !Self.isType(value, type) {
            return ["\(path): \(value.said) is not of type \(type)"]
        }
        if let choices = (schema["anyOf"] ?? schema["oneOf"])?.elements {
            let isOne = choices.contains { violations(of: value, $0, at: path).isEmpty }
            if !isOne { found.append("\(path): \(value.said) is none of the alternatives") }
        }
        if let values = schema["enum"]?.elements, let text = value.text,
            !values.contains(where: { $0.text == text })
        {
            found.append("\(path): `\(text)` is not one of the values")
        }
        if let pattern = schema["pattern"]?.text, let text = value.text,
            let regex = try? Regex(pattern), text.wholeMatch(of: regex) == nil
        {
            found.append("\(path): `\(text)` does not fit the pattern")
        }
        found += fields(of: value, schema, at: path)
        if let items = schema["items"] {
            for (index, element) in (value.elements ?? []).enumerated() {
                found += violations(of: element, items, at: "\(path)[\(index)]")
            }
        }
        return found
    }

    private func fields(
        of value: SourceNode, _ schema: SourceNode, at path: String
    ) -> [String] {
        guard let entries = value.entries, schema["type"]?.text == "object" else { return [] }
        var found: [String] = []
        for name in schema["required"]?.elements ?? [] where value[name.text ?? ""] == nil {
            found.append("\(path): `\(name.text ?? "")` is required")
        }
        if let each = schema["additionalProperties"] {
            for entry in entries {
                found += violations(of: entry.value, each, at: "\(path).\(entry.key)")
            }
        }
        guard let properties = schema["properties"] else { return found }
        for entry in entries {
            guard let property = properties[entry.key] else {
                found.append("\(path): no field `\(entry.key)`")
                continue
            }
            found += violations(of: entry.value, property, at: "\(path).\(entry.key)")
        }
        return found
    }

    private static func isType(_ value: SourceNode, _ type: String) -> Bool {
        switch (value.value, type) {
        case (.mapping, "object"), (.sequence, "array"): true
        case (.scalar(let text, let isQuoted), "integer"): !isQuoted && Int64(text) != nil
        case (.scalar(let text, let isQuoted), "number"): !isQuoted && Double(text) != nil
        case (.scalar(let text, let isQuoted), "boolean"):
            !isQuoted && ["true", "false"].contains(text)
        // A bare word is a string when it is nothing else.
        case (.scalar(let text, let isQuoted), "string"):
            isQuoted || Double(text) == nil && !["true", "false", "null", "~", ""].contains(text)
        default: false
        }
    }
}
