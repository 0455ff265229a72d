import Lint
import WorkloadModel

extension LintReader {
    mutating func addNode(_ object: SourceNode) {
        var node = NodeFacts(subject: "Node \(name(of: object))", place: place(object))
        node.name = name(of: object)
        node.isNode = true
        node.labels = labels(object["metadata"]?["labels"])
        node.taints = taints(object["spec"]?["taints"])
        if let allocatable = object["status"]?["allocatable"] ?? object["status"]?["capacity"] {
            node.resources = amounts(allocatable)
            node.namesDevices = true
        }
        facts.nodes.append(node)
    }

    func labels(_ node: SourceNode?) -> [Label] {
        (node?.entries ?? []).compactMap { entry in
            entry.value.isNull
                ? Label(key: entry.key, value: "")
                : entry.value.text.map { Label(key: entry.key, value: $0) }
        }
    }

    func taints(_ node: SourceNode?) -> [Taint] {
        (node?.elements ?? []).compactMap { taint in
            taint["effect"]?.text.flatMap(TaintEffect.init(rawValue:)).map {
                Taint(
                    key: taint["key"]?.text ?? "", value: taint["value"]?.text ?? "", effect: $0)
            }
        }
    }

    /// A NodeResourceTopology of either version: what pods may take of each NUMA node.
    mutating func addZones(_ object: SourceNode) {
        var node = NodeFacts(
            subject: "NodeResourceTopology \(name(of: object))", place: place(object))
        node.name = name(of: object)
        node.isNode = true
        for zone in object["zones"]?.elements ?? [] where zone["type"]?.text == "Node" {
            var amounts: [String: Int64] = [:]
            for resource in zone["resources"]?.elements ?? [] {
                guard let name = resource["name"]?.text,
                    let value = resource["allocatable"] ?? resource["capacity"]
                else { continue }
                amounts[name] = amount(value, of: name)
            }
            node.zones.append(amounts)
        }
        facts.nodes.append(node)
    }

    mutating func addKubelet(_ configuration: SourceNode?, kind: String) {
        guard let configuration, configuration.entries != nil else { return }
        var node = NodeFacts(subject: kind, place: place(configuration))
        node.kubelet = kubelet(configuration)
        facts.nodes.append(node)
    }

    /// Files without a kind: the SR-IOV device plugin's own list, or a kubelet's settings.
    mutating func addBare(_ object: SourceNode) -> Bool {
        if object["resourceList"]?.elements != nil {
            addPools(object, of: "list", at: place(object))
            return true
        }
        let settings = object["kubelet"] ?? object
        guard settings["cpuManagerPolicy"] != nil || settings["topologyManagerPolicy"] != nil else {
            return false
        }
        addKubelet(settings, kind: "KubeletConfiguration")
        return true
    }

    /// A kind cluster: its patches are texts, of which some are KubeletConfigurations.
    mutating func addPatches(_ object: SourceNode) {
        let holders = [object] + (object["nodes"]?.elements ?? [])
        for patch in holders.flatMap({ $0["kubeadmConfigPatches"]?.elements ?? [] }) {
            let documents = patch.text.flatMap { try? readSourceDocuments($0, file: file) } ?? []
            for document in documents where document["kind"]?.text == "KubeletConfiguration" {
                var node = NodeFacts(subject: "KubeletConfiguration", place: place(patch))
                var kubelet = kubelet(document)
                // Places in the patch are those of a text of its own.
                kubelet.place = place(patch)
                kubelet.places = [:]
                node.kubelet = kubelet
                facts.nodes.append(node)
            }
        }
    }

    /// The fields under `KubeletConfiguration`'s own names, defaults filled in.
    mutating func kubelet(_ node: SourceNode) -> KubeletFacts {
        var kubelet = KubeletFacts(place: place(node))
        for entry in node.entries ?? [] { kubelet.places[entry.key] = place(entry.keyMark) }
        func text(_ field: String) -> String? {
            node[field]?.text.flatMap { $0.isEmpty ? nil : $0 }
        }
        kubelet.cpuManagerPolicy = text("cpuManagerPolicy") ?? "none"
        kubelet.memoryManagerPolicy = text("memoryManagerPolicy") ?? "None"
        kubelet.topologyManagerPolicy = text("topologyManagerPolicy") ?? "none"
        kubelet.isPodScope = text("topologyManagerScope") == "pod"
        kubelet.fullPCPUsOnly =
            node["cpuManagerPolicyOptions"]?["full-pcpus-only"]?.text == "true"
        kubelet.reservedSystemCPUs = cpus(node["reservedSystemCPUs"])
        kubelet.kubeReserved = amounts(node["kubeReserved"])
        kubelet.systemReserved = amounts(node["systemReserved"])
        kubelet.evictionHardMemory = evictionHardMemory(node)
        if let entries = node["reservedMemory"]?.elements {
            var sums: [String: Int64] = [:]
            for entry in entries {
                for (name, amount) in amounts(entry["limits"]) {
                    sums[name] = min(sums[name, default: 0] + amount, 1 << 60)
                }
            }
            kubelet.reservedMemory = sums
        }
        return kubelet
    }

