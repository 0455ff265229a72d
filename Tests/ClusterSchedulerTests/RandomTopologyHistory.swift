import ClusterScheduler
import Primitives
import Testing
import WorkloadModel

/// A random run of one cache over a few nodes, kept twice: in exact quantities and in whole numbers.
struct RandomTopologyHistory {
    private var random: RandomStream
    private var resources = ResourceTable()
    private var exact: NodeResourceTopologyMatch<Quantity>
    private var compact: NodeResourceTopologyMatch<CompactAmount>
    private let nodeCount = 3
    private var versions = 0
    private(set) var seen = Seen()
    private let exactPods: [TopologyPod<Quantity>]
    private let compactPods: [TopologyPod<CompactAmount>]
    private let names: AllocatableNames
    /// The node of each pod that has one.
    private var places: [Int?]

    struct Seen {
        var passes = 0
        var refusals = 0
        var flushes = 0
        var middleScores = 0

        mutating func add(_ other: Seen) {
            passes += other.passes
            refusals += other.refusals
            flushes += other.flushes
            middleScores += other.middleScores
        }
    }

    private static let podCount = 8
    private static let resourceNames = [
        "cpu", "memory", "hugepages-2Mi", "example.com/nic", "ephemeral-storage",
    ]

    init(seed: UInt64) throws {
        var random = RandomStream(seed: seed, name: "topology-history")
        var resources = ResourceTable()
        for name in RandomTopologyHistory.resourceNames { _ = resources.intern(name) }
        var exactPods: [TopologyPod<Quantity>] = []
        var compactPods: [TopologyPod<CompactAmount>] = []
        for _ in 0..<RandomTopologyHistory.podCount {
            let pair = try RandomTopologyHistory.pod(&random, resources)
            exactPods.append(pair.exact)
            compactPods.append(pair.compact)
        }
        self.exactPods = exactPods
        self.compactPods = compactPods
        names = AllocatableNames(
            try RandomTopologyHistory.resourceNames.map { try #require(resources.index(of: $0)) })
        var settings = TopologyCacheSettings()
        settings.kind = pick(TopologyCacheSettings.Kind.allCases, &random)
        if random.below(2) == 0 { settings.kind = .overReserve }
        settings.resyncMethod = pick(TopologyCacheSettings.ResyncMethod.allCases, &random)
        settings.informerMode = pick(TopologyCacheSettings.InformerMode.allCases, &random)
        settings.foreignPods = pick(TopologyCacheSettings.ForeignPodsDetection.allCases, &random)
        var first: [(PublishedTopology<Quantity>, PublishedTopology<CompactAmount>)] = []
        for node in 0..<nodeCount {
            let object = try RandomTopologyHistory.object(&random, fingerprint: nil)
            first.append(try RandomTopologyHistory.read(object, node, &resources))
        }
        versions = nodeCount
        exact = NodeResourceTopologyMatch(published: first.map(\.0), cache: settings)
        compact = NodeResourceTopologyMatch(published: first.map(\.1), cache: settings)
        places = Array(repeating: nil, count: RandomTopologyHistory.podCount)
        self.random = random
        self.resources = resources
    }

    /// A Guaranteed pod with one container.
    static func pod(cpu: Int64, memory: Int64) -> TopologyPod<Quantity> {
        TopologyPod(
            qos: .guaranteed,
            containers: [
                TopologyPod.Container(
                    kind: .app,
                    requests: [
                        TopologyPod.Request(
                            ResourceTable.cpu, ResourceTraits("cpu"), Quantity(units: cpu)),
                        TopologyPod.Request(
                            ResourceTable.memory, ResourceTraits("memory"),
                            Quantity(units: memory)),
                    ])
            ], overhead: [])
    }

    /// One random operation on both, and a comparison of all that can be seen.
    mutating func step(_ name: String) throws {
        let node = Int(random.below(UInt64(nodeCount)))
        let pod = Int(random.below(UInt64(RandomTopologyHistory.podCount)))
        let key = UInt32(pod)
        var flushed: (exact: [Int], compact: [Int]) = ([], [])
        switch random.below(8) {
        case 0, 1:
            #expect(
                exact.reserve(key, exactPods[pod], on: node)
                    == compact.reserve(key, compactPods[pod], on: node), "\(name)")
        case 2:
            #expect(exact.unreserve(key, on: node) == compact.unreserve(key, on: node), "\(name)")
        case 3:
            #expect(exact.postBind(key, on: node) == compact.postBind(key, on: node), "\(name)")
        case 4: move(pod, to: node)
        case 5: try publish(node)
        case 6:
            exact.markMaybeOverReserved(node)
            compact.markMaybeOverReserved(node)
        default:
            exact.resync(changed: &flushed.exact)
            compact.resync(changed: &flushed.compact)
            #expect(flushed.exact == flushed.compact, "\(name)")
            seen.flushes += flushed.exact.count
        }
        compare(name)
    }

    private mutating func move(_ pod: Int, to node: Int) {
        let key = UInt32(pod)
        let hash = PodFingerprint.hash(namespace: "default", name: "pod-\(pod)")
        let isForeign = random.below(8) == 0
        if let place = places[pod] {
            exact.podDeleted(key, exactPods[pod], on: place, isForeign: isForeign)
            compact.podDeleted(key, compactPods[pod], on: place, isForeign: isForeign)
            places[pod] = nil
            return
        }
        places[pod] = node
        exact.podEvent(
            PodLister.Entry(key: key, phase: .running, hash: hash, pod: exactPods[pod]), on: node,
            isForeign: isForeign)
        compact.podEvent(
            PodLister.Entry(key: key, phase: .running, hash: hash, pod: compactPods[pod]),
            on: node, isForeign: isForeign)
    }

    /// A new object, mostly with the fingerprint of the pods that are there.
    private mutating func publish(_ node: Int) throws {
        let hashes = places.indices.filter { places[$0] == node }.map {
            PodFingerprint.hash(namespace: "default", name: "pod-\($0)")
        }
        let fingerprint = random.below(4) == 0 ? nil : PodFingerprint(hashes: hashes).text
        let object = try RandomTopologyHistory.object(&random, fingerprint: fingerprint)
        let pair = try RandomTopologyHistory.read(object, versions, &resources)
        versions += 1
        exact.publish(pair.0, of: node)
        compact.publish(pair.1, of: node)
    }

    private mutating func compare(_ name: String) {
        for node in 0..<nodeCount {
            let (left, right) = (exact.cached(node), compact.cached(node))
            #expect(left.isFresh == right.isFresh, "\(name)")
            #expect(left.topology?.version == right.topology?.version, "\(name)")
            if let left = left.topology, let right = right.topology {
                let values = zip(left.amounts, right.amounts).enumerated()
                for (index, pair) in values {
                    let isCPU = index % left.layout.resourceCount == 0
                    let value = isCPU ? pair.0.milliValue : pair.0.value
                    #expect(value == pair.1.value, "\(name)")
                }
            }
            for pod in exactPods.indices {
                let outcome = compact.filter(compactPods[pod], on: node, names)
                #expect(exact.filter(exactPods[pod], on: node, names) == outcome, "\(name)")
                if outcome.passes { seen.passes += 1 } else { seen.refusals += 1 }
                for strategy in TopologyScoringStrategy.allCases {
                    exact.strategy = strategy
                    compact.strategy = strategy
                    let score = RandomTopologyHistory.score(compact, compactPods[pod], node)
                    #expect(
                        RandomTopologyHistory.score(exact, exactPods[pod], node) == score,
                        "\(name) \(strategy)")
                    if 1..<100 ~= score { seen.middleScores += 1 }
                }
            }
        }
    }

