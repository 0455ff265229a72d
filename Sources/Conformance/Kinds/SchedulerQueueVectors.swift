import ClusterScheduler
import Primitives
import WorkloadModel

/// What the scheduling queue does with pods that fail, and with what happens meanwhile, step by step.
enum SchedulerQueueVectors: Sendable {
    @Sendable static func run(
        _ json: JSONValue, _ machines: VectorMachines
    ) throws(VectorStop) {
        let nodes = JSONValue.Member(name: "nodes", value: try required(json["nodes"], "nodes"))
        let pods = JSONValue.Member(name: "pods", value: json["pods"] ?? .array([]))
        let operations = try required(json["ops"], "ops").elements
        var cluster = try SchedulerVectorCluster(
            .object(
                json.members + [JSONValue.Member(name: "cluster", value: .object([nodes, pods]))]))
        // Every pod of the case, so that the scheduler knows all shapes from the start.
        var shapes: [String: PodShapeIndex] = [:]
        for pod in cluster.bound { shapes[pod.name] = pod.shape }
        for operation in operations {
            guard let pod = operation["pod"] else { continue }
            shapes[try required(pod["name"]?.text, "name")] = try cluster.intern(pod)
        }
        var replay = QueueReplay(cluster: cluster, shapes: shapes)
        for (number, operation) in operations.enumerated() {
            try replay.step(operation, "op \(number)")
        }
    }
}

/// A case under way.
private struct QueueReplay: ~Copyable {
    private var cluster: SchedulerVectorCluster
    private let shapes: [String: PodShapeIndex]
    private var scheduler: Scheduler
    /// Names of pods by their number.
    private var names: [String] = []
    private var numbers: [String: UInt32] = [:]
    private var popped: [String: QueuedPod] = [:]
    /// Pods on nodes.
    private var assigned: [String: (shape: PodShapeIndex, node: NodeIndex, isTerminating: Bool)] =
        [:]

    init(cluster: SchedulerVectorCluster, shapes: [String: PodShapeIndex]) {
        self.cluster = cluster
        self.shapes = shapes
        scheduler = cluster.makeScheduler()
        for pod in cluster.bound { assigned[pod.name] = (pod.shape, pod.node, pod.isTerminating) }
    }

    mutating func step(_ operation: JSONValue, _ place: String) throws(VectorStop) {
        let kind = try required(operation["op"]?.text, "op")
        let time = SimTime(
            nanoseconds: Int64(try required(operation["tMs"]?.integer, "tMs")) * 1_000_000)
        switch kind {
        case "add":
            let name = try required(operation["pod"]?["name"]?.text, "name")
            let shape = try required(shapes[name], "pod")
            numbers[name] = UInt32(names.count)
            scheduler.enqueue(pod: UInt32(names.count), shape: shape, at: time)
            names.append(name)
        case "pop": try pop(operation, place)
        case "fail", "error":
            let pod = try takePopped(operation)
            scheduler.failed(
                pod, refusedBy: try plugins(operation["unschedulablePlugins"]),
                pending: try plugins(operation["pendingPlugins"]), at: time)
        case "bound":
            let pod = try takePopped(operation)
            let name = names[Int(pod.pod)]
            let shape = try required(shapes[name], name)
            scheduler.done(pod)
            try assign(name, shape, operation["node"]?["name"], at: time)
        case "assignedAdd":
            let name = try required(operation["pod"]?["name"]?.text, "name")
            let shape = try required(shapes[name], name)
            try assign(name, shape, operation["pod"]?["node"], at: time)
        case "assignedDelete":
            let full = try required(operation["name"]?.text, "name")
            let name = String(
                full[(full.firstIndex(of: "/").map { full.index(after: $0) } ?? full.startIndex)...]
            )
            guard let pod = assigned.removeValue(forKey: name) else { break }
            scheduler.forget(shape: pod.shape, on: pod.node, isTerminating: pod.isTerminating)
            scheduler.note(
                .assignedPodDelete(shape: Int32(pod.shape.position)), at: time)
        case "nodeAdd":
            let node = try required(operation["node"], "node")
            let name = try required(node["name"]?.text, "name")
            cluster.nodeNames.append(name)
            _ = scheduler.nodeAppeared(try cluster.description(node), name: name, at: time)
        case "nodeUpdate":
            let node = try required(operation["node"], "node")
            let index = try required(cluster.node(node["name"]?.text ?? ""), "node")
            scheduler.nodeChanged(index, to: try cluster.description(node), at: time)
        case "advance": break
        case "flushBackoff": scheduler.flushBackoff(at: time)
        case "flushLeftover": scheduler.flushLeftover(at: time)
        default: throw .unsupported("operation \(kind)")
        }
        try compare(try required(operation["state"], "state"), "\(place) \(kind)")
    }

