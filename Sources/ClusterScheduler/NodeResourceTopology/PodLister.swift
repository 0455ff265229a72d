/// The pods that the plugin's informer shows on each node.
package struct PodLister<Amount: ZoneAmount>: Sendable {
    package enum Phase: String, Sendable {
        case pending = "Pending"
        case running = "Running"
        case succeeded = "Succeeded"
        case failed = "Failed"
        case unknown = "Unknown"
    }

    package struct Entry: Sendable {
        /// The caller's number for the pod.
        package var key: UInt32
        package var phase: Phase
        /// `PodFingerprint.hash` of its name.
        package var hash: UInt64
        package var pod: TopologyPod<Amount>

        package init(key: UInt32, phase: Phase, hash: UInt64, pod: TopologyPod<Amount>) {
            self.key = key
            self.phase = phase
            self.hash = hash
            self.pod = pod
        }
    }

    private var nodes: [[Entry]]

    package init(nodeCount: Int) { nodes = Array(repeating: [], count: nodeCount) }

    mutating func addNode() { nodes.append([]) }

    /// Adds a pod to a node, or replaces what was known of it there.
    package mutating func set(_ entry: Entry, on node: Int) {
        if let known = nodes[node].firstIndex(where: { $0.key == entry.key }) {
            nodes[node][known] = entry
        } else {
            nodes[node].append(entry)
        }
    }

    /// - Complexity: O(pods of the node).
    package mutating func remove(_ key: UInt32, from node: Int) {
        guard let known = nodes[node].firstIndex(where: { $0.key == key }) else { return }
        let last = nodes[node].removeLast()
        if known < nodes[node].count { nodes[node][known] = last }
    }

    func pods(on node: Int) -> [Entry] { nodes[node] }
}
