package import Primitives

/// The order in which the scheduler visits nodes: the first of every zone, the second of every zone, and so on.
///
/// Zones come in the order in which their first node was added, nodes of a zone in the order of addition. A zone is the
/// pair of region and zone label; nodes without both share one.
/// Source: k/k pkg/scheduler/backend/cache/node_tree.go.
package struct NodeOrder: Sendable {
    /// Nodes by position.
    package private(set) var nodes: [NodeIndex]
    /// Positions by node.
    package private(set) var positions: [Int]

    package init(kinds: [NodeDescription], kindOfNode: [Int]) {
        let zoneOfKind = kinds.map { kind in
            let region = kind.label("topology.kubernetes.io/region") ?? ""
            let zone = kind.label("topology.kubernetes.io/zone") ?? ""
            return region.isEmpty && zone.isEmpty ? "" : "\(region):\u{0}:\(zone)"
        }
        var zoneNames: [String] = []
        var members: [[NodeIndex]] = []
        for (node, kind) in kindOfNode.enumerated() {
            let zone = zoneOfKind[kind]
            if let known = zoneNames.firstIndex(of: zone) {
                members[known].append(NodeIndex(node))
            } else {
                zoneNames.append(zone)
                members.append([NodeIndex(node)])
            }
        }
        nodes = []
        nodes.reserveCapacity(kindOfNode.count)
        for turn in 0..<(members.map(\.count).max() ?? 0) {
            for zone in members where turn < zone.count { nodes.append(zone[turn]) }
        }
        positions = Array(repeating: 0, count: nodes.count)
        for (position, node) in nodes.enumerated() { positions[node.position] = position }
    }
}
