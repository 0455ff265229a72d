import HardwareModel
import Primitives
import Records

/// The hosts under all node groups that are virtual machines.
struct HostViews {
    /// By group; nil for one of physical machines.
    private var views: [HostView?] = []
    /// By node: its group, and its place there.
    private var places: [(group: Int, position: Int)] = []

    /// Nil when no group is virtual.
    init?(_ scenario: Scenario) {
        guard scenario.nodeGroups.contains(where: { $0.virtualMachines != nil }) else { return nil }
        for (number, group) in scenario.nodeGroups.enumerated() {
            places += (0..<group.count).map { (number, $0) }
            views.append(
                group.virtualMachines.map {
                    HostView($0, guest: group.machine, devices: group.devices)
                })
        }
    }

    /// A node that joins takes the next place of its group, on the hosts that follow.
    mutating func addNode(group: Int, position: Int) { places.append((group, position)) }

    func view(of node: NodeIndex) -> (view: HostView, position: Int)? {
        guard node.position < places.count else { return nil }
        let place = places[node.position]
        return views[place.group].map { ($0, place.position) }
    }
}

extension Simulation {
    /// Tells the sink where a pod that was just admitted lies on its node's host.
    func tellHostView(_ hostViews: HostViews, of pod: PodIndex, on node: NodeIndex) {
        guard let (view, position) = hostViews.view(of: node) else { return }
        let placement = PlacementRecord(
            pod: pod, node: node, time: time,
            containers: nodes.placements(of: pod, on: node, holdings: true))
        let record = view.record(
            placement, nodeOfGroup: position, resources: scenario.resources)
        if !record.containers.isEmpty { sink.placedOnHost(record) }
    }
}
