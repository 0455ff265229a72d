import ClusterScheduler
import HardwareModel
import NodeManagers
import Primitives
import Records
import WorkloadModel

/// Whole clusters, pod by pod: the scheduler chooses a node, that node's kubelet decides.
enum ClusterVectors {
    @Sendable static func run(
        _ json: JSONValue, _ machines: VectorMachines
    ) throws(VectorStop) {
        var run = try ClusterVectorRun(json, machines)
        for (number, operation) in (json["ops"]?.elements ?? []).enumerated() {
            let expected = json["expect"]?.elements ?? []
            guard number < expected.count else { throw .malformed("`expect` is too short") }
            try run.run(operation, expect: expected[number].elements, "op \(number)")
        }
        if let final = json["final"] { try run.checkFinal(final) }
    }
}

/// One case on its way.
struct ClusterVectorRun: ~Copyable {
    private struct Pod {
        var name: String
        /// Name of the pod whose replacements it is one of.
        var family: String
        var shape: PodShapeIndex
    }

    private var scheduler: Scheduler
    private let shapes: [PodShapeIndex]
    private let table: PodShapeTable
    private var nodes: [VectorNode]
    private let nodeNames: [String]
    private let resources: ResourceTable
    private let replaces: Bool
    /// By `PodIndex.position`; pods that are gone stay.
    private var pods: [Pod] = []
    /// Running pods in order of admission.
    private var running: [(pod: PodIndex, node: NodeIndex)] = []
    /// Pods that wait, in order of their first failure.
    private var pending: [PodIndex] = []
    private var replacements: [String: Int] = [:]
    private var admitted = 0
    private var unschedulable = 0
    private var refused: [String: Int] = [:]

    init(_ json: JSONValue, _ machines: VectorMachines) throws(VectorStop) {
        let resources = ClusterVectorRun.resources(json)
        let (nodes, kinds, names) = try ClusterVectorRun.nodes(json, machines, resources)
        var table = PodShapeTable()
        var shapes: [PodShapeIndex] = []
        for shape in json["shapes"]?.elements ?? [] {
            shapes.append(table.intern(try ClusterVectorRun.shape(shape, resources)))
        }
        var settings = SchedulerSettings()
        settings.percentageOfNodesToScore = 100
        settings.profiles = [try SchedulerVectorProfile.profile(json["profile"])]
        settings.objects.namespaces = [NamespaceObject(name: "default")]
        settings.objects.controllers = try SchedulerVectorProfile.controllers(json["replicaSets"])
        let roster = NodeRoster(kinds: kinds, kindOfNode: Array(kinds.indices), names: names)
        try requireEqual(
            "order", expected: SchedulerScoreVectors.texts(json["order"]),
            got: roster.order.nodes.map { names[$0.position] })
        self.resources = resources
        self.nodes = nodes
        self.table = table
        self.shapes = shapes
        nodeNames = names
        replaces = json["owner"]?.text == "ReplicaSet"
        scheduler = Scheduler(settings: settings, nodes: roster, resources: resources)
        scheduler.add(shapes: table)
    }

    private static func nodes(
        _ json: JSONValue, _ machines: VectorMachines, _ resources: ResourceTable
    ) throws(VectorStop) -> ([VectorNode], [NodeDescription], [String]) {
        var models: [(model: NodeModel, hardware: Machine, json: JSONValue)] = []
        for group in json["groups"]?.elements ?? [] {
            models.append(try model(group, machines, resources))
        }
        var nodes: [VectorNode] = []
        var kinds: [NodeDescription] = []
        var names: [String] = []
        for json in json["nodes"]?.elements ?? [] {
            let group = try required(json["group"]?.integer, "group")
            guard models.indices.contains(group) else { throw .malformed("no such group") }
            let (model, hardware, settings) = models[group]
            names.append(try required(json["name"]?.text, "name"))
            kinds.append(
                NodeDescription(
                    allocatable: model.allocatable, allowedPods: model.maxPods,
                    labels: SchedulerVectorPods.labels(json["labels"]),
                    taints: try SchedulerVectorPods.taints(json["taints"])))
            nodes.append(VectorNode(model: model, json: settings, hardware: hardware))
        }
        return (nodes, kinds, names)
    }

