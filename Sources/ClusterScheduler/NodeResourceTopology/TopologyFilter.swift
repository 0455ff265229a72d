import Primitives
import WorkloadModel

/// What the plugin's Filter says of one node.
package enum TopologyFilterOutcome: Hashable, Sendable {
    case success
    case unschedulable(Refusal)
    /// The status is Error; reasons in order.
    case error([String])
    /// The scheduler's process would go down.
    case panicked(TopologyPanic)

    package enum Refusal: String, Sendable {
        case staleData = "invalid node topology data"
        case pod = "cannot align pod"
        case initContainer = "cannot align init container"
        case sidecar = "cannot align sidecar container"
        case container = "cannot align container"
    }

    package var passes: Bool { self == .success }

    /// Whether the call tells the cache that it may have reserved too much on the node.
    package var marksNode: Bool {
        switch self {
        case .success, .panicked, .unschedulable(.staleData): false
        case .unschedulable: true
        case .error(let reasons): reasons != TopologyFilterOutcome.nodeNotFound
        }
    }

    static let nodeNotFound = ["node not found"]
}

/// A crash of the real plugin, by the kind of runtime error.
package enum TopologyPanic: String, Error, Hashable, Sendable {
    case indexOutOfRange = "index out of range"
    case divisionByZero = "integer divide by zero"
}

/// The cache's answer about one node.
struct TopologyView<Amount: ZoneAmount> {
    /// The plugin may rely on it.
    var isFresh: Bool
    /// Nil where there is no object, or none that may be used.
    var topology: PublishedTopology<Amount>?
}

/// NodeResourceTopologyMatch's Filter.
///
/// Source: scheduler-plugins pkg/noderesourcetopology/filter.go.
enum TopologyFilter {
    /// - Parameter names: nil where the scheduler knows no Node object.
    static func outcome<Amount: ZoneAmount>(
        _ pod: TopologyPod<Amount>, on view: @autoclosure () -> TopologyView<Amount>,
        _ names: AllocatableNames?
    ) -> TopologyFilterOutcome {
        guard let names else { return .error(TopologyFilterOutcome.nodeNotFound) }
        if pod.qos == .bestEffort, !pod.mentionsExtended { return .success }
        let view = view()
        guard view.isFresh else { return .unschedulable(.staleData) }
        guard let topology = view.topology else { return .success }
        guard topology.configuration.policy == .singleNUMANode else { return .success }
        guard !topology.layout.overflowsTable else { return .panicked(.indexOutOfRange) }
        switch topology.configuration.scope {
        case .pod:
            let id = ZoneChoice.lowestID(
                for: pod.effective, qos: pod.qos, topology.layout, topology.amounts, names)
            return id == nil ? .unschedulable(.pod) : .success
        case .container: return byContainer(pod, topology, names)
        }
    }

    /// Init containers and sidecars each meet the zones as they are; app containers take theirs, never going back.
    private static func byContainer<Amount: ZoneAmount>(
        _ pod: TopologyPod<Amount>, _ topology: PublishedTopology<Amount>,
        _ names: AllocatableNames
    ) -> TopologyFilterOutcome {
        let layout = topology.layout
        var amounts = topology.amounts
        var appsLeft = pod.appCount
        for container in pod.containers {
            let id = ZoneChoice.lowestID(
                for: container.requests, qos: pod.qos, layout, amounts, names)
            guard let id else {
                switch container.kind {
                case .initContainer: return .unschedulable(.initContainer)
                case .sidecar: return .unschedulable(.sidecar)
                case .app: return .unschedulable(.container)
                }
            }
            guard container.kind == .app else { continue }
            appsLeft -= 1
            // Without duplicate zones the last subtraction cannot fail, and nobody sees what it leaves.
            if appsLeft == 0, layout.hasDistinctIDs { break }
            let deficit = ZoneChoice.subtract(
                container.requests, qos: pod.qos, fromID: id, layout, &amounts)
            if let deficit { return .error(reasons(deficit, id: id, layout)) }
        }
        return .success
    }

    private static func reasons<Amount: ZoneAmount>(
        _ deficit: ZoneChoice.Deficit<Amount>, id: Int, _ layout: ZoneLayout
    ) -> [String] {
        let isCPU = deficit.request.traits.isCPU
        let name = layout.resourceName(deficit.request.resource)
        return [
            "inconsistent resource accounting",
            "resource \"\(name)\" request \(deficit.request.amount.text(isCPU: isCPU))"
                + " exceeds NUMA \(id) availability \(deficit.available.text(isCPU: isCPU))",
        ]
    }
}
