import HardwareModel
import NodeManagers
import Primitives
import WorkloadModel

/// Pieces of a scenario as trees, for an import to write down.
enum ScenarioTree {
    private static let mark = SourceMark(file: "scenario.yaml", line: 0, column: 0)

    static func text(_ text: String) -> SourceNode { .text(text, at: mark) }

    /// A number, a boolean or a word of the format.
    static func bare(_ word: String) -> SourceNode { .bare(word, at: mark) }

    static func mapping(_ pairs: [(key: String, value: SourceNode)]) -> SourceNode {
        .mapping(pairs, at: mark)
    }

    static func list(_ elements: [SourceNode]) -> SourceNode {
        SourceNode(.sequence(elements), at: mark)
    }

    /// Texts by key, keys ascending.
    static func texts(_ values: [String: String]) -> SourceNode {
        mapping(values.sorted { $0.key < $1.key }.map { ($0.key, text($0.value)) })
    }

    // MARK: Kubelets

    /// Settings as a KubeletConfiguration; what is the kubelet's default is left out.
    static func kubelet(_ settings: KubeletSettings) -> SourceNode {
        let defaults = KubeletSettings()
        var pairs: [(key: String, value: SourceNode)] = []
        func word(_ key: String, _ value: KeyPath<KubeletSettings, String>) {
            guard settings[keyPath: value] != defaults[keyPath: value] else { return }
            pairs.append((key, bare(settings[keyPath: value])))
        }
        func options(_ key: String, _ value: [String: String]) {
            if !value.isEmpty { pairs.append((key, texts(value))) }
        }
        word("cpuManagerPolicy", \.cpuManagerPolicy)
        options("cpuManagerPolicyOptions", settings.cpuManagerPolicyOptions)
        if !settings.reservedSystemCPUs.isEmpty {
            pairs.append(("reservedSystemCPUs", text("\(settings.reservedSystemCPUs)")))
        }
        word("memoryManagerPolicy", \.memoryManagerPolicy)
        if !settings.reservedMemory.isEmpty {
            pairs.append(
                ("reservedMemory", list(settings.reservedMemory.map { reservation($0) })))
        }
        word("topologyManagerPolicy", \.topologyManagerPolicy)
        word("topologyManagerScope", \.topologyManagerScope)
        options("topologyManagerPolicyOptions", settings.topologyManagerPolicyOptions)
        for (key, amounts) in [
            ("kubeReserved", settings.kubeReserved), ("systemReserved", settings.systemReserved),
        ] where !amounts.isEmpty {
            pairs.append((key, self.amounts(amounts)))
        }
        if settings.evictionHardMemory != defaults.evictionHardMemory {
            let threshold = text(threshold(settings.evictionHardMemory))
            pairs.append(("evictionHard", mapping([("memory.available", threshold)])))
        }
        if settings.maxPods != defaults.maxPods {
            pairs.append(("maxPods", bare("\(settings.maxPods)")))
        }
        if !settings.featureGates.isEmpty {
            let gates = settings.featureGates.sorted { $0.key < $1.key }
            pairs.append(("featureGates", mapping(gates.map { ($0.key, bare("\($0.value)")) })))
        }
        return mapping(pairs)
    }

    private static func reservation(_ memory: ReservedMemory) -> SourceNode {
        mapping([
            ("numaNode", bare("\(memory.numaNode)")), ("limits", amounts(memory.limits)),
        ])
    }

    private static func amounts(_ amounts: [String: Int64]) -> SourceNode {
        texts(
            Dictionary(
                uniqueKeysWithValues: amounts.map { name, amount in
                    (name, name == "cpu" ? "\(amount)m" : bytes(amount))
                }))
    }

    /// `500Mi` for what is whole mebibytes, else the number.
    static func bytes(_ amount: Int64) -> String {
        for (unit, size) in [("Gi", Int64(1) << 30), ("Mi", 1 << 20), ("Ki", 1 << 10)]
        where amount >= size && amount % size == 0 {
            return "\(amount / size)\(unit)"
        }
        return "\(amount)"
    }

    private static func threshold(_ threshold: EvictionThreshold) -> String {
        switch threshold {
        case .bytes(0): return "0%"
        case .bytes(let amount): return bytes(amount)
        case .milliPercent(let thousandths):
            let rest = String(thousandths % 1000 + 1000).dropFirst()
            return thousandths % 1000 == 0
                ? "\(thousandths / 1000)%" : "\(thousandths / 1000).\(rest)%"
        }
    }

    // MARK: Nodes

    static func labels(_ labels: [Label]) -> SourceNode {
        mapping(labels.map { ($0.key, text($0.value)) })
    }

    static func taints(_ taints: [Taint]) -> SourceNode {
        list(
            taints.map { taint in
                let value = taint.value.isEmpty ? [] : [("value", text(taint.value))]
                return mapping(
                    [("key", text(taint.key))] + value + [("effect", bare(taint.effect.rawValue))])
            })
    }

    /// Devices of one resource and one place as one entry; those that are not healthy are left out.
    static func devices(_ resources: [DeviceResource]) -> SourceNode {
        var entries: [SourceNode] = []
        for resource in resources {
            var runs: [(place: [Int]?, ids: [String])] = []
            for device in resource.devices where device.isHealthy {
                if let last = runs.last, last.place == device.numaNodes {
                    runs[runs.count - 1].ids.append(device.id)
                } else {
                    runs.append((device.numaNodes, [device.id]))
                }
            }
            for (place, ids) in runs {
                var pairs: [(key: String, value: SourceNode)] = [
                    ("resource", text(resource.name)), ("ids", list(ids.map { text($0) })),
                ]
                if let place, !place.isEmpty {
                    pairs.append(("numaNodes", list(place.map { bare("\($0)") })))
                }
                entries.append(mapping(pairs))
            }
        }
        return list(entries)
    }
}
