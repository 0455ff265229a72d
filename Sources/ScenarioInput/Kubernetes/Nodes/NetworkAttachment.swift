public import WorkloadModel

/// A NetworkAttachmentDefinition: a network that a pod's annotation names, and the device that it needs.
///
/// (k8snetworkplumbingwg/network-attachment-definition-client, and the resource name's annotation)
public struct NetworkAttachment: Hashable, Sendable {
    public var namespace: String
    public var name: String
    /// The extended resource that each use of the network takes one of; nil for a network that takes none.
    public var resource: String?
    /// A node label that pods with this network are kept to.
    public var nodeSelector: Label?
    /// The CNI plugin, such as `sriov`; empty when its configuration does not say.
    public var type: String

    public init(
        namespace: String = "default", name: String, resource: String? = nil,
        nodeSelector: Label? = nil, type: String = ""
    ) {
        self.namespace = namespace
        self.name = name
        self.resource = resource
        self.nodeSelector = nodeSelector
        self.type = type
    }
}

/// Reads a NetworkAttachmentDefinition.
public func readNetworkAttachment(
    _ node: SourceNode, report: inout ImportReport
) throws(InputError) -> NetworkAttachment {
    let place = ObjectPlace(node)
    return try readForeignObject(
        node, kind: "NetworkAttachmentDefinition", apiVersions: ["k8s.cni.cncf.io/v1"],
        known: ["spec"], report: &report
    ) { reader, fields, report in
        let metadata = reader.foreignMetadata(fields)
        guard !metadata.name.isEmpty else {
            reader.diagnostics.error(
                at: fields["metadata"] ?? node, "a NetworkAttachmentDefinition without a name")
            return nil
        }
        var network = NetworkAttachment(
            namespace: metadata.namespace.isEmpty ? "default" : metadata.namespace,
            name: metadata.name)
        if let resource = metadata.annotation("k8s.v1.cni.cncf.io/resourceName"),
            let text = resource.text, !text.isEmpty
        {
            guard reader.isResource(text, resource) else { return nil }
            network.resource = text
        }
        if let selector = metadata.annotation("k8s.v1.cni.cncf.io/nodeSelector"),
            let text = selector.text, !text.isEmpty
        {
            let words = text.split(separator: "=", omittingEmptySubsequences: false)
            guard words.count <= 2 else {
                reader.diagnostics.error(
                    at: selector, "`\(text)` is more than one label",
                    hint: "a network's node selector is one `key=value`")
                return nil
            }
            network.nodeSelector = Label(
                key: words[0].trimmed, value: words.count == 2 ? words[1].trimmed : "")
        }
        if let spec = fields["spec"],
            let own = reader.fields(of: spec, at: "spec", known: ["config"]),
            let config = reader.text("config", of: own), !config.isEmpty
        {
            network.type = cniType(config) ?? ""
            if network.type.isEmpty {
                report.dropped(
                    place.subject, "`spec.config` is no JSON that names a plugin",
                    file: place.file, line: own["config"]?.mark.line ?? place.line)
            }
        }
        report.taken(
            place.subject,
            network.resource.map { "each use takes one `\($0)`" } ?? "it takes no device",
            file: place.file, line: place.line)
        return network
    }
}

/// The plugin that a CNI configuration names, or the first of a list of plugins.
private func cniType(_ config: String) -> String? {
    guard let root = try? readJSONSource(Array(config.utf8), file: "config") else { return nil }
    return root["type"]?.text ?? root["plugins"]?.elements?.first?["type"]?.text
}
