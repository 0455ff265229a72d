/// What a text of Kubernetes objects says about nodes and their devices, by kind.
public struct NodeSideObjects: Sendable {
    public var nodes: [NodeObject] = []
    public var zones: [NodeZones] = []
    public var kubelets: [KubeletSource] = []
    public var profiles: [PerformanceProfile] = []
    public var pools: [DevicePool] = []
    public var networks: [NetworkAttachment] = []
    public var features: [NodeFeatures] = []
    /// Documents that together are one configuration of kubeadm.
    private var kubeadm: [SourceNode] = []
    private var mistakes: [Diagnostic] = []
    private var budget = EmbeddedTextBudget()

    public init() {}

    /// Kinds whose strings are taken apart themselves.
    private static let kindsWithTexts: Set<String> = [
        "ConfigMap", "NetworkAttachmentDefinition", "PerformanceProfile", "Cluster",
    ]

    /// Takes an object if it is of a kind that is about nodes.
    ///
    /// - Returns: Whether it was; mistakes in it are kept for `finish`.
    public mutating func take(_ node: SourceNode, report: inout ImportReport) -> Bool {
        do throws(InputError) {
            let kind = node["kind"]?.text ?? ""
            if NodeSideObjects.kindsWithTexts.contains(kind) { try budget.charge(all: node) }
            switch node["kind"]?.text {
            case "Node": nodes.append(try readNodeObject(node, report: &report))
            case "NodeList": try takeList(node, &report)
            case "NodeResourceTopology": zones.append(try readNodeZones(node, report: &report))
            case "PerformanceProfile":
                profiles.append(try readPerformanceProfile(node, report: &report))
            case "SriovNetworkNodePolicy":
                pools.append(try readSriovNetworkNodePolicy(node, report: &report))
            case "SriovFecClusterConfig", "SriovVrbClusterConfig":
                pools.append(try readSriovFecClusterConfig(node, report: &report))
            case "NetworkAttachmentDefinition":
                networks.append(try readNetworkAttachment(node, report: &report))
            case "NodeFeature": features.append(try readNodeFeatures(node, report: &report))
            case "ConfigMap" where isDevicePlugin(node):
                pools += try readDevicePools(configMap: node, report: &report)
            case "Cluster" where node["apiVersion"]?.text?.hasPrefix("kind.x-k8s.io/") == true,
                "KubeletConfiguration", "KubeletConfig", "InitConfiguration", "JoinConfiguration",
                "ClusterConfiguration":
                kubeadm.append(node)
            case nil: return try takeUnnamed(node, &report)
            default: return false
            }
        } catch {
            mistakes += error.diagnostics
        }
        return true
    }

    /// Reads what is only understood together, and tells all mistakes.
    public mutating func finish(file: String, report: inout ImportReport) throws(InputError) {
        if !kubeadm.isEmpty {
            let documents = kubeadm
            kubeadm = []
            do throws(InputError) {
                kubelets += try readKubeletSources(documents, file: file, report: &report)
            } catch {
                mistakes += error.diagnostics
            }
        }
        let all = mistakes
        mistakes = []
        if !all.isEmpty { throw InputError(all) }
    }

    private func isDevicePlugin(_ node: SourceNode) -> Bool {
        (node["data"]?.entries ?? []).contains { $0.value.text?.contains("resourceList") ?? false }
    }

    private mutating func takeList(
        _ node: SourceNode, _ report: inout ImportReport
    ) throws(InputError) {
        for item in node["items"]?.elements ?? [] {
            nodes.append(try readNodeObject(item, needsKind: false, report: &report))
        }
    }

    /// Objects that do not say what they are: a device plugin's file, a fragment of a kubelet's configuration, and
    /// the claim of a certification suite, which keeps a cluster's Nodes by name.
    private mutating func takeUnnamed(
        _ node: SourceNode, _ report: inout ImportReport
    ) throws(InputError) -> Bool {
        if node["resourceList"] != nil {
            pools += try readDevicePools(configuration: node, report: &report)
        } else if node["kubelet"]?.entries != nil, node.entries?.count == 1 {
            kubeadm.append(node)
        } else if let summary = node["claim"]?["nodes"]?["nodeSummary"]?.entries {
            for entry in summary {
                nodes.append(try readNodeObject(entry.value, needsKind: false, report: &report))
            }
            report.dropped(
                "claim", "all of it but its Nodes", file: node.mark.file, line: node.mark.line)
        } else {
            return false
        }
        return true
    }
}

/// Reads a text of Kubernetes objects, YAML documents or JSON, for what it says about nodes.
///
/// Lists are opened; objects of other kinds are reported as dropped.
/// - Throws: All mistakes at once.
public func readNodeSideObjects(
    _ bytes: some Collection<UInt8>, file: String
) throws(InputError) -> (objects: NodeSideObjects, report: ImportReport) {
    var objects = NodeSideObjects()
    var report = ImportReport()
    var pending = try readObjectDocuments(bytes, file: file)[...]
    while let document = pending.popFirst() {
        if document.isNull { continue }
        if document["kind"]?.text == "List" {
            pending = ((document["items"]?.elements ?? []) + pending)[...]
            continue
        }
        if objects.take(document, report: &report) { continue }
        let place = ObjectPlace(document)
        report.dropped(
            place.subject, "an object that says nothing about nodes", file: place.file,
            line: place.line)
    }
    try objects.finish(file: file, report: &report)
    return (objects, report)
}

/// The documents of YAML, or the one value of JSON, which may have tabs that YAML does not allow.
func readObjectDocuments(
    _ bytes: some Collection<UInt8>, file: String, limits: SourceLimits = .configuration
) throws(InputError) -> [SourceNode] {
    let first = bytes.first { !" \t\r\n".utf8.contains($0) }
    guard first == UInt8(ascii: "{") else {
        return try readSourceDocuments(bytes, file: file, limits: limits)
    }
    do throws(InputError) {
        return [try readJSONSource(bytes, file: file, limits: limits)]
    } catch {
        // A mapping in braces may be YAML; where it is neither, JSON's words are the clearer ones.
        if let documents = try? readSourceDocuments(bytes, file: file, limits: limits) {
            return documents
        }
        throw error
    }
}
