import ScenarioInput
import WorkloadModel

/// A pod as a user writes it: defaulted, validated and summed up as Kubernetes' own code does.
enum PodVectors {
    @Sendable static func run(
        _ json: JSONValue, _ machines: VectorMachines
    ) throws(VectorStop) {
        let expect = try required(json["expect"], "expect").sourceNode()
        let node = try required(json["pod"], "pod").sourceNode()
        let found = answer(to: withDroppedResources(node, expect))
        let want = Answer(expect)
        try requireEqual("expect.errors", expected: want.errors, got: found.errors)
        try requireEqual("expect.qos", expected: want.qos, got: found.qos)
        try requireEqual(
            "expect.requests", expected: want.requests.texts, got: found.requests.texts)
        try requireEqual("expect.limits", expected: want.limits.texts, got: found.limits.texts)
        try requireEqual(
            "expect.containers", expected: want.amounts.texts, got: found.amounts.texts)
    }

    /// The file leaves out empty mappings, so that `spec.resources: {}` is lost. That it was there is told by the
    /// answer, which has a `pod` only where pod-level resources were given.
    private static func withDroppedResources(_ pod: SourceNode, _ expect: SourceNode) -> SourceNode
    {
        guard expect["pod"] != nil, let spec = pod["spec"], spec["resources"] == nil,
            var entries = spec.entries
        else { return pod }
        entries.append(
            SourceNode.Entry(
                key: "resources", keyMark: spec.mark, value: SourceNode(.mapping([]), at: spec.mark)
            ))
        let changed = SourceNode(.mapping(entries), at: spec.mark)
        return SourceNode(
            .mapping([
                SourceNode.Entry(
                    key: "apiVersion", keyMark: pod.mark,
                    value: SourceNode(.scalar("v1", isQuoted: true), at: pod.mark)),
                SourceNode.Entry(
                    key: "kind", keyMark: pod.mark,
                    value: SourceNode(.scalar("Pod", isQuoted: true), at: pod.mark)),
                SourceNode.Entry(key: "spec", keyMark: spec.mark, value: changed),
            ]), at: pod.mark)
    }

    /// What both sides say, in one form.
    private struct Answer {
        var errors: [String] = []
        var qos: String?
        var requests: [String: String] = [:]
        var limits: [String: String] = [:]
        /// By container, `/requests` or `/limits`, and resource; the pod itself is the container ``.
        var amounts: [String: String] = [:]

        init() {}

        init(_ expect: SourceNode) {
            errors = (expect["errors"]?.elements ?? []).compactMap(\.text)
            qos = expect["qos"]?.text
            requests = texts(expect["requests"])
            limits = texts(expect["limits"])
            for entry in expect["containers"]?.entries ?? [] { add(entry.value, of: entry.key) }
            if let pod = expect["pod"] { add(pod, of: "") }
        }

        private mutating func add(_ node: SourceNode, of name: String) {
            for kind in ["requests", "limits"] {
                for (resource, text) in texts(node[kind]) {
                    amounts["\(name)/\(kind)/\(resource)"] = text
                }
            }
        }

        mutating func add(_ requirements: ResourceRequirements, of name: String) {
            for (kind, list) in [
                ("requests", requirements.requests), ("limits", requirements.limits),
            ] {
                for (resource, text) in texts(list) {
                    amounts["\(name)/\(kind)/\(resource)"] = text
                }
            }
        }
    }

    private static func answer(to node: SourceNode) -> Answer {
        var answer = Answer()
        var diagnostics = Diagnostics()
        guard var pod = readPodManifest(node, diagnostics: &diagnostics), !diagnostics.hasErrors
        else {
            answer.errors = diagnostics.all.map(\.message)
            return answer
        }
        pod.applyDefaults()
        answer.errors = pod.validate().map(upstreamText).sorted()
        if !answer.errors.isEmpty { return answer }
        answer.qos = pod.spec.qos.rawValue
        answer.requests = texts(pod.spec.effectiveRequests)
        answer.limits = texts(pod.spec.effectiveLimits)
        for container in pod.spec.initContainers + pod.spec.containers {
            answer.add(container.resources, of: container.name)
        }
        if let resources = pod.spec.resources { answer.add(resources, of: "") }
        return answer
    }
}

private func texts(_ node: SourceNode?) -> [String: String] {
    var texts: [String: String] = [:]
    for entry in node?.entries ?? [] { texts[entry.key] = entry.value.text }
    return texts
}

private func texts(_ list: ResourceQuantities) -> [String: String] {
    var texts: [String: String] = [:]
    for entry in list.entries {
        texts[entry.name] =
            entry.name == "cpu" ? "\(entry.quantity.milliValue)m" : "\(entry.quantity.value)"
    }
    return texts
}

extension [String: String] {
    /// One text an entry, ascending.
    fileprivate var texts: [String] { map { "\($0.key): \($0.value)" }.sorted() }
}

/// The same refusal in upstream's words, to compare reasons.
private func upstreamText(_ error: APIFieldError) -> String {
    let detail =
        switch error.reason {
        case .notStandardResource: "must be a standard resource type or fully qualified"
        case .notContainerResource: "must be a standard resource for containers"
        case .notExtendedResource: "doesn't follow extended resource name standard"
        case .negative: "must be greater than or equal to 0"
        case .notWhole: "must be an integer"
        case .limitMissing: "Limit must be set for non overcommitable resources"
        case .aboveLimit(let resource, let limit):
            "must be less than or equal to \(resource) limit of \(limit)"
        case .unlikeLimit(let resource, let limit):
            "must be equal to \(resource) limit of \(limit)"
        case .notPagesOf(let resource, let quantity):
            "\(quantity) is not positive integer multiple of \(resource)"
        case .pagesAlone: "HugePages require cpu or memory"
        case .belowAggregateRequests(let sum):
            "must be greater than or equal to aggregate container requests of \(sum)"
        case .belowAggregateLimits(let sum):
            "must be greater than or equal to aggregate container limits of \(sum)"
        case .abovePodLimit(let limit): "must be less than or equal to pod limits of \(limit)"
        case .notOneOf(let names):
            "supported values: " + names.map { "\"\($0)\"" }.joined(separator: ", ")
        default: "\(error.reason)"
        }
    let value = error.value.map { "\"\($0)\": " } ?? ""
    return "\(error.path): \(error.kind.rawValue): \(value)\(detail)"
}
