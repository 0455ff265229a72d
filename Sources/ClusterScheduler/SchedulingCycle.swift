package import Primitives
import WorkloadModel

/// What a cycle looked at.
package struct CycleCounts: Hashable, Sendable {
    /// Nodes that passed every filter and were kept.
    package var feasible = 0
    /// Nodes that were examined, those that passed included.
    package var evaluated = 0
}

/// Memory of a cycle that serves again.
struct CycleBuffers: Sendable {
    /// Positions to evaluate.
    var dirty: [UInt32] = []
    /// Nodes that passed, in visiting order.
    var feasible: [UInt32] = []
    var totals: [Int64] = []
    var scores: [Int64] = []
}

// MARK: One scheduling cycle

extension Scheduler {
    /// The node for a pod of `shape`, or nil when none passes. Nothing is taken yet: see `assume`.
    ///
    /// - Parameters:
    ///   - pinnedPosition: the only position that it may go to, or -1.
    ///   - pod: the caller's number, by which its own nomination is known.
    package mutating func selectNode(
        shape: Int, pinnedPosition: Int = -1, pod number: UInt32? = nil
    ) -> NodeIndex? {
        lastCycle = CycleCounts()
        let pod = shapes[shape]
        guard pod.profile >= 0, cluster.nodeCount > 0 else { return nil }
        // Taken out while it is brought up to date, so that its array is never copied.
        var table = ShapeScores()
        swap(&table, &scores[shape])
        update(&table, for: pod)
        let winner = select(pod, pinnedPosition, number, &table)
        swap(&table, &scores[shape])
        return winner.map { order.nodes[$0] }
    }

    private mutating func select(
        _ pod: PodRequest, _ pinned: Int, _ number: UInt32?, _ table: inout ShapeScores
    ) -> Int? {
        let plugins = profiles[pod.profile]
        let restriction = restriction(pod, pinned, table)
        if case .refused = restriction { return nil }
        let active = table.clusterFilters.filter {
            plugins.filters[$0].applies(to: pod, in: cluster)
        }
        let blocked = nominations.isEmpty ? [] : block(&table, pod, number, active)
        defer { for entry in blocked { table.scores[entry.position] = entry.score } }
        var failedNominated = -1
        if let number, let own = nomination(of: number) {
            let position = order.positions[own.node.position]
            if passes(position, pod, table, active) {
                lastCycle = CycleCounts(feasible: 1, evaluated: 1)
                return position
            }
            failedNominated = position
        }
        if case .allNodes = restriction, active.isEmpty,
            table.windowed.allSatisfy({
                !plugins.scores[$0].plugin.applies(to: pod, in: cluster)
            })
        {
            return selectRemembered(pod, table, failedNominated)
        }
        let candidates: [UInt32]?
        if case .only(let positions) = restriction {
            candidates = positions
        } else {
            candidates = nil
        }
        let examined = findFeasible(pod, table, active, candidates, failedNominated)
        selection.advance(by: examined, of: cluster.nodeCount)
        lastCycle = CycleCounts(feasible: buffers.feasible.count, evaluated: examined)
        guard buffers.feasible.count > 1 else { return buffers.feasible.first.map { Int($0) } }
        score(pod, table)
        return chooseBest()
    }

    /// The fast way: remembered scores are the whole answer.
    private mutating func selectRemembered(
        _ pod: PodRequest, _ table: borrowing ShapeScores, _ failedNominated: Int
    ) -> Int? {
        let plugins = profiles[pod.profile]
        let wanted =
            plugins.scores.isEmpty
            ? 1
            : NodeSelection.wantedCount(
                of: cluster.nodeCount, percentage: plugins.percentageOfNodesToScore)
        let start = selection.nextStart
        var chooser: (([Int]) -> Int)?
        var stream = random
        switch settings.tieRule {
        case .heap: break
        case .first: chooser = { $0.min() ?? 0 }
        case .name:
            let names = cluster.nameRanks
            chooser = { $0.min { names[$0] < names[$1] } ?? 0 }
        case .random:
            chooser = { $0[Int(stream.below(UInt64($0.count)))] }
        }
        defer { random = stream }
        let outcome = selection.select(table.scores, wanted: wanted, choose: chooser)
        lastCycle = CycleCounts(
            feasible: outcome.passed, evaluated: outcome.passed + outcome.refused)
        if failedNominated >= 0 {
            let offset = (failedNominated - start + cluster.nodeCount) % cluster.nodeCount
            if offset >= lastCycle.evaluated {
                lastCycle.evaluated += 1
                selection.advance(by: 1, of: cluster.nodeCount)
            }
        }
        return outcome.winner
    }