    private mutating func assign(
        _ name: String, _ shape: PodShapeIndex, _ node: JSONValue?, at time: SimTime
    ) throws(VectorStop) {
        let node = try required(node?.text.flatMap { cluster.node($0) }, "node")
        scheduler.place(shape: shape, on: node)
        assigned[name] = (shape, node, false)
        scheduler.note(.assignedPodAdd(shape: Int32(shape.position)), at: time)
    }

    private mutating func pop(_ operation: JSONValue, _ place: String) throws(VectorStop) {
        let pod = scheduler.dequeue()
        let name = pod.map { names[Int($0.pod)] }
        try requireEqual(
            "\(place) popped", expected: operation["popped"]?.text ?? "", got: name ?? "")
        guard let pod, let name else { return }
        try requireEqual(
            "\(place) attempts", expected: operation["attempts"]?.integer ?? 0,
            got: Int(pod.attempts))
        popped[name] = pod
    }

    private mutating func takePopped(_ operation: JSONValue) throws(VectorStop) -> QueuedPod {
        let name = try required(operation["name"]?.text, "name")
        return try required(popped.removeValue(forKey: name), "a pod in flight named \(name)")
    }

    private func plugins(_ json: JSONValue?) throws(VectorStop) -> PluginSet {
        let names = json?.elements.compactMap(\.text) ?? []
        for name in names where FilterPluginRegistry.number(of: name) == nil {
            throw .unsupported("plugin \(name)")
        }
        return PluginSet(named: names)
    }

    private func compare(_ state: JSONValue, _ place: String) throws(VectorStop) {
        let queue = scheduler.queue
        func name(_ pod: QueuedPod) -> String { names[Int(pod.pod)] }
        func expiring(_ pod: QueuedPod, _ expiry: Int64?) -> String {
            expiry.map { "\(name(pod)) until \($0 / 1_000_000)" } ?? name(pod)
        }
        func expected(_ part: String) -> [String] {
            (state[part]?.elements ?? []).map { element in
                if let text = element.text { return text }
                let name = element["pod"]?.text ?? ""
                return element["backoffUntilMs"]?.integer.map { "\(name) until \($0)" } ?? name
            }
        }
        try requireEqual(
            "\(place) active", expected: expected("active"), got: queue.activePods.map(name))
        try requireEqual(
            "\(place) backoff", expected: expected("backoff"),
            got: queue.backoffPods.map { expiring($0.pod, $0.expiry) })
        try requireEqual(
            "\(place) errorBackoff", expected: expected("errorBackoff"),
            got: queue.errorBackoffPods.sorted {
                ($0.expiry, name($0.pod)) < ($1.expiry, name($1.pod))
            }.map { expiring($0.pod, $0.expiry) })
        try requireEqual(
            "\(place) unschedulable", expected: expected("unschedulable"),
            got: queue.unschedulablePods.sorted { name($0.pod) < name($1.pod) }.map {
                expiring($0.pod, $0.expiry)
            })
        try requireEqual(
            "\(place) inFlight", expected: expected("inFlight"),
            got: queue.inFlightPods.map { names[Int($0)] }.sorted())
    }
}
