import WorkloadModel

/// The networks of a cluster, by namespace and name.
public struct NetworkAttachmentTable: Sendable {
    private var networks: [String: NetworkAttachment] = [:]

    public init(_ networks: [NetworkAttachment] = []) {
        for network in networks { _ = add(network) }
    }

    public var isEmpty: Bool { networks.isEmpty }

    /// - Returns: False for a second network of the name, which is not taken.
    public mutating func add(_ network: NetworkAttachment) -> Bool {
        let key = "\(network.namespace)/\(network.name)"
        if networks[key] != nil { return false }
        networks[key] = network
        return true
    }

    public subscript(namespace: String, name: String) -> NetworkAttachment? {
        networks["\(namespace)/\(name)"]
    }
}

/// One network that a pod asks for.
struct NetworkSelection: Hashable {
    var namespace: String
    var name: String
    var interface: String
}

/// A pod template with what its networks need: the devices go to requests and limits of the first container.
///
/// As the network-resources-injector does it at admission: each mention of a network counts, a network without a
/// resource takes nothing, and a resource that some container asks for already is left as it is. Networks that the
/// table does not have are noted; a cluster would refuse such pods.
/// (k8snetworkplumbingwg/network-resources-injector pkg/webhook/webhook.go)
/// - Parameters:
///   - template: `{metadata, spec}`, of a pod or a template.
///   - namespace: Where the pods are, unless the template says it.
/// - Throws: An annotation that cannot be read.
public func injectNetworks(
    into template: SourceNode, namespace: String, from table: NetworkAttachmentTable,
    report: inout ImportReport
) throws(InputError) -> SourceNode {
    var injection = NetworkInjection(template, namespace: namespace)
    try injection.count(table)
    report.append(injection.report)
    return injection.result()
}

private struct NetworkInjection {
    let template: SourceNode
    let namespace: String
    let place: ObjectPlace
    var report = ImportReport()
    /// Devices by resource, in the order in which they were first asked for.
    private var devices: [(resource: String, count: Int)] = []
    private var nodeSelector: [Label] = []

    init(_ template: SourceNode, namespace: String) {
        self.template = template
        let own = template["metadata"]?["namespace"]?.text ?? ""
        self.namespace = own.isEmpty ? namespace : own
        place = ObjectPlace(template, kind: template["kind"]?.text ?? "pod template")
    }

    private func annotation(_ key: String) -> SourceNode? {
        guard let node = template["metadata"]?["annotations"]?[key], node.text?.isEmpty == false
        else { return nil }
        return node
    }

    mutating func count(_ table: NetworkAttachmentTable) throws(InputError) {
        if let node = annotation("v1.multus-cni.io/default-network") {
            let selections = try parseNetworkSelections(node, namespace: namespace)
            // More than one default is none.
            if selections.count == 1 { count(selections[0], table, node) }
        }
        if let node = annotation("k8s.v1.cni.cncf.io/networks") {
            for selection in try parseNetworkSelections(node, namespace: namespace) {
                count(selection, table, node)
            }
        }
        for key in ["danm.k8s.io/interfaces", "danm.io/interfaces"] {
            guard let node = annotation(key) else { continue }
            report.dropped(
                place.subject, "networks of DANM (`\(key)`) take no devices here",
                file: place.file, line: node.mark.line)
        }
    }

    private mutating func count(
        _ selection: NetworkSelection, _ table: NetworkAttachmentTable, _ node: SourceNode
    ) {
        guard let network = table[selection.namespace, selection.name] else {
            report.dropped(
                place.subject,
                "the network `\(selection.namespace)/\(selection.name)` is not known and takes no "
                    + "device; a cluster would refuse the pod", file: place.file,
                line: node.mark.line)
            return
        }
        if let label = network.nodeSelector {
            nodeSelector.removeAll { $0.key == label.key }
            nodeSelector.append(label)
        }
        guard let resource = network.resource else { return }
        if let position = devices.firstIndex(where: { $0.resource == resource }) {
            devices[position].count += 1
        } else {
            devices.append((resource, 1))
        }
    }

    // MARK: The template with it

