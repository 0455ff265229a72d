import Primitives

/// What one zone is worth to one list of requests, 0 to 100 where the inputs are sane.
///
/// Source: scheduler-plugins pkg/noderesourcetopology/{least,most}_allocated.go, balanced_allocation.go.
enum ZoneScore {
    static func score<Amount: ZoneAmount>(
        _ strategy: TopologyScoringStrategy, _ requests: [TopologyPod<Amount>.Request], row: Int,
        _ topology: PublishedTopology<Amount>, _ weights: ResourceWeights
    ) throws(TopologyPanic) -> Int64 {
        if strategy == .balancedAllocation { return balanced(requests, row: row, topology) }
        guard !requests.isEmpty else { throw .divisionByZero }
        var sum: Int64 = 0
        var total: Int64 = 0
        for request in requests {
            let weight = weights.weight(of: request.resource)
            let score = try score(
                strategy, request, available: available(request, row: row, topology))
            sum &+= weight &* score
            total &+= weight
        }
        return sum / total
    }

    private static func available<Amount: ZoneAmount>(
        _ request: TopologyPod<Amount>.Request, row: Int, _ topology: PublishedTopology<Amount>
    ) -> Amount {
        topology.available(request.resource, row: row) ?? .zero
    }

    private static func score<Amount: ZoneAmount>(
        _ strategy: TopologyScoringStrategy, _ request: TopologyPod<Amount>.Request,
        available: Amount
    ) throws(TopologyPanic) -> Int64 {
        if available.isZero || available < request.amount { return 0 }
        let isCPU = request.traits.isCPU
        let capacity = available.wholeUnits(isCPU: isCPU)
        let wanted = request.amount.wholeUnits(isCPU: isCPU)
        guard capacity != 0 else { throw .divisionByZero }
        let share = strategy == .leastAllocated ? capacity &- wanted : wanted
        return (share &* 100) / capacity
    }

    /// 100 less the variance of the used fractions; not a number, as Go converts it, for fewer than two of them.
    private static func balanced<Amount: ZoneAmount>(
        _ requests: [TopologyPod<Amount>.Request], row: Int, _ topology: PublishedTopology<Amount>
    ) -> Int64 {
        var sum = 0.0
        for request in requests {
            let fraction = fraction(request, row: row, topology)
            if fraction > 1 { return 0 }
            sum += fraction
        }
        let count = Double(requests.count)
        let mean = sum / count
        var squares = 0.0
        var compensation = 0.0
        for request in requests {
            let deviation = fraction(request, row: row, topology) - mean
            squares += deviation * deviation
            compensation += deviation
        }
        let variance = (squares - compensation * compensation / count) / (count - 1)
        return Int64(asGo: (1 - variance) * 100)
    }

    private static func fraction<Amount: ZoneAmount>(
        _ request: TopologyPod<Amount>.Request, row: Int, _ topology: PublishedTopology<Amount>
    ) -> Double {
        let isCPU = request.traits.isCPU
        let capacity = available(request, row: row, topology).wholeUnits(isCPU: isCPU)
        guard capacity != 0 else { return 1 }
        return Double(request.amount.wholeUnits(isCPU: isCPU)) / Double(capacity)
    }
}

extension Int64 {
    /// Truncates; what is out of range becomes the least integer, as Go does on amd64.
    init(asGo number: Double) {
        self = number > -0x1p63 && number < 0x1p63 ? Int64(number) : .min
    }
}
