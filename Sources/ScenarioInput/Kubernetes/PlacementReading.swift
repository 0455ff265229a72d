import WorkloadModel

// Affinity, spreading and gates of a PodSpec. (k/k staging api/core/v1/types.go)

extension ManifestReader {
    /// `spec.affinity` into `rules`.
    mutating func affinity(_ node: SourceNode, at path: String, into rules: inout PlacementRules) {
        guard
            let fields = fields(
                of: node, at: path, known: ["nodeAffinity", "podAffinity", "podAntiAffinity"])
        else { return }
        if let node = fields["nodeAffinity"] {
            let (required, preferred) = nodeAffinity(node, at: fields.path("nodeAffinity"))
            rules.requiredNodeTerms = required
            rules.preferredNodeTerms = preferred
        }
        if let node = fields["podAffinity"] {
            rules.podAffinity = podRules(node, at: fields.path("podAffinity"))
        }
        if let node = fields["podAntiAffinity"] {
            rules.podAntiAffinity = podRules(node, at: fields.path("podAntiAffinity"))
        }
    }

    private static let required = "requiredDuringSchedulingIgnoredDuringExecution"
    private static let preferred = "preferredDuringSchedulingIgnoredDuringExecution"

    // MARK: Nodes

    mutating func nodeAffinity(
        _ node: SourceNode, at path: String
    ) -> ([NodeSelectorTerm]?, [PreferredNodeTerm]) {
        guard
            let fields = fields(
                of: node, at: path, known: [ManifestReader.required, ManifestReader.preferred])
        else { return (nil, []) }
        var required: [NodeSelectorTerm]?
        if let node = fields[ManifestReader.required],
            let selector = self.fields(
                of: node, at: fields.path(ManifestReader.required), known: ["nodeSelectorTerms"])
        {
            required = places("nodeSelectorTerms", of: selector).compactMap {
                nodeTerm($0.node, at: $0.path)
            }
            if selector["nodeSelectorTerms"]?.elements?.isEmpty ?? true {
                missing("nodeSelectorTerms", of: selector)
            }
        }
        let preferred = places(ManifestReader.preferred, of: fields).compactMap { place in
            preferredNodeTerm(place.node, at: place.path)
        }
        return (required, preferred)
    }

    private mutating func preferredNodeTerm(
        _ node: SourceNode, at path: String
    ) -> PreferredNodeTerm? {
        guard let fields = fields(of: node, at: path, known: ["weight", "preference"]),
            let weight = weight(of: fields)
        else { return nil }
        guard let node = fields["preference"] else {
            missing("preference", of: fields)
            return nil
        }
        return nodeTerm(node, at: fields.path("preference")).map {
            PreferredNodeTerm(weight: weight, term: $0)
        }
    }

    mutating func nodeTerm(_ node: SourceNode, at path: String) -> NodeSelectorTerm? {
        guard
            let fields = fields(of: node, at: path, known: ["matchExpressions", "matchFields"])
        else { return nil }
        var term = NodeSelectorTerm()
        term.matchExpressions = places("matchExpressions", of: fields).compactMap {
            nodeRequirement($0.node, at: $0.path)
        }
        term.matchFields = places("matchFields", of: fields).compactMap {
            nodeRequirement($0.node, at: $0.path)
        }
        for (place, field) in zip(places("matchFields", of: fields), term.matchFields)
        where field.key != "metadata.name" {
            invalid(place.node, "\(place.path).key", field.key, .notOneOf(["metadata.name"]))
        }
        return term
    }

    private mutating func nodeRequirement(
        _ node: SourceNode, at path: String
    ) -> NodeSelectorRequirement? {
        guard let fields = fields(of: node, at: path, known: ["key", "operator", "values"]),
            let operation = word("operator", of: fields, as: NodeSelectorRequirement.Operator.self)
        else { return nil }
        let values = texts(in: "values", of: fields)
        let key = text("key", of: fields) ?? ""
        switch operation {
        case .isIn, .isNotIn: if values.isEmpty { missing("values", of: fields) }
        case .exists, .doesNotExist:
            if !values.isEmpty { forbidden("values", of: fields) }
        case .greaterThan, .lessThan:
            if values.count != 1 || Int64(values[0]) == nil {
                invalid(
                    fields["values"] ?? node, fields.path("values"), values.first ?? "",
                    .rule("is no single whole number, which `Gt` and `Lt` want"))
            }
        }
        return NodeSelectorRequirement(key: key, operation: operation, values: values)
    }

