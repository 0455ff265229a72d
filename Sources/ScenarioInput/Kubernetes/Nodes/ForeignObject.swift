import WorkloadModel

/// What messages and reports call an object, and where it stands.
struct ObjectPlace {
    var subject: String
    var file: String
    var line: Int

    init(_ node: SourceNode, kind: String? = nil) {
        let kind = kind ?? node["kind"]?.text ?? "object"
        let metadata = node["metadata"]
        let name = metadata?["name"]?.text ?? ""
        let namespace = metadata?["namespace"]?.text ?? ""
        subject =
            name.isEmpty
            ? kind : namespace.isEmpty ? "\(kind) \(name)" : "\(kind) \(namespace)/\(name)"
        file = node.mark.file
        line = node.mark.line
    }
}

/// Takes one Kubernetes object apart; all its mistakes are thrown together, what it says besides is reported.
///
/// - Parameters:
///   - kind: What `kind` must be; nil where the object may come without (as in lists that name the kind once).
///   - apiVersions: What `apiVersion` may be; the first is what a message recommends.
///   - body: Takes the fields; nil after a mistake that it told.
func readForeignObject<Value>(
    _ node: SourceNode, kind: String, apiVersions: [String], needsKind: Bool = true,
    known: [String], silent: [String] = ["status"], report: inout ImportReport,
    _ body: (inout ManifestReader, ManifestFields, inout ImportReport) -> Value?
) throws(InputError) -> Value {
    var reader = ManifestReader(Diagnostics(), unknownFields: .noted)
    let place = ObjectPlace(node, kind: kind)
    var own = ImportReport()
    var value: Value?
    if reader.isObject(node, kind: kind, apiVersions: apiVersions, needsKind: needsKind) {
        let all = ["apiVersion", "kind", "metadata"] + known
        if let fields = reader.fields(of: node, at: "", known: all, silent: silent) {
            value = body(&reader, fields, &own)
        }
    }
    for note in reader.diagnostics.all where note.severity != .error {
        own.dropped(place.subject, note.message, file: note.file, line: note.line)
    }
    let errors = reader.diagnostics.all.filter { $0.severity == .error }
    guard let value, errors.isEmpty else {
        throw InputError(
            errors.isEmpty
                ? [Diagnostic(file: place.file, line: place.line, message: "no \(kind)")] : errors)
    }
    report.append(own)
    return value
}

extension ManifestReader {
    /// Whether the object says that it is one of `kind`, in a version that is known.
    fileprivate mutating func isObject(
        _ node: SourceNode, kind: String, apiVersions: [String], needsKind: Bool
    ) -> Bool {
        guard let entries = entries(of: node, at: "") else { return false }
        let fields = ManifestFields(entries: entries, path: "", node: node)
        if needsKind || fields["kind"] != nil {
            guard expect(kind, for: "kind", of: fields) else { return false }
        }
        guard needsKind || fields["apiVersion"] != nil else { return true }
        guard let version = fields["apiVersion"] else {
            return expect(apiVersions[0], for: "apiVersion", of: fields)
        }
        if apiVersions.contains(version.text ?? "") { return true }
        wrongType(
            version, at: "apiVersion",
            expected: apiVersions.map { "`\($0)`" }.joined(separator: " or "))
        return false
    }

    /// `metadata.name`, labels and annotations; all else about an object's life is passed over.
    mutating func foreignMetadata(_ fields: ManifestFields) -> ForeignMetadata {
        var metadata = ForeignMetadata()
        guard let node = fields["metadata"], entries(of: node, at: "metadata") != nil else {
            return metadata
        }
        let own = ManifestFields(entries: node.entries ?? [], path: "metadata", node: node)
        metadata.name = text("name", of: own) ?? ""
        metadata.namespace = text("namespace", of: own) ?? ""
        metadata.labels = texts("labels", of: own).map { ($0.key, $0.value) }
            .sorted { $0.key < $1.key }
        metadata.annotations = texts("annotations", of: own)
        return metadata
    }

    /// Most resources of one list.
    private static let resourceLimit = 1000

    /// Whole amounts by resource: milli-CPU for cpu, bytes or units for the rest.
    mutating func amounts(_ key: String, of fields: ManifestFields) -> NodeAmounts {
        var amounts = NodeAmounts()
        guard let node = fields[key], let entries = entries(of: node, at: fields.path(key)) else {
            return amounts
        }
        guard entries.count <= ManifestReader.resourceLimit else {
            diagnostics.error(
                at: node,
                "`\(fields.path(key))` has \(grouped(entries.count)) resources; at most "
                    + "\(grouped(ManifestReader.resourceLimit)) are read")
            return amounts
        }
        for entry in entries where !entry.value.isNull {
            if let amount = amount(entry.value, of: entry.key) { amounts[entry.key] = amount }
        }
        return amounts
    }

    mutating func amount(_ node: SourceNode, of resource: String) -> Int64? {
        guard let quantity = readQuantity(node, diagnostics: &diagnostics) else { return nil }
        guard quantity.sign >= 0 else {
            diagnostics.error(at: node, "\(node.said) of \(resource) is negative")
            return nil
        }
        guard let units = quantity.units(exponent: resource == "cpu" ? -3 : 0),
            units < 1 << 60
        else {
            diagnostics.error(
                at: node, "\(node.said) of \(resource) is too much",
                hint: "less than 2⁶⁰ bytes, milli-CPUs or units can be simulated")
            return nil
        }
        return units
    }
}

/// The parts of an object's metadata that say something about placement.
struct ForeignMetadata {
    var name = ""
    var namespace = ""
    /// Ascending by key.
    var labels: [(key: String, value: String)] = []
    var annotations: [(key: String, value: String, node: SourceNode)] = []

    func annotation(_ key: String) -> SourceNode? {
        annotations.first { $0.key == key }?.node
    }
}

/// How much text inside objects (patches, configurations in strings) one reading takes apart.
///
/// Aliases let a small file say a large text many times over; what each costs is charged before it is parsed.
struct EmbeddedTextBudget {
    static let limit = 32 << 20
    private(set) var left = EmbeddedTextBudget.limit

    /// - Throws: Once there was more than the limit.
    mutating func charge(_ text: String, at node: SourceNode) throws(InputError) {
        left -= text.utf8.count
        if left < 0 {
            var diagnostics = Diagnostics()
            diagnostics.error(
                at: node,
                "the texts inside these objects are more than "
                    + "\(grouped(EmbeddedTextBudget.limit)) bytes, the most that is read")
            throw InputError(diagnostics.all)
        }
    }

    /// Charges every text inside a value.
    mutating func charge(all node: SourceNode) throws(InputError) {
        switch node.value {
        case .null: break
        case .scalar(let text, _): try charge(text, at: node)
        case .sequence(let elements): for element in elements { try charge(all: element) }
        case .mapping(let entries): for entry in entries { try charge(all: entry.value) }
        }
    }
}
