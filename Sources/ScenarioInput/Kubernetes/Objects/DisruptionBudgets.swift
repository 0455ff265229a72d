import WorkloadModel

extension PodDisruptionBudget {
    /// A PodDisruptionBudget object; nil after an error. (policy/v1)
    static func read(
        _ object: KubernetesObject, diagnostics: inout Diagnostics
    ) -> PodDisruptionBudget? {
        var reader = ManifestReader(Diagnostics(), unknownFields: .noted)
        defer { for diagnostic in reader.diagnostics.all { diagnostics.add(diagnostic) } }
        guard
            let fields = reader.fields(
                of: object.node, at: "",
                known: ["apiVersion", "kind", "metadata", "spec", "status"]),
            let node = fields["spec"],
            let spec = reader.fields(
                of: node, at: "spec", known: ["selector", "minAvailable", "maxUnavailable"],
                silent: ["unhealthyPodEvictionPolicy"])
        else {
            if !reader.diagnostics.hasErrors {
                reader.diagnostics.error(
                    at: object.node, "`spec` of a PodDisruptionBudget is missing")
            }
            return nil
        }
        let selector = reader.selector("selector", of: spec) ?? LabelSelector()
        let least = spec["minAvailable"].flatMap { amount($0, "spec.minAvailable", &reader) }
        let most = spec["maxUnavailable"].flatMap { amount($0, "spec.maxUnavailable", &reader) }
        if spec["minAvailable"] != nil, spec["maxUnavailable"] != nil {
            reader.diagnostics.error(
                at: spec["maxUnavailable"] ?? node,
                "`spec.minAvailable` and `spec.maxUnavailable` exclude each other")
        }
        guard !reader.diagnostics.hasErrors else { return nil }
        // Neither is a budget that lets one at least be there.
        let limit: Limit = most.map { .maxUnavailable($0) } ?? .minAvailable(least ?? .count(1))
        return PodDisruptionBudget(
            name: object.name, namespace: object.namespace.isEmpty ? "default" : object.namespace,
            selector: selector, limit: limit)
    }

    private static func amount(
        _ node: SourceNode, _ path: String, _ reader: inout ManifestReader
    ) -> Amount? {
        let text = node.text ?? ""
        if let count = Int32(text), count >= 0 { return .count(Int64(count)) }
        if text.hasSuffix("%"), let share = Int32(text.dropLast()), (0...100).contains(share) {
            return .percent(Int64(share))
        }
        reader.wrongType(node, at: path, expected: "a number of pods such as `2` or `50%`")
        return nil
    }
}
