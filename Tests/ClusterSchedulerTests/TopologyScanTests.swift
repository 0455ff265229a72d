import ClusterScheduler
import Primitives
import Testing
import WorkloadModel

/// Remembered answers of NodeResourceTopologyMatch against asking it about every node.
struct TopologyScanTests {
    @Test(
        arguments: [TopologyCacheSettings.Kind.passthrough, .discardReserved],
        0..<8 as Range<UInt64>)
    func `remembering gives the node that a scan gives, through reservations, looks and resyncs`(
        _ kind: TopologyCacheSettings.Kind, seed: UInt64
    ) {
        var world = World(kind, seed: seed)
        var placed = 0
        var waited = 0
        for step in 0..<250 {
            let shape = PodShapeIndex(Int(world.random.below(UInt64(world.table.count))))
            switch world.random.below(6) {
            case 0: world.finishOne()
            case 1: world.publish()
            case 2: world.resync()
            default:
                let chosen = world.remembering.selectNode(
                    shape: shape.position, pinnedPosition: -1)
                let expected = world.scanning.selectNodeByFullScan(shape: shape.position)
                #expect(chosen == expected, "\(kind) seed \(seed) step \(step)")
                guard let chosen else {
                    waited += 1
                    continue
                }
                placed += 1
                world.place(shape, on: chosen)
            }
        }
        #expect(placed > 3)
        #expect(waited > 0)
    }

    /// Two schedulers that are told the same.
    private struct World: ~Copyable {
        var random: RandomStream
        var table = PodShapeTable()
        var remembering: Scheduler
        var scanning: Scheduler
        private let nodeCount = 6
        private let layout: ZoneLayout
        private var nextPod: UInt32 = 0
        private var version = 0
        private var running: [(pod: PodIndex, shape: PodShapeIndex, node: NodeIndex)] = []

        init(_ kind: TopologyCacheSettings.Kind, seed: UInt64) {
            random = RandomStream(seed: seed, name: "topology-scan")
            let resources = ResourceTable()
            layout = ZoneLayout(
                zones: (0..<2).map { from in
                    ZoneLayout.Zone(
                        name: "node-\(from)", type: "Node",
                        costs: (0..<2).map {
                            ZoneLayout.Cost(name: "node-\($0)", value: $0 == from ? 10 : 20)
                        })
                },
                listed: Array(repeating: [ResourceTable.cpu, ResourceTable.memory], count: 2),
                resources: resources)
            for _ in 0..<6 {
                let amounts = [
                    ResourceAmount(ResourceTable.cpu, Int64(1 + random.below(6)) * 1000),
                    ResourceAmount(ResourceTable.memory, Int64(1 + random.below(6)) << 30),
                ]
                var shape = PodShape(
                    qos: random.below(4) > 0 ? .guaranteed : .burstable,
                    containers: [
                        ContainerShape(
                            name: "c", kind: .app,
                            resources: ContainerResources(requests: amounts, limits: amounts))
                    ])
                shape.requests = amounts
                shape.nonZeroMilliCPU = amounts[0].amount
                shape.nonZeroMemory = amounts[1].amount
                _ = table.intern(shape)
            }
            let kinds = [NodeDescription(allocatable: [16_000, 32 << 30, 0], allowedPods: 20)]
            let kindOfNode = Array(repeating: 0, count: nodeCount)
            var settings = TopologyMatchSettings()
            settings.cache.kind = kind
            settings.strategy = TopologyScoringStrategy.allCases[Int(random.below(4))]
            var scheduling = SchedulerSettings()
            scheduling.profiles[0].addedFilters = ["NodeResourceTopologyMatch"]
            scheduling.profiles[0].addedScores = ["NodeResourceTopologyMatch"]
            let roster = NodeRoster(kinds: kinds, kindOfNode: kindOfNode)
            remembering = Scheduler(settings: scheduling, nodes: roster, resources: resources)
            scanning = Scheduler(settings: scheduling, nodes: roster, resources: resources)
            let objects = (0..<nodeCount).map { _ in object([]) }
            remembering.matchTopologies(
                settings, objects, kinds: kinds, kindOfNode: kindOfNode, resources: resources)
            scanning.matchTopologies(
                settings, objects, kinds: kinds, kindOfNode: kindOfNode, resources: resources)
            remembering.addTopology(shapes: table)
            scanning.addTopology(shapes: table)
            remembering.add(shapes: table)
            scanning.add(shapes: table)
        }

        /// A node with something taken at random, and the fingerprint of these pods or none.
        private mutating func object(_ hashes: [UInt64]?) -> PublishedTopology<CompactAmount> {
            version += 1
            var configuration = TopologyManagerConfiguration()
            configuration.policy = .singleNUMANode
            var amounts: [CompactAmount] = []
            for _ in 0..<2 {
                amounts.append(CompactAmount(Int64(2 + random.below(7)) * 1000))
                amounts.append(CompactAmount(Int64(4 + random.below(13)) << 30))
                amounts.append(.zero)
            }
            return PublishedTopology(
                version: version, configuration: configuration, layout: layout, amounts: amounts,
                fingerprint: hashes.map { PodFingerprint(hashes: $0).value },
                fingerprintCovers: .unspecified)
        }

        private func hash(_ pod: PodIndex) -> UInt64 {
            PodFingerprint.hash(namespace: "default", name: "\(pod.rawValue)")
        }

        mutating func place(_ shape: PodShapeIndex, on node: NodeIndex) {
            let pod = PodIndex(rawValue: nextPod)
            nextPod += 1
            remembering.assume(shape: shape, on: node)
            remembering.reserveTopology(of: pod, shape: shape, on: node)
            scanning.assume(shape: shape, on: node)
            scanning.reserveTopology(of: pod, shape: shape, on: node)
            if random.below(3) > 0 {
                #expect(
                    remembering.topologyBound(pod, on: node)
                        == scanning.topologyBound(pod, on: node))
                remembering.topologyPodRuns(pod, shape: shape, hash: hash(pod), on: node)
                scanning.topologyPodRuns(pod, shape: shape, hash: hash(pod), on: node)
                running.append((pod, shape, node))
            }
        }

        mutating func finishOne() {
            guard !running.isEmpty else { return }
            let victim = running.remove(at: Int(random.below(UInt64(running.count))))
            remembering.forget(shape: victim.shape, on: victim.node)
            remembering.topologyPodEnded(victim.pod, shape: victim.shape, on: victim.node)
            scanning.forget(shape: victim.shape, on: victim.node)
            scanning.topologyPodEnded(victim.pod, shape: victim.shape, on: victim.node)
        }

        mutating func publish() {
            for _ in 0..<6 {
                let node = NodeIndex(Int(random.below(UInt64(nodeCount))))
                let hashes = running.filter { $0.node == node }.map { hash($0.pod) }
                let new = object(random.below(5) == 0 ? nil : hashes)
                #expect(
                    remembering.topologyPublished(new, of: node)
                        == scanning.topologyPublished(new, of: node))
            }
        }

        mutating func resync() {
            #expect(remembering.resyncTopologies() == scanning.resyncTopologies())
        }
    }
}