    private static func score<Amount: ZoneAmount>(
        _ plugin: NodeResourceTopologyMatch<Amount>, _ pod: TopologyPod<Amount>, _ node: Int
    ) -> Int64 {
        (try? plugin.score(pod, on: node)) ?? .max
    }
}

private func pick<Value>(_ values: [Value], _ random: inout RandomStream) -> Value {
    values[Int(random.below(UInt64(values.count)))]
}

// MARK: Random objects and pods

extension RandomTopologyHistory {
    private static func text(
        _ name: String, _ random: inout RandomStream, most: UInt64
    ) -> String {
        let number = random.below(most)
        switch name {
        case "cpu": return random.below(3) == 0 ? "\(number * 500)m" : "\(number)"
        case "memory", "hugepages-2Mi": return pick(["\(number)Gi", "\(number * 100)Mi"], &random)
        case "ephemeral-storage": return "\(number)G"
        default: return "\(number / 4)"
        }
    }

    private static func object(
        _ random: inout RandomStream, fingerprint: String?
    ) throws -> NodeTopologyObject {
        typealias Attribute = NodeTopologyObject.Attribute
        var object = NodeTopologyObject()
        let policies = ["single-numa-node", "single-numa-node", "restricted", "none"]
        object.attributes = [
            Attribute(name: "topologyManagerPolicy", value: pick(policies, &random)),
            Attribute(
                name: "topologyManagerScope", value: pick(["container", "pod"], &random)),
        ]
        if let fingerprint {
            object.attributes.append(
                Attribute(name: "nodeTopologyPodsFingerprint", value: fingerprint))
        }
        let zoneCount = Int(random.below(4)) + 1
        for zone in 0..<zoneCount {
            var resources: [(name: String, available: Quantity)] = []
            for name in resourceNames.dropLast() where random.below(6) > 0 {
                resources.append((name, try Quantity(text(name, &random, most: 20))))
            }
            object.zones.append(
                NodeTopologyObject.Zone(
                    name: "node-\(zone)", type: random.below(20) == 0 ? "Socket" : "Node",
                    resources: resources,
                    costs: (0..<zoneCount).map {
                        ("node-\($0)", $0 == zone ? 10 : 11 + Int(random.below(20)))
                    }))
        }
        return object
    }

