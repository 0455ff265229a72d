import ClusterScheduler
import Primitives
import WorkloadModel

/// Pods scheduled one after another while pods go and nodes come and change.
enum SchedulerSequenceVectors {
    @Sendable static func run(
        _ json: JSONValue, _ machines: VectorMachines
    ) throws(VectorStop) {
        var cluster = try SchedulerVectorCluster(json)
        cluster.settings.percentageOfNodesToScore =
            json["percentageOfNodesToScore"]?.integer ?? 0
        cluster.settings.tieRule = json["pick"]?.text == "lowest" ? .first : .heap
        var shapes: [PodShapeIndex] = []
        for shape in json["shapes"]?.elements ?? [] { shapes.append(try cluster.intern(shape)) }
        var scheduler = cluster.makeScheduler()
        var running: [String: (shape: PodShapeIndex, node: NodeIndex)] = [:]
        for pod in cluster.bound { running[pod.name] = (pod.shape, pod.node) }
        var expected = (json["expect"]?.elements ?? []).makeIterator()
        for (number, operation) in (json["ops"]?.elements ?? []).enumerated() {
            let place = "op \(number)"
            switch operation["op"]?.text {
            case "pod":
                let shapeNumber = try required(operation["shape"]?.integer, "shape")
                guard shapes.indices.contains(shapeNumber) else {
                    throw .malformed("no such shape")
                }
                let shape = shapes[shapeNumber]
                let expect = try required(expected.next(), "expect")
                guard let node = try cycle(shape, &scheduler, cluster, expect, place) else {
                    continue
                }
                scheduler.assume(shape: shape, on: node)
                running[try required(operation["name"]?.text, "name")] = (shape, node)
            case "delete":
                let name = try required(operation["name"]?.text, "name")
                if let pod = running.removeValue(forKey: name) {
                    scheduler.forget(shape: pod.shape, on: pod.node)
                }
            case "nodeAdd":
                let node = try required(operation["node"], "node")
                let name = try required(node["name"]?.text, "name")
                cluster.nodeNames.append(name)
                _ = scheduler.addNode(try cluster.description(node), name: name)
            case "nodeUpdate":
                let node = try required(operation["node"], "node")
                let index = try required(cluster.node(node["name"]?.text ?? ""), "node")
                scheduler.updateNode(index, to: try cluster.description(node))
            default: throw .malformed("unknown operation")
            }
        }
    }

    /// One pod's cycle, compared with its answer.
    private static func cycle(
        _ shape: PodShapeIndex, _ scheduler: inout Scheduler, _ cluster: SchedulerVectorCluster,
        _ expect: JSONValue, _ place: String
    ) throws(VectorStop) -> NodeIndex? {
        let report = scheduler.report(shape: shape.position)
        let chosen = scheduler.selectNode(shape: shape.position)
        try requireEqual(
            "\(place) feasible", expected: expect["feasible"]?.integer ?? 0,
            got: report.feasible.count)
        try requireEqual(
            "\(place) evaluated", expected: expect["evaluated"]?.integer ?? 0,
            got: report.evaluated)
        if let text = expect["error"]?.text {
            try requireEqual(
                "\(place) error", expected: beforePostFilter(text), got: report.fitError)
            try requireEqual(
                "\(place) text", expected: report.fitError,
                got: scheduler.fitError(shape: shape.position))
            try requireEqual(
                "\(place) plugins",
                expected: SchedulerScoreVectors.texts(expect["plugins"]).sorted(),
                got: Set(report.refused.map(\.refusal.plugin)).sorted())
        } else if report.feasible.count > 1 {
            try requireEqual(
                "\(place) top", expected: expect["top"]?.integer, got: Int(report.top))
            let ties = report.ties.sorted().map { scheduler.cluster.roster.name(at: $0) }
            try requireEqual(
                "\(place) nTies", expected: expect["nTies"]?.integer, got: ties.count)
            let listed = SchedulerScoreVectors.texts(expect["ties"])
            try requireEqual(
                "\(place) ties", expected: listed, got: Array(ties.prefix(listed.count)))
        }
        try requireEqual(
            "\(place) node", expected: expect["node"]?.text,
            got: chosen.map { cluster.nodeNames[$0.position] })
        try requireEqual(
            "\(place) counts of the remembered scores",
            expected: [report.feasible.count, report.evaluated],
            got: [scheduler.lastCycle.feasible, scheduler.lastCycle.evaluated])
        try requireEqual(
            "\(place) nextStart", expected: expect["nextStart"]?.integer ?? 0,
            got: scheduler.selection.nextStart)
        return chosen
    }

    /// The scheduling cycle's own part of an event's text.
    private static func beforePostFilter(_ text: String) -> String {
        guard let range = text.firstRange(of: " no new claims to deallocate") else { return text }
        return String(text[..<range.lowerBound])
    }
}