    /// `memory.available` in bytes; 100Mi where `evictionHard` is not given, nil for a share.
    private mutating func evictionHardMemory(_ node: SourceNode) -> Int64? {
        guard let signals = node["evictionHard"], signals.entries != nil else { return 100 << 20 }
        guard let threshold = signals["memory.available"] else {
            return node["mergeDefaultEvictionSettings"]?.text == "true" ? 100 << 20 : 0
        }
        guard !(threshold.text?.hasSuffix("%") ?? false) else { return nil }
        return amount(threshold, of: "memory")
    }

    /// A PerformanceProfile: its CPU lists, and the kubelet that its operator configures.
    mutating func addProfile(_ object: SourceNode) {
        let subject = "PerformanceProfile \(name(of: object))"
        guard let spec = object["spec"], let lists = spec["cpu"], lists.entries != nil else {
            report.dropped(subject, "it has no `spec.cpu`", file: file, line: object.mark.line)
            return
        }
        // Templates of templates: lists that are still to be filled in.
        let words = ["reserved", "isolated", "offlined", "shared"].compactMap { lists[$0]?.text }
        if words.contains(where: { $0.contains("$") || $0.contains("{") }) {
            report.dropped(
                subject, "its CPU lists are placeholders", file: file, line: lists.mark.line)
            return
        }
        let reserved = cpus(lists["reserved"])
        facts.partitions.append(
            CPUPartitionFacts(
                subject: subject, place: place(lists), reserved: reserved,
                isolated: cpus(lists["isolated"]),
                others: cpus(lists["offlined"]).union(cpus(lists["shared"]))))
        var node = NodeFacts(subject: subject, place: place(object))
        var kubelet = KubeletFacts(place: place(object))
        kubelet.cpuManagerPolicy = "static"
        kubelet.fullPCPUsOnly = true
        kubelet.topologyManagerPolicy = spec["numa"]?["topologyPolicy"]?.text ?? "best-effort"
        let isStrict = ["restricted", "single-numa-node"].contains(kubelet.topologyManagerPolicy)
        kubelet.memoryManagerPolicy = isStrict ? "Static" : "None"
        // The operator works the reservation out, so it adds up.
        kubelet.evictionHardMemory = nil
        kubelet.reservedSystemCPUs = reserved
        node.kubelet = kubelet
        facts.nodes.append(node)
    }

    mutating func addNetwork(_ object: SourceNode) {
        let key = "k8s.v1.cni.cncf.io/resourceName"
        let config = object["spec"]?["config"]?.text
            .flatMap { try? readSourceDocuments($0, file: file).first }
        // A chain of plugins: the first one makes the interface.
        let plugin = config?["plugins"]?.elements?.first ?? config
        facts.networks.append(
            NetworkFacts(
                namespace: object["metadata"]?["namespace"]?.text ?? "default",
                name: name(of: object), place: place(object),
                resourceName: object["metadata"]?["annotations"]?[key]?.text,
                plugin: plugin?["type"]?.text ?? "",
                parent: plugin?["master"]?.text))
    }

    mutating func addPolicy(_ object: SourceNode) {
        guard let resource = object["spec"]?["resourceName"]?.text else { return }
        facts.pools.append(
            DevicePoolFacts(
                subject: "SriovNetworkNodePolicy \(name(of: object))", place: place(object),
                resource: resource,
                excludesTopology: object["spec"]?["excludeTopology"]?.text == "true"))
    }

    /// The SR-IOV device plugin's `config.json` in a ConfigMap.
    mutating func addPools(_ object: SourceNode) {
        for entry in object["data"]?.entries ?? [] where entry.key.hasSuffix("config.json") {
            guard let text = entry.value.text,
                let root = try? readSourceDocuments(text, file: file).first
            else { continue }
            addPools(root, of: "ConfigMap \(name(of: object))", at: place(entry.keyMark))
        }
    }

    private mutating func addPools(_ root: SourceNode, of owner: String, at place: LintPlace) {
        for pool in root["resourceList"]?.elements ?? [] {
            guard let name = pool["resourceName"]?.text else { continue }
            facts.pools.append(
                DevicePoolFacts(
                    subject: "pool \(name) of \(owner)", place: place,
                    resource: "\(pool["resourcePrefix"]?.text ?? "intel.com")/\(name)",
                    excludesTopology: pool["excludeTopology"]?.text == "true"))
        }
    }
}