    private static func read(
        _ object: NodeTopologyObject, _ version: Int, _ resources: inout ResourceTable
    ) throws -> (PublishedTopology<Quantity>, PublishedTopology<CompactAmount>) {
        let exact = PublishedTopology<Quantity>(object, version: version, resources: &resources) {
            quantity, _ in quantity
        }
        let compact = PublishedTopology<CompactAmount>(
            object, version: version, resources: &resources
        ) { quantity, traits in
            quantity.exactUnits(exponent: traits.isCPU ? -3 : 0).map { CompactAmount($0) }
        }
        return (try #require(exact), try #require(compact))
    }

    private static func pod(
        _ random: inout RandomStream, _ resources: ResourceTable
    ) throws -> (exact: TopologyPod<Quantity>, compact: TopologyPod<CompactAmount>) {
        let qos = random.below(3) > 0 ? QoSClass.guaranteed : pick(QoSClass.allCases, &random)
        var exact: [TopologyPod<Quantity>.Container] = []
        var compact: [TopologyPod<CompactAmount>.Container] = []
        let count = Int(random.below(3)) + 1
        for container in 0..<count {
            let kind: ContainerShape.Kind =
                container + 1 == count
                ? .app : pick([.app, .initContainer, .sidecar], &random)
            var exactRequests: [TopologyPod<Quantity>.Request] = []
            var compactRequests: [TopologyPod<CompactAmount>.Request] = []
            for name in resourceNames where random.below(3) > 0 {
                let quantity = try Quantity(text(name, &random, most: 9))
                let traits = ResourceTraits(name)
                let resource = try #require(resources.index(of: name))
                let whole = try #require(quantity.exactUnits(exponent: name == "cpu" ? -3 : 0))
                exactRequests.append(TopologyPod.Request(resource, traits, quantity))
                compactRequests.append(
                    TopologyPod.Request(resource, traits, CompactAmount(whole)))
            }
            exact.append(TopologyPod.Container(kind: kind, requests: exactRequests))
            compact.append(TopologyPod.Container(kind: kind, requests: compactRequests))
        }
        let order = { (kind: ContainerShape.Kind) in kind == .app ? 1 : 0 }
        return (
            TopologyPod(
                qos: qos,
                containers: exact.filter { order($0.kind) == 0 }
                    + exact.filter { order($0.kind) == 1 }, overhead: []),
            TopologyPod(
                qos: qos,
                containers: compact.filter { order($0.kind) == 0 }
                    + compact.filter { order($0.kind) == 1 }, overhead: [])
        )
    }
}
