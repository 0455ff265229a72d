/// Pods that wait for a scheduling cycle: by priority, then by the time at which they were queued.
///
/// Source: k/k pkg/scheduler/backend/queue, PrioritySort.
package struct SchedulingQueue: Sendable {
    package struct Entry: Sendable {
        /// The caller's number for the pod.
        package var pod: UInt32
        package var shape: Int
        package var priority: Int32
        /// Nanoseconds of simulated time.
        package var timestamp: Int64
        /// Position of the only node it may go to (a DaemonSet's pod), or -1.
        package var pinnedPosition: Int
        fileprivate var sequence: UInt64 = 0

        package init(
            pod: UInt32, shape: Int, priority: Int32, timestamp: Int64, pinnedPosition: Int
        ) {
            self.pod = pod
            self.shape = shape
            self.priority = priority
            self.timestamp = timestamp
            self.pinnedPosition = pinnedPosition
        }

        fileprivate func precedes(_ other: Entry) -> Bool {
            if priority != other.priority { return priority > other.priority }
            if timestamp != other.timestamp { return timestamp < other.timestamp }
            return sequence < other.sequence
        }
    }

    private var heap: [Entry] = []
    private var nextSequence: UInt64 = 0

    package init() {}

    package var isEmpty: Bool { heap.isEmpty }
    package var count: Int { heap.count }

    package mutating func push(_ entry: Entry) {
        var entry = entry
        entry.sequence = nextSequence
        nextSequence += 1
        heap.append(entry)
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard entry.precedes(heap[parent]) else { break }
            heap[child] = heap[parent]
            child = parent
        }
        heap[child] = entry
    }

    package mutating func pop() -> Entry? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return first }
        var hole = 0
        while true {
            var child = 2 * hole + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].precedes(heap[child]) { child += 1 }
            guard heap[child].precedes(last) else { break }
            heap[hole] = heap[child]
            hole = child
        }
        heap[hole] = last
        return first
    }
}
