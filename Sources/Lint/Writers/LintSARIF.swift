// SARIF 2.1.0, errata 01: one run, a rule for each code of the registry, a result for each finding.

extension LintFindings {
    func sarif(registry: LintCodeRegistry, tool: LintTool) -> LintJSONValue {
        let rules = registry.codes.map { code -> LintJSONValue in
            var help = "See \(code.page)."
            if !code.clause.isEmpty { help = "From \(code.clause). " + help }
            return .object([
                ("id", .string(code.id)), ("name", .string(code.name)),
                ("shortDescription", .object([("text", .string(code.title + "."))])),
                ("help", .object([("text", .string(help))])),
                ("helpUri", .string(code.page)),
                (
                    "defaultConfiguration",
                    .object([("level", .string(code.severity.rawValue))])
                ),
            ])
        }
        let results = all.map { finding -> LintJSONValue in
            let hint = finding.hint.map { ". " + $0.capitalizedFirst + "." } ?? ""
            var members: [(String, LintJSONValue)] = [("ruleId", .string(finding.code.id))]
            if let index = registry.codes.firstIndex(where: { $0.id == finding.code.id }) {
                members.append(("ruleIndex", .integer(index)))
            }
            members += [
                ("level", .string(finding.code.severity.rawValue)),
                (
                    "message",
                    .object([("text", .string("\(finding.subject): \(finding.message)\(hint)"))])
                ),
                ("locations", .list([finding.location])),
            ]
            return .object(members)
        }
        let driver: LintJSONValue = .object([
            ("name", .string(tool.name)), ("version", .string(tool.version)),
            ("rules", .list(rules)),
        ])
        return .object([
            ("$schema", .string("https://json.schemastore.org/sarif-2.1.0.json")),
            ("version", .string("2.1.0")),
            (
                "runs",
                .list([
                    .object([
                        ("tool", .object([("driver", driver)])),
                        ("columnKind", .string("unicodeCodePoints")),
                        ("results", .list(results)),
                    ])
                ])
            ),
        ])
    }
}

extension LintFinding {
    fileprivate var location: LintJSONValue {
        var physical: [(String, LintJSONValue)] = [
            ("artifactLocation", .object([("uri", .string(uriReference(place.file)))]))
        ]
        if place.line > 0 {
            var region: [(String, LintJSONValue)] = [("startLine", .integer(place.line))]
            if place.column > 0 { region.append(("startColumn", .integer(place.column))) }
            physical.append(("region", .object(region)))
        }
        return .object([
            ("physicalLocation", .object(physical)),
            (
                "logicalLocations",
                .list([.object([("fullyQualifiedName", .string(subject))])])
            ),
        ])
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}

/// A path as a URI reference: everything but unreserved characters and slashes as `%XX`. (RFC 3986)
func uriReference(_ path: String) -> String {
    let digits = Array("0123456789ABCDEF")
    var text = ""
    for byte in path.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "/"):
            text.unicodeScalars.append(Unicode.Scalar(byte))
        default: text += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
        }
    }
    return text
}
