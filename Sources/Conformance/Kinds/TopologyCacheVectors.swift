import ClusterScheduler
import Primitives
import WorkloadModel

/// Operations on one cache of NodeResourceTopologyMatch, and what the plugin would see after each.
enum TopologyCacheVectors {
    @Sendable static func run(
        _ json: JSONValue, _ machines: VectorMachines
    ) throws(VectorStop) {
        try run(json, .exact)
        try run(json, .compact)
    }

    private static func run<Amount: ZoneAmount>(
        _ json: JSONValue, _ amounts: VectorAmounts<Amount>
    ) throws(VectorStop) {
        guard var sequence = try TopologyCacheSequence(json, amounts) else { return }
        try sequence.checkStart(json["initialState"])
        for (number, step) in (json["steps"]?.elements ?? []).enumerated() {
            let name = "step \(number) \(step["op"]?.text ?? "")"
            guard try sequence.run(step, name) else { return }
        }
    }
}

/// One sequence as it runs.
struct TopologyCacheSequence<Amount: ZoneAmount> {
    private let amounts: VectorAmounts<Amount>
    private var resources = ResourceTable()
    private var plugin: NodeResourceTopologyMatch<Amount>
    private let profiles: [String]
    /// By number.
    private let nodeNames: [String]
    private let allocatable: [AllocatableNames?]
    private let pods: [Pod]
    /// The object that each version number stands for.
    private var versions: [String]
    /// The node where the lister shows each pod.
    private var places: [Int?]
    private var states: [TopologyNodeState] = []

    private struct Pod {
        var key: String
        var uid: String
        var hash: UInt64
        var scheduler: String
        var demand: TopologyPod<Amount>
    }

    /// Nil where an amount cannot be held so.
    init?(_ json: JSONValue, _ amounts: VectorAmounts<Amount>) throws(VectorStop) {
        self.amounts = amounts
        var resources = ResourceTable()
        var names: [String] = []
        func add(_ name: String?) {
            if let name, !names.contains(name) { names.append(name) }
        }
        for node in json["nodes"]?.elements ?? [] { add(node["name"]?.text) }
        for object in json["initialNRTs"]?.elements ?? [] { add(object["metadata"]?["name"]?.text) }
        for step in json["steps"]?.elements ?? [] {
            add(step["node"]?.text.flatMap { $0.isEmpty ? nil : $0 })
            add(step["nrt"]?["metadata"]?["name"]?.text)
        }
        nodeNames = names
        var allocatable: [AllocatableNames?] = names.map { _ in nil }
        for node in json["nodes"]?.elements ?? [] {
            guard let number = names.firstIndex(of: node["name"]?.text ?? "") else { continue }
            allocatable[number] = TopologyVectorObjects.names(node, &resources)
        }
        self.allocatable = allocatable
        var pods: [Pod] = []
        for member in json["pods"]?.members ?? [] {
            let demand = try TopologyVectorObjects.pod(member.value, amounts, &resources)
            guard let demand else { return nil }
            let metadata = member.value["metadata"]
            pods.append(
                Pod(
                    key: member.name, uid: metadata?["uid"]?.text ?? "",
                    hash: PodFingerprint.hash(
                        namespace: metadata?["namespace"]?.text ?? "",
                        name: metadata?["name"]?.text ?? ""),
                    scheduler: member.value["spec"]?["schedulerName"]?.text ?? "",
                    demand: demand))
        }
        self.pods = pods
        places = pods.map { _ in nil }
        var published: [PublishedTopology<Amount>?] = names.map { _ in nil }
        versions = []
        for json in json["initialNRTs"]?.elements ?? [] {
            guard let object = try TopologyVectorObjects.object(json),
                let number = names.firstIndex(of: json["metadata"]?["name"]?.text ?? "")
            else { throw .malformed("an initial NRT is null or has no name") }
            published[number] = amounts.topology(
                object, version: versions.count, &resources)
            guard published[number] != nil else { return nil }
            versions.append(object.resourceVersion)
        }
        self.resources = resources
        let config = try required(json["config"], "config")
        plugin = NodeResourceTopologyMatch(
            published: published, cache: try TopologyCacheSequence.settings(config))
        plugin.strategy = try required(
            TopologyScoringStrategy(rawValue: config["scoringStrategy"]?.text ?? "LeastAllocated"),
            "scoringStrategy")
        profiles = (config["schedulerProfiles"]?.elements ?? []).compactMap(\.text)
        for step in json["initialPods"]?.elements ?? [] { try podUpsert(step) }
        states = try names.indices.map { node throws(VectorStop) in try state(of: node) }
    }

