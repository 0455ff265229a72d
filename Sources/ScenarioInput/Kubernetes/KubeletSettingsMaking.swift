package import NodeManagers
import Primitives
import WorkloadModel

/// What of a kubelet's configuration decides placement, quantities resolved; nil after a mistake was told.
///
/// Tells what a kubelet finds only when it starts: reserved resources that it does not know or that are negative,
/// and eviction thresholds that it cannot read. (k/k cmd/kubelet/app/server.go parseResourceList,
/// pkg/kubelet/eviction/helpers.go ParseThresholdConfig)
package func makeKubeletSettings(
    _ configuration: KubeletConfiguration, diagnostics: inout Diagnostics
) -> KubeletSettings? {
    var making = KubeletSettingsMaking(diagnostics: diagnostics)
    let settings = making.settings(configuration)
    diagnostics = making.diagnostics
    return making.hasErrors ? nil : settings
}

private struct KubeletSettingsMaking {
    var diagnostics: Diagnostics
    var hasErrors = false

    init(diagnostics: Diagnostics) { self.diagnostics = diagnostics }

    mutating func error(at node: SourceNode, _ message: String, hint: String? = nil) {
        hasErrors = true
        diagnostics.error(at: node, message, hint: hint)
    }

    mutating func settings(_ configuration: KubeletConfiguration) -> KubeletSettings {
        var settings = KubeletSettings()
        settings.cpuManagerPolicy = configuration.cpuManagerPolicy
        settings.cpuManagerPolicyOptions = options(configuration.cpuManagerPolicyOptions)
        settings.memoryManagerPolicy = configuration.memoryManagerPolicy
        settings.topologyManagerPolicy = configuration.topologyManagerPolicy
        settings.topologyManagerScope = configuration.topologyManagerScope
        settings.topologyManagerPolicyOptions = options(configuration.topologyManagerPolicyOptions)
        settings.reservedMemory = configuration.reservedMemory.map { reservation in
            var limits: [String: Int64] = [:]
            for entry in reservation.limits.entries {
                limits[entry.name] = amount(entry.quantity, of: entry.name, at: entry.node)
            }
            return ReservedMemory(numaNode: Int(reservation.numaNode), limits: limits)
        }
        settings.kubeReserved = reserved(configuration.kubeReserved, field: "kubeReserved")
        settings.systemReserved = reserved(configuration.systemReserved, field: "systemReserved")
        if let signals = configuration.evictionHard {
            let isMerged = configuration.mergeDefaultEvictionSettings
            settings.evictionHardMemory = eviction(signals, isMerged: isMerged)
        }
        settings.reservedSystemCPUs = reservedCPUs(configuration)
        settings.maxPods = Int64(configuration.maxPods)
        settings.featureGates = configuration.effectiveGates
        for gate in configuration.featureGates
        where KubernetesFeatureGate.named(gate.name) == nil {
            diagnostics.note(
                at: gate.node,
                "feature gate `\(gate.name)` is unknown in Kubernetes 1.36, taken no notice of",
                hint: nearestName(
                    to: gate.name, among: KubernetesFeatureGate.all.map(\.name)
                ).map { "did you mean `\($0)`?" })
        }
        return settings
    }

    private func options(_ entries: [KubeletConfiguration.TextEntry]?) -> [String: String] {
        Dictionary((entries ?? []).map { ($0.name, $0.text) }, uniquingKeysWith: { $1 })
    }

    private mutating func amount(
        _ quantity: Quantity, of name: String, at node: SourceNode
    ) -> Int64 {
        let exponent = name == "cpu" ? -3 : 0
        if let amount = quantity.units(exponent: exponent), amount.magnitude < 1 << 60 {
            return amount
        }
        error(
            at: node, "`\(quantity)` of \(name) is too much",
            hint: "less than 2⁶⁰ bytes, milli-CPUs or units can be simulated")
        return 0
    }

    private mutating func reserved(
        _ entries: [KubeletConfiguration.TextEntry]?, field: String
    ) -> [String: Int64] {
        let known = ["cpu", "memory", "ephemeral-storage", "pid"]
        var amounts: [String: Int64] = [:]
        for entry in entries ?? [] {
            guard known.contains(entry.name) else {
                error(
                    at: entry.node, "`\(field)` cannot reserve `\(entry.name)`",
                    hint: suggestion(for: entry.name, among: known, called: "resources"))
                continue
            }
            guard let quantity = readQuantity(entry.node, diagnostics: &diagnostics) else {
                hasErrors = true
                continue
            }
            if quantity.sign < 0 {
                error(at: entry.node, "`\(field)` reserves less than nothing of \(entry.name)")
                continue
            }
            amounts[entry.name] = amount(quantity, of: entry.name, at: entry.node)
        }
        return amounts
    }

    private mutating func reservedCPUs(_ configuration: KubeletConfiguration) -> CPUSet {
        do throws(CPUListError) {
            return try CPUSet(parsing: configuration.reservedSystemCPUs)
        } catch {
            // Other mistakes of the list were told by the validation.
            if case .beyondCapacity = error {
                self.error(
                    at: configuration.node(of: "reservedSystemCPUs"),
                    "`reservedSystemCPUs`: \(error)")
            }
            return CPUSet()
        }
    }

    // MARK: Eviction

    /// The hard threshold of `memory.available`; given signals replace the kubelet's own unless they are merged.
    private mutating func eviction(
        _ signals: [KubeletConfiguration.TextEntry], isMerged: Bool
    ) -> EvictionThreshold {
        var memory = isMerged ? KubeletSettings().evictionHardMemory : .bytes(0)
        let known = [
            "memory.available", "allocatableMemory.available", "nodefs.available",
            "nodefs.inodesFree", "imagefs.available", "imagefs.inodesFree",
            "containerfs.available", "containerfs.inodesFree", "pid.available",
        ]
        for signal in signals {
            guard known.contains(signal.name) else {
                error(
                    at: signal.node, "unknown eviction signal `\(signal.name)`",
                    hint: suggestion(for: signal.name, among: known, called: "signals"))
                continue
            }
            guard let threshold = threshold(signal) else { continue }
            if signal.name == "memory.available" { memory = threshold }
        }
        return memory
    }

    /// `100Mi`, `5%`; `0%` and `100%` switch a signal off.
    private mutating func threshold(
        _ signal: KubeletConfiguration.TextEntry
    ) -> EvictionThreshold? {
        if signal.text.hasSuffix("%") {
            if signal.text == "0%" || signal.text == "100%" { return .bytes(0) }
            let number = signal.text.dropLast()
            guard number.utf8.allSatisfy({ "0123456789.".utf8.contains($0) }),
                let share = try? Quantity(number), let thousandths = share.units(exponent: -3),
                0...100_000 ~= thousandths
            else {
                error(
                    at: signal.node, "`\(signal.text)` is no eviction threshold",
                    hint: "a threshold is a quantity such as `100Mi`, or 0% to 100%")
                return nil
            }
            return .milliPercent(thousandths)
        }
        guard let quantity = readQuantity(signal.node, diagnostics: &diagnostics) else {
            hasErrors = true
            return nil
        }
        if quantity.sign <= 0 {
            error(
                at: signal.node, "the eviction threshold of `\(signal.name)` is not above 0",
                hint: "write `0%` to switch the signal off")
            return nil
        }
        return .bytes(amount(quantity, of: signal.name, at: signal.node))
    }
}