    // MARK: Pods

    private mutating func podRules(_ node: SourceNode, at path: String) -> PodAffinityRules {
        guard
            let fields = fields(
                of: node, at: path, known: [ManifestReader.required, ManifestReader.preferred])
        else { return PodAffinityRules() }
        var rules = PodAffinityRules()
        rules.required = places(ManifestReader.required, of: fields).compactMap {
            podTerm($0.node, at: $0.path)
        }
        for place in places(ManifestReader.preferred, of: fields) {
            guard
                let fields = self.fields(
                    of: place.node, at: place.path, known: ["weight", "podAffinityTerm"]),
                let weight = weight(of: fields)
            else { continue }
            guard let node = fields["podAffinityTerm"] else {
                missing("podAffinityTerm", of: fields)
                continue
            }
            if let term = podTerm(node, at: fields.path("podAffinityTerm")) {
                rules.preferred.append(PreferredPodAffinityTerm(weight: weight, term: term))
            }
        }
        return rules
    }

    private mutating func podTerm(_ node: SourceNode, at path: String) -> PodAffinityTerm? {
        guard
            let fields = fields(
                of: node, at: path,
                known: [
                    "labelSelector", "topologyKey", "namespaces", "namespaceSelector",
                    "matchLabelKeys", "mismatchLabelKeys",
                ])
        else { return nil }
        let key = text("topologyKey", of: fields) ?? ""
        if key.isEmpty { missing("topologyKey", of: fields) }
        return PodAffinityTerm(
            labelSelector: selector("labelSelector", of: fields), topologyKey: key,
            namespaces: texts(in: "namespaces", of: fields),
            namespaceSelector: selector("namespaceSelector", of: fields),
            matchLabelKeys: texts(in: "matchLabelKeys", of: fields),
            mismatchLabelKeys: texts(in: "mismatchLabelKeys", of: fields))
    }

    /// A label selector; nil where there is none.
    mutating func selector(_ key: String, of fields: ManifestFields) -> LabelSelector? {
        guard let node = fields[key],
            let fields = self.fields(
                of: node, at: fields.path(key), known: ["matchLabels", "matchExpressions"])
        else { return nil }
        var selector = LabelSelector()
        selector.matchLabels = texts("matchLabels", of: fields).map {
            Label(key: $0.key, value: $0.value)
        }.sorted { $0.key < $1.key }
        for place in places("matchExpressions", of: fields) {
            guard
                let fields = self.fields(
                    of: place.node, at: place.path, known: ["key", "operator", "values"]),
                let operation = word(
                    "operator", of: fields, as: LabelSelectorRequirement.Operator.self)
            else { continue }
            let values = texts(in: "values", of: fields)
            let wantsValues = operation == .isIn || operation == .isNotIn
            if wantsValues, values.isEmpty { missing("values", of: fields) }
            if !wantsValues, !values.isEmpty { forbidden("values", of: fields) }
            selector.matchExpressions.append(
                LabelSelectorRequirement(
                    key: text("key", of: fields) ?? "", operation: operation, values: values))
        }
        return selector
    }

    // MARK: Spreading