    private static func settings(
        _ json: JSONValue
    ) throws(VectorStop) -> TopologyCacheSettings {
        func value<Value: RawRepresentable<String>>(
            _ name: String, _ standard: Value
        ) throws(VectorStop) -> Value {
            guard let text = json[name]?.text else { return standard }
            return try required(Value(rawValue: text), name)
        }
        var settings = TopologyCacheSettings()
        settings.kind = try value("cache", settings.kind)
        settings.resyncMethod = try value("resyncMethod", settings.resyncMethod)
        settings.resyncScope = try value("resyncScope", settings.resyncScope)
        settings.foreignPods = try value("foreignPodsDetect", settings.foreignPods)
        settings.informerMode = try value("informerMode", settings.informerMode)
        return settings
    }
}

// MARK: Steps

extension TopologyCacheSequence {
    /// False where an amount of the step cannot be held as `Amount`.
    mutating func run(_ step: JSONValue, _ name: String) throws(VectorStop) -> Bool {
        switch step["op"]?.text {
        case "nrtUpdate": guard try publish(step) else { return false }
        case "nrtDelete": plugin.publish(nil, of: try node(step))
        case "podUpsert": try podUpsert(step)
        case "podDelete": try podDelete(step)
        case "reserve":
            let pod = try pod(step)
            plugin.reserve(UInt32(pod), pods[pod].demand, on: try node(step))
        case "unreserve": plugin.unreserve(UInt32(try pod(step)), on: try node(step))
        case "postBind": plugin.postBind(UInt32(try pod(step)), on: try node(step))
        case "markMaybeOverReserved": plugin.markMaybeOverReserved(try node(step))
        case "filter":
            let node = try node(step)
            let demand = pods[try pod(step)].demand
            let outcome = plugin.filter(demand, on: node, allocatable[node])
            try TopologyFilterVectors.check(
                outcome, try required(step["status"], "status"), qos: demand.qos,
                hasText: Amount.self == Quantity.self)
        case "score":
            let demand = pods[try pod(step)].demand
            try requireEqual(
                "\(name) score",
                expected: step["panic"]?.text ?? step["score"]?.description,
                got: TopologyScoreVectors.answer(plugin, demand, node: try node(step)))
        case "resync":
            var changed: [Int] = []
            plugin.resync(changed: &changed)
        default: throw .unsupported("operation \(step["op"]?.text ?? "")")
        }
        try check(step, name)
        return true
    }

    private func node(_ step: JSONValue) throws(VectorStop) -> Int {
        try required(nodeNames.firstIndex(of: step["node"]?.text ?? ""), "node")
    }

    private func pod(_ step: JSONValue) throws(VectorStop) -> Int {
        try required(pods.firstIndex { $0.key == step["pod"]?.text }, "pod")
    }

    private mutating func publish(_ step: JSONValue) throws(VectorStop) -> Bool {
        let json = try required(step["nrt"], "nrt")
        let name = try required(json["metadata"]?["name"]?.text, "nrt.metadata.name")
        guard let object = try TopologyVectorObjects.object(json),
            let topology = amounts.topology(object, version: versions.count, &resources),
            let node = nodeNames.firstIndex(of: name)
        else { return false }
        versions.append(object.resourceVersion)
        plugin.publish(topology, of: node)
        return true
    }

    private mutating func podUpsert(_ step: JSONValue) throws(VectorStop) {
        let number = try pod(step)
        let key = UInt32(number)
        let isForeign = !profiles.contains(pods[number].scheduler)
        let name = step["node"]?.text ?? ""
        let node = name.isEmpty ? nil : try node(step)
        let phase = try required(
            PodLister<Amount>.Phase(rawValue: step["phase"]?.text ?? "Pending"), "phase")
        if let place = places[number], place != node {
            plugin.podDeleted(key, pods[number].demand, on: place, isForeign: false)
        }
        places[number] = node
        guard let node else { return }
        plugin.podEvent(
            PodLister.Entry(
                key: key, phase: phase, hash: pods[number].hash, pod: pods[number].demand),
            on: node, isForeign: isForeign)
    }

