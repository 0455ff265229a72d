import Primitives

/// The part of a node's state that decides its future admissions, whoever holds what is taken.
///
/// Nodes of one model with equal keys give equal answers to the same pods, admitted in the same order.
public struct NodeStateKey: Hashable, Sendable {
    private var words: [UInt64]

    init(words: [UInt64]) { self.words = words }
}

extension NodeState {
    /// - Complexity: O(size of the machine); independent of the number of pods.
    public var key: NodeStateKey {
        var words: [UInt64] = []
        words.reserveCapacity(
            cpu.wordsPerSet + 2 * memory.tables.count + 2 * memory.nodes.count
                + 2 * devices.allocated.count + requested.count + 1)
        for word in 0..<cpu.wordsPerSet { words.append(cpu.pool[word: word]) }
        for table in memory.tables {
            words.append(UInt64(bitPattern: table.free))
            words.append(UInt64(bitPattern: table.reserved))
        }
        for node in memory.nodes {
            words.append(node.cells.bits)
            words.append(UInt64(node.assignments > 0 ? 1 : 0))
        }
        words += devices.allocated
        words += devices.healthy
        for state in devices.registrations { words.append(UInt64(state.rawValue)) }
        for amount in requested { words.append(UInt64(bitPattern: amount)) }
        words.append(UInt64(pods.count))
        return NodeStateKey(words: words)
    }
}
