import WorkloadModel

/// A ResourceQuota: how much the pods of a namespace may ask for together. (core/v1; k/k pkg/quota/v1/evaluator/core/pods.go)
struct ResourceQuota: Sendable {
    var name: String
    var namespace: String
    /// What is left, by the names that pods count under.
    var left: [(name: String, quantity: Quantity)]
    var scopes: [Scope]

    struct Scope: Sendable {
        var name: Name
        var operation: LabelSelectorRequirement.Operator
        var values: [String]

        enum Name: String, Sendable, CaseIterable {
            case terminating = "Terminating"
            case notTerminating = "NotTerminating"
            case bestEffort = "BestEffort"
            case notBestEffort = "NotBestEffort"
            case priorityClass = "PriorityClass"
            case crossNamespacePodAffinity = "CrossNamespacePodAffinity"
            case volumeAttributesClass = "VolumeAttributesClass"
        }
    }

    /// Nil after an error.
    static func read(
        _ object: KubernetesObject, diagnostics: inout Diagnostics
    ) -> ResourceQuota? {
        var reader = ManifestReader(Diagnostics(), unknownFields: .noted)
        defer { for diagnostic in reader.diagnostics.all { diagnostics.add(diagnostic) } }
        guard
            let fields = reader.fields(
                of: object.node, at: "",
                known: ["apiVersion", "kind", "metadata", "spec", "status"]),
            let node = fields["spec"],
            let spec = reader.fields(
                of: node, at: "spec", known: ["hard", "scopes", "scopeSelector"])
        else {
            if !reader.diagnostics.hasErrors {
                reader.diagnostics.error(at: object.node, "`spec` of a ResourceQuota is missing")
            }
            return nil
        }
        let hard = spec["hard"].map { reader.quantities($0, at: "spec.hard") }
        var scopes: [Scope] = []
        for place in reader.places("scopes", of: spec) {
            if let text = reader.text(place.node, at: place.path),
                let name = scopeName(text, place, &reader)
            {
                scopes.append(Scope(name: name, operation: .exists, values: []))
            }
        }
        if let node = spec["scopeSelector"],
            let selector = reader.fields(
                of: node, at: spec.path("scopeSelector"), known: ["matchExpressions"])
        {
            for place in reader.places("matchExpressions", of: selector) {
                if let scope = scope(place, &reader) { scopes.append(scope) }
            }
        }
        guard !reader.diagnostics.hasErrors else { return nil }
        let amounts = (hard ?? ResourceQuantities()).entries
            .filter { countsForPods($0.name) }
            .map { (name: canonical($0.name), quantity: $0.quantity) }
        return ResourceQuota(
            name: object.name, namespace: object.namespace.isEmpty ? "default" : object.namespace,
            left: amounts, scopes: scopes)
    }

    private static func scopeName(
        _ text: String, _ place: (path: String, node: SourceNode), _ reader: inout ManifestReader
    ) -> Scope.Name? {
        if let name = Scope.Name(rawValue: text) { return name }
        reader.diagnostics.add(
            APIFieldError(
                .unsupported, place.path, .notOneOf(Scope.Name.allCases.map(\.rawValue)),
                value: text, at: place.node
            ).diagnostic)
        return nil
    }

    private static func scope(
        _ place: (path: String, node: SourceNode), _ reader: inout ManifestReader
    ) -> Scope? {
        guard
            let fields = reader.fields(
                of: place.node, at: place.path, known: ["scopeName", "operator", "values"]),
            let operation = reader.word(
                "operator", of: fields, as: LabelSelectorRequirement.Operator.self),
            let text = reader.text("scopeName", of: fields),
            let name = scopeName(text, (fields.path("scopeName"), place.node), &reader)
        else { return nil }
        return Scope(
            name: name, operation: operation, values: reader.texts(in: "values", of: fields))
    }

    // MARK: Names

