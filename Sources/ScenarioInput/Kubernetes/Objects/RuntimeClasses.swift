import WorkloadModel

/// A RuntimeClass: what pods of it cost besides their containers, and where they run. (node.k8s.io/v1)
struct RuntimeClass: Sendable {
    var name: String
    var overhead: ResourceQuantities
    var nodeSelector: [Label]
    var tolerations: [TolerationManifest]

    /// Nil after an error.
    static func read(
        _ object: KubernetesObject, diagnostics: inout Diagnostics
    ) -> RuntimeClass? {
        var reader = ManifestReader(Diagnostics(), unknownFields: .noted)
        defer { for diagnostic in reader.diagnostics.all { diagnostics.add(diagnostic) } }
        // Alpha had the same under `spec`.
        let node = object.node["spec"] ?? object.node
        guard
            let fields = reader.fields(
                of: node, at: "", known: ["overhead", "scheduling"],
                silent: ["apiVersion", "kind", "metadata", "handler", "runtimeHandler"])
        else { return nil }
        var overhead = ResourceQuantities()
        if let node = fields["overhead"],
            let inner = reader.fields(of: node, at: "overhead", known: ["podFixed"]),
            let fixed = inner["podFixed"]
        {
            overhead = reader.quantities(fixed, at: "overhead.podFixed")
        }
        var runtime = RuntimeClass(
            name: object.name, overhead: overhead, nodeSelector: [], tolerations: [])
        if let node = fields["scheduling"],
            let scheduling = reader.fields(
                of: node, at: "scheduling", known: ["nodeSelector", "tolerations"])
        {
            runtime.nodeSelector = reader.texts("nodeSelector", of: scheduling)
                .map { Label(key: $0.key, value: $0.value) }.sorted { $0.key < $1.key }
            runtime.tolerations = reader.tolerations("tolerations", of: scheduling)
        }
        return reader.diagnostics.hasErrors ? nil : runtime
    }

    /// Adds overhead, selector and tolerations; returns why the pod is refused, or nil.
    ///
    /// (k/k plugin/pkg/admission/runtimeclass setOverhead, setScheduling)
    func apply(to spec: inout PodSpecification) -> String? {
        if !overhead.isEmpty {
            if !spec.overhead.isEmpty, !spec.overhead.hasSameAmounts(as: overhead) {
                return "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
            }
            spec.overhead = overhead
        }
        for label in nodeSelector {
            if let own = spec.nodeSelector.first(where: { $0.key == label.key }) {
                if own.value != label.value {
                    return "conflict: runtimeClass.scheduling.nodeSelector[\(label.key)] = "
                        + "\(label.value); pod.spec.nodeSelector[\(label.key)] = \(own.value)"
                }
            } else {
                spec.nodeSelector.append(label)
            }
        }
        spec.nodeSelector.sort { $0.key < $1.key }
        spec.tolerations += tolerations
        return nil
    }
}

extension ResourceQuantities {
    fileprivate func hasSameAmounts(as other: ResourceQuantities) -> Bool {
        entries.count == other.entries.count
            && entries.allSatisfy { other[$0.name] == $0.quantity }
    }
}