    private mutating func podDelete(_ step: JSONValue) throws(VectorStop) {
        let number = try pod(step)
        guard let place = places[number] else { return }
        places[number] = nil
        plugin.podDeleted(
            UInt32(number), pods[number].demand, on: place,
            isForeign: !profiles.contains(pods[number].scheduler))
    }
}

// MARK: What the plugin sees

extension TopologyCacheSequence {
    func checkStart(_ expected: JSONValue?) throws(VectorStop) {
        for (node, name) in nodeNames.enumerated() {
            guard let json = expected?[name] else { continue }
            try requireEqual(
                "start \(name)", expected: try TopologyNodeState(json), got: states[node])
        }
    }

    /// Nodes that the step does not name are as they were.
    private mutating func check(_ step: JSONValue, _ name: String) throws(VectorStop) {
        for (node, nodeName) in nodeNames.enumerated() {
            if let json = step["state"]?[nodeName] { states[node] = try TopologyNodeState(json) }
            try requireEqual(
                "\(name) \(nodeName)", expected: states[node], got: try state(of: node))
        }
        let generation = plugin.overReserve?.generation ?? 0
        try requireEqual(
            "\(name) generation", expected: step["generation"]?.integer ?? 0,
            got: Int(generation))
    }

    private func state(of node: Int) throws(VectorStop) -> TopologyNodeState {
        let cached = plugin.cached(node)
        var state = TopologyNodeState(isFresh: cached.isFresh)
        if let topology = cached.topology {
            var object = TopologyNodeState.Object()
            object.version = versions[topology.version]
            object.configuration = topology.configuration
            for (row, zone) in topology.layout.zones.enumerated() {
                var amounts: [String: Quantity] = [:]
                for (position, name) in resources.names.enumerated() {
                    let amount = topology.available(ResourceIndex(position), row: row)
                    guard let amount else { continue }
                    let text = amount.text(isCPU: name == "cpu")
                    amounts[name] = try TopologyVectorObjects.quantity(.string(text), name)
                }
                object.available[zone.name] = amounts
            }
            state.object = object
        }
        if let cache = plugin.overReserve {
            let entry = cache.nodes[node]
            state.reserved = entry.reservations.map { pods[Int($0.key)].key }.sorted()
            state.isMaybeOverReserved = entry.maybeOverReserved > 0
            state.hasForeignPods = entry.foreignPods > 0
            state.hasChangedAttributes = entry.attributesChanged > 0
        }
        if let cache = plugin.discardReserved {
            state.reserved = cache.holders[node].map { pods[Int($0)].uid }.sorted()
        }
        return state
    }
}

/// One node as the plugin sees it.
struct TopologyNodeState: Equatable {
    var isFresh: Bool
    var object: Object?
    var reserved: [String] = []
    var isMaybeOverReserved = false
    var hasForeignPods = false
    var hasChangedAttributes = false

    struct Object: Equatable {
        var version = ""
        var configuration = TopologyManagerConfiguration()
        var available: [String: [String: Quantity]] = [:]
    }

    init(isFresh: Bool) { self.isFresh = isFresh }

    init(_ json: JSONValue) throws(VectorStop) {
        isFresh = json["fresh"]?.boolean ?? false
        reserved = (json["reserved"]?.elements ?? []).compactMap(\.text).sorted()
        isMaybeOverReserved = json["maybeOverReserved"]?.integer ?? 0 > 0
        hasForeignPods = json["foreignPods"]?.integer ?? 0 > 0
        hasChangedAttributes = json["attrChanged"]?.integer ?? 0 > 0
        guard let nrt = json["nrt"], !nrt.isNull else { return }
        var object = Object()
        object.version = nrt["resourceVersion"]?.text ?? ""
        object.configuration.policy = try required(
            TopologyManagerConfiguration.Policy(rawValue: nrt["policy"]?.text ?? ""), "policy")
        object.configuration.scope = try required(
            TopologyManagerConfiguration.Scope(rawValue: nrt["scope"]?.text ?? ""), "scope")
        object.configuration.maximumNUMANodes = try required(
            nrt["maxNUMANodes"]?.integer, "maxNUMANodes")
        for zone in nrt["available"]?.members ?? [] {
            var amounts: [String: Quantity] = [:]
            for member in zone.value.members {
                amounts[member.name] = try TopologyVectorObjects.quantity(
                    member.value, member.name)
            }
            object.available[zone.name] = amounts
        }
        self.object = object
    }
}