    private static func model(
        _ group: JSONValue, _ machines: VectorMachines, _ resources: ResourceTable
    ) throws(VectorStop) -> (NodeModel, Machine, JSONValue) {
        let machine = try machines.machine(of: group)
        guard let hardware = machine.machine else {
            throw .malformed("`\(machine.name)` has no memory")
        }
        let settings = try VectorSettings.settings(
            try required(group["settings"], "settings"), override: nil,
            gates: group["featureGates"])
        let devices = try VectorSettings.devices(group["devices"])
        let model: NodeModel
        do throws(KubeletStartError) {
            model = try NodeModel(
                machine: hardware, settings: settings, devices: devices, resources: resources)
        } catch {
            throw .mismatch(what: "start", expected: "a kubelet that starts", got: error.message)
        }
        try VectorNode(model: model, json: group, hardware: hardware)
            .checkStart(try required(group["start"], "start"))
        return (model, hardware, group)
    }

    private static func shape(
        _ json: JSONValue, _ resources: ResourceTable
    ) throws(VectorStop) -> PodShape {
        var shape = try VectorPods.shape(json, resources)
        shape.labels = SchedulerVectorPods.labels(json["labels"])
        shape.priority = Int32(clamping: json["priority"]?.integer ?? 0)
        shape.nodeSelector = SchedulerVectorPods.labels(json["nodeSelector"])
        shape.tolerations = try SchedulerVectorPods.tolerations(json["tolerations"])
        let placement = try SchedulerVectorPlacement.rules(json)
        if !placement.isEmpty { shape.placement = placement }
        SchedulerVectorPods.sumRequests(of: &shape, resources)
        return shape
    }

    private static func resources(_ json: JSONValue) -> ResourceTable {
        var table = ResourceTable()
        for size in [Int64(2) << 20, 1 << 30] {
            _ = table.intern(ResourceTable.hugePageResource(ofSize: size))
        }
        for group in json["groups"]?.elements ?? [] {
            for device in group["devices"]?.elements ?? [] {
                if let name = device["resource"]?.text { _ = table.intern(name) }
            }
        }
        for shape in json["shapes"]?.elements ?? [] {
            for part in [shape["resources"] ?? .null] + (shape["containers"]?.elements ?? []) {
                for list in ["both", "requests", "limits"] {
                    for member in part[list]?.members ?? [] { _ = table.intern(member.name) }
                }
            }
        }
        return table
    }
}

// MARK: Operations

extension ClusterVectorRun {
    mutating func run(
        _ operation: JSONValue, expect: [JSONValue], _ place: String
    ) throws(VectorStop) {
        var answers = expect.makeIterator()
        let name = try required(operation["pod"]?.text, "pod")
        switch operation["op"]?.text {
        case "arrive":
            let number = try required(operation["shape"]?.integer, "shape")
            guard shapes.indices.contains(number) else { throw .malformed("no such shape") }
            let pod = add(Pod(name: name, family: name, shape: shapes[number]))
            try arrive(pod, &answers, place)
        case "finish":
            guard let index = running.firstIndex(where: { pods[$0.pod.position].name == name })
            else { throw .malformed("`\(name)` does not run") }
            let (pod, node) = running.remove(at: index)
            nodes[node.position].model.remove(pod, from: &nodes[node.position].state)
            scheduler.forget(shape: pods[pod.position].shape, on: node)
            // Those that fail again keep their places, and what is made meanwhile waits for the next round.
            let round = pending.enumerated().sorted { first, second in
                let priorities = (priority(first.element), priority(second.element))
                return priorities.0 != priorities.1
                    ? priorities.0 > priorities.1 : first.offset < second.offset
            }
            for (_, pod) in round { try arrive(pod, &answers, place) }
        default: throw .malformed("unknown operation")
        }
        try requireEqual("\(place) attempts left", expected: 0, got: remaining(&answers))
    }

    private func priority(_ pod: PodIndex) -> Int32 { table[pods[pod.position].shape].priority }

    private func remaining(_ answers: inout IndexingIterator<[JSONValue]>) -> Int {
        var count = 0
        while answers.next() != nil { count += 1 }
        return count
    }

    private mutating func add(_ pod: Pod) -> PodIndex {
        pods.append(pod)
        return PodIndex(pods.count - 1)
    }

