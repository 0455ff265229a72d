/// Pods that found no node, until one changes for the better.
///
/// Pods of one shape get the same answer from the same cluster, so when a node frees something only the first of each
/// shape that would fit there is tried again; the next follows if that one is placed. The placements are those of
/// trying them all, as kube-scheduler does; `attempts` counts the tries that were made.
struct UnschedulablePods: Sendable {
    /// Waiting pods of each shape, first in, first out.
    private var byShape: [PodLine] = []
    /// Shapes with waiting pods, in no order; `placeOfShape` finds a shape in it.
    private(set) var waitingShapes: [Int] = []
    private var placeOfShape: [Int] = []
    private(set) var pinned: [SchedulingQueue.Entry] = []
    private(set) var count = 0

    mutating func reserve(shapes: Int) {
        while byShape.count < shapes {
            byShape.append(PodLine())
            placeOfShape.append(-1)
        }
    }

    /// Adds a pod behind the others of its shape, or before them when it is the one that was tried again.
    mutating func park(_ entry: SchedulingQueue.Entry, first: Bool) {
        count += 1
        if entry.pinnedPosition >= 0 {
            pinned.append(entry)
            return
        }
        if byShape[entry.shape].isEmpty {
            placeOfShape[entry.shape] = waitingShapes.count
            waitingShapes.append(entry.shape)
        }
        if first { byShape[entry.shape].prepend(entry) } else { byShape[entry.shape].append(entry) }
    }

    /// Takes the first waiting pod of a shape.
    mutating func takeFirst(ofShape shape: Int) -> SchedulingQueue.Entry? {
        guard let entry = byShape[shape].takeFirst() else { return nil }
        count -= 1
        if byShape[shape].isEmpty {
            let place = placeOfShape[shape]
            waitingShapes.swapAt(place, waitingShapes.count - 1)
            placeOfShape[waitingShapes[place]] = place
            waitingShapes.removeLast()
            placeOfShape[shape] = -1
        }
        return entry
    }

    /// Takes the pods that may only go to the node at `position`.
    mutating func takePinned(to position: Int) -> [SchedulingQueue.Entry] {
        guard pinned.contains(where: { $0.pinnedPosition == position }) else { return [] }
        let taken = pinned.filter { $0.pinnedPosition == position }
        pinned.removeAll { $0.pinnedPosition == position }
        count -= taken.count
        return taken
    }
}

/// A line of pods: cheap at both ends.
private struct PodLine: Sendable {
    private var entries: [SchedulingQueue.Entry] = []
    private var head = 0

    var isEmpty: Bool { head == entries.count }

    mutating func append(_ entry: SchedulingQueue.Entry) { entries.append(entry) }

    mutating func prepend(_ entry: SchedulingQueue.Entry) {
        if head > 0 {
            head -= 1
            entries[head] = entry
        } else {
            entries.insert(entry, at: 0)
        }
    }

    mutating func takeFirst() -> SchedulingQueue.Entry? {
        guard head < entries.count else { return nil }
        let entry = entries[head]
        head += 1
        if head == entries.count || head > 1024 && head > entries.count / 2 {
            entries.removeFirst(head)
            head = 0
        }
        return entry
    }
}