    /// What PreFilter plugins leave over.
    private func restriction(
        _ pod: PodRequest, _ pinned: Int, _ table: borrowing ShapeScores
    ) -> PreFilterAnswer {
        if pinned >= 0 { return .only([UInt32(pinned)]) }
        guard table.hasPreFilters else { return .allNodes }
        var result: [UInt32]?
        for filter in profiles[pod.profile].filters where filter.applies(to: pod, in: cluster) {
            switch filter.preFilter(pod, in: cluster) {
            case .allNodes: continue
            case .refused(let refusal): return .refused(refusal)
            case .only(let positions):
                result = result.map { $0.filter(positions.contains) } ?? positions
            }
        }
        return result.map { .only($0) } ?? .allNodes
    }

    /// Evaluates the nodes that changed since the table was asked last.
    private mutating func update(_ table: inout ShapeScores, for pod: PodRequest) {
        let plugins = profiles[pod.profile]
        if table.scores.isEmpty {
            table = makeTable(pod)
            buffers.dirty = Array(0..<UInt32(cluster.nodeCount))
        } else if table.seen != log.count {
            log.collectChanges(since: table.seen, into: &buffers.dirty)
        } else {
            return
        }
        table.seen = log.count
        for position in buffers.dirty { table.scores[Int(position)] = 0 }
        for index in table.nodeFilters {
            plugins.filters[index].noteRefusals(
                of: pod, buffers.dirty, scores: table.scores, in: &cluster)
            plugins.filters[index].refuse(
                pod, buffers.dirty, in: cluster, scores: &table.scores)
        }
        for index in table.separable {
            plugins.scores[index].plugin.rank(
                pod, buffers.dirty, in: cluster,
                weight: Int16(truncatingIfNeeded: plugins.scores[index].weight),
                scores: &table.scores)
        }
    }

    private func makeTable(_ pod: PodRequest) -> ShapeScores {
        let plugins = profiles[pod.profile]
        var table = ShapeScores()
        table.scores = Array(repeating: -1, count: cluster.nodeCount)
        for (index, filter) in plugins.filters.enumerated() {
            switch type(of: filter).reach {
            case .cluster: table.clusterFilters.append(index)
            case .node:
                if filter.applies(to: pod, in: cluster) { table.nodeFilters.append(index) }
            }
        }
        table.hasPreFilters = table.nodeFilters.contains {
            if case .allNodes = plugins.filters[$0].preFilter(pod, in: cluster) { return false }
            return true
        }
        var sum: Int64 = 0
        for (index, score) in plugins.scores.enumerated() where score.weight != 0 {
            guard score.plugin.isSeparable(for: pod, in: cluster) else {
                table.windowed.append(index)
                continue
            }
            guard score.plugin.applies(to: pod, in: cluster) else { continue }
            sum += score.weight * 100
            table.separable.append(index)
        }
        // Larger sums than 16 bits hold are worked out in each cycle.
        if sum > Int64(Int16.max) {
            table.windowed = plugins.scores.indices.filter { plugins.scores[$0].weight != 0 }
            table.separable = []
        }
        for index in table.windowed {
            let plugin = plugins.scores[index].plugin
            let isKept = type(of: plugin).isFixed && plugin.applies(to: pod, in: cluster)
            table.fixedScores.append(isKept ? fixedScores(plugin, pod) : [])
        }
        return table
    }

