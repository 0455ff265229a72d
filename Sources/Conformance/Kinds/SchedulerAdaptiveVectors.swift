import ClusterScheduler
import Primitives
import WorkloadModel

/// How many nodes a cycle looks for, and where the next one begins.
enum SchedulerAdaptiveVectors {
    @Sendable static func run(
        _ json: JSONValue, _ machines: VectorMachines
    ) throws(VectorStop) {
        let count = try required(json["nodes"]?.integer, "nodes")
        let percentage = try required(json["percentage"]?.integer, "percentage")
        try requireEqual(
            "want", expected: json["want"]?.integer,
            got: NodeSelection.wantedCount(of: count, percentage: percentage))
        guard json["kind"]?.text == "rotation" else { return }
        let every = json["failEvery"]?.integer ?? 0
        let phase = json["failPhase"]?.integer ?? 0
        guard count > 0, count <= 100_000 else { throw .malformed("`nodes` is out of range") }
        let kinds = [Int64(8000), 10].map {
            NodeDescription(allocatable: [$0, 8 << 30, 0], allowedPods: 110)
        }
        let names = (0..<count).map { number in
            let digits = "\(number)"
            return "n" + String(repeating: "0", count: max(0, 3 - digits.count)) + digits
        }
        let roster = NodeRoster(
            kinds: kinds,
            kindOfNode: (0..<count).map { every > 0 && $0 % every == phase ? 1 : 0 },
            names: names)
        var settings = SchedulerSettings()
        settings.percentageOfNodesToScore = percentage
        var scheduler = Scheduler(settings: settings, nodes: roster, resources: ResourceTable())
        var shape = PodShape(qos: .burstable, containers: [])
        shape.requests = [ResourceAmount(ResourceTable.cpu, 100)]
        shape.nonZeroMilliCPU = 100
        shape.nonZeroMemory = 200 << 20
        var table = PodShapeTable()
        let index = table.intern(shape)
        scheduler.add(shapes: table)
        for (number, cycle) in (json["cycles"]?.elements ?? []).enumerated() {
            func expected(_ name: String) -> Int { cycle[name]?.integer ?? 0 }
            let place = "cycle \(number)"
            try requireEqual(
                "\(place) start", expected: expected("start"),
                got: scheduler.selection.nextStart)
            let report = scheduler.report(shape: index.position)
            _ = scheduler.selectNode(shape: index.position)
            try requireEqual(
                "\(place) first", expected: cycle["firstFeasible"]?.text ?? "",
                got: report.feasible.first.map { names[$0.position] } ?? "")
            try requireEqual(
                "\(place) last", expected: cycle["lastFeasible"]?.text ?? "",
                got: report.feasible.last.map { names[$0.position] } ?? "")
            try requireEqual(
                "\(place) counts", expected: [expected("feasible"), expected("evaluated")],
                got: [scheduler.lastCycle.feasible, scheduler.lastCycle.evaluated])
            try requireEqual(
                "\(place) next", expected: expected("next"), got: scheduler.selection.nextStart)
        }
    }
}
