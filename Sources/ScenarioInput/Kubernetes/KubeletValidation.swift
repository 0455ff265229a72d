package import Primitives
import WorkloadModel

/// A setting that a kubelet refuses when it reads its configuration.
package struct KubeletConfigurationError: Hashable, Sendable {
    package enum Reason: Hashable, Sendable {
        case unknownTopologyManagerPolicy(String)
        case unknownTopologyManagerScope(String)
        case outOfRange(Int64, ClosedRange<Int64>)
        case notACPUList(String, CPUListError)
        case reservedCPUsWithCgroup
        case unsupportedMemoryType(String, numaNode: Int32)
        case noReservedMemory(String, numaNode: Int32)
        case repeatedReservedMemory(String, numaNode: Int32)
        case lockedGate(String, isOn: Bool)
        case gateNeedsGate(String, String)
        /// A rule that needs no values to be told.
        case rule(String)
    }

    package var field: String
    package var reason: Reason
    package var mark: SourceMark
}

extension KubeletConfigurationError {
    static let topologyManagerPolicies = ["none", "best-effort", "restricted", "single-numa-node"]

    /// One sentence without a full stop, for people.
    var message: String {
        switch reason {
        case .unknownTopologyManagerPolicy(let name): "unknown Topology Manager policy `\(name)`"
        case .unknownTopologyManagerScope(let name): "unknown Topology Manager scope `\(name)`"
        case .outOfRange(let value, let range):
            if value < range.lowerBound {
                "`\(field)` is \(value), less than \(range.lowerBound)"
            } else {
                "`\(field)` is \(value), more than \(range.upperBound)"
            }
        case .notACPUList(let text, let error): "`\(field)` `\(text)` is no CPU list: \(error)"
        case .reservedCPUsWithCgroup:
            "`reservedSystemCPUs` cannot be used with `systemReservedCgroup` or `kubeReservedCgroup`"
        case .unsupportedMemoryType(let name, let numaNode):
            "`\(name)` cannot be reserved as memory of NUMA node \(numaNode)"
        case .noReservedMemory(let name, let numaNode):
            "the reserved \(name) of NUMA node \(numaNode) is zero"
        case .repeatedReservedMemory(let name, let numaNode):
            "the reserved \(name) of NUMA node \(numaNode) is given twice"
        case .lockedGate(let name, let isOn):
            "feature gate `\(name)` is locked to \(!isOn) and cannot be set to \(isOn)"
        case .gateNeedsGate(let name, let other):
            "feature gate `\(name)` needs `\(other)`, which is off"
        case .rule(let rule): rule
        }
    }

    var hint: String? {
        switch reason {
        case .unknownTopologyManagerPolicy(let name):
            suggestion(
                for: name, among: KubeletConfigurationError.topologyManagerPolicies,
                called: "policies")
        case .unknownTopologyManagerScope(let name):
            suggestion(for: name, among: ["container", "pod"], called: "scopes")
        case .notACPUList: "CPUs are numbers and ranges between commas: `0,32` or `0-3,64`"
        case .unsupportedMemoryType: "reserve `memory` or `hugepages-<size>`"
        case .noReservedMemory, .repeatedReservedMemory: "leave this entry out"
        default: nil
        }
    }

    var diagnostic: Diagnostic {
        Diagnostic(
            file: mark.file, line: mark.line, column: mark.column, message: message, hint: hint)
    }
}

