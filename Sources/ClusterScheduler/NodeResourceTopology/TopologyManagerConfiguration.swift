/// How a node's kubelet aligns, as its NodeResourceTopology object tells.
///
/// Source: scheduler-plugins pkg/noderesourcetopology/nodeconfig/topologymanager.go.
package struct TopologyManagerConfiguration: Hashable, Sendable {
    package enum Policy: String, Sendable {
        case none
        case bestEffort = "best-effort"
        case restricted
        case singleNUMANode = "single-numa-node"
    }

    package enum Scope: String, Sendable {
        case container, pod
    }

    package var policy = Policy.none
    package var scope = Scope.container
    package var maximumNUMANodes = 8

    package init() {}

    /// Reads the deprecated list first, of which one entry counts; attributes then override field by field. What is not
    /// known changes nothing.
    package init(deprecated policies: [String], attributes: [NodeTopologyObject.Attribute]) {
        if let first = policies.first { read(deprecated: first) }
        for attribute in attributes {
            switch attribute.name {
            case "topologyManagerPolicy": policy = Policy(rawValue: attribute.value) ?? policy
            case "topologyManagerScope": scope = Scope(rawValue: attribute.value) ?? scope
            case "topologyManagerMaxNUMANodes":
                if let count = Int(attribute.value), count > 1 {
                    maximumNUMANodes = min(count, 1024)
                }
            default: break
            }
        }
    }

    private mutating func read(deprecated text: String) {
        switch text {
        case "SingleNUMANodeContainerLevel": (policy, scope) = (.singleNUMANode, .container)
        case "SingleNUMANodePodLevel": (policy, scope) = (.singleNUMANode, .pod)
        case "RestrictedContainerLevel": (policy, scope) = (.restricted, .container)
        case "RestrictedPodLevel": (policy, scope) = (.restricted, .pod)
        case "BestEffortContainerLevel": (policy, scope) = (.bestEffort, .container)
        case "BestEffortPodLevel": (policy, scope) = (.bestEffort, .pod)
        default: break
        }
    }
}
