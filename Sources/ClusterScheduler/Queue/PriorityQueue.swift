/// Pods that wait for a scheduling cycle: ready, backing off, or until something happens.
///
/// Source: k/k pkg/scheduler/backend/queue/scheduling_queue.go, PriorityQueue of 1.36, with its event log and
/// PopFromBackoffQ. Times are nanoseconds of simulated time.
package struct PriorityQueue: Sendable {
    /// What is remembered of a pod that failed, or that a gate keeps out.
    private struct History: Sendable, BitwiseCopyable {
        var pod: QueuedPod
        var unschedulablePlugins = PluginSet()
        var pendingPlugins = PluginSet()
        var unschedulableCount: UInt32 = 0
        var consecutiveErrors: UInt32 = 0
        /// -1 as long as nobody asked.
        var expiry: Int64 = -1
        /// Place among the unschedulable pods, -1 elsewhere.
        var group: Int32 = -1
        var place: Int32 = -1

        init(_ pod: QueuedPod) { self.pod = pod }
    }

    /// Answers for a shape, its refusing plugins and an event what becomes of pods that wait for it. The last argument
    /// says whether the pod's cycle ran while it happened.
    package typealias HintSource = (Int32, PluginSet, PluginSet, ClusterEvent, Bool) ->
        QueueingStrategy

    package let rule: BackoffRule
    package let discipline: QueueDiscipline
    /// With `.fcfs` the pod that found no node and keeps all others waiting, and whether it may be tried again.
    private var head: QueuedPod?
    private var mayRetryHead = false
    private var active = Heap<QueuedPod>()
    private var backoff = Heap<BackingOffPod>()
    private var errorBackoff = Heap<BackingOffPod>()
    private var unschedulable = UnschedulablePods()
    private var gated: [QueuedPod] = []
    private var inFlight = InFlightLog()
    private var histories: [History] = []
    private var freeHistories: [Int32] = []
    /// Unschedulable pods as they failed; those that left, or failed again, are passed over.
    private var failures: [(history: Int32, sequence: UInt64)] = []
    private var firstFailure = 0
    private var nextSequence: UInt64 = 0

    package init(
        rule: BackoffRule = BackoffRule(), discipline: QueueDiscipline = .priority
    ) {
        self.rule = rule
        self.discipline = discipline
    }

    /// A cycle can begin.
    package var hasPods: Bool {
        head == nil ? !active.isEmpty || !backoff.isEmpty : mayRetryHead
    }
    package var unschedulableCount: Int { unschedulable.count + (head == nil ? 0 : 1) }
    package var gatedCount: Int { gated.count }
    package var isIdle: Bool { unschedulableCount == 0 && inFlight.pods.isEmpty }

    private mutating func takeSequence() -> UInt64 {
        defer { nextSequence += 1 }
        return nextSequence
    }

    package mutating func add(_ pod: QueuedPod, isGated: Bool = false) {
        var pod = pod
        pod.sequence = takeSequence()
        if discipline == .fcfs { pod.priority = 0 }
        if isGated { gated.append(pod) } else { active.push(pod) }
    }

    /// The next pod; its cycle begins. With nothing active, one whose backoff is not over.
    package mutating func pop() -> QueuedPod? {
        guard var pod = nextInTurn() else { return nil }
        pod.attempts += 1
        if pod.history >= 0 {
            let history = Int(pod.history)
            histories[history].unschedulablePlugins = PluginSet()
            histories[history].pendingPlugins = PluginSet()
            histories[history].expiry = -1
        }
        inFlight.begin(pod.pod)
        return pod
    }

    private mutating func nextInTurn() -> QueuedPod? {
        guard let first = head else { return active.pop() ?? backoff.pop()?.pod }
        guard mayRetryHead else { return nil }
        head = nil
        return first
    }

    /// The pod was deleted while it waited: it keeps nobody any longer.
    package mutating func withdraw(_ pod: UInt32) {
        if head?.pod == pod { mayRetryHead = true }
    }

    /// The pod found its node, or is gone: nothing of it is kept.
    package mutating func done(_ pod: QueuedPod) {
        inFlight.end(pod.pod)
        if pod.history >= 0 { freeHistories.append(pod.history) }
    }

    /// The cycle of a pod found no node, or, without any plugin, failed by an error.
    package mutating func failed(
        _ pod: QueuedPod, unschedulable plugins: PluginSet, pending: PluginSet, at time: Int64,
        hints: HintSource
    ) {
        if discipline == .fcfs {
            // It keeps its place: neither its time nor its sequence changes.
            mayRetryHead = !inFlight.events(since: pod.pod).isEmpty
            head = pod
            return inFlight.end(pod.pod)
        }
        var pod = pod
        let index = history(for: &pod)
        pod.timestamp = time
        pod.sequence = takeSequence()
        histories[index].pod = pod
        histories[index].unschedulablePlugins = plugins
        histories[index].pendingPlugins = pending
        var strategy = QueueingStrategy.afterBackoff
        if plugins.union(pending).isEmpty {
            histories[index].consecutiveErrors += 1
        } else {
            histories[index].consecutiveErrors = 0
            histories[index].unschedulableCount += 1
            strategy = strategyAfterEvents(of: histories[index], hints)
        }
        inFlight.end(pod.pod)
        requeue(index, strategy, at: time)
    }

    private mutating func history(for pod: inout QueuedPod) -> Int {
        if pod.history >= 0 { return Int(pod.history) }
        if let free = freeHistories.popLast() {
            pod.history = free
            histories[Int(free)] = History(pod)
            return Int(free)
        }
        pod.history = Int32(histories.count)
        histories.append(History(pod))
        return histories.count - 1
    }

    /// What events during the pod's cycle ask for.
    private func strategyAfterEvents(of pod: History, _ hints: HintSource) -> QueueingStrategy {
        var strategy = QueueingStrategy.skip
        for event in inFlight.events(since: pod.pod.pod) {
            switch hints(
                pod.pod.shape, pod.unschedulablePlugins, pod.pendingPlugins, event, true)
            {
            case .skip: continue
            case .immediately: return .immediately
            case .afterBackoff: strategy = .afterBackoff
            }
        }
        return strategy
    }

    private mutating func requeue(_ index: Int, _ strategy: QueueingStrategy, at time: Int64) {
        let pod = histories[index].pod
        if histories[index].expiry < 0 {
            let errors = histories[index].consecutiveErrors
            histories[index].expiry = rule.expiry(
                timestamp: pod.timestamp,
                failures: errors > 0 ? errors : histories[index].unschedulableCount)
        }
        let expiry = histories[index].expiry
        switch strategy {
        case .skip:
            let place = unschedulable.add(
                Int32(index), shape: pod.shape,
                unschedulable: histories[index].unschedulablePlugins,
                pending: histories[index].pendingPlugins)
            histories[index].group = place.group
            histories[index].place = place.place
            failures.append((Int32(index), pod.sequence))
        case .afterBackoff where rule.isBackingOff(expiry: expiry, at: time):
            let isError = histories[index].unschedulablePlugins.union(
                histories[index].pendingPlugins
            ).isEmpty
            let entry = BackingOffPod(pod: pod, expiry: expiry)
            if isError { errorBackoff.push(entry) } else { backoff.push(entry) }
        case .afterBackoff, .immediately: active.push(pod)
        }
    }

    // MARK: Events

    /// Something happened: asks the hints of every group, and keeps it in mind for pods whose cycle runs.
    package mutating func note(_ event: ClusterEvent, at time: Int64, hints: HintSource) {
        if head != nil { mayRetryHead = true }
        // From the back: a group that is emptied has the last one put in its place.
        for place in unschedulable.waiting.indices.reversed() {
            let group = Int(unschedulable.waiting[place])
            let strategy = strategy(ofGroup: group, event, hints)
            guard strategy != .skip else { continue }
            for history in unschedulable.removeAll(ofGroup: Int32(group)) {
                histories[Int(history)].group = -1
                requeue(Int(history), strategy, at: time)
            }
        }
        inFlight.log(event)
    }

    private mutating func strategy(
        ofGroup group: Int, _ event: ClusterEvent, _ hints: HintSource
    ) -> QueueingStrategy {
        var index = -1
        switch event {
        case .assignedPodAdd(let shape): index = 2 * Int(shape)
        case .assignedPodDelete(let shape): index = 2 * Int(shape) + 1
        default: break
        }
        if index >= 0, index < unschedulable.groups[group].answers.count,
            let known = unschedulable.groups[group].answers[index]
        {
            return known
        }
        let waiting = unschedulable.groups[group]
        let answer = hints(waiting.shape, waiting.unschedulable, waiting.pending, event, false)
        if index >= 0 { unschedulable.remember(answer, at: index, ofGroup: group) }
        return answer
    }

    // MARK: Time

    /// Pods whose backoff is over become active; happens at every whole second.
    package mutating func flushBackoff(at time: Int64) {
        while let first = backoff.first, !rule.isBackingOff(expiry: first.expiry, at: time) {
            _ = backoff.pop()
            active.push(first.pod)
        }
        while let first = errorBackoff.first, !rule.isBackingOff(expiry: first.expiry, at: time) {
            _ = errorBackoff.pop()
            active.push(first.pod)
        }
    }

    /// When `flushBackoff` has something to do, nil as long as nothing backs off.
    package var nextBackoffFlush: Int64? {
        let expiries = [backoff.first?.expiry, errorBackoff.first?.expiry].compactMap { $0 }
        return expiries.min().map { $0 + BackoffRule.window }
    }

    /// Pods that waited too long among the unschedulable ones are tried again. A gated one that did moves nothing, but
    /// pods whose cycle runs are told all the same.
    package mutating func flushLeftover(at time: Int64) {
        var isAnyLate = gated.first.map { time - $0.timestamp > rule.longestUnschedulable } ?? false
        while let oldest = oldestFailure(), time - oldest.timestamp > rule.longestUnschedulable {
            isAnyLate = true
            let index = Int(failures[firstFailure].history)
            leaveUnschedulable(index)
            requeue(index, .afterBackoff, at: time)
        }
        if isAnyLate { inFlight.log(.unschedulableTimeout) }
    }

    /// When `flushLeftover` next moves a pod, if nothing else does before: it runs at every multiple of 30 s.
    package mutating func nextLeftoverFlush() -> Int64? {
        guard let oldest = oldestFailure() else { return nil }
        let period = BackoffRule.leftoverPeriod
        return ((oldest.timestamp + rule.longestUnschedulable) / period + 1) * period
    }

    /// The pod that has been unschedulable for the longest time.
    private mutating func oldestFailure() -> QueuedPod? {
        while firstFailure < failures.count {
            let entry = failures[firstFailure]
            let history = histories[Int(entry.history)]
            if history.group >= 0, history.pod.sequence == entry.sequence { return history.pod }
            firstFailure += 1
            if firstFailure > 4096, firstFailure > failures.count / 2 {
                failures.removeFirst(firstFailure)
                firstFailure = 0
            }
        }
        failures.removeAll(keepingCapacity: true)
        firstFailure = 0
        return nil
    }

    private mutating func leaveUnschedulable(_ index: Int) {
        let group = histories[index].group
        let place = histories[index].place
        histories[index].group = -1
        if let moved = unschedulable.remove(group: group, place: place) {
            histories[Int(moved)].place = place
        }
    }
}

// MARK: What is where

extension PriorityQueue {
    /// Pods of each part, in the order in which they would leave it.
    ///
    /// - Complexity: O(pods log pods); for reports and tests.
    package var activePods: [QueuedPod] { active.elements.sorted { $0.precedes($1) } }

    package var backoffPods: [(pod: QueuedPod, expiry: Int64)] {
        backoff.elements.sorted { $0.precedes($1) }.map { ($0.pod, $0.expiry) }
    }

    package var errorBackoffPods: [(pod: QueuedPod, expiry: Int64)] {
        errorBackoff.elements.sorted { $0.precedes($1) }.map { ($0.pod, $0.expiry) }
    }

    /// Gated pods first; they have no expiry.
    package var unschedulablePods: [(pod: QueuedPod, expiry: Int64?)] {
        var pods: [(pod: QueuedPod, expiry: Int64?)] = gated.map { ($0, nil) }
        for group in unschedulable.groups {
            for history in group.members {
                pods.append((histories[Int(history)].pod, histories[Int(history)].expiry))
            }
        }
        return pods
    }

    /// The callers' numbers of pods whose cycle runs.
    package var inFlightPods: [UInt32] { inFlight.pods.map(\.pod) }
}