extension KubeletConfiguration {
    /// Whole numbers and their ranges; 0 stands for the default where the kubelet takes it so.
    static let ranges: [(field: String, range: ClosedRange<Int64>)] = [
        ("maxPods", 0...Int64(Int32.max)), ("podsPerCore", 0...Int64(Int32.max)),
        ("eventBurst", 0...Int64(Int32.max)), ("eventRecordQPS", 0...Int64(Int32.max)),
        ("kubeAPIBurst", 0...Int64(Int32.max)), ("kubeAPIQPS", 0...Int64(Int32.max)),
        ("registryBurst", 0...Int64(Int32.max)), ("registryPullQPS", 0...Int64(Int32.max)),
        ("maxOpenFiles", 0...Int64.max), ("nodeStatusMaxImages", -1...Int64(Int32.max)),
        ("nodeLeaseDurationSeconds", 0...Int64(Int32.max)),
        ("imageGCHighThresholdPercent", 0...100), ("imageGCLowThresholdPercent", 0...100),
        ("iptablesDropBit", 0...31), ("iptablesMasqueradeBit", 0...31),
        ("oomScoreAdj", -1000...1000), ("port", 0...65_535), ("readOnlyPort", 0...65_535),
        ("healthzPort", 0...65_535), ("maxParallelImagePulls", 1...Int64(Int32.max)),
        ("containerLogMaxFiles", 2...Int64(Int32.max)),
        ("containerLogMaxWorkers", 1...Int64(Int32.max)),
    ]

    /// What a kubelet would refuse about its configuration, all at once.
    ///
    /// Names of CPU and Memory Manager policies are judged by the managers when they start, not here.
    /// (k/k pkg/kubelet/apis/config/validation/validation.go, component-base/featuregate)
    package func validate() -> [KubeletConfigurationError] {
        var errors = gateErrors
        for (field, value) in numbers {
            let range = KubeletConfiguration.ranges.first { $0.field == field }?.range
            if let range, !range.contains(value) {
                errors.append(error(field, .outOfRange(value, range)))
            }
        }
        if !KubeletConfigurationError.topologyManagerPolicies.contains(topologyManagerPolicy) {
            errors.append(
                error(
                    "topologyManagerPolicy", .unknownTopologyManagerPolicy(topologyManagerPolicy)))
        }
        if !["container", "pod"].contains(topologyManagerScope) {
            errors.append(
                error("topologyManagerScope", .unknownTopologyManagerScope(topologyManagerScope)))
        }
        errors += enforcementErrors
        if !reservedSystemCPUs.isEmpty {
            if !systemReservedCgroup.isEmpty || !kubeReservedCgroup.isEmpty {
                errors.append(error("reservedSystemCPUs", .reservedCPUsWithCgroup))
            }
            do throws(CPUListError) {
                _ = try CPUList(reservedSystemCPUs)
            } catch {
                errors.append(
                    self.error("reservedSystemCPUs", .notACPUList(reservedSystemCPUs, error)))
            }
        }
        errors += reservedMemoryErrors
        errors += otherErrors
        return errors
    }

    private func error(
        _ field: String, _ reason: KubeletConfigurationError.Reason, at node: SourceNode? = nil
    ) -> KubeletConfigurationError {
        KubeletConfigurationError(
            field: field, reason: reason, mark: (node ?? self.node(of: field)).mark)
    }

    private var gateErrors: [KubeletConfigurationError] {
        var errors: [KubeletConfigurationError] = []
        for setting in featureGates {
            guard let gate = KubernetesFeatureGate.named(setting.name) else { continue }
            if gate.isLocked && gate.isOnByDefault != setting.isOn {
                errors.append(
                    error(
                        "featureGates", .lockedGate(gate.name, isOn: setting.isOn),
                        at: setting.node))
            }
        }
        if isOn("PodLevelResourceManagers"), !isOn("PodLevelResources") {
            errors.append(
                error(
                    "featureGates", .gateNeedsGate("PodLevelResourceManagers", "PodLevelResources"))
            )
        }
        return errors
    }

    private func isOn(_ gate: String) -> Bool {
        effectiveGates[gate] ?? KubernetesFeatureGate.named(gate)?.isOnByDefault ?? false
    }

    /// The gates that differ from their defaults. `AllAlpha` and `AllBeta` speak for the gates that are not set.
    var effectiveGates: [String: Bool] {
        let set = Dictionary(
            featureGates.map { ($0.name, $0.isOn) }, uniquingKeysWith: { $1 })
        var differences: [String: Bool] = [:]
        for gate in KubernetesFeatureGate.all {
            let stage: String? =
                switch gate.stage {
                case .alpha: "AllAlpha"
                case .beta: "AllBeta"
                case .general, .deprecated: nil
                }
            let ofStage = gate.name == stage ? nil : stage.flatMap { set[$0] }
            let isOn = set[gate.name] ?? ofStage ?? gate.isOnByDefault
            if isOn != gate.isOnByDefault { differences[gate.name] = isOn }
        }
        return differences
    }

