package import ClusterScheduler
package import WorkloadModel

/// Pods that arrive one after another on nodes whose GPUs are shared, by several policies and seeds.
///
/// The experiment of "Beware of Fragmentation" (USENIX ATC 2023): no kubelet, no time, nothing departs; a pod that fits
/// nowhere is gone.
package struct GPUShareStudy: Sendable {
    package struct Node: Sendable {
        package var name: String
        package var capacity: GPUShareNodes.Capacity

        package init(name: String, capacity: GPUShareNodes.Capacity) {
            self.name = name
            self.capacity = capacity
        }
    }

    package struct Pod: Sendable {
        package var name: String
        package var request: GPUShareRequest

        package init(name: String, request: GPUShareRequest) {
            self.name = name
            self.request = request
        }
    }

    package var name: String
    /// In order of name.
    package var nodes: [Node]
    /// In order of name.
    package let pods: [Pod]
    /// What idle GPU is measured against: the typical pods.
    package let fragmentation: GPUFragmentation
    package var policies: [String]
    package var seeds: [Int64]
    /// The order of each seed.
    package var orders: [InflatedOrder]

    package init(
        name: String, nodes: [Node], pods: [Pod], policies: [String], seeds: [Int64],
        orders: [InflatedOrder]
    ) {
        self.name = name
        self.nodes = nodes
        self.pods = pods
        fragmentation = GPUFragmentation(pods: pods.map(\.request))
        self.policies = policies
        self.seeds = seeds
        self.orders = orders
    }

    package var gpuCount: Int { nodes.reduce(0) { $0 + $1.capacity.gpuCount } }

    /// Every policy with every seed.
    package var runCount: Int { policies.count * seeds.count }

    /// The name of an arrival; a copy is named after its pod.
    package func name(of arrival: InflatedOrder.Arrival) -> String {
        let name = pods[arrival.pod].name
        return arrival.copy.map { "\(name)-tuned-\($0)" } ?? name
    }

    /// A node's name with its rank before it; ties go to the first in the order of these texts.
    package func rankedName(of node: Int, in order: InflatedOrder) -> String {
        let rank = String(order.nodeRanks[node])
        return String(repeating: "0", count: max(0, 4 - rank.count)) + rank + "-"
            + nodes[node].name
    }
}

/// What came of one policy with one seed.
package struct GPUShareRun: Sendable {
    package struct Placement: Sendable, Hashable {
        /// Position among the study's nodes, -1 when the pod found none.
        package var node: Int32
        /// GPUs taken, as bits by number.
        package var gpus: UInt64
    }

    package let policy: String
    package let seed: Int64
    /// In order of arrival.
    package private(set) var placements: [Placement] = []
    package private(set) var curve: GPUShareCurve
    package private(set) var placed = 0

    /// Runs number `index` of the study's runs: policies in their order, and of each all seeds.
    package init(_ index: Int, of study: GPUShareStudy) {
        policy = study.policies[index / study.seeds.count]
        seed = study.seeds[index % study.seeds.count]
        let order = study.orders[index % study.seeds.count]
        curve = GPUShareCurve(gpuCount: study.gpuCount)
        guard let policy = GPUSharePolicyRegistry.policy(named: policy) else {
            preconditionFailure("a study is checked before it runs: no such policy")
        }
        let ranked = study.nodes.indices
            .map { (name: study.rankedName(of: $0, in: order), node: $0) }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        var scheduler = GPUShareScheduler(
            nodes: GPUShareNodes(ranked.map { study.nodes[$0.node].capacity }), policy: policy,
            fragmentation: study.fragmentation,
            seed: UInt64(bitPattern: seed))
        placements.reserveCapacity(order.arrivals.count)
        for arrival in order.arrivals {
            let request = study.pods[arrival.pod].request
            let placement = scheduler.place(request)
            if placement != nil { placed += 1 }
            placements.append(
                Placement(
                    node: placement.map { Int32(ranked[$0.node].node) } ?? -1,
                    gpus: placement?.gpus ?? 0))
            curve.add(
                request, isPlaced: placement != nil,
                fragmentation: scheduler.totalFragmentation())
        }
    }
}
