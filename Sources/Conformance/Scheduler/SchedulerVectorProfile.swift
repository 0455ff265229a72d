import ClusterScheduler
import WorkloadModel

/// The profile of a scheduler case, and the objects that the scheduler looks up.
enum SchedulerVectorProfile {
    static func profile(_ json: JSONValue?) throws(VectorStop) -> SchedulerProfile {
        var profile = SchedulerProfile()
        guard let json else { return profile }
        for name in json["disabled"]?.elements.compactMap(\.text) ?? [] {
            profile.disabledFilters.insert(name)
            profile.disabledScores.insert(name)
        }
        for member in json["weights"]?.members ?? [] {
            profile.weights[member.name] = Int64(try required(member.value.integer, "weights"))
        }
        if let strategy = json["fitStrategy"]?.text { profile.fit.strategy = strategy }
        if let list = json["fitResources"] { profile.fit.resources = try weights(list) }
        for corner in json["fitShape"]?.elements ?? [] {
            profile.fit.shape.append(
                FitArguments.ShapePoint(
                    utilization: Int64(try required(corner["utilization"]?.integer, "fitShape")),
                    score: Int64(try required(corner["score"]?.integer, "fitShape"))))
        }
        profile.fit.ignoredResources = names(json["fitIgnoredResources"])
        profile.fit.ignoredResourceGroups = names(json["fitIgnoredResourceGroups"])
        if let list = json["balancedResources"] { profile.balancedResources = try weights(list) }
        if let weight = json["hardPodAffinityWeight"]?.integer {
            profile.interPodAffinity.hardPodAffinityWeight = Int64(weight)
        }
        profile.interPodAffinity.ignorePreferredTermsOfExistingPods =
            json["ignorePreferredTermsOfExistingPods"]?.boolean ?? false
        (profile.addedRequiredTerms, profile.addedPreferredTerms) =
            try SchedulerVectorPlacement.nodeAffinity(json["addedAffinity"])
        if let list = json["spreadDefaultConstraints"] {
            profile.spreadDefaults = try SchedulerVectorPlacement.constraints(list)
        }
        return profile
    }

    private static func names(_ json: JSONValue?) -> Set<String> {
        Set(json?.elements.compactMap(\.text) ?? [])
    }

    private static func weights(_ json: JSONValue) throws(VectorStop) -> [ResourceWeight] {
        var weights: [ResourceWeight] = []
        for entry in json.elements {
            weights.append(
                ResourceWeight(
                    try required(entry["name"]?.text, "name"),
                    Int64(entry["weight"]?.integer ?? 1)))
        }
        return weights
    }

    /// Namespaces, Services and ReplicaSets of a cluster.
    static func objects(_ cluster: JSONValue) throws(VectorStop) -> SelectorObjects {
        var objects = SelectorObjects()
        var namespaces = cluster["namespaces"]?.members ?? []
        if !namespaces.contains(where: { $0.name == "default" }) {
            namespaces.append(JSONValue.Member(name: "default", value: .object([])))
        }
        for member in namespaces {
            objects.namespaces.append(
                NamespaceObject(
                    name: member.name, labels: SchedulerVectorPods.labels(member.value)))
        }
        for service in cluster["services"]?.elements ?? [] {
            guard let selector = service["selector"], !selector.isNull else { continue }
            objects.services.append(
                try object(
                    .service, service,
                    LabelSelector(matchLabels: SchedulerVectorPods.labels(selector))))
        }
        objects.controllers = try controllers(cluster["replicaSets"])
        return objects
    }

    static func controllers(_ json: JSONValue?) throws(VectorStop) -> [SelectorObject] {
        var controllers: [SelectorObject] = []
        for entry in json?.elements ?? [] {
            // A selector is written in full or as labels alone.
            let written = try required(entry["selector"], "selector")
            let isFull = written["matchLabels"] != nil || written["matchExpressions"] != nil
            let selector =
                isFull
                ? try SchedulerVectorPlacement.selector(written)
                : LabelSelector(matchLabels: SchedulerVectorPods.labels(written))
            controllers.append(
                try object(.replicaSet, entry, try required(selector, "selector")))
        }
        return controllers
    }

    private static func object(
        _ kind: SelectorObject.Kind, _ json: JSONValue, _ selector: LabelSelector
    ) throws(VectorStop) -> SelectorObject {
        SelectorObject(
            kind: kind, namespace: json["ns"]?.text ?? "default",
            name: try required(json["name"]?.text, "name"), selector: selector)
    }
}
