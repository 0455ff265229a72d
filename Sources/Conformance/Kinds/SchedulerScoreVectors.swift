import ClusterScheduler
import Primitives
import WorkloadModel

/// One pod on one cluster: which nodes refuse it and why, what every plugin gives the others, who wins.
enum SchedulerScoreVectors {
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
        let expect = try required(json["expect"], "expect")
        let report = scheduler.report(shape: shape.position, pod: number)
        func name(_ position: Int) -> String { scheduler.cluster.roster.name(at: position) }
        let order = (0..<scheduler.cluster.nodeCount).map { name($0) }
        try requireEqual("order", expected: texts(expect["order"]), got: order)
        try checkRefusals(report, expect, order)
        try checkScores(report, expect, order)
        try requireEqual(
            "winner", expected: expect["winner"]?.text, got: report.heapWinner.map { order[$0] })
        let chosen = scheduler.selectNode(shape: shape.position, pod: number)
        try requireEqual(
            "the choice by remembered scores", expected: expect["winner"]?.text,
            got: chosen.map { cluster.nodeNames[$0.position] })
    }

    static func texts(_ json: JSONValue?) -> [String] { json?.elements.compactMap(\.text) ?? [] }

    private static func checkRefusals(
        _ report: CycleReport, _ expect: JSONValue, _ order: [String]
    ) throws(VectorStop) {
        let preFilter = report.preFilterRefusal.map {
            ["", $0.plugin, $0.code.rawValue, $0.reasons.joined(separator: "; ")]
        }
        try requireEqual(
            "preFilterReject", expected: expect["preFilterReject"].map(refusal), got: preFilter)
        let expected = expect["rejected"]?.elements ?? []
        for index in 0..<max(expected.count, report.refused.count) {
            let got: [String]? =
                index < report.refused.count
                ? [
                    order[report.refused[index].position], report.refused[index].refusal.plugin,
                    report.refused[index].refusal.code.rawValue,
                    report.refused[index].refusal.reasons.sorted().joined(separator: "; "),
                ] : nil
            try requireEqual(
                "rejected \(index)",
                expected: index < expected.count ? refusal(expected[index]) : nil, got: got)
        }
        if let text = expect["fitError"]?.text {
            try requireEqual("fitError", expected: text, got: report.fitError)
        }
    }

    private static func refusal(_ json: JSONValue) -> [String] {
        [
            json["n"]?.text ?? "", json["plugin"]?.text ?? "", json["code"]?.text ?? "",
            texts(json["reasons"]).joined(separator: "; "),
        ]
    }

    private static func checkScores(
        _ report: CycleReport, _ expect: JSONValue, _ order: [String]
    ) throws(VectorStop) {
        try requireEqual(
            "scorePlugins", expected: texts(expect["scorePlugins"]), got: report.scorePlugins)
        try requireEqual(
            "scoreWeights", expected: numbers(expect["scoreWeights"]), got: report.scoreWeights)
        let expected = expect["feasible"]?.elements ?? []
        try requireEqual(
            "feasible", expected: expected.map { $0["n"]?.text ?? "" },
            got: report.feasible.map { order[$0.position] })
        for (node, json) in zip(report.feasible, expected) {
            let what = order[node.position]
            let scores = numbers(json["s"])
            try requireEqual(
                "\(what) raw scores", expected: json["raw"] == nil ? scores : numbers(json["raw"]),
                got: node.raw)
            try requireEqual("\(what) scores", expected: scores, got: node.scores)
            try requireEqual(
                "\(what) total", expected: json["total"]?.integer, got: Int(node.total))
        }
        try requireEqual(
            "top", expected: texts(expect["top"]), got: report.ties.map { order[$0] })
    }

    private static func numbers(_ json: JSONValue?) -> [Int64] {
        json?.elements.compactMap(\.integer).map { Int64($0) } ?? []
    }
}
