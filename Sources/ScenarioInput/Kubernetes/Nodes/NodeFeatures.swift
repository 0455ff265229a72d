public import WorkloadModel

/// A NodeFeature object: labels that Node Feature Discovery gives one node.
///
/// (kubernetes-sigs/node-feature-discovery api/nfd/v1alpha1)
public struct NodeFeatures: Hashable, Sendable {
    /// The node that it is about.
    public var nodeName: String
    /// Ascending by key.
    public var labels: [Label]
}

/// Reads a NodeFeature; raw features, from which the master makes labels by rules, are reported as dropped.
public func readNodeFeatures(
    _ node: SourceNode, report: inout ImportReport
) throws(InputError) -> NodeFeatures {
    let place = ObjectPlace(node)
    return try readForeignObject(
        node, kind: "NodeFeature", apiVersions: ["nfd.k8s-sigs.io/v1alpha1"], known: ["spec"],
        report: &report
    ) { reader, fields, report in
        let metadata = reader.foreignMetadata(fields)
        let label = metadata.labels.first { $0.key == "nfd.node.kubernetes.io/node-name" }?.value
        let name = label ?? metadata.name
        guard !name.isEmpty else {
            reader.diagnostics.error(
                at: fields["metadata"] ?? node, "a NodeFeature that names no node",
                hint: "its label `nfd.node.kubernetes.io/node-name` does")
            return nil
        }
        if label == nil {
            report.guessed(
                place.subject, "without the label of a node's name it is for the node `\(name)`",
                file: place.file, line: place.line)
        }
        var labels: [Label] = []
        if let spec = fields["spec"],
            let own = reader.fields(of: spec, at: "spec", known: ["features", "labels"])
        {
            // A name without a domain is one of NFD's own.
            labels = reader.texts("labels", of: own).map {
                Label(
                    key: $0.key.contains("/")
                        ? $0.key : "feature.node.kubernetes.io/\($0.key)", value: $0.value)
            }
            .sorted { $0.key < $1.key }
            if let features = own["features"], features.entries?.isEmpty == false {
                report.dropped(
                    place.subject,
                    "raw features: labels that rules would make of them are not made",
                    file: place.file, line: features.mark.line)
            }
        }
        report.taken(
            place.subject, "\(labels.count) labels of node `\(name)`", file: place.file,
            line: place.line)
        return NodeFeatures(nodeName: name, labels: labels)
    }
}
