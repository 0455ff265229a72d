package import Primitives

/// A pod in the scheduler's queue: 40 bytes, since ten million may wait.
package struct QueuedPod: Sendable, BitwiseCopyable {
    /// The caller's number for the pod.
    package var pod: UInt32
    package var shape: Int32
    package var priority: Int32
    /// Position of the only node it may go to (a DaemonSet's pod), or -1.
    package var pinnedPosition: Int32
    /// Nanoseconds of simulated time at which it was queued, or found no node last.
    package var timestamp: Int64
    /// Orders pods of one timestamp.
    var sequence: UInt64 = 0
    /// Position of what is remembered of its failures, -1 before the first.
    var history: Int32 = -1
    /// Cycles so far, with the one it is in.
    package internal(set) var attempts: UInt32 = 0

    package init(
        pod: UInt32, shape: PodShapeIndex, priority: Int32, timestamp: Int64,
        pinnedPosition: Int = -1
    ) {
        self.pod = pod
        self.shape = Int32(truncatingIfNeeded: shape.position)
        self.priority = priority
        self.timestamp = timestamp
        self.pinnedPosition = Int32(truncatingIfNeeded: pinnedPosition)
    }
}

extension QueuedPod: HeapOrdered {
    /// By priority, then by time. (PrioritySort)
    @inline(__always)
    func precedes(_ other: QueuedPod) -> Bool {
        if priority != other.priority { return priority > other.priority }
        if timestamp != other.timestamp { return timestamp < other.timestamp }
        return sequence < other.sequence
    }
}

/// A pod that waits for its backoff to end: by the second in which that is, then as in the active queue.
struct BackingOffPod: HeapOrdered, BitwiseCopyable {
    var pod: QueuedPod
    var expiry: Int64

    @inline(__always)
    func precedes(_ other: BackingOffPod) -> Bool {
        expiry != other.expiry ? expiry < other.expiry : pod.precedes(other.pod)
    }
}

/// Elements that say which of two comes first.
protocol HeapOrdered: Sendable {
    func precedes(_ other: Self) -> Bool
}

/// A binary heap.
struct Heap<Element: HeapOrdered>: Sendable {
    private(set) var elements: [Element] = []

    var isEmpty: Bool { elements.isEmpty }
    var count: Int { elements.count }
    var first: Element? { elements.first }

    mutating func push(_ element: Element) {
        elements.append(element)
        var child = elements.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard element.precedes(elements[parent]) else { break }
            elements[child] = elements[parent]
            child = parent
        }
        elements[child] = element
    }

    mutating func pop() -> Element? {
        guard let first = elements.first, let last = elements.popLast() else { return nil }
        guard !elements.isEmpty else { return first }
        var hole = 0
        while true {
            var child = 2 * hole + 1
            guard child < elements.count else { break }
            if child + 1 < elements.count, elements[child + 1].precedes(elements[child]) {
                child += 1
            }
            guard elements[child].precedes(last) else { break }
            elements[hole] = elements[child]
            hole = child
        }
        elements[hole] = last
        return first
    }
}
