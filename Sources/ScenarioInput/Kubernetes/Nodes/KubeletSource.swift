public import NodeManagers
public import WorkloadModel

/// A kubelet's configuration with the nodes that it is for.
public struct KubeletSource: Sendable {
    public enum Nodes: Hashable, Sendable {
        case all
        /// Nodes with the label `node-role.kubernetes.io/<role>`, or of a role of kubeadm and kind.
        case role(String)
        /// Nodes of the machine config pools that have these labels.
        case pools([Label])
    }

    public var nodes: Nodes
    /// How many nodes of the source it is for; nil where the source does not say.
    public var nodeCount: Int?
    public var settings: KubeletSettings
    /// Labels and taints that the kubelet registers its node with.
    public var labels: [Label] = []
    public var taints: [Taint] = []
    /// The KubeletConfiguration in effect, as a scenario takes it under `kubelet`.
    public var configuration: SourceNode

    /// The role of the nodes, where it can be told.
    public var role: String? {
        switch nodes {
        case .all: return nil
        case .role(let role): return role
        case .pools(let labels):
            for label in labels {
                if label.key == "machineconfiguration.openshift.io/role" { return label.value }
                let prefix = "pools.operator.machineconfiguration.openshift.io/"
                if label.key.hasPrefix(prefix) { return String(label.key.dropFirst(prefix.count)) }
            }
            return nil
        }
    }
}

/// Reads the kubelet configurations of a text: bare, in an OpenShift KubeletConfig, in a kind cluster's patches, or
/// among kubeadm's documents.
///
/// - Throws: All mistakes at once; a text with no kubelet configuration at all.
public func readKubeletSources(
    _ bytes: some Collection<UInt8>, file: String
) throws(InputError) -> (sources: [KubeletSource], report: ImportReport) {
    var report = ImportReport()
    let documents = try readSourceDocuments(bytes, file: file)
    let sources = try readKubeletSources(documents, file: file, report: &report)
    return (sources, report)
}

/// The same of documents that were read already; objects of other kinds are reported and passed over.
public func readKubeletSources(
    _ documents: [SourceNode], file: String, report: inout ImportReport
) throws(InputError) -> [KubeletSource] {
    var making = KubeletSourceMaking()
    var kubeadm = KubeadmConfiguration()
    for document in documents where !document.isNull {
        let place = ObjectPlace(document)
        switch document["kind"]?.text {
        case "KubeletConfig": making.takeKubeletConfig(document)
        case "Cluster": making.takeKindCluster(document)
        case "KubeletConfiguration", "InitConfiguration", "JoinConfiguration":
            kubeadm.take(document)
        case "ClusterConfiguration":
            making.report.dropped(
                place.subject, "it says nothing about kubelets", file: place.file, line: place.line)
        case nil where document["kubelet"]?.entries != nil: making.takeFragment(document)
        case nil where KubeletSourceMaking.looksLikeKubelet(document): kubeadm.take(document)
        case let kind:
            making.report.dropped(
                place.subject,
                kind == nil ? "an object without `kind`" : "no kubelet configuration",
                file: place.file, line: place.line)
        }
    }
    making.take(kubeadm)
    report.append(making.report)
    if making.sources.isEmpty, making.mistakes.isEmpty {
        making.mistakes.append(
            Diagnostic(
                file: file, message: "no kubelet configuration in the file",
                hint: "kinds are `KubeletConfiguration`, `KubeletConfig` of OpenShift and "
                    + "`Cluster` of kind"))
    }
    if !making.mistakes.isEmpty { throw InputError(making.mistakes) }
    return making.sources
}

/// What kubeadm's documents say: one configuration, and flags of the first node and of those that join.
struct KubeadmConfiguration {
    var configuration: SourceNode?
    var initial: [SourceNode] = []
    var joining: [SourceNode] = []

    var isEmpty: Bool { configuration == nil && initial.isEmpty && joining.isEmpty }

    mutating func take(_ document: SourceNode) {
        switch document["kind"]?.text {
        case "InitConfiguration": initial.append(document)
        case "JoinConfiguration": joining.append(document)
        default: configuration = configuration.map { $0.merging(document) } ?? document
        }
    }

    /// The first node starts the cluster, the others join it.
    func flags(isFirst: Bool) -> [SourceNode] { isFirst ? initial : joining }
}

private struct KubeletSourceMaking {
    var sources: [KubeletSource] = []
    var report = ImportReport()
    var mistakes: [Diagnostic] = []
    private var budget = EmbeddedTextBudget()
    /// Most nodes of a kind cluster: they are containers of one computer.
    private static let kindNodeLimit = 1000

