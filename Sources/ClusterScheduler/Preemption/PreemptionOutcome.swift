package import Primitives

/// A node on which a pod would fit if others left.
package struct PreemptionCandidate: Sendable {
    package var node: NodeIndex
    package var position: Int
    /// The most important first.
    package var victims: [NodePod]
    /// Victims whose end breaks a PodDisruptionBudget.
    package var violations: Int
}

/// What DefaultPreemption's PostFilter says about a pod that fits nowhere.
package enum PreemptionOutcome: Sendable {
    /// The profile has no DefaultPreemption.
    case switchedOff
    /// It must not make others leave.
    case ineligible(String)
    /// No node: how many were tried and refused, and for which reasons; others were not worth a try.
    case impossible(tried: Int, reasons: [String: Int], nodeCount: Int)
    /// Candidates as they were found, and which of them are equally good, the chosen one first.
    case possible([PreemptionCandidate], best: [Int])

    /// Its part of the event's text, DynamicResources' before it; nil when a node was found.
    package var message: String? {
        let claims = "no new claims to deallocate"
        let start = "\(claims), preemption: "
        switch self {
        case .switchedOff: return claims
        case .ineligible(let reason): return start + reason
        case .impossible(let tried, var reasons, let nodeCount):
            if tried < nodeCount {
                reasons["Preemption is not helpful for scheduling"] = nodeCount - tried
            }
            return start + FitError.text(nodeCount: nodeCount, reasons: reasons)
        case .possible: return nil
        }
    }
}