    /// An attempt, and those of the pods that replace it when a kubelet refuses it.
    private mutating func arrive(
        _ first: PodIndex, _ answers: inout IndexingIterator<[JSONValue]>, _ place: String
    ) throws(VectorStop) {
        var next: PodIndex? = first
        while let pod = next {
            next = nil
            let expect = try required(answers.next(), "expect")
            let isRefused = try attempt(
                pod, expect, "\(place) \(pods[pod.position].name)")
            guard isRefused, replaces else { continue }
            let (family, shape) = (pods[pod.position].family, pods[pod.position].shape)
            let number = replacements[family, default: 0] + 1
            guard number <= 5 else { continue }
            replacements[family] = number
            next = add(Pod(name: "\(family)-r\(number)", family: family, shape: shape))
        }
    }

    /// Whether a kubelet refused the pod.
    private mutating func attempt(
        _ pod: PodIndex, _ expect: JSONValue, _ place: String
    ) throws(VectorStop) -> Bool {
        try requireEqual(
            "\(place) pod", expected: expect["pod"]?.text, got: pods[pod.position].name)
        let shape = pods[pod.position].shape
        let report = scheduler.report(shape: shape.position)
        let chosen = scheduler.selectNode(shape: shape.position)
        try requireEqual(
            "\(place) feasible", expected: expect["feasible"]?.integer ?? 0,
            got: report.feasible.count)
        try requireEqual(
            "\(place) nextStart", expected: expect["nextStart"]?.integer ?? 0,
            got: scheduler.selection.nextStart)
        try requireEqual(
            "\(place) node", expected: expect["node"]?.text,
            got: chosen.map { nodeNames[$0.position] })
        guard let chosen else {
            try requireEqual(
                "\(place) unschedulable", expected: expect["unschedulable"]?.text,
                got: report.fitError)
            unschedulable += 1
            if !pending.contains(pod) { pending.append(pod) }
            return false
        }
        if report.feasible.count > 1 {
            try requireEqual(
                "\(place) top", expected: expect["top"]?.integer, got: Int(report.top))
            try requireEqual(
                "\(place) nTies", expected: expect["nTies"]?.integer, got: report.ties.count)
        }
        pending.removeAll { $0 == pod }
        return try admit(pod, on: chosen, report, expect, place)
    }

    private mutating func admit(
        _ pod: PodIndex, on chosen: NodeIndex, _ report: CycleReport, _ expect: JSONValue,
        _ place: String
    ) throws(VectorStop) -> Bool {
        let shape = pods[pod.position].shape
        scheduler.assume(shape: shape, on: chosen)
        let model = nodes[chosen.position].model
        let outcome = model.admit(
            pod, model.prepare(table[shape]), in: &nodes[chosen.position].state, starting: false,
            trace: nil)
        switch outcome {
        case .admitted:
            try requireEqual("\(place) admit", expected: expect["admit"]?.boolean, got: true)
            let node = nodes[chosen.position]
            for placement in model.placements(of: pod, in: node.state) {
                try node.check(
                    placement, expect["containers"]?[placement.name] ?? .object([]),
                    "\(place) \(placement.name)")
            }
            model.start(pod, in: &nodes[chosen.position].state)
            running.append((pod, chosen))
            admitted += 1
        case .rejected(let rejection):
            try requireEqual(
                "\(place) answer",
                expected: [
                    "\(expect["admit"] ?? .null)", expect["by"]?.text, expect["reason"]?.text,
                    expect["message"]?.text,
                ],
                got: [
                    "false", rejection.source.rawValue, rejection.reason(resources),
                    rejection.message(resources),
                ])
            refused[rejection.reason(resources), default: 0] += 1
            scheduler.forget(shape: shape, on: chosen)
        }
        try requireEqual(
            "\(place) shared", expected: expect["shared"]?.text ?? "",
            got: nodes[chosen.position].shared)
        guard case .rejected = outcome else { return false }
        if pods[pod.position].name == pods[pod.position].family {
            try checkElsewhere(pod, chosen, report, expect, place)
        }
        return true
    }