    static func looksLikeKubelet(_ node: SourceNode) -> Bool {
        let names = Set(KubeletFields.all.map(\.name))
        guard let entries = node.entries, !entries.isEmpty else { return false }
        return entries.allSatisfy { names.contains($0.key) }
    }

    mutating func error(at node: SourceNode, _ message: String, hint: String? = nil) {
        var diagnostics = Diagnostics()
        diagnostics.error(at: node, message, hint: hint)
        mistakes += diagnostics.all
    }

    /// Takes a configuration over; its own mistakes are told at their places.
    mutating func add(
        _ nodes: KubeletSource.Nodes, _ configuration: SourceNode, flags: KubeletFlags,
        count: Int? = nil, subject: String
    ) {
        var diagnostics = Diagnostics()
        let settings = readKubeletConfiguration(configuration, diagnostics: &diagnostics)
        for note in diagnostics.all where note.severity != .error {
            report.dropped(subject, note.message, file: note.file, line: note.line)
        }
        guard let settings, !diagnostics.hasErrors else {
            mistakes += diagnostics.all.filter { $0.severity == .error }
            return
        }
        var source = KubeletSource(
            nodes: nodes, nodeCount: count, settings: settings, configuration: configuration)
        source.labels = flags.labels
        source.taints = flags.taints
        let role =
            source.role.map { "nodes of role `\($0)`" }
            ?? (nodes == .all
                ? "all nodes" : "nodes of the pools that its `machineConfigPoolSelector` selects")
        report.taken(
            subject, "kubelet configuration of \(role)", file: configuration.mark.file,
            line: configuration.mark.line)
        sources.append(source)
    }

    // MARK: Single objects

    mutating func takeFragment(_ node: SourceNode) {
        guard let kubelet = node["kubelet"] else { return }
        report.guessed(
            "kubelet", "a mapping `kubelet` without a kind is taken as a KubeletConfiguration",
            file: node.mark.file, line: node.mark.line)
        add(.all, kubelet, flags: KubeletFlags(), subject: "kubelet")
    }

    mutating func takeKubeletConfig(_ node: SourceNode) {
        let place = ObjectPlace(node)
        guard node["apiVersion"]?.text == "machineconfiguration.openshift.io/v1" else {
            error(
                at: node["apiVersion"] ?? node, "unknown version of a KubeletConfig",
                hint: "`machineconfiguration.openshift.io/v1` is read")
            return
        }
        guard let inner = node["spec"]?["kubeletConfig"], inner.entries != nil else {
            error(
                at: node["spec"] ?? node, "a KubeletConfig without `spec.kubeletConfig`",
                hint: "the KubeletConfiguration stands there")
            return
        }
        for key in ["autoSizingReserved", "tlsSecurityProfile", "logLevel"]
        where node["spec"]?[key]?.isNull == false {
            report.dropped(
                place.subject, "`spec.\(key)` is not simulated", file: place.file,
                line: node["spec"]?[key]?.mark.line ?? place.line)
        }
        let selector = node["spec"]?["machineConfigPoolSelector"]
        let labels = (selector?["matchLabels"]?.entries ?? []).compactMap { entry in
            entry.value.text.map { Label(key: entry.key, value: $0) }
        }
        if selector?["matchExpressions"]?.elements?.isEmpty == false {
            report.dropped(
                place.subject, "`matchExpressions` of its pool selector are not looked at",
                file: place.file, line: selector?.mark.line ?? place.line)
        }
        add(
            labels.isEmpty ? .all : .pools(labels), inner, flags: KubeletFlags(),
            subject: place.subject)
    }

    // MARK: kubeadm and kind

    mutating func take(_ kubeadm: KubeadmConfiguration) {
        guard !kubeadm.isEmpty else { return }
        let configuration = kubeadm.configuration ?? empty(at: kubeadm)
        let subject = "KubeletConfiguration"
        if kubeadm.initial.isEmpty && kubeadm.joining.isEmpty {
            add(.all, configuration, flags: KubeletFlags(), subject: subject)
            return
        }
        for (role, documents) in [
            ("control-plane", kubeadm.initial), ("worker", kubeadm.joining),
        ] where role == "control-plane" || !documents.isEmpty || kubeadm.configuration != nil {
            let flags = flags(documents)
            add(
                .role(role), configuration.merging(flags.configuration(at: configuration.mark)),
                flags: flags, subject: subject)
        }
    }