    private func fixedScores(_ plugin: any ScorePlugin, _ pod: PodRequest) -> [Int32] {
        (0..<cluster.nodeCount).map {
            Int32(truncatingIfNeeded: plugin.score(pod, at: $0, in: cluster))
        }
    }

    // MARK: Nodes that pass

    /// Fills `buffers.feasible` in visiting order; returns how many nodes were examined.
    private mutating func findFeasible(
        _ pod: PodRequest, _ table: borrowing ShapeScores, _ active: [Int],
        _ candidates: [UInt32]?, _ failedNominated: Int
    ) -> Int {
        buffers.feasible.removeAll(keepingCapacity: true)
        let plugins = profiles[pod.profile]
        let count = candidates?.count ?? cluster.nodeCount
        guard count > 0 else { return failedNominated >= 0 ? 1 : 0 }
        let wanted =
            plugins.scores.isEmpty
            ? 1
            : NodeSelection.wantedCount(
                of: count, percentage: plugins.percentageOfNodesToScore)
        let start = selection.nextStart % count
        var window = FeasibleWindow(wanted: wanted)
        swap(&window.feasible, &buffers.feasible)
        if let candidates {
            for offset in 0..<count where !window.isFull {
                let position = Int(candidates[(start + offset) % count])
                window.add(position, passes: passes(position, pod, table, active))
            }
        } else {
            let filters = active.map { plugins.filters[$0] }
            scan(&window, start..<count, pod, table, filters)
            if !window.isFull { scan(&window, 0..<start, pod, table, filters) }
        }
        swap(&window.feasible, &buffers.feasible)
        var examined = window.examined
        if failedNominated >= 0 {
            let place =
                candidates.map { $0.firstIndex(of: UInt32(failedNominated)) ?? count }
                ?? failedNominated
            if place >= count || (place - start + count) % count >= window.examined {
                examined += 1
            }
        }
        return examined
    }

    /// Goes on over a range of positions in blocks of 64: one question to each filter for each block.
    private func scan(
        _ window: inout FeasibleWindow, _ range: Range<Int>, _ pod: PodRequest,
        _ table: borrowing ShapeScores, _ filters: [any FilterPlugin]
    ) {
        var start = range.lowerBound
        while start < range.upperBound, !window.isFull {
            let end = min(start + 64, range.upperBound)
            var passing: UInt64 = 0
            for position in start..<end where table.scores[position] >= 0 {
                passing |= 1 << UInt64(position - start)
            }
            for filter in filters where passing != 0 {
                filter.refuse(pod, from: start, in: cluster, passing: &passing)
            }
            window.add(from: start, count: end - start, passing: passing)
            start = end
        }
    }

    /// Whether the node at a position passes every filter, nominated pods aside.
    private func passes(
        _ position: Int, _ pod: PodRequest, _ table: borrowing ShapeScores, _ active: [Int]
    ) -> Bool {
        guard table.scores[position] >= 0 else { return false }
        for index in active
        where !profiles[pod.profile].filters[index].passes(pod, at: position, in: cluster) {
            return false
        }
        return true
    }

    /// Refuses those nodes that do not pass once the pods nominated to them are there; returns what to put back.
    private mutating func block(
        _ table: inout ShapeScores, _ pod: PodRequest, _ number: UInt32?, _ active: [Int]
    ) -> [(position: Int, score: Int16)] {
        var blocked: [(position: Int, score: Int16)] = []
        for position in nominatedPositions(for: pod, number: number)
        where table.scores[position] >= 0 {
            let filters = (table.nodeFilters + active).map { profiles[pod.profile].filters[$0] }
            let passes = withNominated(at: position, for: pod, number: number) { cluster in
                filters.allSatisfy { $0.passes(pod, at: position, in: cluster) }
            }
            guard !passes else { continue }
            blocked.append((position, table.scores[position]))
            table.scores[position] = -1
        }
        return blocked
    }

