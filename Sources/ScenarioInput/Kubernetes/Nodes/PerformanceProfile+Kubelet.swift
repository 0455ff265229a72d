import NodeManagers
import Primitives
import WorkloadModel

extension PerformanceProfile {
    /// The KubeletConfig object that the operator makes of it, as far as it is not the API's zero values.
    ///
    /// (cluster-node-tuning-operator pkg/performanceprofile/…/components/kubeletconfig/kubeletconfig.go)
    public func kubeletConfig() throws(InputError) -> SourceNode {
        let mark = node.mark
        let labels = poolLabels.map { ($0.key, $0.value) }
        return .mapping(
            [
                ("apiVersion", .text("machineconfiguration.openshift.io/v1", at: mark)),
                ("kind", .text("KubeletConfig", at: mark)),
                ("metadata", .texts([("name", "performance-\(name)")], at: mark)),
                (
                    "spec",
                    .mapping(
                        [
                            ("kubeletConfig", try kubeletConfiguration()),
                            (
                                "machineConfigPoolSelector",
                                .mapping([("matchLabels", .texts(labels, at: mark))], at: mark)
                            ),
                        ], at: mark)
                ),
            ], at: mark)
    }

    /// The KubeletConfiguration inside it: the annotation's, the operator's own fields on top.
    public func kubeletConfiguration() throws(InputError) -> SourceNode {
        let mark = node.mark
        var result = experimental ?? SourceNode(.mapping([]), at: mark)
        guard result.entries != nil else {
            throw InputError([
                Diagnostic(
                    file: mark.file, line: mark.line,
                    message: "the annotation `kubeletconfig.experimental` is no JSON object")
            ])
        }
        result = result.setting("apiVersion", to: .text("kubelet.config.k8s.io/v1beta1", at: mark))
        result = result.setting("kind", to: .text("KubeletConfiguration", at: mark))
        result = result.setting("cpuManagerPolicy", to: .text("static", at: mark))
        result = result.setting("cpuManagerReconcilePeriod", to: .text("5s", at: mark))
        result = result.filling("evictionHard", with: SourceNode(.mapping([]), at: mark))
        result = result.filling("kubeReserved", with: SourceNode(.mapping([]), at: mark))
        result = result.filling("systemReserved", with: SourceNode(.mapping([]), at: mark))
        for (signal, threshold) in [
            ("memory.available", "100Mi"), ("nodefs.available", "10%"),
            ("imagefs.available", "15%"), ("nodefs.inodesFree", "5%"),
        ] {
            result = result.fillingIn("evictionHard", signal, threshold, at: mark)
        }
        result = result.fillingIn("kubeReserved", "memory", "500Mi", at: mark)
        result = result.fillingIn("systemReserved", "memory", "500Mi", at: mark)
        let reservedCPUs = hasMixedCPUs ? "\(reserved.union(shared))" : reservedText
        result = result.setting("reservedSystemCPUs", to: .text(reservedCPUs, at: mark))
        let policy = topologyPolicy ?? "best-effort"
        result = result.setting("topologyManagerPolicy", to: .text(policy, at: mark))
        if policy == "restricted" || policy == "single-numa-node" {
            result = result.setting("memoryManagerPolicy", to: .text("Static", at: mark))
            if result["reservedMemory"].map({ $0.isNull }) ?? true {
                result = result.setting("reservedMemory", to: try reservedMemory(of: result))
            }
        }
        if policy == "single-numa-node" {
            result = result.fillingIn(
                "cpuManagerPolicyOptions", "full-pcpus-only", "true", at: mark)
        }
        let uncore = "prefer-align-cpus-by-uncorecache"
        if prefersUncoreAlignment == true {
            result = result.setting(
                "cpuManagerPolicyOptions",
                to: (result["cpuManagerPolicyOptions"] ?? SourceNode(.mapping([]), at: mark))
                    .setting(uncore, to: .text("true", at: mark)))
        } else if prefersUncoreAlignment == false, let options = result["cpuManagerPolicyOptions"] {
            let rest = (options.entries ?? []).filter { $0.key != uncore }
            result = result.setting(
                "cpuManagerPolicyOptions", to: SourceNode(.mapping(rest), at: mark))
        }
        return result
    }

    /// All reserved memory on NUMA node 0, which every machine has.
    private func reservedMemory(of configuration: SourceNode) throws(InputError) -> SourceNode {
        var diagnostics = Diagnostics()
        var sum = Quantity(units: 0)
        for (field, name) in [
            ("kubeReserved", "memory"), ("systemReserved", "memory"),
            ("evictionHard", "memory.available"),
        ] {
            guard let value = configuration[field]?[name] else { continue }
            if let quantity = readQuantity(value, diagnostics: &diagnostics) {
                sum = sum.sign == 0 ? quantity : sum + quantity
            }
        }
        try diagnostics.throwIfErrors()
        let mark = node.mark
        return SourceNode(
            .sequence([
                .mapping(
                    [
                        ("limits", .texts([("memory", "\(sum)")], at: mark)),
                        ("numaNode", .bare("0", at: mark)),
                    ], at: mark)
            ]), at: mark)
    }

    /// The profile as a kubelet's configuration for the nodes that it is for.
    ///
    /// - Throws: What a kubelet would refuse, such as an unknown Topology Manager policy.
    public func kubeletSource(report: inout ImportReport) throws(InputError) -> KubeletSource {
        let configuration = try kubeletConfiguration()
        var diagnostics = Diagnostics()
        let settings = readKubeletConfiguration(configuration, diagnostics: &diagnostics)
        for note in diagnostics.all where note.severity != .error {
            report.dropped(
                "PerformanceProfile \(name)", note.message, file: note.file, line: note.line)
        }
        guard let settings, !diagnostics.hasErrors else {
            throw InputError(diagnostics.all.filter { $0.severity == .error })
        }
        return KubeletSource(
            nodes: poolLabels.isEmpty ? .all : .pools(poolLabels), settings: settings,
            configuration: configuration)
    }
}

extension SourceNode {
    /// The text under `key` of the mapping under `field`, unless one is there.
    fileprivate func fillingIn(
        _ field: String, _ key: String, _ text: String, at mark: SourceMark
    ) -> SourceNode {
        let inner = self[field] ?? SourceNode(.mapping([]), at: mark)
        return setting(field, to: inner.filling(key, with: .text(text, at: mark)))
    }
}
