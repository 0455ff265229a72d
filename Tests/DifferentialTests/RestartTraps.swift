import LiteralKubelet
import NodeManagers

/// Puts what a kubelet restart changed down to the traps that the description names.
///
/// Names are explained in docs/fidelity.md, "Restarts".
struct RestartTraps {
    typealias Difference = (what: String, trap: String?)

    let before: LiteralKubelet
    let after: NodePair
    let plugins: LiteralKubelet.PluginReturn

    func differences() -> [Difference] {
        if let error = after.startError { return [(error, startTrap(error))] }
        var result: [Difference] = []
        for answer in after.readmissions ?? [] {
            let pod = before.pods.first { $0.uid == answer.uid }!
            if let refusal = answer.refusal {
                result.append(("\(pod.uid) refused: \(refusal)", refusalTrap(pod, answer, refusal)))
                continue
            }
            for container in pod.containers {
                let old = before.holding(pod, container)
                let new = answer.containers[container.name]!
                if old == new { continue }
                result.append(
                    (
                        "\(pod.uid) \(container.name): \(old) became \(new)",
                        holdingTrap(pod, container, old, new)
                    ))
            }
        }
        return result
    }

    // MARK: The kubelet does not start

    private func startTrap(_ error: String) -> String? {
        let bugs = after.state.upstreamBugCounts
        if bugs.shareNeverReturned > 0 { return "share-never-returned" }
        if bugs.secondShareAfterRestart > 0 { return "second-share-after-restart" }
        if error.contains("cpu manager error") {
            return bugs.busyThreadsOfFreeCore > 0 ? "busy-threads-of-free-core" : nil
        }
        return bugs.singleBlockOnGroup > 0 ? "single-block-on-group" : nil
    }

    // MARK: A pod is refused

    private func refusalTrap(
        _ pod: LiteralPod, _ answer: LiteralKubelet.Answer, _ refusal: LiteralRefusal
    ) -> String? {
        if refusal.reason == "SMTAlignmentError" { return "whole-core-check-of-running-pod" }
        if refusal.message.contains("no healthy devices present") {
            return before.started.contains(pod.uid)
                ? "devices-of-exited-init-container" : "devices-of-unstarted-pod"
        }
        if refusal.message.contains("no longer healthy") { return "devices-no-longer-healthy" }
        if isShare(pod) { return "second-share-after-restart" }
        if refusal.reason == "TopologyAffinityError" { return mergeTrap(pod, answer) }
        if refusal.message.contains("[memorymanager]"), hasFreedInit(pod) {
            return "init-memory-charged-again"
        }
        if refusal.by == "predicates", refusal.reason.contains("/") {
            return "healthy-devices-fewer-than-requested"
        }
        return nil
    }

    /// Which provider no longer gives what it gave.
    private func mergeTrap(_ pod: LiteralPod, _ answer: LiteralKubelet.Answer) -> String? {
        guard let step = answer.steps.last else { return nil }
        for (provider, lists) in zip(["device", "cpu", "memory"], step.hints) {
            for (resource, hints) in lists where hints?.isEmpty ?? false {
                if provider == "device" {
                    return step.container == nil ? "devices-of-pod-not-its-total" : nil
                }
                _ = resource
            }
        }
        if hasFreedInit(pod) { return "init-memory-charged-again" }
        if before.settings.scope == "pod", reusesInit(pod) { return "pod-hints-count-reuse-only-once" }
        return nil
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

    /// The stored affinity only; what the container holds is the same.
    private func affinityTrap(_ pod: LiteralPod) -> String? {
        "affinity-from-own-holdings"
    }

    /// After a restart that showed no difference.
    func laterDifference(_ expected: LiteralKubelet, _ got: LiteralKubelet) -> String? {
        if expected.pods.map(\.uid) != got.pods.map(\.uid) {
            return "pods \(expected.pods.map(\.uid)) became \(got.pods.map(\.uid))"
        }
        if expected.cpu.pool != got.cpu.pool || expected.cpu.entries != got.cpu.entries {
            return "CPUs"
        }
        if expected.memory.nodes != got.memory.nodes || expected.memory.entries != got.memory.entries
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

    /// A pod that the managers give one bubble.
    private func isShare(_ pod: LiteralPod) -> Bool {
        before.cpu.podEntries[pod.uid] != nil || before.memory.podEntries[pod.uid] != nil
    }

    /// Memory of a regular init container was freed when the pod started.
    private func hasFreedInit(_ pod: LiteralPod) -> Bool {
        before.settings.memoryPolicy == "Static" && before.started.contains(pod.uid)
            && pod.qos(before.settings) == "Guaranteed"
            && pod.containers.contains { $0.kind == .initContainer }
    }

    private func reusesInit(_ pod: LiteralPod) -> Bool {
        pod.containers.contains { $0.kind == .initContainer }
    }
}