    /// Asks something of the cluster as if the pods nominated to a node were on it.
    mutating func withNominated<Answer>(
        at position: Int, for pod: PodRequest, number: UInt32?,
        _ ask: (borrowing ClusterSnapshot) -> Answer
    ) -> Answer {
        let added = nominations.filter {
            $0.pod != number && order.positions[$0.node.position] == position
                && shapes[$0.shape.position].priority >= pod.priority
        }.map { shapes[$0.shape.position] }
        let ports = cluster.nodes.ports[position]
        for nominated in added { cluster.add(nominated, at: position) }
        let answer = ask(cluster)
        for nominated in added { cluster.remove(nominated, at: position) }
        cluster.nodes.restorePorts(ports, at: position)
        return answer
    }

    // MARK: Scoring what passed

    /// Fills `buffers.totals` for the nodes in `buffers.feasible`.
    private mutating func score(_ pod: PodRequest, _ table: borrowing ShapeScores) {
        let plugins = profiles[pod.profile]
        let feasible = buffers.feasible
        var totals: [Int64] = []
        var scores: [Int64] = []
        swap(&totals, &buffers.totals)
        swap(&scores, &buffers.scores)
        totals.removeAll(keepingCapacity: true)
        table.scores.withUnsafeBufferPointer { remembered in
            for position in feasible { totals.append(Int64(remembered[Int(position)])) }
        }
        for (number, index) in table.windowed.enumerated() {
            let entry = plugins.scores[index]
            guard entry.plugin.applies(to: pod, in: cluster) else { continue }
            if scores.count != feasible.count {
                scores = Array(repeating: 0, count: feasible.count)
            }
            if table.fixedScores[number].isEmpty {
                entry.plugin.score(pod, at: feasible, in: cluster, into: &scores)
            } else {
                gather(table.fixedScores[number], at: feasible, into: &scores)
            }
            entry.plugin.normalize(&scores, of: pod, at: feasible, in: cluster)
            accumulate(entry.weight, times: scores, into: &totals)
        }
        swap(&totals, &buffers.totals)
        swap(&scores, &buffers.scores)
    }

    /// The winner among `buffers.feasible` by `buffers.totals`.
    private mutating func chooseBest() -> Int? {
        guard !buffers.totals.isEmpty else { return nil }
        let best = largest(buffers.totals)
        switch settings.tieRule {
        case .heap:
            let rank = buffers.totals.withUnsafeBufferPointer { totals in
                var winner = 0
                var winnerPlace = UInt64.max
                for rank in totals.indices where totals[rank] == best {
                    let place = preorderPlace(rank)
                    if place < winnerPlace {
                        winnerPlace = place
                        winner = rank
                    }
                }
                return winner
            }
            return Int(buffers.feasible[rank])
        case .first, .name, .random:
            var ties: [Int] = []
            for (rank, total) in buffers.totals.enumerated() where total == best {
                ties.append(Int(buffers.feasible[rank]))
            }
            return breakTie(ties)
        }
    }

    private mutating func breakTie(_ ties: [Int]) -> Int? {
        switch settings.tieRule {
        case .heap, .first: return ties.min()
        case .name:
            let names = cluster.nameRanks
            return ties.min { names[$0] < names[$1] }
        case .random: return ties.count == 1 ? ties[0] : ties[Int(random.below(UInt64(ties.count)))]
        }
    }
}

private func gather(_ column: [Int32], at positions: [UInt32], into scores: inout [Int64]) {
    column.withUnsafeBufferPointer { column in
        scores.withUnsafeMutableBufferPointer { scores in
            for index in positions.indices { scores[index] = Int64(column[Int(positions[index])]) }
        }
    }
}

private func accumulate(_ weight: Int64, times scores: [Int64], into totals: inout [Int64]) {
    scores.withUnsafeBufferPointer { scores in
        totals.withUnsafeMutableBufferPointer { totals in
            for index in totals.indices { totals[index] &+= weight &* scores[index] }
        }
    }
}

private func largest(_ totals: [Int64]) -> Int64 {
    totals.withUnsafeBufferPointer { totals in
        var best = Int64.min
        for total in totals { best = max(best, total) }
        return best
    }
}