    /// `cpu` is short for `requests.cpu`, and `count/pods` counts every pod object as `pods` counts those that have not ended.
    private static func canonical(_ name: String) -> String {
        switch name {
        case "cpu", "memory", "ephemeral-storage": "requests.\(name)"
        case "count/pods": "pods"
        default: ResourceNames.isHugePages(name) ? "requests.\(name)" : name
        }
    }

    private static func countsForPods(_ name: String) -> Bool {
        let name = canonical(name)
        if name == "pods" { return true }
        for prefix in ["requests.", "limits."] where name.hasPrefix(prefix) {
            return name != "requests.storage"
        }
        return false
    }

    // MARK: Scopes

    /// Whether a pod counts here. (podMatchesScopeFunc)
    func applies(to spec: PodSpecification, priorityClass: String) -> Bool {
        scopes.allSatisfy { scope in
            switch scope.name {
            case .terminating: spec.hasDeadline
            case .notTerminating: !spec.hasDeadline
            case .bestEffort: spec.qos == .bestEffort
            case .notBestEffort: spec.qos != .bestEffort
            case .priorityClass:
                switch scope.operation {
                case .isIn: scope.values.contains(priorityClass)
                case .isNotIn: !scope.values.contains(priorityClass)
                case .exists: !priorityClass.isEmpty
                case .doesNotExist: priorityClass.isEmpty
                }
            case .crossNamespacePodAffinity: spec.looksIntoOtherNamespaces
            case .volumeAttributesClass: false
            }
        }
    }

    // MARK: Admission

    /// What one pod takes of a name; nil when it takes none.
    private func use(_ name: String, of spec: PodSpecification) -> Quantity? {
        if name == "pods" { return Quantity(units: 1) }
        if name.hasPrefix("requests.") {
            return spec.effectiveRequests[String(name.dropFirst("requests.".count))]
        }
        return spec.effectiveLimits[String(name.dropFirst("limits.".count))]
    }

    /// A resource that the quota counts and a container does not speak of, for which it is refused. (Constraints)
    func unspoken(in spec: PodSpecification) -> String? {
        if spec.resources != nil { return nil }
        let judged = left.map(\.name).filter {
            ["requests.cpu", "requests.memory", "limits.cpu", "limits.memory"].contains($0)
        }
        for name in judged {
            let isRequest = name.hasPrefix("requests.")
            let resource = String(name.drop { $0 != "." }.dropFirst())
            for container in spec.containers + spec.initContainers {
                let amounts =
                    isRequest ? container.resources.requests : container.resources.limits
                if amounts[resource] == nil {
                    return "must specify \(name) for: \(container.name)"
                }
            }
        }
        return nil
    }

    /// How many of `count` equal pods still fit, and which name stops the next one.
    func room(for spec: PodSpecification, upTo count: Int) -> (count: Int, stop: String?) {
        var (room, stop) = (count, String?.none)
        for entry in left {
            guard let use = use(entry.name, of: spec), use.sign > 0 else { continue }
            let fitting =
                entry.quantity.sign <= 0
                ? 0
                : Int(clamping: Int128(entry.quantity.milliValue) / Int128(max(1, use.milliValue)))
            if fitting < room { (room, stop) = (fitting, entry.name) }
        }
        return (room, stop)
    }

    mutating func take(_ spec: PodSpecification, times count: Int) {
        guard count > 0 else { return }
        for index in left.indices {
            guard let use = use(left[index].name, of: spec) else { continue }
            let milli =
                Int128(left[index].quantity.milliValue) - Int128(use.milliValue) * Int128(count)
            left[index].quantity = Quantity(milli: Int64(clamping: milli))
        }
    }
}

extension PodSpecification {
    /// `activeDeadlineSeconds` is there.
    fileprivate var hasDeadline: Bool { node["activeDeadlineSeconds"]?.isNull == false }

    fileprivate var looksIntoOtherNamespaces: Bool {
        let rules = [placement.podAffinity, placement.podAntiAffinity]
        let terms = rules.flatMap { $0.required + $0.preferred.map(\.term) }
        return terms.contains { !$0.namespaces.isEmpty || $0.namespaceSelector != nil }
    }
}
