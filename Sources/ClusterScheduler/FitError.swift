/// The words of kube-scheduler's FitError.
///
/// Source: k/k pkg/scheduler/framework/types.go, `FitError.Error`: reasons are counted, printed as "count reason" and sorted
/// as text, the count included.
enum FitError {
    /// `0/3 nodes are available: 1 Too many pods, 2 Insufficient cpu.`
    static func text(nodeCount: Int, reasons: [String: Int]) -> String {
        let start = "0/\(nodeCount) nodes are available:"
        let parts = reasons.map { "\($0.value) \($0.key)" }.sorted()
        return parts.isEmpty ? start : "\(start) \(parts.joined(separator: ", "))."
    }

    /// A text and the state that it is true for.
    struct Remembered: Sendable {
        var changes: Int
        var text: String
    }
}

extension Scheduler {
    /// Why no node passes, in kube-scheduler's words.
    ///
    /// Nodes are told apart by numbers, and each kind of refusal is put into words once; pods of one shape that fail in the
    /// same state share the text.
    ///
    /// - Complexity: O(nodes × filters); meant for pods that found none.
    package mutating func fitError(shape: Int, pinnedPosition: Int = -1) -> String {
        let pod = shapes[shape]
        guard pod.profile >= 0, pinnedPosition < 0, nominations.isEmpty,
            pod.allowedNames == nil
        else { return report(shape: shape, pinnedPosition: pinnedPosition).fitError }
        while fitErrors.count <= shape { fitErrors.append(nil) }
        if let known = fitErrors[shape], known.changes == log.count { return known.text }
        let active = profiles[pod.profile].filters.filter { $0.applies(to: pod, in: cluster) }
        var kinds: [(filter: Int, refusalClass: UInt64, count: Int, position: Int)] = []
        for position in 0..<cluster.nodeCount {
            guard
                let filter = active.firstIndex(where: {
                    !$0.passes(pod, at: position, in: cluster)
                })
            else { continue }
            let number = active[filter].refusalClass(of: pod, at: position, in: cluster)
            if let known = kinds.firstIndex(where: {
                $0.filter == filter && $0.refusalClass == number
            }) {
                kinds[known].count += 1
            } else {
                kinds.append((filter, number, 1, position))
            }
        }
        var counts: [String: Int] = [:]
        for kind in kinds {
            let refusal = active[kind.filter].refusal(of: pod, at: kind.position, in: cluster)
            for reason in refusal.reasons { counts[reason, default: 0] += kind.count }
        }
        let text = FitError.text(nodeCount: cluster.nodeCount, reasons: counts)
        fitErrors[shape] = FitError.Remembered(changes: log.count, text: text)
        return text
    }
}
