import Foundation
import LiteralKubelet
import TestSupport
import Testing

/// The literal transcription is right where it gives the kubelet's own answers.
@Suite(.enabled(if: SharedFolder.isPresent)) struct LiteralVectorTests {
    @Test(arguments: ["cpu-assignment", "cpu-assignment-nonterminating"])
    func `the literal accumulator chooses the kubelet's CPUs`(_ name: String) throws {
        let machines = try Vectors.machines()
        var (cases, failures): (Int, [String]) = (0, [])
        for json in try Vectors.lines(name) {
            let machine = machines[json["topology"] as? String ?? ""]!
            let options = json["options"] as? [String] ?? []
            let isPolicy = json["fn"] as? String == "policy"
            let spread =
                isPolicy
                ? options.contains("distribute-cpus-across-cores")
                : (json["strategy"] as? String ?? "").contains("spread")
            let perCore = machine.rows.count / Set(machine.rows.map(\.core)).count
            let group =
                isPolicy
                ? options.contains("full-pcpus-only") ? perCore : 1 : json["group"] as? Int ?? 1
            let isDistributed =
                isPolicy
                ? options.contains("distribute-cpus-across-numa")
                : json["fn"] as? String == "distributed"
            let uncores =
                isPolicy
                ? options.contains("prefer-align-cpus-by-uncorecache")
                : json["prefer_uncore"] as? Bool ?? false
            let free = Vectors.cpus(json["available"])
            let count = json["count"] as? Int ?? 0
            let got =
                isDistributed
                ? LiteralAccumulator.distributed(
                    count, machine.rows, free, group: group, spread: spread)
                : LiteralAccumulator.packed(
                    count, machine.rows, free, spread: spread, uncores: uncores)
            let expect = json["expect"] as? Vectors.Object ?? [:]
            let expected: LiteralAccumulator.Outcome =
                expect["error"] != nil
                ? .refused
                : expect["nonterminating"] != nil
                    ? .neverEnds : .cpus(Vectors.cpus(expect["cpus"]).sorted())
            cases += 1
            if got != expected {
                failures.append("\(json["id"] ?? ""): expected \(expected), got \(got)")
            }
        }
        print("\(name): \(cases) cases, \(failures.count) differ")
        for failure in failures.prefix(5) { print("  \(failure)") }
        #expect(cases > 0)
        #expect(failures == [])
    }

    @Test func `the literal cross product gives the kubelet's merges`() throws {
        var (cases, failures): (Int, [String]) = (0, [])
        for json in try Vectors.lines("hint-merge") {
            let options = json["options"] as? Vectors.Object ?? [:]
            let expect = json["expect"] as? Vectors.Object ?? [:]
            if expect["config_error"] != nil { continue }
            let manager = LiteralTopologyManager(
                nodes: json["numa"] as? [Int] ?? [],
                distances: json["distances"] as? [[Int]] ?? [],
                policy: json["policy"] as? String ?? "",
                prefersClosest: options["prefer-closest-numa-nodes"] as? Bool ?? false)
            let providers = (json["providers"] as? [Any] ?? []).map { provider -> LiteralHints in
                (provider as? Vectors.Object ?? [:]).map { resource, value in
                    let list = (value as? [[Any]])?.map {
                        LiteralHint(
                            ($0[0] as? NSNumber)?.uint64Value,
                            ($0[1] as? Int ?? 0) != 0)
                    }
                    return (resource, list)
                }
            }
            let got = manager.merge(providers)
            let pair = expect["hint"] as? [Any] ?? [0, 0]
            let hint = LiteralHint(
                (pair[0] as? NSNumber)?.uint64Value, (pair[1] as? Int ?? 0) != 0)
            cases += 1
            if got.hint != hint || got.admits != expect["admit"] as? Bool {
                failures.append("\(json["id"] ?? ""): expected \(expect), got \(got)")
            }
        }
        print("hint-merge: \(cases) cases, \(failures.count) differ")
        for failure in failures.prefix(5) { print("  \(failure)") }
        #expect(cases > 0)
        #expect(failures == [])
    }

    @Test func `the literal kubelet decides whole nodes as the kubelet did`() throws {
        let machines = try Vectors.machines()
        var (cases, failures): (Int, [String]) = (0, [])
        for json in try Vectors.lines("node-admission") {
            let run = NodeVectorRun(
                json: json, machine: machines[json["topology"] as? String ?? ""]!)
            cases += 1
            if let difference = run.run() {
                failures.append("\(json["id"] ?? ""): \(difference)")
            }
        }
        print("node-admission: \(cases) cases, \(failures.count) differ")
        for failure in failures.prefix(60) { print("  \(failure.prefix(700))") }
        #expect(cases > 0)
        #expect(failures == [])
    }
}
