import WorkloadModel

/// Affinity, spreading and the like of scheduler cases; written as in Kubernetes.
enum SchedulerVectorPlacement {
    static func rules(_ pod: JSONValue) throws(VectorStop) -> PlacementRules {
        var rules = PlacementRules()
        if let affinity = pod["affinity"] {
            let (required, preferred) = try nodeAffinity(affinity["nodeAffinity"])
            rules.requiredNodeTerms = required
            rules.preferredNodeTerms = preferred
            rules.podAffinity = try podRules(affinity["podAffinity"])
            rules.podAntiAffinity = try podRules(affinity["podAntiAffinity"])
        }
        rules.topologySpread = try constraints(pod["topologySpreadConstraints"])
        rules.schedulingGates =
            pod["schedulingGates"]?.elements.map { $0.text ?? $0["name"]?.text ?? "" } ?? []
        rules.mayPreempt = pod["preemptionPolicy"]?.text != "Never"
        if let name = pod["ownerReplicaSet"]?.text {
            rules.controller = ControllerReference(kind: .replicaSet, name: name)
        }
        return rules
    }

    private static let requiredKey = "requiredDuringSchedulingIgnoredDuringExecution"
    private static let preferredKey = "preferredDuringSchedulingIgnoredDuringExecution"

    static func nodeAffinity(
        _ json: JSONValue?
    ) throws(VectorStop) -> ([NodeSelectorTerm]?, [PreferredNodeTerm]) {
        var preferred: [PreferredNodeTerm] = []
        for entry in json?[preferredKey]?.elements ?? [] {
            preferred.append(
                PreferredNodeTerm(
                    weight: Int64(try required(entry["weight"]?.integer, "weight")),
                    term: try nodeTerm(try required(entry["preference"], "preference"))))
        }
        guard let list = json?[requiredKey]?["nodeSelectorTerms"]?.elements else {
            return (nil, preferred)
        }
        var terms: [NodeSelectorTerm] = []
        for entry in list { terms.append(try nodeTerm(entry)) }
        return (terms, preferred)
    }

    private static func nodeTerm(_ json: JSONValue) throws(VectorStop) -> NodeSelectorTerm {
        func requirements(_ name: String) throws(VectorStop) -> [NodeSelectorRequirement] {
            var list: [NodeSelectorRequirement] = []
            for entry in json[name]?.elements ?? [] {
                let operation = NodeSelectorRequirement.Operator(
                    rawValue: entry["operator"]?.text ?? "")
                list.append(
                    NodeSelectorRequirement(
                        key: try required(entry["key"]?.text, "key"),
                        operation: try required(operation, "operator"),
                        values: entry["values"]?.elements.compactMap(\.text) ?? []))
            }
            return list
        }
        return NodeSelectorTerm(
            matchExpressions: try requirements("matchExpressions"),
            matchFields: try requirements("matchFields"))
    }

    private static func podRules(_ json: JSONValue?) throws(VectorStop) -> PodAffinityRules {
        var rules = PodAffinityRules()
        for entry in json?[requiredKey]?.elements ?? [] {
            rules.required.append(try podTerm(entry))
        }
        for entry in json?[preferredKey]?.elements ?? [] {
            rules.preferred.append(
                PreferredPodAffinityTerm(
                    weight: Int64(try required(entry["weight"]?.integer, "weight")),
                    term: try podTerm(try required(entry["podAffinityTerm"], "podAffinityTerm"))))
        }
        return rules
    }

    private static func podTerm(_ json: JSONValue) throws(VectorStop) -> PodAffinityTerm {
        PodAffinityTerm(
            labelSelector: try selector(json["labelSelector"]),
            topologyKey: try required(json["topologyKey"]?.text, "topologyKey"),
            namespaces: json["namespaces"]?.elements.compactMap(\.text) ?? [],
            namespaceSelector: try selector(json["namespaceSelector"]),
            matchLabelKeys: json["matchLabelKeys"]?.elements.compactMap(\.text) ?? [],
            mismatchLabelKeys: json["mismatchLabelKeys"]?.elements.compactMap(\.text) ?? [])
    }

    static func selector(_ json: JSONValue?) throws(VectorStop) -> LabelSelector? {
        guard let json, !json.isNull else { return nil }
        var selector = LabelSelector(matchLabels: SchedulerVectorPods.labels(json["matchLabels"]))
        for entry in json["matchExpressions"]?.elements ?? [] {
            let operation = LabelSelectorRequirement.Operator(
                rawValue: entry["operator"]?.text ?? "")
            selector.matchExpressions.append(
                LabelSelectorRequirement(
                    key: try required(entry["key"]?.text, "key"),
                    operation: try required(operation, "operator"),
                    values: entry["values"]?.elements.compactMap(\.text) ?? []))
        }
        return selector
    }

    static func constraints(
        _ json: JSONValue?
    ) throws(VectorStop) -> [TopologySpreadConstraint] {
        var constraints: [TopologySpreadConstraint] = []
        for entry in json?.elements ?? [] {
            let when = TopologySpreadConstraint.WhenUnsatisfiable(
                rawValue: entry["whenUnsatisfiable"]?.text ?? "")
            var constraint = TopologySpreadConstraint(
                maxSkew: Int64(try required(entry["maxSkew"]?.integer, "maxSkew")),
                topologyKey: try required(entry["topologyKey"]?.text, "topologyKey"),
                whenUnsatisfiable: try required(when, "whenUnsatisfiable"),
                labelSelector: try selector(entry["labelSelector"]))
            constraint.minDomains = entry["minDomains"]?.integer.map { Int64($0) }
            func inclusion(
                _ name: String, _ fallback: TopologySpreadConstraint.NodeInclusion
            ) -> TopologySpreadConstraint.NodeInclusion {
                entry[name]?.text.flatMap { .init(rawValue: $0) } ?? fallback
            }
            constraint.nodeAffinityPolicy = inclusion("nodeAffinityPolicy", .honor)
            constraint.nodeTaintsPolicy = inclusion("nodeTaintsPolicy", .ignore)
            constraint.matchLabelKeys =
                entry["matchLabelKeys"]?.elements.compactMap(\.text) ?? []
            constraints.append(constraint)
        }
        return constraints
    }
}
