package import Primitives

/// The order in which the scheduler visits nodes: the first of every zone, the second of every zone, and so on.
///
/// Zones come in the order in which their first node was added, nodes of a zone in the order of addition. A zone is the
/// pair of region and zone label; nodes without both share one. A node that changes its zone moves to the end of the new
/// one, but the list that is visited is made anew only when a node is added.
/// Source: k/k pkg/scheduler/backend/cache/node_tree.go, snapshot.go.
package struct NodeOrder: Sendable {
    /// Nodes by position.
    package private(set) var nodes: [NodeIndex] = []
    /// Positions by node, -1 for one that was removed.
    package private(set) var positions: [Int] = []
    private var zoneNames: [String] = []
    private var members: [[NodeIndex]] = []

    package init(kinds: [NodeDescription], kindOfNode: [Int]) {
        let zoneOfKind = kinds.map(NodeOrder.zone)
        var places: [String: Int] = [:]
        for (node, kind) in kindOfNode.enumerated() {
            let zone = zoneOfKind[kind]
            if let known = places[zone] {
                members[known].append(NodeIndex(node))
            } else {
                places[zone] = zoneNames.count
                zoneNames.append(zone)
                members.append([NodeIndex(node)])
            }
        }
        list()
    }

    private static func zone(_ kind: NodeDescription) -> String {
        let region = kind.label("topology.kubernetes.io/region") ?? ""
        let zone = kind.label("topology.kubernetes.io/zone") ?? ""
        return region.isEmpty && zone.isEmpty ? "" : "\(region):\u{0}:\(zone)"
    }

    mutating func add(_ node: NodeIndex, _ kind: NodeDescription) {
        place(node, in: NodeOrder.zone(kind))
        list()
    }

    /// The list is made anew, as after every addition. (cache.go, UpdateSnapshot: the numbers of nodes differ)
    mutating func remove(_ node: NodeIndex, _ kind: NodeDescription) {
        leave(NodeOrder.zone(kind), node)
        list()
    }

    mutating func update(_ node: NodeIndex, from old: NodeDescription, to new: NodeDescription) {
        let (oldZone, newZone) = (NodeOrder.zone(old), NodeOrder.zone(new))
        guard oldZone != newZone else { return }
        leave(oldZone, node)
        place(node, in: newZone)
    }

    private mutating func leave(_ zone: String, _ node: NodeIndex) {
        guard let place = zoneNames.firstIndex(of: zone) else { return }
        members[place].removeAll { $0 == node }
        if members[place].isEmpty {
            members.remove(at: place)
            zoneNames.remove(at: place)
        }
    }

    private mutating func place(_ node: NodeIndex, in zone: String) {
        if let known = zoneNames.firstIndex(of: zone) {
            members[known].append(node)
        } else {
            zoneNames.append(zone)
            members.append([node])
        }
    }

    private mutating func list() {
        nodes = []
        for turn in 0..<(members.map(\.count).max() ?? 0) {
            for zone in members where turn < zone.count { nodes.append(zone[turn]) }
        }
        let everAdded = max(positions.count, (nodes.map(\.position).max() ?? -1) + 1)
        positions = Array(repeating: -1, count: everAdded)
        for (position, node) in nodes.enumerated() { positions[node.position] = position }
    }
}