    /// `enforceNodeAllocatable`: what Node Allocatable is enforced on.
    private var enforcementErrors: [KubeletConfigurationError] {
        let field = "enforceNodeAllocatable"
        var errors: [KubeletConfigurationError] = []
        func rule(_ text: String) { errors.append(error(field, .rule(text))) }
        for list in ["system-reserved", "kube-reserved"]
        where enforceNodeAllocatable.contains(list)
            && enforceNodeAllocatable.contains("\(list)-compressible")
        {
            rule("`\(field)` has both `\(list)` and `\(list)-compressible`")
        }
        var seen: Set<String> = []
        for name in enforceNodeAllocatable {
            guard seen.insert(name).inserted else {
                rule("`\(field)` has `\(name)` twice")
                continue
            }
            switch name {
            case "pods": break
            case "system-reserved", "system-reserved-compressible":
                if systemReservedCgroup.isEmpty { rule("`\(name)` needs `systemReservedCgroup`") }
            case "kube-reserved", "kube-reserved-compressible":
                if kubeReservedCgroup.isEmpty { rule("`\(name)` needs `kubeReservedCgroup`") }
            case "none":
                if enforceNodeAllocatable.count > 1 {
                    rule("`\(field)` has more than `none`")
                }
                continue
            default:
                rule("`\(field)` does not know `\(name)`")
                continue
            }
            if !cgroupsPerQOS { rule("`\(name)` in `\(field)` needs `cgroupsPerQOS`") }
        }
        return errors
    }

    /// (validateReservedMemoryConfiguration)
    private var reservedMemoryErrors: [KubeletConfigurationError] {
        var errors: [KubeletConfigurationError] = []
        var seen: Set<[String]> = []
        for reservation in reservedMemory {
            let numaNode = reservation.numaNode
            for entry in reservation.limits.entries {
                if entry.name != "memory" && !ResourceNames.isHugePages(entry.name) {
                    errors.append(
                        error(
                            "reservedMemory",
                            .unsupportedMemoryType(entry.name, numaNode: numaNode), at: entry.node))
                }
                if entry.quantity.isZero {
                    errors.append(
                        error(
                            "reservedMemory", .noReservedMemory(entry.name, numaNode: numaNode),
                            at: entry.node))
                }
                if !seen.insert(["\(numaNode)", entry.name]).inserted {
                    errors.append(
                        error(
                            "reservedMemory",
                            .repeatedReservedMemory(entry.name, numaNode: numaNode), at: entry.node)
                    )
                }
            }
        }
        return errors
    }

    /// Fields that decide no placement, where a kubelet would not start either.
    private var otherErrors: [KubeletConfigurationError] {
        var errors: [KubeletConfigurationError] = []
        func rule(_ field: String, _ text: String) { errors.append(error(field, .rule(text))) }
        let mode = given["hairpinMode"]?.text ?? ""
        if !["", "promiscuous-bridge", "hairpin-veth", "none"].contains(mode) {
            rule("hairpinMode", "unknown hairpin mode `\(mode)`")
        }
        let swap = given["memorySwap"]?["swapBehavior"]?.text ?? ""
        if !["", "LimitedSwap", "NoSwap"].contains(swap) {
            rule("memorySwap", "unknown swap behaviour `\(swap)`")
        }
        if given["runOnce"]?.text == "true" {
            rule("runOnce", "`runOnce` is no longer possible")
        }
        if let text = given["memoryThrottlingFactor"]?.text, let factor = Double(text),
            !(factor > 0 && factor <= 1)
        {
            rule("memoryThrottlingFactor", "`memoryThrottlingFactor` is not in 0 < factor ≤ 1")
        }
        if given["systemCgroups"]?.text?.isEmpty == false,
            given["cgroupRoot"]?.text?.isEmpty != false
        {
            rule("systemCgroups", "`systemCgroups` needs `cgroupRoot`")
        }
        return errors
    }
}
