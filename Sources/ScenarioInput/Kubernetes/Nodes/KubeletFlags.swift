import WorkloadModel

/// Flags of a kubelet as kubeadm hands them over: `kubeletExtraArgs` of a `nodeRegistration`.
///
/// A flag goes before the configuration file. (k/k cmd/kubelet/app/options/options.go)
struct KubeletFlags {
    var labels: [Label] = []
    var taints: [Taint] = []
    var diagnostics = Diagnostics()
    private var fields: [(name: String, value: SourceNode)] = []

    /// The fields that the flags stand for.
    func configuration(at mark: SourceMark) -> SourceNode {
        .mapping(fields.map { ($0.name, $0.value) }, at: mark)
    }

    /// Takes a `nodeRegistration`: a mapping of flags (kubeadm v1beta3) or a list of names and values (v1beta4).
    mutating func take(_ registration: SourceNode) {
        guard let flags = registration["kubeletExtraArgs"], !flags.isNull else { return }
        if let entries = flags.entries {
            for entry in entries { take(entry.key, entry.value) }
        } else if let elements = flags.elements {
            for element in elements {
                guard let name = element["name"]?.text, let value = element["value"] else {
                    diagnostics.error(
                        at: element, "a flag of `kubeletExtraArgs` has `name` and `value`")
                    continue
                }
                take(name, value)
            }
        } else {
            diagnostics.error(
                at: flags, "`kubeletExtraArgs`: expected flags by name, found \(flags.said)")
        }
    }

    private mutating func take(_ name: String, _ value: SourceNode) {
        guard let text = value.text else {
            diagnostics.error(at: value, "the flag `\(name)` is a text, found \(value.said)")
            return
        }
        let texts = [
            "cpu-manager-policy": "cpuManagerPolicy",
            "cpu-manager-reconcile-period": "cpuManagerReconcilePeriod",
            "memory-manager-policy": "memoryManagerPolicy",
            "topology-manager-policy": "topologyManagerPolicy",
            "topology-manager-scope": "topologyManagerScope",
            "reserved-cpus": "reservedSystemCPUs",
        ]
        let pairs = [
            "cpu-manager-policy-options": "cpuManagerPolicyOptions",
            "topology-manager-policy-options": "topologyManagerPolicyOptions",
            "kube-reserved": "kubeReserved", "system-reserved": "systemReserved",
        ]
        if let field = texts[name] {
            set(field, .text(text, at: value.mark))
        } else if let field = pairs[name] {
            if let list = self.pairs(text, by: "=", value) {
                set(field, .texts(list, at: value.mark))
            }
        } else {
            takeOther(name, text, value)
        }
    }

    private mutating func takeOther(_ name: String, _ text: String, _ value: SourceNode) {
        switch name {
        case "eviction-hard":
            if let list = pairs(text, by: "<", value) {
                set("evictionHard", .texts(list, at: value.mark))
            }
        case "max-pods": set("maxPods", .bare(text, at: value.mark))
        case "feature-gates":
            if let list = pairs(text, by: "=", value) {
                let gates = list.map { ($0.key, SourceNode.bare($0.value, at: value.mark)) }
                set("featureGates", .mapping(gates, at: value.mark))
            }
        case "reserved-memory": takeReservedMemory(text, value)
        case "node-labels":
            for (key, word) in pairs(text, by: "=", value) ?? [] {
                labels.append(Label(key: key, value: word))
            }
        case "register-with-taints": takeTaints(text, value)
        default: diagnostics.note(at: value, "the flag `\(name)` decides nothing here")
        }
    }

    private mutating func set(_ field: String, _ value: SourceNode) {
        fields.removeAll { $0.name == field }
        fields.append((field, value))
    }

    /// `a=1,b=2`; nil after a mistake was told.
    private mutating func pairs(
        _ text: String, by separator: Character, _ node: SourceNode
    ) -> [(key: String, value: String)]? {
        var pairs: [(key: String, value: String)] = []
        for part in text.split(separator: ",") {
            guard let position = part.firstIndex(of: separator), position != part.startIndex else {
                diagnostics.error(
                    at: node, "`\(part)` of a flag has no `\(separator)`",
                    hint: "write `name\(separator)value`, with commas between them")
                return nil
            }
            pairs.append((part[..<position].trimmed, part[part.index(after: position)...].trimmed))
        }
        // Of a name that is there twice the last one holds, as in a map.
        let last = Dictionary(pairs.map { ($0.key, $0.value) }, uniquingKeysWith: { $1 })
        var seen: Set<String> = []
        return pairs.filter { seen.insert($0.key).inserted }.map { ($0.key, last[$0.key] ?? "") }
    }

    /// `0:memory=1Gi,hugepages-1Gi=2Gi;1:memory=2Gi`
    private mutating func takeReservedMemory(_ text: String, _ node: SourceNode) {
        var elements: [SourceNode] = []
        for part in text.split(separator: ";") {
            let halves = part.split(separator: ":", maxSplits: 1)
            guard halves.count == 2, let numaNode = Int32(halves[0].trimmed),
                let limits = pairs(String(halves[1]), by: "=", node)
            else {
                diagnostics.error(
                    at: node, "`\(part)` reserves no memory of a NUMA node",
                    hint: "write `0:memory=1Gi;1:memory=1Gi`")
                return
            }
            elements.append(
                .mapping(
                    [
                        ("numaNode", .bare("\(numaNode)", at: node.mark)),
                        ("limits", .texts(limits, at: node.mark)),
                    ], at: node.mark))
        }
        set("reservedMemory", SourceNode(.sequence(elements), at: node.mark))
    }

    /// `key=value:NoSchedule,other:NoExecute`
    private mutating func takeTaints(_ text: String, _ node: SourceNode) {
        for part in text.split(separator: ",") {
            let halves = part.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let words = halves[0].split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard halves.count == 2, let effect = TaintEffect(rawValue: halves[1].trimmed),
                let key = words.first, !key.isEmpty
            else {
                diagnostics.error(
                    at: node, "`\(part)` is no taint", hint: "write `key=value:NoSchedule`")
                return
            }
            taints.append(
                Taint(
                    key: key.trimmed, value: words.count == 2 ? words[1].trimmed : "",
                    effect: effect))
        }
    }
}

extension Substring {
    /// Without blanks at its ends.
    var trimmed: String {
        let front = drop { $0.isWhitespace }
        guard let last = front.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return String(front[...last])
    }
}
