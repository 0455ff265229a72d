package import WorkloadModel

/// Quantities by resource name, ascending by name: Kubernetes' ResourceList, in an order that never varies.
package struct ResourceQuantities: Sendable {
    package struct Entry: Sendable {
        package var name: String
        package var quantity: Quantity
        /// Where it was written, or what it follows from.
        var node: SourceNode
    }

    package private(set) var entries: [Entry] = []

    package init() {}

    package var isEmpty: Bool { entries.isEmpty }

    package subscript(name: String) -> Quantity? { entry(name)?.quantity }

    func entry(_ name: String) -> Entry? { entries.first { $0.name == name } }

    mutating func set(_ name: String, to quantity: Quantity, at node: SourceNode) {
        let entry = Entry(name: name, quantity: quantity, node: node)
        let position = entries.firstIndex { $0.name >= name } ?? entries.count
        if position < entries.count, entries[position].name == name {
            entries[position] = entry
        } else {
            entries.insert(entry, at: position)
        }
    }

    /// Adds each quantity of `other`. (addResourceList)
    mutating func add(_ other: ResourceQuantities) {
        for entry in other.entries {
            let sum = self[entry.name].map { $0 + entry.quantity } ?? entry.quantity
            set(entry.name, to: sum, at: entry.node)
        }
    }

    /// Keeps the larger of each two. (maxResourceList)
    mutating func formMaximum(_ other: ResourceQuantities) {
        for entry in other.entries {
            if let own = self[entry.name], entry.quantity <= own { continue }
            set(entry.name, to: entry.quantity, at: entry.node)
        }
    }

    /// Takes over what has no entry here, for names that `isWanted`.
    mutating func fill(from other: ResourceQuantities, where isWanted: (String) -> Bool) {
        for entry in other.entries where entryIsMissing(entry.name) && isWanted(entry.name) {
            set(entry.name, to: entry.quantity, at: entry.node)
        }
    }

    private func entryIsMissing(_ name: String) -> Bool { self[name] == nil }

    /// Rounds every quantity up to thousandths, as the API does when it reads a list. (SetDefaults_ResourceList)
    mutating func roundUpToMilli() {
        for index in entries.indices { entries[index].quantity.roundUp(toExponent: -3) }
    }
}
