import Foundation
import NodeManagers
import Primitives
import ScenarioInput
import TestSupport
import Testing
import WorkloadModel

/// Kubelet configurations answered by the kubelet's own code: after defaulting, or refused.
struct KubeletVectorTests {
    @Test(.enabled(if: SharedFolder.isPresent))
    func `kubelet configurations are completed and judged as the kubelet's own code does`() throws {
        let file = "kubelet-configuration.jsonl"
        let lines = try SharedFolder.contents("conformance/api/\(file)").split(separator: 10)
        var passed = 0
        for (index, line) in lines.enumerated() {
            let vector = try readJSONSource(line, file: file, line: index + 1)
            let disagreement = disagreement(
                of: try #require(vector["config"]), with: try #require(vector["expect"]))
            if disagreement == nil { passed += 1 }
            #expect(disagreement == nil, "\(vector["id"]?.text ?? "?"): \(disagreement ?? "")")
        }
        VectorTally(file: "api/\(file)", cases: lines.count, passed: passed).report()
        #expect(!lines.isEmpty)
    }

    @Test(.enabled(if: SharedFolder.isPresent))
    func `feature gates are those of 1.36`() throws {
        let file = "feature-gates.jsonl"
        let lines = try SharedFolder.contents("conformance/api/\(file)").split(separator: 10)
        let want = try lines.enumerated().map { index, line in
            let gate = try readJSONSource(line, file: file, line: index + 1)
            return ["gate", "stage", "default", "locked"].map { gate[$0]?.text ?? "" }
        }
        let found = KubernetesFeatureGate.all.map { gate in
            [gate.name, gate.stage.rawValue, "\(gate.isOnByDefault)", "\(gate.isLocked)"]
        }
        let passed = Set(want).intersection(found).count
        VectorTally(file: "api/\(file)", cases: lines.count, passed: passed).report()
        #expect(Set(found) == Set(want))
        #expect(found.count == Set(found.map { $0[0] }).count)
    }

    private func disagreement(of node: SourceNode, with expect: SourceNode) -> String? {
        var diagnostics = Diagnostics()
        guard let found = readKubeletConfigurationManifest(node, diagnostics: &diagnostics) else {
            let told = diagnostics.all.map(\.message)
            guard let error = expect["decode_error"]?.text else { return "refused: \(told)" }
            return told.contains { isSameDecodeError($0, error) }
                ? nil : "refused as \(told), not as \(error)"
        }
        if let error = expect["decode_error"]?.text { return "not refused: \(error)" }
        let errors = found.validate()
        if let error = expect["gate_error"]?.text {
            let texts = errors.map(upstreamText)
            return texts.contains(error) ? nil : "\(texts), not \(error)"
        }
        let texts = errors.map(upstreamText).sorted()
        let want = (expect["errors"]?.elements ?? []).compactMap(\.text)
        if texts != want { return "\(texts), not \(want)" }
        guard let effective = expect["effective"] else { return nil }
        return disagreement(of: found, with: effective)
    }

    private func isSameDecodeError(_ message: String, _ upstream: String) -> Bool {
        let quoted = upstream.split(separator: "\"")
        if upstream.contains("unknown field"), quoted.count > 1 {
            return message.contains("unknown field `\(quoted[1])`")
        }
        // json: cannot unmarshal string into Go struct field KubeletConfiguration.maxPods of type int32
        let words = upstream.split(separator: " ")
        guard let field = words.first(where: { $0.hasPrefix("KubeletConfiguration.") }) else {
            return false
        }
        return message.hasPrefix("`\(field.split(separator: ".", maxSplits: 1)[1])`: expected")
    }

    private func disagreement(
        of found: KubeletConfiguration, with effective: SourceNode
    ) -> String? {
        let scalars: [(String, String)] = [
            ("cpuManagerPolicy", found.cpuManagerPolicy),
            ("cpuManagerReconcilePeriod", found.cpuManagerReconcilePeriod.description),
            ("maxPods", "\(found.maxPods)"), ("memoryManagerPolicy", found.memoryManagerPolicy),
            ("podPidsLimit", "\(found.podPidsLimit)"),
            ("reservedSystemCPUs", found.reservedSystemCPUs),
            ("topologyManagerPolicy", found.topologyManagerPolicy),
            ("topologyManagerScope", found.topologyManagerScope),
        ]
        for (field, text) in scalars where effective[field]?.text != text {
            return "\(field) `\(text)`, not `\(effective[field]?.text ?? "")`"
        }
        let mappings: [(String, [KubeletConfiguration.TextEntry]?)] = [
            ("cpuManagerPolicyOptions", found.cpuManagerPolicyOptions),
            ("evictionHard", found.evictionHard), ("kubeReserved", found.kubeReserved),
            ("systemReserved", found.systemReserved),
        ]
        for (field, entries) in mappings {
            let want = effective[field]?.entries.map { entries in
                Set(entries.map { "\($0.key)=\($0.value.text ?? "")" })
            }
            let got = entries.map { Set($0.map { "\($0.name)=\($0.text)" }) }
            if got != want { return "\(field) \(String(describing: got))" }
        }
        let enforced = effective["enforceNodeAllocatable"]?.elements?.compactMap(\.text)
        if enforced != found.enforceNodeAllocatable { return "enforceNodeAllocatable" }
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
        return reserved == got ? nil : "reservedMemory \(got), not \(reserved)"
    }

    /// The same refusal in upstream's words, to compare reasons.
    private func upstreamText(_ error: KubeletConfigurationError) -> String {
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
