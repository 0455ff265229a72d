import Primitives

/// The words of kube-scheduler's FitError.
///
/// Filters name a resource by index, as names live in the scenario; `text(_:)` puts the names in.
package enum SchedulerMessage {
    /// Marks a resource index inside a reason.
    private static let mark: Character = "\u{1}"

    static func insufficient(_ resource: ResourceIndex) -> String {
        "Insufficient \(mark)\(resource.rawValue)"
    }

    /// `0/3 nodes are available: 1 Too many pods, 2 Insufficient cpu.`
    ///
    /// Source: k/k pkg/scheduler/framework/types.go, `FitError.Error`: reasons are counted, printed as "count reason"
    /// and sorted as text.
    static func fitError(nodes: Int, reasons: [String: Int], resources: ResourceTable) -> String {
        let parts = reasons.map { "\($0.value) \(named($0.key, resources))" }.sorted()
        guard !parts.isEmpty else { return "0/\(nodes) nodes are available" }
        return "0/\(nodes) nodes are available: \(parts.joined(separator: ", "))."
    }

    private static func named(_ reason: String, _ resources: ResourceTable) -> String {
        guard let place = reason.firstIndex(of: mark),
            let index = UInt32(reason[reason.index(after: place)...])
        else { return reason }
        return reason[..<place] + resources[ResourceIndex(rawValue: index)]
    }
}
