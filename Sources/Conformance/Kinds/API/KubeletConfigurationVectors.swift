import NodeManagers
import Primitives
import ScenarioInput
import WorkloadModel

/// A KubeletConfiguration as a user writes it: decoded, defaulted and validated as the kubelet's own code does.
enum KubeletConfigurationVectors {
    @Sendable static func run(
        _ json: JSONValue, _ machines: VectorMachines
    ) throws(VectorStop) {
        let expect = try required(json["expect"], "expect").sourceNode()
        let node = try required(json["config"], "config").sourceNode()
        var diagnostics = Diagnostics()
        let decodeError = expect["decode_error"]?.text
        guard let found = readKubeletConfigurationManifest(node, diagnostics: &diagnostics) else {
            let told = diagnostics.all.map(\.message)
            if let decodeError, told.contains(where: { isSameDecodeError($0, decodeError) }) {
                return
            }
            throw .mismatch(
                what: "expect.decode_error",
                expected: "\(decodeError.map { JSONValue.string($0) } ?? .null)",
                got: "\(JSONValue.array(told.map { .string($0) }))")
        }
        try requireEqual("expect.decode_error", expected: decodeError, got: nil)
        let errors = found.validate().map(upstreamText)
        if let error = expect["gate_error"]?.text {
            return try requireEqual(
                "expect.gate_error", expected: error, got: errors.first { $0 == error })
        }
        try requireEqual(
            "expect.errors", expected: (expect["errors"]?.elements ?? []).compactMap(\.text),
            got: errors.sorted())
        if let effective = expect["effective"] { try compare(found, effective) }
    }

    private static func isSameDecodeError(_ message: String, _ upstream: String) -> Bool {
        let quoted = upstream.split(separator: "\"")
        if upstream.contains("unknown field"), quoted.count > 1 {
            return message.contains("unknown field `\(quoted[1])`")
        }
        // json: cannot unmarshal string into Go struct field KubeletConfiguration.maxPods of type int32
        let words = upstream.split(separator: " ")
        let prefix = "KubeletConfiguration."
        guard let field = words.first(where: { $0.hasPrefix(prefix) }) else { return false }
        return message.hasPrefix("`\(field.dropFirst(prefix.count))`: expected")
    }

    private static func compare(
        _ found: KubeletConfiguration, _ effective: SourceNode
    ) throws(VectorStop) {
        let scalars: [(String, String)] = [
            ("cpuManagerPolicy", found.cpuManagerPolicy),
            ("cpuManagerReconcilePeriod", found.cpuManagerReconcilePeriod.description),
            ("maxPods", "\(found.maxPods)"), ("memoryManagerPolicy", found.memoryManagerPolicy),
            ("podPidsLimit", "\(found.podPidsLimit)"),
            ("reservedSystemCPUs", found.reservedSystemCPUs),
            ("topologyManagerPolicy", found.topologyManagerPolicy),
            ("topologyManagerScope", found.topologyManagerScope),
        ]
        for (field, text) in scalars {
            try requireEqual(
                "expect.effective.\(field)", expected: effective[field]?.text, got: text)
        }
        let mappings: [(String, [KubeletConfiguration.TextEntry]?)] = [
            ("cpuManagerPolicyOptions", found.cpuManagerPolicyOptions),
            ("evictionHard", found.evictionHard), ("kubeReserved", found.kubeReserved),
            ("systemReserved", found.systemReserved),
        ]
        for (field, entries) in mappings {
            let want = effective[field]?.entries.map { entries in
                entries.map { "\($0.key)=\($0.value.text ?? "")" }.sorted()
            }
            let got = entries.map { $0.map { "\($0.name)=\($0.text)" }.sorted() }
            try requireEqual("expect.effective.\(field)", expected: want, got: got)
        }
        let enforced = effective["enforceNodeAllocatable"]?.elements?.compactMap(\.text)
        try requireEqual(
            "expect.effective.enforceNodeAllocatable", expected: enforced,
            got: found.enforceNodeAllocatable)
        let reserved = (effective["reservedMemory"]?.elements ?? []).map { node in
            "\(node["numaNode"]?.text ?? ""): "
                + (node["limits"]?.entries ?? []).map { "\($0.key)=\($0.value.text ?? "")" }
                .sorted().joined(separator: ",")
        }
        let got = found.reservedMemory.map { reservation in
            "\(reservation.numaNode): "
                + reservation.limits.entries.map { "\($0.name)=\($0.quantity.value)" }
                .joined(separator: ",")
        }
        try requireEqual("expect.effective.reservedMemory", expected: reserved, got: got)
    }

    /// The same refusal in upstream's words, to compare reasons.
    private static func upstreamText(_ error: KubeletConfigurationError) -> String {
        let prefix = "invalid configuration: "
        switch error.reason {
        case .unknownTopologyManagerPolicy(let name):
            return prefix + "topologyManagerPolicy (--topology-manager-policy) \"\(name)\" must be"
                + " one of: [\"none\" \"best-effort\" \"restricted\" \"single-numa-node\"]"
        case .unknownTopologyManagerScope(let name):
            return prefix + "topologyManagerScope (--topology-manager-scope) \"\(name)\" must be"
                + " one of: \"container\", or \"pod\""
        case .outOfRange(let value, _):
            return prefix + "\(error.field) (--max-pods) \(value) must not be a negative number"
        case .notACPUList(let text, let reason):
            let inner: String
            switch reason {
            case .notANumber(let part): inner = "parsing \"\(part)\": invalid syntax"
            case .tooLarge(let part): inner = "parsing \"\(part)\": value out of range"
            case .emptyRange(let part, let first, let last):
                return prefix + "unable to parse reservedSystemCPUs (--reserved-cpus) \(text), "
                    + "error: invalid range \"\(part)\" (\(first) > \(last))"
            case .beyondCapacity: inner = "no such upstream error"
            }
            return prefix + "unable to parse reservedSystemCPUs (--reserved-cpus) \(text), "
                + "error: strconv.Atoi: \(inner)"
        case .reservedCPUsWithCgroup:
            return prefix + "can't use reservedSystemCPUs (--reserved-cpus) with "
                + "systemReservedCgroup (--system-reserved-cgroup) or kubeReservedCgroup "
                + "(--kube-reserved-cgroup)"
        case .unsupportedMemoryType(let name, let numaNode):
            return prefix + "the limit type \"\(name)\" for NUMA node \(numaNode) is not supported,"
                + " only [memory hugepages-<HugePageSize>] is accepted"
        case .noReservedMemory(let name, let numaNode):
            return prefix + "reserved memory may not be zero for NUMA node \(numaNode) and "
                + "resource \"\(name)\""
        case .repeatedReservedMemory(let name, let numaNode):
            return prefix + "the reserved memory has a duplicate value for NUMA node \(numaNode) "
                + "and resource \"\(name)\""
        case .lockedGate(let name, let isOn):
            return "cannot set feature gate \(name) to \(isOn), feature is locked to \(!isOn)"
        case .gateNeedsGate, .rule: return "\(error.reason)"
        }
    }
}
