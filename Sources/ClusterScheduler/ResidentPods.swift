import Primitives

/// How many pods of each shape are on each node, as the scheduler counts them: objects are not kept.
package struct ResidentPods: Sendable {
    package struct Entry: Sendable, BitwiseCopyable {
        package var shape: Int32
        /// Pods that are being deleted still take room, but no spreading counts them.
        package var isTerminating: Bool
        package var count: Int32
    }

    /// By node.
    package private(set) var onNode: [[Entry]]

    init(nodeCount: Int) { onNode = Array(repeating: [], count: nodeCount) }

    mutating func addNode() { onNode.append([]) }

    mutating func add(shape: Int, isTerminating: Bool, to node: Int) {
        for index in onNode[node].indices
        where onNode[node][index].shape == Int32(truncatingIfNeeded: shape)
            && onNode[node][index].isTerminating == isTerminating
        {
            onNode[node][index].count += 1
            return
        }
        onNode[node].append(
            Entry(
                shape: Int32(truncatingIfNeeded: shape), isTerminating: isTerminating, count: 1))
    }

    mutating func remove(shape: Int, isTerminating: Bool, from node: Int) {
        for index in onNode[node].indices
        where onNode[node][index].shape == Int32(truncatingIfNeeded: shape)
            && onNode[node][index].isTerminating == isTerminating
        {
            onNode[node][index].count -= 1
            if onNode[node][index].count == 0 {
                onNode[node].swapAt(index, onNode[node].count - 1)
                onNode[node].removeLast()
            }
            return
        }
        assertionFailure("a pod that is not on the node was removed")
    }
}
