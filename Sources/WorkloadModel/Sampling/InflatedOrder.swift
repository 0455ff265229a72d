/// The order in which a workload's pods arrive one after another, with copies added until they ask for enough GPUs.
///
/// Source: the simulator of "Beware of Fragmentation" (USENIX ATC 2023): pods sorted by name and shuffled, copies of
/// random pods behind them until GPU requests reach a multiple of what the cluster has, and nodes in random order of
/// rank; all drawn from one sequence of Go's `math/rand`.
public struct InflatedOrder: Hashable, Sendable {
    /// One arrival: which pod, and the number of the copy, nil for the pod itself.
    public struct Arrival: Hashable, Sendable {
        public var pod: Int
        public var copy: Int?

        public init(pod: Int, copy: Int? = nil) {
            self.pod = pod
            self.copy = copy
        }
    }

    public var arrivals: [Arrival]
    /// Rank of each node; ties go to the smallest.
    public var nodeRanks: [Int]

    /// - Parameters:
    ///   - gpuMilli: for each pod *in order of name* thousandths of each GPU, and how many GPUs.
    ///   - target: thousandths of GPU that all pods together may ask for; nil adds and removes none.
    ///   - nodeCount: how many nodes, in order of name.
    ///   - drawsBetween: numbers that others drew between pods and nodes: ten in the published runs.
    public init(
        seed: Int64, pods: [(gpuMilli: Int, gpuCount: Int)], target: Int?, nodeCount: Int,
        drawsBetween: Int = 10
    ) {
        var random = GoRandom(seed: seed)
        _ = random.int63()
        var order = Array(pods.indices)
        random.shuffle(&order)
        arrivals = order.map { Arrival(pod: $0) }
        if let target, !pods.isEmpty {
            var sum = pods.reduce(0) { $0 + $1.gpuMilli * $1.gpuCount }
            if sum > target {
                while sum > target, !arrivals.isEmpty {
                    let removed = arrivals.remove(at: random.intn(arrivals.count))
                    sum -= pods[removed.pod].gpuMilli * pods[removed.pod].gpuCount
                }
            } else if sum > 0 {
                // The check counts one GPU of the pod drawn, the sum all of them: as the authors have it.
                var copy = 0
                while true {
                    let pod = random.intn(pods.count)
                    if sum + pods[pod].gpuMilli > target { break }
                    sum += pods[pod].gpuMilli * pods[pod].gpuCount
                    arrivals.append(Arrival(pod: pod, copy: copy))
                    copy += 1
                }
            }
        }
        for _ in 0..<drawsBetween { _ = random.float64() }
        nodeRanks = random.permutation(nodeCount)
    }
}
