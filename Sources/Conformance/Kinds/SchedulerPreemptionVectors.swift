import ClusterScheduler
import Primitives
import WorkloadModel

/// A pod that fits nowhere: whom it would make leave, and where.
enum SchedulerPreemptionVectors: Sendable {
    @Sendable static func run(
        _ json: JSONValue, _ machines: VectorMachines
    ) throws(VectorStop) {
        var cluster = try SchedulerVectorCluster(json)
        cluster.settings.percentageOfNodesToScore = 100
        let pod = try required(json["pod"], "pod")
        let shape = try cluster.intern(pod)
        var scheduler = cluster.makeScheduler()
        let number: UInt32 = 0
        if let node = pod["nominatedNodeName"]?.text.flatMap({ cluster.node($0) }) {
            scheduler.nominate(Nomination(pod: number, shape: shape, node: node))
        }
        // Numbers behind those of nominated pods.
        let first = UInt32(cluster.nominated.count + 1)
        scheduler.nodePods.keep(nodeCount: cluster.nodes.count)
        for (index, pod) in cluster.bound.enumerated() {
            scheduler.nodePods.add(
                NodePod(
                    pod: first + UInt32(index), shape: pod.shape,
                    startTime: pod.startTime.map { Int64($0) },
                    termination: pod.isPreempted ? .preempted : pod.isTerminating ? .deleted : .none
                ),
                to: pod.node)
        }
        scheduler.setBudgets(try budgets(json["cluster"]?["pdbs"], cluster, first))

        let expect = try required(json["expect"], "expect")
        let report = scheduler.report(shape: shape.position, pod: number)
        try requireEqual(
            "order", expected: SchedulerScoreVectors.texts(expect["order"]),
            got: (0..<scheduler.cluster.nodeCount).map { scheduler.cluster.roster.name(at: $0) })
        try requireEqual("filterError", expected: expect["filterError"]?.text, got: report.fitError)
        try requireEqual(
            "unschedulableNodes",
            expected: SchedulerScoreVectors.texts(expect["unschedulableNodes"]),
            got: report.worthTrying.map { scheduler.cluster.roster.name(at: $0) })
        let chosen = scheduler.selectNode(shape: shape.position, pod: number)
        try requireEqual("the choice by remembered scores", expected: nil, got: chosen)
        let failure = scheduler.failure(
            shape: shape, pinnedPosition: -1, pod: number, wantsNodes: true)
        try requireEqual(
            "nodes worth a try without a report", expected: report.worthTrying,
            got: failure.worthTrying)
        let outcome = scheduler.preempt(
            pod: number, shape: shape, worthTrying: report.worthTrying)
        try compare(outcome, expect, cluster, first)
        if case .possible(let candidates, let best) = outcome,
            let feasible = expect["feasibleAfterVictimsGone"]
        {
            try checkSecondCycle(
                &scheduler, Nomination(pod: number, shape: shape, node: candidates[best[0]].node),
                candidates[best[0]].victims, feasible)
        }
    }

    private static func compare(
        _ outcome: PreemptionOutcome, _ expect: JSONValue, _ cluster: SchedulerVectorCluster,
        _ first: UInt32
    ) throws(VectorStop) {
        var isEligible = true
        if case .ineligible = outcome { isEligible = false }
        try requireEqual("eligible", expected: expect["eligible"]?.boolean, got: isEligible)
        try requireEqual(
            "postFilterMessage", expected: expect["postFilterMessage"]?.text, got: outcome.message)
        try requireEqual(
            "postFilterCode", expected: expect["postFilterCode"]?.text,
            got: outcome.message == nil ? "Success" : "Unschedulable")
        guard case .possible(let candidates, let best) = outcome else { return }
        func line(_ candidate: PreemptionCandidate) -> String {
            let victims = candidate.victims.map { cluster.bound[Int($0.pod - first)].name }
            return "\(cluster.nodeNames[candidate.node.position]): "
                + "\(victims.joined(separator: " ")), \(candidate.violations) violations"
        }
        func expectedLine(_ json: JSONValue) -> String {
            let victims = SchedulerScoreVectors.texts(json["victims"]).joined(separator: " ")
            return "\(json["node"]?.text ?? ""): \(victims), "
                + "\(json["pdbViolations"]?.integer ?? 0) violations"
        }
        try requireEqual(
            "candidates", expected: (expect["candidates"]?.elements ?? []).map(expectedLine),
            got: candidates.sorted {
                cluster.nodeNames[$0.node.position] < cluster.nodeNames[$1.node.position]
            }.map(line))
        try requireEqual(
            "nominatedAnyOf",
            expected: SchedulerScoreVectors.texts(expect["nominatedAnyOf"]).sorted(),
            got: best.map { cluster.nodeNames[candidates[$0].node.position] }.sorted())
    }

    /// The pod again, its victims gone and its node reserved.
    private static func checkSecondCycle(
        _ scheduler: inout Scheduler, _ nomination: Nomination, _ victims: [NodePod],
        _ feasible: JSONValue
    ) throws(VectorStop) {
        for victim in victims {
            scheduler.forget(
                shape: victim.shape, on: nomination.node,
                isTerminating: victim.termination != .none)
        }
        scheduler.nominate(nomination)
        let report = scheduler.report(
            shape: nomination.shape.position, pod: nomination.pod)
        try requireEqual(
            "feasibleAfterVictimsGone", expected: SchedulerScoreVectors.texts(feasible),
            got: report.feasible.map { scheduler.cluster.roster.name(at: $0.position) })
    }

    private static func budgets(
        _ json: JSONValue?, _ cluster: SchedulerVectorCluster, _ first: UInt32
    ) throws(VectorStop) -> [DisruptionBudget] {
        var budgets: [DisruptionBudget] = []
        for entry in json?.elements ?? [] {
            let names = SchedulerScoreVectors.texts(entry["disruptedPods"])
            let disrupted = cluster.bound.indices.filter { names.contains(cluster.bound[$0].name) }
            budgets.append(
                DisruptionBudget(
                    namespace: entry["ns"]?.text ?? "default",
                    selector: try SchedulerVectorPlacement.selector(entry["selector"])
                        ?? LabelSelector(),
                    allowed: Int64(entry["disruptionsAllowed"]?.integer ?? 0),
                    disrupted: Set(disrupted.map { first + UInt32($0) })))
        }
        return budgets
    }
}
