import Primitives

/// What a node offers less every reservation since the scheduler last read its object.
///
/// Which zone a kubelet will choose is not known, so a reservation is taken off all of them. A node is read again when a
/// resync finds it dirty and the object's fingerprint is that of the pods which the lister shows.
///
/// Source: scheduler-plugins pkg/noderesourcetopology/cache/{overreserve,store,foreign_pods,attr_watch}.go.
package struct OverReserveCache<Amount: ZoneAmount>: Sendable {
    package struct Node: Sendable {
        /// The object as it was read last. A node without one when the cache was made gets one only where a mark from
        /// outside leads to a resync.
        package fileprivate(set) var stored: PublishedTopology<Amount>?
        /// `stored` less the reservations.
        package fileprivate(set) var view: [Amount]
        package fileprivate(set) var reservations: [Reservation] = []
        package fileprivate(set) var foreignPods: UInt32 = 0
        package fileprivate(set) var maybeOverReserved: UInt32 = 0
        package fileprivate(set) var attributesChanged: UInt32 = 0
        fileprivate var isListedAsDirty = false
    }

    package struct Reservation: Sendable {
        package var key: UInt32
        fileprivate var pod: TopologyPod<Amount>
    }

    private let settings: TopologyCacheSettings
    package private(set) var nodes: [Node]
    /// Goes up with every resync that read a node.
    package private(set) var generation: UInt64 = 0
    /// Nodes with a mark; some may have been cleared since.
    private var dirtyNodes: [UInt32] = []
    /// Kept so that its memory serves again.
    private var hashes: [UInt64] = []

    package init(_ published: [PublishedTopology<Amount>?], settings: TopologyCacheSettings) {
        self.settings = settings
        nodes = published.map { Node(stored: $0, view: $0?.amounts ?? []) }
    }

    mutating func addNode() { nodes.append(Node(stored: nil, view: [])) }

    func view(of node: Int) -> TopologyView<Amount> {
        guard nodes[node].foreignPods == 0 else {
            return TopologyView(isFresh: false, topology: nil)
        }
        guard var topology = nodes[node].stored else {
            return TopologyView(isFresh: true, topology: nil)
        }
        topology.amounts = nodes[node].view
        return TopologyView(isFresh: true, topology: topology)
    }
}

// MARK: Reservations

extension OverReserveCache {
    /// - Returns: whether the view changed.
    mutating func reserve(_ key: UInt32, _ pod: TopologyPod<Amount>, on node: Int) -> Bool {
        guard nodes[node].stored != nil else { return false }
        let reservation = Reservation(key: key, pod: pod)
        if let known = nodes[node].reservations.firstIndex(where: { $0.key == key }) {
            nodes[node].reservations[known] = reservation
            recomputeView(of: node)
        } else {
            nodes[node].reservations.append(reservation)
            subtract(pod, on: node)
        }
        return true
    }

    mutating func unreserve(_ key: UInt32, on node: Int) -> Bool {
        guard let known = nodes[node].reservations.firstIndex(where: { $0.key == key }) else {
            return false
        }
        nodes[node].reservations.remove(at: known)
        recomputeView(of: node)
        return true
    }

    private mutating func recomputeView(of node: Int) {
        nodes[node].view = nodes[node].stored?.amounts ?? []
        for reservation in nodes[node].reservations { subtract(reservation.pod, on: node) }
    }

    /// Takes the pod's requests off every zone that lists them, each down to 0 at most.
    private mutating func subtract(_ pod: TopologyPod<Amount>, on node: Int) {
        guard let layout = nodes[node].stored?.layout else { return }
        for row in layout.zones.indices {
            for request in pod.effective where layout.lists(request.resource, row: row) {
                let cell = row &* layout.resourceCount &+ request.resource.position
                if nodes[node].view[cell] < request.amount {
                    nodes[node].view[cell] = .zero
                } else {
                    nodes[node].view[cell].subtract(request.amount)
                }
            }
        }
    }
}

// MARK: Marks

extension OverReserveCache {
    mutating func markMaybeOverReserved(_ node: Int) {
        nodes[node].maybeOverReserved &+= 1
        listAsDirty(node)
    }

    /// A pod of another scheduler came, changed or went. Returns whether the view changed.
    mutating func foreignPodEvent(_ pod: TopologyPod<Amount>, on node: Int) -> Bool {
        guard settings.foreignPods != .none, let layout = nodes[node].stored?.layout else {
            return false
        }
        if settings.foreignPods == .onlyExclusiveResources, !pod.isExclusive(on: layout) {
            return false
        }
        nodes[node].foreignPods &+= 1
        listAsDirty(node)
        return nodes[node].foreignPods == 1
    }

    /// An object that existed before was published again.
    mutating func published(_ configuration: TopologyManagerConfiguration, on node: Int) {
        guard settings.resyncScope == .all, let stored = nodes[node].stored,
            stored.configuration != configuration
        else { return }
        nodes[node].attributesChanged &+= 1
        listAsDirty(node)
    }

    private mutating func listAsDirty(_ node: Int) {
        guard !nodes[node].isListedAsDirty else { return }
        nodes[node].isListedAsDirty = true
        dirtyNodes.append(UInt32(truncatingIfNeeded: node))
    }
}

// MARK: Resync

extension OverReserveCache {
    /// One turn of the resync loop: adds the nodes that were read again to `flushed`, ascending.
    ///
    /// - Complexity: O(dirty nodes and their pods).
    mutating func resync(
        _ published: [PublishedTopology<Amount>?], _ lister: PodLister<Amount>,
        flushed: inout [Int]
    ) {
        guard !dirtyNodes.isEmpty else { return }
        dirtyNodes.sort()
        var remaining: [UInt32] = []
        for entry in dirtyNodes {
            let node = Int(entry)
            if let object = published[node], isAccepted(object, node, lister) {
                flush(node, object)
                flushed.append(node)
            } else {
                remaining.append(entry)
            }
        }
        if remaining.count < dirtyNodes.count { generation += 1 }
        dirtyNodes = remaining
    }

    private mutating func isAccepted(
        _ object: PublishedTopology<Amount>, _ node: Int, _ lister: PodLister<Amount>
    ) -> Bool {
        if nodes[node].attributesChanged > 0 { return true }
        guard let expected = object.fingerprint else { return false }
        let layout = nodes[node].stored?.layout
        let onlyExclusive =
            switch object.fingerprintCovers {
            case .allAsAnnotation: false
            case .unspecified: settings.resyncMethod == .onlyExclusiveResources
            case .exclusive: settings.resyncMethod != .all
            }
        hashes.removeAll(keepingCapacity: true)
        var hasPods = false
        for entry in lister.pods(on: node) {
            switch settings.informerMode {
            case .shared: guard entry.phase == .running else { continue }
            case .dedicated: guard entry.phase != .pending else { continue }
            }
            hasPods = true
            if onlyExclusive, !entry.pod.isExclusive(on: layout) { continue }
            hashes.append(entry.hash)
        }
        return hasPods && PodFingerprint(hashes: hashes).value == expected
    }

    private mutating func flush(_ node: Int, _ object: PublishedTopology<Amount>) {
        nodes[node] = Node(stored: object, view: object.amounts)
    }
}