    /// Which other feasible nodes' kubelets would have admitted the pod.
    private func checkElsewhere(
        _ pod: PodIndex, _ chosen: NodeIndex, _ report: CycleReport, _ expect: JSONValue,
        _ place: String
    ) throws(VectorStop) {
        var elsewhere: [String] = []
        for candidate in report.feasible {
            let index = scheduler.order.nodes[candidate.position]
            guard index != chosen else { continue }
            var node = nodes[index.position]
            let outcome = node.model.admit(
                pod, node.model.prepare(table[pods[pod.position].shape]), in: &node.state)
            if case .admitted = outcome { elsewhere.append(nodeNames[index.position]) }
        }
        try requireEqual(
            "\(place) elsewhere", expected: SchedulerScoreVectors.texts(expect["elsewhere"]),
            got: elsewhere)
    }
}

// MARK: The end

extension ClusterVectorRun {
    func checkFinal(_ final: JSONValue) throws(VectorStop) {
        for (index, node) in nodes.enumerated() {
            let name = nodeNames[index]
            let expect = try required(final["nodes"]?[name], name)
            let own = running.filter { $0.node.position == index }
            try requireEqual(
                "final \(name) pods", expected: SchedulerScoreVectors.texts(expect["pods"]),
                got: own.map { pods[$0.pod.position].name })
            try requireEqual(
                "final \(name) shared", expected: expect["shared"]?.text ?? "", got: node.shared)
            try requireEqual(
                "final \(name) free", expected: lines(expect["free"]), got: free(node))
            try requireEqual(
                "final \(name) devices", expected: lines(expect["devices"]),
                got: devices(node, own.map(\.pod)))
            try requireEqual(
                "final \(name) requested",
                expected: (expect["requested"]?.members ?? []).filter { $0.value.integer != 0 }
                    .map { "\($0.name) \($0.value)" }.sorted(), got: requested(NodeIndex(index)))
        }
        let order = pending.enumerated().sorted { first, second in
            let priorities = (priority(first.element), priority(second.element))
            return priorities.0 != priorities.1
                ? priorities.0 > priorities.1 : first.offset < second.offset
        }
        try requireEqual(
            "final pending", expected: SchedulerScoreVectors.texts(final["pending"]),
            got: order.map { pods[$0.element.position].name })
        let totals = final["totals"]
        try requireEqual(
            "final admitted", expected: totals?["admitted"]?.integer ?? 0, got: admitted)
        try requireEqual(
            "final unschedulable", expected: totals?["unschedulable"]?.integer ?? 0,
            got: unschedulable)
        try requireEqual(
            "final refused",
            expected: (totals?["refused"]?.members ?? []).map { "\($0.name) \($0.value)" }
                .sorted(), got: refused.map { "\($0.key) \($0.value)" }.sorted())
    }

    /// `{a: {b: 1}}` as `a b 1`, zeros left out, sorted.
    private func lines(_ json: JSONValue?) -> [String] {
        (json?.members ?? []).flatMap { outer in
            outer.value.members.filter { $0.value.integer != 0 }.map {
                "\(outer.name) \($0.name) \($0.value)"
            }
        }.sorted()
    }

    private func free(_ node: VectorNode) -> [String] {
        guard node.model.settings.memoryManagerPolicy == "Static" else { return [] }
        let types = node.model.memoryTypes
        var lines: [String] = []
        for (position, id) in node.model.layout.osIndices.enumerated() {
            for type in 0..<types.count {
                let free = node.state.memory.tables[position * types.count + type].free
                if free != 0 { lines.append("\(id) \(resources[types.resources[type]]) \(free)") }
            }
        }
        return lines.sorted()
    }

    private func devices(_ node: VectorNode, _ pods: [PodIndex]) -> [String] {
        // An init container's devices serve again in the containers after it.
        var seen = Set<String>()
        var counts: [String: Int] = [:]
        for pod in pods {
            for placement in node.model.placements(of: pod, in: node.state) {
                for device in placement.devices
                where seen.insert("\(device.resource.rawValue) \(device.id)").inserted {
                    let numa = device.numaNodes.map(String.init).joined(separator: ",")
                    counts["\(resources[device.resource]) \(numa)", default: 0] += 1
                }
            }
        }
        return counts.map { "\($0.key) \($0.value)" }.sorted()
    }

    /// The scheduler's own sums.
    private func requested(_ node: NodeIndex) -> [String] {
        let position = scheduler.order.positions[node.position]
        return resources.names.indices.compactMap { resource in
            let amount = scheduler.cluster.nodes.requested(resource, at: position)
            return amount == 0 ? nil : "\(resources.names[resource]) \(amount)"
        }.sorted()
    }
}
