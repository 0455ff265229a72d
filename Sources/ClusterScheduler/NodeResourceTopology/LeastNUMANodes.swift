import Primitives

/// The score that counts how many NUMA nodes a pod needs, and whether they are as close as that many can be.
///
/// Source: scheduler-plugins pkg/noderesourcetopology/least_numa.go.
enum LeastNUMANodes {
    static func scoreOfPod<Amount: ZoneAmount>(
        _ pod: TopologyPod<Amount>, _ topology: PublishedTopology<Amount>
    ) throws(TopologyPanic) -> Int64 {
        let layout = topology.layout
        guard isListed(pod.effective, layout) else { return 100 }
        guard let choice = choose(pod.effective, layout, topology.amounts) else { return 0 }
        return score(
            count: choice.ids.count, isClosest: choice.isClosest, topology.configuration)
    }

    /// Each container takes its requests before the next one chooses; init containers never give theirs back.
    static func scoreOfContainers<Amount: ZoneAmount>(
        _ pod: TopologyPod<Amount>, _ topology: PublishedTopology<Amount>
    ) throws(TopologyPanic) -> Int64 {
        let layout = topology.layout
        var amounts = topology.amounts
        var most = 0
        var areClosest = true
        for container in pod.containers where isListed(container.requests, layout) {
            guard let choice = choose(container.requests, layout, amounts) else { return 0 }
            if !choice.isClosest { areClosest = false }
            most = max(most, choice.ids.count)
            try subtract(container.requests, from: choice.ids, layout, &amounts)
        }
        guard most > 0 else { return 100 }
        return score(count: most, isClosest: areClosest, topology.configuration)
    }

    /// A step down for every NUMA node, half a step up where they are closest.
    private static func score(
        count: Int, isClosest: Bool, _ configuration: TopologyManagerConfiguration
    ) -> Int64 {
        let step = 100 / configuration.maximumNUMANodes
        return Int64(100 - count * step + (isClosest ? step / 2 : 0))
    }

    private static func isListed<Amount: ZoneAmount>(
        _ requests: [TopologyPod<Amount>.Request], _ layout: ZoneLayout
    ) -> Bool {
        requests.contains { layout.listsOnNUMA($0.resource) }
    }

    private struct Choice {
        /// Ascending, each once.
        var ids: [Int]
        /// No other zones of that number are closer.
        var isClosest: Bool
    }

    /// The fewest zones that together hold the requests; of equally many the first of the closest.
    private static func choose<Amount: ZoneAmount>(
        _ requests: [TopologyPod<Amount>.Request], _ layout: ZoneLayout, _ amounts: [Amount]
    ) -> Choice? {
        for size in 1...max(1, layout.numaCount) where size <= layout.numaCount {
            let smallest = layout.smallestDistance(of: size)
            var nearest: [Int]?
            var nearestDistance: Float = 256
            var combination = PositionCombination(size: size, of: layout.numaCount)
            repeat {
                guard fits(requests, combination.positions, layout, amounts) else { continue }
                let distance = layout.averageDistance(combination.positions)
                if distance == smallest {
                    return choice(combination.positions, layout, isClosest: true)
                }
                if distance < nearestDistance {
                    nearestDistance = distance
                    nearest = combination.positions
                }
            } while combination.advance()
            if let nearest { return choice(nearest, layout, isClosest: false) }
        }
        return nil
    }

    private static func choice(
        _ positions: [Int], _ layout: ZoneLayout, isClosest: Bool
    ) -> Choice {
        var ids: [Int] = []
        for id in positions.map({ layout.numaIDs[$0] }).sorted() where ids.last != id {
            ids.append(id)
        }
        return Choice(ids: ids, isClosest: isClosest)
    }

    /// Each of the zones lists every resource, and together they have enough.
    private static func fits<Amount: ZoneAmount>(
        _ requests: [TopologyPod<Amount>.Request], _ positions: [Int], _ layout: ZoneLayout,
        _ amounts: [Amount]
    ) -> Bool {
        for request in requests {
            var sum = Amount.zero
            for position in positions {
                let row = layout.numaRows[position]
                guard layout.lists(request.resource, row: row) else { return false }
                sum.add(amounts[row &* layout.resourceCount &+ request.resource.position])
            }
            if !request.amount.isZero, sum < request.amount { return false }
        }
        return true
    }

    /// Takes each request from the zones by ascending id, from each as much as it has. The plugin looks zones up by id
    /// where it means their position.
    private static func subtract<Amount: ZoneAmount>(
        _ requests: [TopologyPod<Amount>.Request], from ids: [Int], _ layout: ZoneLayout,
        _ amounts: inout [Amount]
    ) throws(TopologyPanic) {
        for request in requests {
            var rest = request.amount
            for id in ids {
                if rest.isZero { break }
                guard id < layout.numaCount else { throw .indexOutOfRange }
                let row = layout.numaRows[id]
                guard layout.lists(request.resource, row: row) else { continue }
                let cell = row &* layout.resourceCount &+ request.resource.position
                let available = amounts[cell]
                if rest < available {
                    amounts[cell].subtract(rest)
                    rest = .zero
                } else {
                    amounts[cell] = .zero
                    rest.subtract(available)
                }
            }
        }
    }
}
