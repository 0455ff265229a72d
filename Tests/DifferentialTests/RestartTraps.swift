import LiteralKubelet
import NodeManagers

/// Puts what a kubelet restart changed down to the traps that the description names.
///
/// A name is given only where the pod, the settings or the counts of upstream bugs show that its trap is met; names
/// are explained in docs/fidelity.md, "Restarts".
struct RestartTraps {
    typealias Difference = (what: String, trap: String?)

    /// Just before the restart.
    let before: LiteralKubelet
    let after: NodePair
    let plugins: LiteralKubelet.PluginReturn

    func differences() -> [Difference] {
        if let error = after.startError { return [(error, startTrap(error))] }
        var result: [Difference] = []
        for answer in after.readmissions ?? [] {
            let pod = before.pods.first { $0.uid == answer.uid }!
            // Memory that is charged twice is missing for the pods that come after.
            let consequence = result.compactMap(\.trap).first {
                $0 == "init-memory-charged-again" || $0 == "second-share-after-restart"
            }
            if let refusal = answer.refusal {
                result.append(
                    (
                        "\(pod.uid) refused: \(refusal) \(answer.steps)",
                        refusalTrap(pod, answer, refusal) ?? consequence
                    ))
                continue
            }
            for container in pod.containers {
                let old = before.holding(pod, container)
                let new = answer.containers[container.name]!
                if old == new { continue }
                result.append(
                    (
                        "\(pod.uid) \(container.name): \(old) became \(new) \(answer.steps)",
                        holdingTrap(pod, container, old, new) ?? consequence
                    ))
            }
        }
        return result + stateDifferences()
    }

    /// What the managers count, where the pods hold the same.
    private func stateDifferences() -> [Difference] {
        var result: [Difference] = []
        let admitted = Set(after.literal.pods.map(\.uid))
        guard admitted.count == before.pods.count else { return [] }
        let hasShares = before.pods.contains(where: isShare)
        if before.cpu.pool != after.literal.cpu.pool {
            result.append(("shared pool", hasShares ? "second-share-after-restart" : nil))
        }
        if before.memory.nodes != after.literal.memory.nodes {
            let trap =
                hasShares
                ? "second-share-after-restart"
                : before.pods.contains(where: hasFreedInit) ? "init-memory-charged-again" : nil
            result.append(("memory tables", trap))
        }
        return result
    }

    // MARK: The kubelet does not start

    private func startTrap(_ error: String) -> String? {
        let bugs = after.state.upstreamBugCounts
        if bugs.shareNeverReturned > 0 { return "share-never-returned" }
        if bugs.secondShareAfterRestart > 0 { return "second-share-after-restart" }
        if error.contains("default cpuset cannot be empty") { return "shared-pool-empty" }
        if error.contains("cpu manager error") {
            return bugs.busyThreadsOfFreeCore > 0 ? "busy-threads-of-free-core" : nil
        }
        return bugs.singleBlockOnGroup > 0 ? "single-block-on-group" : nil
    }

    // MARK: A pod is refused

    private func refusalTrap(
        _ pod: LiteralPod, _ answer: LiteralKubelet.Answer, _ refusal: LiteralRefusal
    ) -> String? {
        let isUnstarted = !before.started.contains(pod.uid)
        if refusal.reason == "SMTAlignmentError" { return "whole-core-check-of-running-pod" }
        if refusal.message.contains("no healthy devices present") {
            if plugins == .before { return "devices-no-longer-healthy" }
            return isUnstarted ? "devices-of-unstarted-pod" : "devices-of-exited-init-container"
        }
        if refusal.message.contains("no longer healthy") { return "devices-no-longer-healthy" }
        if isShare(pod) {
            return impossible(answer, "cpu")
                ? "shared-container-of-share" : "second-share-after-restart"
        }
        if refusal.message.contains("[memorymanager]") {
            return hasFreedInit(pod) ? "init-memory-charged-again" : nil
        }
        if refusal.reason == "TopologyAffinityError" { return mergeTrap(pod, answer) }
        return nil
    }

    /// Why the merged hint is no longer one that the policy admits.
    private func mergeTrap(_ pod: LiteralPod, _ answer: LiteralKubelet.Answer) -> String? {
        let isPodScope = before.settings.scope == "pod"
        if impossible(answer, "device") {
            if holdsDeviceWithoutTopology(pod) { return "device-without-topology-held" }
            return isPodScope ? "devices-of-pod-not-its-total" : nil
        }
        if impossible(answer, "cpu") {
            return after.state.upstreamBugCounts.busyThreadsOfFreeCore > 0
                ? "busy-threads-of-free-core" : nil
        }
        if isPodScope, heldCPUs(pod).count > pod.overTime(\.wholeCPUs) {
            return "init-cpus-held-beyond-need"
        }
        if hasFreedInit(pod) { return "init-memory-charged-again" }
        return hasCPUsOutsideAffinity(pod) ? "cpus-outside-affinity" : nil
    }

