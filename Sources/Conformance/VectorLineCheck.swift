import ScenarioInput

/// What can be said of a line without running it: whether it is JSON, its kind, its members.
struct VectorLineCheck: Sendable {
    let shownPath: String

    /// A case is not longer, in bytes.
    static let maximumLine = 16 << 20

    /// A case, or what is wrong with the line; nothing for an empty one.
    struct Finding: Sendable {
        var found: VectorCase?
        var mistakes: [Diagnostic] = []
    }

    func mistake(_ line: Int, _ message: String, hint: String? = nil, column: Int = 1) -> Diagnostic
    {
        Diagnostic(file: shownPath, line: line, column: column, message: message, hint: hint)
    }

    func check(_ bytes: ArraySlice<UInt8>, line: Int) -> Finding {
        func refuse(_ message: String, hint: String? = nil, column: Int = 1) -> Finding {
            Finding(mistakes: [mistake(line, message, hint: hint, column: column)])
        }
        guard bytes.contains(where: { $0 > 0x20 }) else { return Finding() }
        guard bytes.count <= Self.maximumLine else {
            return refuse(
                "the line has \(bytes.count) bytes; at most \(Self.maximumLine) are read",
                hint: "one case is one line")
        }
        guard String(validating: bytes, as: UTF8.self) != nil else {
            return refuse("the line is not UTF-8", hint: "save the file as UTF-8")
        }
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONParser.parse(bytes)
        } catch {
            let before = bytes.prefix(error.offset).count { $0 & 0xC0 != 0x80 }
            return refuse(
                "not JSON: \(error.message)", hint: "one case is one line, a JSON object",
                column: before + 1)
        }
        guard case .object(let members) = json else {
            return refuse("expected a JSON object, found \(json.said)")
        }
        guard let index = VectorKindRegistry.kind(of: json) else {
            let names = members.prefix(12).map { "`\($0.name)`" }.joined(separator: ", ")
            return refuse(
                "no kind of vector has the members \(names.isEmpty ? "of `{}`" : names)",
                hint: "kinds are "
                    + VectorKindRegistry.all.map { "`\($0.name)`" }.joined(separator: ", ")
                    + "; docs/reference/vectors.md tells them apart")
        }
        let kind = VectorKindRegistry.all[index]
        var mistakes = kind.members.compactMap { $0.mistake(in: json) }.map {
            mistake(line, "\($0) (a case of kind `\(kind.name)`)")
        }
        let id = json["id"]?.text ?? (json["id"] == nil ? json["gate"]?.text : nil)
        if id?.isEmpty ?? true {
            mistakes.append(
                mistake(line, "`id`: expected a string, found \(json["id"]?.said ?? "nothing")"))
        }
        guard mistakes.isEmpty, let id else { return Finding(mistakes: mistakes) }
        let groups = kind.isSupported ? json["groups"]?.elements ?? [] : []
        let topologies =
            (kind.isSupported ? [json["topology"]?.text] : [])
            + groups.map { $0["topology"]?.text }
        return Finding(
            found: VectorCase(
                line: line, bytes: bytes.startIndex..<bytes.endIndex, id: id, kindIndex: index,
                topologies: topologies.compactMap { $0 }))
    }
}
