/// Pods that are in a scheduling cycle, and the events since the first of them was taken off the queue.
///
/// An event that comes while a pod's cycle runs may be what the cycle did not see; when the pod fails, it is held against
/// those events. Source: k/k pkg/scheduler/backend/queue/active_queue.go, inFlightPods and inFlightEvents.
struct InFlightLog: Sendable {
    private var events: [ClusterEvent] = []
    /// Number of the first event that is kept.
    private var firstKept = 0
    /// In the order in which they were taken off the queue; there are few.
    private(set) var pods: [(pod: UInt32, firstEvent: Int)] = []

    mutating func begin(_ pod: UInt32) { pods.append((pod, firstKept + events.count)) }

    /// Forgets a pod, and events that no other pod needs.
    mutating func end(_ pod: UInt32) {
        guard let place = pods.firstIndex(where: { $0.pod == pod }) else { return }
        pods.remove(at: place)
        guard !events.isEmpty else { return }
        let needed = pods.first?.firstEvent ?? firstKept + events.count
        guard needed > firstKept else { return }
        events.removeFirst(needed - firstKept)
        firstKept = needed
    }

    /// Keeps an event if some pod is in its cycle.
    mutating func log(_ event: ClusterEvent) {
        if !pods.isEmpty { events.append(event) }
    }

    /// What happened since the pod's cycle began.
    func events(since pod: UInt32) -> ArraySlice<ClusterEvent> {
        guard let entry = pods.first(where: { $0.pod == pod }) else { return [] }
        return events[(entry.firstEvent - firstKept)...]
    }
}