    private func impossible(_ answer: LiteralKubelet.Answer, _ provider: String) -> Bool {
        let position = ["device", "cpu", "memory"].firstIndex(of: provider)!
        return answer.steps.last?.hints[position].contains { $0.hints?.isEmpty ?? false } ?? false
    }

    // MARK: A container holds something else

    private func holdingTrap(
        _ pod: LiteralPod, _ container: LiteralContainer, _ old: LiteralKubelet.Holding,
        _ new: LiteralKubelet.Holding
    ) -> String? {
        if isShare(pod) { return "second-share-after-restart" }
        if old.cpus != new.cpus || old.devices != new.devices { return nil }
        if old.memory != new.memory {
            return hasFreedInit(pod) ? "init-memory-charged-again" : nil
        }
        return affinityTrap(pod)
    }

    /// What the containers hold is the same; only the affinity that the Topology Manager keeps differs.
    private func affinityTrap(_ pod: LiteralPod) -> String? {
        if plugins != .before, asksForDevices(pod) { return "plugin-away" }
        let hasMemory = before.memory.entries[pod.uid] != nil
        if hasMemory, before.settings.scope == "pod", pod.containers.count > 1 {
            return "no-memory-preference-of-pod"
        }
        if hasFreedInit(pod) { return "init-memory-charged-again" }
        if hasMemory, pod.containers.contains(where: { $0.kind == .initContainer }) {
            return "no-memory-preference-of-shrunk-init"
        }
        let holds = pod.containers.contains { container in
            let holding = before.holding(pod, container)
            return !holding.cpus.isEmpty || !holding.memory.isEmpty || !holding.devices.isEmpty
        }
        return holds ? "affinity-from-own-holdings" : nil
    }

    // MARK: Afterwards

    /// What differs from the run without a restart although the restart itself changed nothing.
    func laterDifference(_ expected: LiteralKubelet, _ got: LiteralKubelet) -> Difference? {
        guard let what = difference(expected, got) else { return nil }
        return (what, plugins == .never && !before.devices.plugins.isEmpty ? "plugin-away" : nil)
    }

    private func difference(_ expected: LiteralKubelet, _ got: LiteralKubelet) -> String? {
        if expected.pods.map(\.uid) != got.pods.map(\.uid) {
            return "pods \(expected.pods.map(\.uid)) became \(got.pods.map(\.uid))"
        }
        if expected.cpu.pool != got.cpu.pool || expected.cpu.entries != got.cpu.entries {
            return "CPUs"
        }
        if expected.memory.nodes != got.memory.nodes
            || expected.memory.entries != got.memory.entries
        {
            return "memory"
        }
        for pod in expected.pods {
            for container in pod.containers
            where expected.holding(pod, container) != got.holding(pod, container) {
                return "\(pod.uid) \(container.name)"
            }
        }
        return nil
    }

    // MARK: Facts

    /// A pod that the managers gave one bubble.
    private func isShare(_ pod: LiteralPod) -> Bool {
        before.cpu.podEntries[pod.uid] != nil || before.memory.podEntries[pod.uid] != nil
    }

    /// Memory of a regular init container was freed when the pod started.
    private func hasFreedInit(_ pod: LiteralPod) -> Bool {
        before.settings.memoryPolicy == "Static" && before.started.contains(pod.uid)
            && pod.qos(before.settings) == "Guaranteed"
            && pod.containers.contains { $0.kind == .initContainer }
    }

    private func heldCPUs(_ pod: LiteralPod) -> Set<Int> {
        pod.containers.reduce(into: []) { $0.formUnion(before.holding(pod, $1).cpus) }
    }

    /// Such a device meets no NUMA nodes, so hints from what the container holds are too few.
    private func holdsDeviceWithoutTopology(_ pod: LiteralPod) -> Bool {
        before.devices.entries.contains { entry in
            entry.uid == pod.uid
                && before.devices.plugins.contains { plugin in
                    plugin.resource == entry.resource
                        && plugin.devices.contains {
                            entry.ids.contains($0.id) && ($0.nodes ?? []).isEmpty
                        }
                }
        }
    }

    private func asksForDevices(_ pod: LiteralPod) -> Bool {
        pod.containers.contains { $0.limits.keys.contains { $0.contains("/") } }
    }

    /// Hints come from the container's own CPUs, and those do not all lie in the affinity that it got them for:
    /// `align-by-socket` takes them from anywhere in the socket.
    private func hasCPUsOutsideAffinity(_ pod: LiteralPod) -> Bool {
        pod.containers.contains { container in
            let holding = before.holding(pod, container)
            guard let mask = holding.affinity.mask else { return false }
            return before.machine.rows.contains {
                holding.cpus.contains($0.cpu) && mask >> UInt64($0.numaNode) & 1 == 0
            }
        }
    }
}