    private func empty(at kubeadm: KubeadmConfiguration) -> SourceNode {
        let mark =
            (kubeadm.initial + kubeadm.joining).first?.mark
            ?? SourceMark(file: "", line: 0, column: 0)
        return SourceNode(.mapping([]), at: mark)
    }

    private mutating func flags(_ documents: [SourceNode]) -> KubeletFlags {
        var flags = KubeletFlags()
        for document in documents {
            guard let registration = document["nodeRegistration"] else { continue }
            flags.take(registration)
        }
        mistakes += flags.diagnostics.all.filter { $0.severity == .error }
        for note in flags.diagnostics.all where note.severity != .error {
            report.dropped("kubeletExtraArgs", note.message, file: note.file, line: note.line)
        }
        return flags
    }

    /// A kind cluster: patches of all nodes, then those of each node.
    mutating func takeKindCluster(_ node: SourceNode) {
        let place = ObjectPlace(node, kind: "kind Cluster")
        guard let version = node["apiVersion"]?.text, version.hasPrefix("kind.x-k8s.io/") else {
            error(
                at: node["apiVersion"] ?? node, "a Cluster that is none of kind",
                hint: "`apiVersion: kind.x-k8s.io/v1alpha4` is read")
            return
        }
        var common = KubeadmConfiguration()
        takePatches(of: node, into: &common, place)
        if let gates = node["featureGates"], gates.entries?.isEmpty == false {
            common.take(.mapping([("featureGates", gates)], at: gates.mark))
        }
        let nodes = node["nodes"]?.elements ?? []
        guard nodes.count <= KubeletSourceMaking.kindNodeLimit else {
            error(
                at: node["nodes"] ?? node,
                "\(grouped(nodes.count)) nodes of a kind cluster; at most "
                    + "\(grouped(KubeletSourceMaking.kindNodeLimit)) are read")
            return
        }
        let roles: [SourceNode?] = nodes.isEmpty ? [nil] : nodes
        var made: [(role: String, configuration: SourceNode, flags: KubeletFlags, count: Int)] = []
        let first = roles.firstIndex { ($0?["role"]?.text ?? "control-plane") == "control-plane" }
        for (index, element) in roles.enumerated() {
            let role = element?["role"]?.text ?? "control-plane"
            guard ["control-plane", "worker"].contains(role) else {
                error(
                    at: element?["role"] ?? node, "`\(role)` is no role of a kind node",
                    hint: "roles are `control-plane` and `worker`")
                continue
            }
            var own = common
            if let element { takePatches(of: element, into: &own, place) }
            var flags = flags(own.flags(isFirst: index == first))
            for entry in element?["labels"]?.entries ?? [] {
                flags.labels.append(Label(key: entry.key, value: entry.value.text ?? ""))
            }
            let base = own.configuration ?? SourceNode(.mapping([]), at: node.mark)
            let configuration = base.merging(flags.configuration(at: base.mark))
            if let position = made.firstIndex(where: {
                $0.role == role && $0.configuration.saysTheSame(as: configuration)
                    && $0.flags.labels == flags.labels && $0.flags.taints == flags.taints
            }) {
                made[position].count += 1
            } else {
                made.append((role, configuration, flags, 1))
            }
        }
        for one in made {
            add(
                .role(one.role), one.configuration, flags: one.flags, count: one.count,
                subject: place.subject)
        }
    }

    private mutating func takePatches(
        of node: SourceNode, into kubeadm: inout KubeadmConfiguration, _ place: ObjectPlace
    ) {
        if let patches = node["kubeadmConfigPatchesJSON6902"], patches.elements?.isEmpty == false {
            report.dropped(
                place.subject, "`kubeadmConfigPatchesJSON6902` are not applied", file: place.file,
                line: patches.mark.line)
        }
        for patch in node["kubeadmConfigPatches"]?.elements ?? [] {
            guard let text = patch.text else {
                error(at: patch, "a kubeadm patch is a text, found \(patch.said)")
                continue
            }
            let name = "\(patch.mark.file) (patch of line \(patch.mark.line))"
            do throws(InputError) {
                try budget.charge(text, at: patch)
                for document in try readSourceDocuments(text, file: name) where !document.isNull {
                    let kind = document["kind"]?.text ?? ""
                    if ["KubeletConfiguration", "InitConfiguration", "JoinConfiguration"]
                        .contains(kind)
                    {
                        kubeadm.take(document)
                    } else {
                        report.dropped(
                            place.subject, "its patch of \(kind.isEmpty ? "no kind" : kind)",
                            file: place.file, line: patch.mark.line)
                    }
                }
            } catch {
                mistakes += error.diagnostics
            }
        }
    }
}