    mutating func spreadConstraint(
        _ node: SourceNode, at path: String
    ) -> TopologySpreadConstraint? {
        guard
            let fields = fields(
                of: node, at: path,
                known: [
                    "maxSkew", "topologyKey", "whenUnsatisfiable", "labelSelector", "minDomains",
                    "nodeAffinityPolicy", "nodeTaintsPolicy", "matchLabelKeys",
                ]),
            let when = word(
                "whenUnsatisfiable", of: fields,
                as: TopologySpreadConstraint.WhenUnsatisfiable.self)
        else { return nil }
        let key = text("topologyKey", of: fields) ?? ""
        if key.isEmpty { missing("topologyKey", of: fields) }
        let maxSkew = integer("maxSkew", of: fields, as: Int32.self) ?? 0
        if maxSkew <= 0 {
            invalid(
                fields["maxSkew"] ?? node, fields.path("maxSkew"), "\(maxSkew)",
                .rule("is not above 0"))
        }
        var constraint = TopologySpreadConstraint(
            maxSkew: Int64(maxSkew), topologyKey: key, whenUnsatisfiable: when,
            labelSelector: selector("labelSelector", of: fields))
        if let node = fields["minDomains"] {
            let count = integer(node, at: fields.path("minDomains"), as: Int32.self) ?? 1
            if count <= 0 {
                invalid(node, fields.path("minDomains"), "\(count)", .rule("is not above 0"))
            }
            if when == .scheduleAnyway { forbidden("minDomains", of: fields) }
            constraint.minDomains = Int64(count)
        }
        typealias Inclusion = TopologySpreadConstraint.NodeInclusion
        if fields["nodeAffinityPolicy"] != nil {
            constraint.nodeAffinityPolicy =
                word("nodeAffinityPolicy", of: fields, as: Inclusion.self) ?? .honor
        }
        if fields["nodeTaintsPolicy"] != nil {
            constraint.nodeTaintsPolicy =
                word("nodeTaintsPolicy", of: fields, as: Inclusion.self) ?? .ignore
        }
        constraint.matchLabelKeys = texts(in: "matchLabelKeys", of: fields)
        return constraint
    }

    /// Names of `schedulingGates`.
    mutating func schedulingGates(_ key: String, of fields: ManifestFields) -> [String] {
        places(key, of: fields).compactMap { place in
            self.fields(of: place.node, at: place.path, known: ["name"]).flatMap {
                text("name", of: $0)
            }
        }
    }

    // MARK: Parts

    /// The elements of a list with their paths.
    mutating func places(
        _ key: String, of fields: ManifestFields
    ) -> [(path: String, node: SourceNode)] {
        list(key, of: fields).enumerated().map { ("\(fields.path(key))[\($0.offset)]", $0.element) }
    }

    /// A list of texts.
    mutating func texts(in key: String, of fields: ManifestFields) -> [String] {
        places(key, of: fields).compactMap { text($0.node, at: $0.path) }
    }

    /// A word that the API knows; nil after a mistake was told.
    mutating func word<Word: RawRepresentable<String> & CaseIterable>(
        _ key: String, of fields: ManifestFields, as type: Word.Type
    ) -> Word? {
        guard let node = fields[key] else {
            missing(key, of: fields)
            return nil
        }
        guard let text = text(node, at: fields.path(key)) else { return nil }
        if let word = Word(rawValue: text) { return word }
        diagnostics.add(
            APIFieldError(
                .unsupported, fields.path(key), .notOneOf(Word.allCases.map(\.rawValue)),
                value: text, at: node
            ).diagnostic)
        return nil
    }

    /// A weight from 1 to 100.
    private mutating func weight(of fields: ManifestFields) -> Int64? {
        guard let node = fields["weight"] else {
            missing("weight", of: fields)
            return nil
        }
        guard let weight = integer(node, at: fields.path("weight"), as: Int32.self) else {
            return nil
        }
        if weight < 1 || weight > 100 {
            invalid(
                node, fields.path("weight"), "\(weight)", .rule("is not in the range 1 to 100"))
        }
        return Int64(weight)
    }

    mutating func missing(_ key: String, of fields: ManifestFields) {
        diagnostics.add(
            APIFieldError(.required, fields.path(key), .missing, at: fields.node).diagnostic)
    }

    private mutating func forbidden(_ key: String, of fields: ManifestFields) {
        diagnostics.add(
            APIFieldError(
                .forbidden, fields.path(key), .rule("does not go with the rest"),
                at: fields[key] ?? fields.node
            ).diagnostic)
    }

    private mutating func invalid(
        _ node: SourceNode, _ path: String, _ value: String, _ reason: APIFieldError.Reason
    ) {
        diagnostics.add(
            APIFieldError(.invalid, path, reason, value: value, at: node).diagnostic)
    }
}
