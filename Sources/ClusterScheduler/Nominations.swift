package import Primitives
import WorkloadModel

/// A pod that waits for a node where others were told to leave; it reserves its room there.
package struct Nomination: Hashable, Sendable {
    /// The caller's number for the pod.
    package var pod: UInt32
    package var shape: PodShapeIndex
    package var node: NodeIndex

    package init(pod: UInt32, shape: PodShapeIndex, node: NodeIndex) {
        self.pod = pod
        self.shape = shape
        self.node = node
    }
}

extension Scheduler {
    /// Reserves room for a pod on a node, instead of an earlier nomination of it.
    package mutating func nominate(_ nomination: Nomination) {
        removeNomination(of: nomination.pod)
        nominations.append(nomination)
    }

    package mutating func removeNomination(of pod: UInt32) {
        nominations.removeAll { $0.pod == pod }
    }

    package func nomination(of pod: UInt32) -> Nomination? {
        nominations.first { $0.pod == pod }
    }

    /// Positions that pods of the same or a higher priority are nominated to.
    func nominatedPositions(for pod: PodRequest, number: UInt32?) -> [Int] {
        var positions: [Int] = []
        for nomination in nominations
        where nomination.pod != number
            && shapes[nomination.shape.position].priority >= pod.priority
        {
            let position = order.positions[nomination.node.position]
            if !positions.contains(position) { positions.append(position) }
        }
        return positions
    }
}
