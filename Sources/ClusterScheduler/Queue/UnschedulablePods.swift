/// Pods that found no node, in groups that every hint answers alike: one shape, refused by the same plugins.
///
/// A pod's shape and its refusing plugins are all that a hint reads of it, so one question serves the whole group, and an
/// event costs a question for each group, not for each pod; the pods that move will each be tried, which costs more. The
/// order inside a group says nothing: heaps order what leaves it by priority, timestamp and sequence.
struct UnschedulablePods: Sendable {
    struct Group: Sendable {
        let shape: Int32
        let unschedulable: PluginSet
        let pending: PluginSet
        /// Positions in the queue's table of histories.
        var members: [Int32] = []
        /// Place in `waiting`, -1 when the group is empty.
        var place: Int32 = -1
        /// What hints said about an assigned pod that came or went, by twice its shape, one more where it went.
        var answers: [QueueingStrategy?] = []
    }

    private(set) var groups: [Group] = []
    /// Groups that have members.
    private(set) var waiting: [Int32] = []
    private var groupsOfShape: [[Int32]] = []
    private(set) var count = 0

    /// Adds a pod; gives its group and place there.
    mutating func add(
        _ history: Int32, shape: Int32, unschedulable: PluginSet, pending: PluginSet
    ) -> (group: Int32, place: Int32) {
        let group = group(shape, unschedulable, pending)
        if groups[group].place < 0 {
            groups[group].place = Int32(waiting.count)
            waiting.append(Int32(group))
        }
        groups[group].members.append(history)
        count += 1
        return (Int32(group), Int32(groups[group].members.count - 1))
    }

    private mutating func group(
        _ shape: Int32, _ unschedulable: PluginSet, _ pending: PluginSet
    ) -> Int {
        while groupsOfShape.count <= Int(shape) { groupsOfShape.append([]) }
        for group in groupsOfShape[Int(shape)]
        where groups[Int(group)].unschedulable == unschedulable
            && groups[Int(group)].pending == pending
        {
            return Int(group)
        }
        groupsOfShape[Int(shape)].append(Int32(groups.count))
        groups.append(Group(shape: shape, unschedulable: unschedulable, pending: pending))
        return groups.count - 1
    }

    /// Takes one pod out; gives the one that now has its place, if another moved there.
    mutating func remove(group: Int32, place: Int32) -> Int32? {
        count -= 1
        let last = groups[Int(group)].members.count - 1
        groups[Int(group)].members.swapAt(Int(place), last)
        groups[Int(group)].members.removeLast()
        guard last > 0 else {
            noteEmpty(Int(group))
            return nil
        }
        return Int(place) < last ? groups[Int(group)].members[Int(place)] : nil
    }

    /// Takes all of a group's pods out.
    mutating func removeAll(ofGroup group: Int32) -> [Int32] {
        var members: [Int32] = []
        swap(&members, &groups[Int(group)].members)
        count -= members.count
        if !members.isEmpty { noteEmpty(Int(group)) }
        return members
    }

    private mutating func noteEmpty(_ group: Int) {
        let place = Int(groups[group].place)
        waiting.swapAt(place, waiting.count - 1)
        groups[Int(waiting[place])].place = Int32(place)
        waiting.removeLast()
        groups[group].place = -1
    }

    mutating func remember(_ answer: QueueingStrategy, at index: Int, ofGroup group: Int) {
        while groups[group].answers.count <= index { groups[group].answers.append(nil) }
        groups[group].answers[index] = answer
    }
}

/// Where a pod goes when something happened. (k/k scheduling_queue.go, queueingStrategy)
package enum QueueingStrategy: UInt8, Sendable {
    /// It stays where it is.
    case skip
    /// To the backoff queue, or the active one when its backoff is over.
    case afterBackoff
    /// To the active queue: a plugin that it was only waiting for says so.
    case immediately
}
