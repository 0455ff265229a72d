/// How much GPU is allocated and fragmented as pods arrive, by what has arrived in percent of the cluster's GPUs.
///
/// Source: the published tables of "Beware of Fragmentation" (USENIX ATC 2023): values after each pod, rounded to two
/// decimals and averaged over the pods of one percent; all but the ratio are rounded again.
package struct GPUShareCurve: Hashable, Sendable {
    /// Percent of the cluster's GPUs that arrivals asked for.
    package struct Point: Hashable, Sendable {
        package var arrivedPercent: Int
        /// Percent of the cluster's GPUs that are allocated.
        package var allocatedPercent: Double
        /// Percent of idle GPUs that are fragments.
        package var fragmentRatioPercent: Double
        /// Fragments in percent of the cluster's GPUs.
        package var fragmentPercent: Double
    }

    private struct Sums: Hashable, Sendable {
        var pods = 0
        /// Hundredths of a percent, so that no order of adding shows.
        var allocated: Int64 = 0
        var ratio = 0.0
        var fragment = 0.0
    }

    private let gpuCount: Int
    private var sums: [Sums] = []
    private var arrivedMilli = 0
    private var allocatedMilli = 0

    package init(gpuCount: Int) { self.gpuCount = gpuCount }

    /// Counts one pod that arrived, and what the cluster is like after it.
    package mutating func add(
        _ request: GPUShareRequest, isPlaced: Bool, fragmentation: GPUFragmentation.Amounts
    ) {
        arrivedMilli += request.totalMilli
        if isPlaced { allocatedMilli += request.totalMilli }
        let gpus = Double(gpuCount)
        let percent = (Double(arrivedMilli) / gpus / 10).rounded(.toNearestOrEven)
        let position = max(0, Int(percent))
        while sums.count <= position { sums.append(Sums()) }
        sums[position].pods += 1
        sums[position].allocated += Int64(
            (Double(allocatedMilli) / gpus * 10).rounded(.toNearestOrEven))
        let fragment = fragmentation.fragment
        let idle = fragmentation.idle
        sums[position].ratio +=
            idle > 0 ? GPUShareCurve.twoDecimals(100 * fragment / idle) : 0
        sums[position].fragment += 100 * fragment / (gpus * 1000)
    }

    /// Percents that have pods, ascending.
    package var points: [Point] {
        sums.indices.filter { sums[$0].pods > 0 }.map { percent in
            let sum = sums[percent]
            let pods = Double(sum.pods)
            return Point(
                arrivedPercent: percent,
                allocatedPercent: GPUShareCurve.twoDecimals(
                    Double(sum.allocated) / 100 / pods),
                fragmentRatioPercent: sum.ratio / pods,
                fragmentPercent: GPUShareCurve.twoDecimals(sum.fragment / pods))
        }
    }

    /// Rounded to hundredths, halves to even.
    package static func twoDecimals(_ value: Double) -> Double {
        (value * 100).rounded(.toNearestOrEven) / 100
    }
}