    mutating func result() -> SourceNode {
        guard !devices.isEmpty, let spec = template["spec"],
            let containers = spec["containers"], var elements = containers.elements,
            let first = elements.first, first.entries != nil
        else { return template }
        let wanted = devices.filter { device in
            let isThere = elements.contains { container in
                ["limits", "requests"].contains {
                    container["resources"]?[$0]?[device.resource] != nil
                }
            }
            if isThere {
                report.taken(
                    place.subject,
                    "`\(device.resource)` is asked for already and is left as it is",
                    file: place.file, line: place.line)
            }
            return !isThere
        }
        if !wanted.isEmpty {
            elements[0] = first.asking(for: wanted)
            for device in wanted {
                report.taken(
                    place.subject,
                    "\(device.count) of `\(device.resource)` for its networks, in its first "
                        + "container", file: place.file, line: place.line)
            }
        }
        var result = spec.setting(
            "containers", to: SourceNode(.sequence(elements), at: containers.mark))
        if !nodeSelector.isEmpty {
            let own = spec["nodeSelector"].flatMap { $0.entries == nil ? nil : $0 }
            var selector = own ?? SourceNode(.mapping([]), at: spec.mark)
            for label in nodeSelector {
                selector = selector.setting(label.key, to: .text(label.value, at: spec.mark))
            }
            result = result.setting("nodeSelector", to: selector)
        }
        return template.setting("spec", to: result)
    }
}

extension SourceNode {
    /// A container with these devices among its requests and limits.
    fileprivate func asking(for devices: [(resource: String, count: Int)]) -> SourceNode {
        let empty = SourceNode(.mapping([]), at: mark)
        func mappingOrEmpty(_ node: SourceNode?) -> SourceNode {
            node.flatMap { $0.isNull ? nil : $0 } ?? empty
        }
        var resources = mappingOrEmpty(self["resources"])
        guard resources.entries != nil else { return self }
        for key in ["requests", "limits"] {
            var list = mappingOrEmpty(resources[key])
            guard list.entries != nil else { continue }
            for device in devices {
                list = list.setting(device.resource, to: .text("\(device.count)", at: mark))
            }
            resources = resources.setting(key, to: list)
        }
        return setting("resources", to: resources)
    }
}

// MARK: The annotation

/// Networks of an annotation: a JSON list of objects, else names between commas, `namespace/name@interface`.
func parseNetworkSelections(
    _ node: SourceNode, namespace: String
) throws(InputError) -> [NetworkSelection] {
    let text = node.text ?? ""
    /// A pod's interfaces are numbered by the CNI plugins of one node.
    let limit = 1000
    func refuse(_ message: String) -> InputError {
        var diagnostics = Diagnostics()
        diagnostics.error(
            at: node, "the networks of a pod: \(message)",
            hint: "write `name, namespace/name@interface`, or a JSON list of objects with `name`")
        return InputError(diagnostics.all)
    }
    let start = text.first { !$0.isWhitespace }
    if start == "[" {
        let root: SourceNode
        do throws(InputError) {
            root = try readJSONSource(Array(text.utf8), file: node.mark.file, line: node.mark.line)
        } catch {
            throw refuse(error.diagnostics.first?.message ?? "no JSON")
        }
        guard (root.elements ?? []).count <= limit else {
            throw refuse("more than \(grouped(limit)) networks")
        }
        var selections: [NetworkSelection] = []
        for element in root.elements ?? [] {
            guard element.entries != nil, let name = element["name"]?.text, !name.isEmpty else {
                throw refuse("an element of the list has no `name`")
            }
            let own = element["namespace"]?.text ?? ""
            selections.append(
                NetworkSelection(
                    namespace: own.isEmpty ? namespace : own, name: name,
                    interface: element["interface"]?.text ?? ""))
        }
        return selections
    }
    var selections: [NetworkSelection] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
        guard selections.count < limit else { throw refuse("more than \(grouped(limit)) networks") }
        let word = part.trimmed
        let path = word.split(separator: "/", omittingEmptySubsequences: false)
        guard path.count <= 2 else { throw refuse("more than one `/` in `\(word)`") }
        let names = path[path.count - 1].split(separator: "@", omittingEmptySubsequences: false)
        guard names.count <= 2 else { throw refuse("more than one `@` in `\(word)`") }
        let selection = NetworkSelection(
            namespace: path.count == 2 ? String(path[0]) : namespace, name: String(names[0]),
            interface: names.count == 2 ? String(names[1]) : "")
        for unit in [selection.namespace, selection.name, selection.interface]
        where !unit.isEmpty && !ObjectNames.isDNSLabel(unit) {
            throw refuse("`\(unit)` is no name")
        }
        guard !selection.name.isEmpty else { throw refuse("a name is missing in `\(text)`") }
        selections.append(selection)
    }
    return selections
}
