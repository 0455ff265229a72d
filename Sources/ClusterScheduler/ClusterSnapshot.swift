import Primitives
import WorkloadModel

/// The cluster as plugins see it in a cycle: nodes with what is assumed on them, and the running counts of pods.
package struct ClusterSnapshot: ~Copyable, Sendable {
    package internal(set) var roster: NodeRoster
    package internal(set) var nodes: NodeTable
    var columns = LabelColumns()
    let images: ImageTable
    var placement = PlacementTallies()
    /// What plugins remember, see `PluginStates`.
    package var states = PluginStates()

    /// Place of the name of the node at each position among all names, as text; empty where nobody asks for it.
    private(set) var nameRanks: [Int32] = []

    init(roster: NodeRoster, resourceCount: Int, ranksNames: Bool = false) {
        self.roster = roster
        if ranksNames {
            let names = roster.order.nodes.map { roster.name(of: $0) }
            nameRanks = Array(repeating: 0, count: names.count)
            let sorted = names.indices.sorted {
                Array(names[$0].utf8).lexicographicallyPrecedes(Array(names[$1].utf8))
            }
            for (rank, position) in sorted.enumerated() { nameRanks[position] = Int32(rank) }
        }
        images = ImageTable(roster)
        nodes = NodeTable(
            kinds: roster.kinds,
            kindAt: roster.order.nodes.map { roster.kindOfNode[$0.position] },
            resourceCount: resourceCount)
    }

    package var nodeCount: Int { nodes.count }

    /// What the node lifecycle controller puts on a node that does not report.
    static let unreachable = Taint(
        key: "node.kubernetes.io/unreachable", value: "", effect: .noSchedule)

    /// Positions of the nodes with these names, as numbers of the name column, ascending.
    func positions(ofNames names: [Int32]) -> [UInt32] {
        guard let column = columns.index(of: LabelColumns.nodeName) else { return [] }
        var positions: [UInt32] = []
        for position in 0..<nodeCount where names.contains(columns[column].at[position]) {
            positions.append(UInt32(position))
        }
        return positions
    }

    /// Whether the pod does not tolerate some NoSchedule or NoExecute taint of the node.
    func hasUntoleratedTaint(_ tolerations: [Toleration], at position: Int) -> Bool {
        if !nodes.isReady(at: position),
            !tolerations.contains(where: { $0.tolerates(ClusterSnapshot.unreachable) })
        {
            return true
        }
        let kind = nodes.kindAt[position]
        return nodes.kinds[kind].taints.contains { taint in
            taint.effect != .preferNoSchedule && !tolerations.contains { $0.tolerates(taint) }
        }
    }

    /// Clears those bits of the block of 64 positions from `start` for whose count, nil without the key, `refuses` holds.
    @inline(__always)
    func clearing(
        _ passing: UInt64, from start: Int, tally: Int, where refuses: (Int64?) -> Bool
    ) -> UInt64 {
        var passing = passing
        columns.columns[placement.tallies[tally].column].at.withUnsafeBufferPointer { at in
            placement.tallies[tally].counts.withUnsafeBufferPointer { counts in
                var rest = passing
                while rest != 0 {
                    let bit = rest.trailingZeroBitCount
                    rest &= rest &- 1
                    let domain = Int(at[start &+ bit])
                    let count = domain < 0 ? nil : domain < counts.count ? counts[domain] : 0
                    if refuses(count) { passing &= ~(1 << UInt64(bit)) }
                }
            }
        }
        return passing
    }

    mutating func add(
        _ pod: PodRequest, isTerminating: Bool = false, at position: Int, count: Int64 = 1
    ) {
        nodes.add(pod, at: position, count: count)
        placement.count(
            shape: pod.index, isTerminating: isTerminating, at: position, sign: count,
            columns: columns)
    }

    mutating func remove(_ pod: PodRequest, isTerminating: Bool = false, at position: Int) {
        nodes.remove(pod, at: position)
        placement.count(
            shape: pod.index, isTerminating: isTerminating, at: position, sign: -1,
            columns: columns)
    }
}

/// What a plugin remembers from pod to pod (a cache of its own), as a value.
package protocol PluginState: Sendable {}

/// The states of plugins by type: a plugin itself is an immutable value.
package struct PluginStates: Sendable {
    private var values: [any PluginState] = []

    package init() {}

    /// The state of a type, nil before it was set. Asked once for each block of nodes, not for each node.
    package func state<State: PluginState>(_ type: State.Type) -> State? {
        for value in values {
            if let state = value as? State { return state }
        }
        return nil
    }

    package mutating func set<State: PluginState>(_ state: State) {
        for index in values.indices where values[index] is State {
            values[index] = state
            return
        }
        values.append(state)
    }

    /// Changes a state in place; its memory is not copied.
    package mutating func update<State: PluginState>(
        _ type: State.Type, _ change: (inout State) -> Void
    ) {
        for index in values.indices {
            guard var state = values[index] as? State else { continue }
            values[index] = NoPluginState()
            change(&state)
            values[index] = state
            return
        }
    }
}

/// Stands where a state is taken out to be changed.
private struct NoPluginState: PluginState {}
