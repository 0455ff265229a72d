package import Primitives

/// Which nodes there are: what each publishes, its name, and the order in which they are visited.
package struct NodeRoster: Sendable {
    package private(set) var kinds: [NodeDescription]
    /// Position in `kinds`, by node.
    package private(set) var kindOfNode: [Int]
    private var names: [String]
    /// Every node has the label `kubernetes.io/hostname` with its name, unless its description says otherwise.
    package let hasHostnameLabels: Bool
    package private(set) var order: NodeOrder

    /// - Parameter names: by node; empty names them by number.
    package init(
        kinds: [NodeDescription], kindOfNode: [Int], names: [String] = [],
        hasHostnameLabels: Bool = false
    ) {
        precondition(names.isEmpty || names.count == kindOfNode.count, "each node has one name")
        self.kinds = kinds
        self.kindOfNode = kindOfNode
        self.names = names
        self.hasHostnameLabels = hasHostnameLabels
        order = NodeOrder(kinds: kinds, kindOfNode: kindOfNode)
    }

    /// Nodes that ever were: the number of one that was removed is not used again.
    package var count: Int { kindOfNode.count }

    package func name(of node: NodeIndex) -> String {
        names.isEmpty ? "node-\(node.rawValue)" : names[node.position]
    }

    package func name(at position: Int) -> String { name(of: order.nodes[position]) }

    package func kind(at position: Int) -> NodeDescription {
        kinds[kindOfNode[order.nodes[position].position]]
    }

    mutating func add(_ description: NodeDescription, name: String) -> NodeIndex {
        let node = NodeIndex(count)
        if names.isEmpty { names = (0..<count).map { "node-\($0)" } }
        kindOfNode.append(kind(of: description))
        names.append(name)
        order.add(node, description)
        return node
    }

    mutating func remove(_ node: NodeIndex) {
        order.remove(node, kinds[kindOfNode[node.position]])
    }

    /// The position of an equal description, or of a new one.
    private mutating func kind(of description: NodeDescription) -> Int {
        if let known = kinds.firstIndex(of: description) { return known }
        kinds.append(description)
        return kinds.count - 1
    }

    mutating func update(_ node: NodeIndex, to description: NodeDescription) {
        let old = kinds[kindOfNode[node.position]]
        kindOfNode[node.position] = kind(of: description)
        order.update(node, from: old, to: description)
    }
}
