import Foundation
import LiteralKubelet

/// One node-admission case led through the literal transcription.
struct NodeVectorRun {
    struct Difference: Error { var text: String }

    let json: Vectors.Object
    let machine: LiteralMachine

    /// The first difference from the expectation and from every alternative; nil when one of them agrees.
    func run() -> String? {
        let ops = json["ops"] as? [Vectors.Object] ?? []
        var expectations: [(ops: [Vectors.Object], final: Vectors.Object?)] = [
            (ops.map { $0["expect"] as? Vectors.Object ?? [:] }, json["final"] as? Vectors.Object)
        ]
        for other in json["alternatives"] as? [Vectors.Object] ?? [] {
            expectations.append(
                (other["ops"] as? [Vectors.Object] ?? [], other["final"] as? Vectors.Object))
        }
        var first: String?
        for expectation in expectations {
            do {
                try follow(ops, expectation.ops, expectation.final)
                return nil
            } catch {
                first = first ?? (error as? Difference)?.text ?? "\(error)"
            }
        }
        return first
    }

    func require<Value: Equatable>(_ what: String, _ expected: Value, _ got: Value) throws {
        if expected != got {
            throw Difference(text: "\(what): expected \(expected), got \(got)")
        }
    }

    private func follow(
        _ ops: [Vectors.Object], _ expectations: [Vectors.Object], _ final: Vectors.Object?
    ) throws {
        var settings = json["settings"] as? Vectors.Object ?? [:]
        let gates = json["featureGates"]
        var kubelet: LiteralKubelet
        let start = json["start"] as? Vectors.Object ?? [:]
        do {
            kubelet = try LiteralKubelet(
                machine, Vectors.settings(settings, gates: gates), Vectors.plugins(json["devices"]))
        } catch let error as LiteralStartError {
            try require("start stage", start["stage"] as? String, error.stage)
            try require("start error", start["error"] as? String, error.message)
            return
        }
        try require("start error", start["error"] as? String, nil)
        func checkShared(_ place: String, _ expect: Vectors.Object) throws {
            try require(
                "\(place) shared", expect["shared"] as? String ?? "", listed(kubelet.cpu.pool))
        }
        try checkShared("start", start)
        for (index, op) in ops.enumerated() {
            guard index < expectations.count else { return }
            let expect = expectations[index]
            let place = "op \(index)"
            switch op["op"] as? String {
            case "admit":
                let pod = Vectors.pod(op["pod"] as? Vectors.Object ?? [:])
                let answer = kubelet.admit(pod, starting: false, wishes: wishes(expect))
                try check(place, pod, answer, expect, kubelet.settings)
                if answer.refusal == nil, op["start"] as? Bool ?? true { kubelet.start(pod) }
            case "remove": kubelet.remove("uid-\(op["pod"] as? String ?? "")")
            case "device-health":
                kubelet.setHealth(
                    op["resource"] as? String ?? "", unhealthy: op["unhealthy"] as? [String] ?? [])
            default:
                for (name, value) in op["override"] as? Vectors.Object ?? [:] {
                    settings[name] = value
                }
                let pods = kubelet.pods
                let expected = expect["pods"] as? [Vectors.Object] ?? []
                var wishes: [String: [String: [String: Set<String>]]] = [:]
                for pod in expected {
                    wishes["uid-\(pod["pod"] as? String ?? "")"] = self.wishes(pod)
                }
                do {
                    let answers = try kubelet.restart(
                        Vectors.settings(settings, gates: gates),
                        plugins: .init(rawValue: op["plugins"] as? String ?? "")!, wishes: wishes)
                    try require("\(place) error", expect["error"] as? String, nil)
                    try require(
                        "\(place) pods", expected.map { "uid-\($0["pod"] as? String ?? "")" },
                        answers.map(\.uid))
                    for (answer, expect) in zip(answers, expected) {
                        try check(
                            "\(place) \(answer.uid)", pods.first { $0.uid == answer.uid }!, answer,
                            expect, kubelet.settings)
                    }
                } catch let error as LiteralStartError {
                    try require("\(place) stage", expect["stage"] as? String, error.stage)
                    try require("\(place) error", expect["error"] as? String, error.message)
                    continue
                }
            }
            try checkShared(place, expect)
        }
        try checkFinal(final ?? [:], kubelet)
    }

    private func wishes(_ expect: Vectors.Object) -> [String: [String: Set<String>]] {
        var result: [String: [String: Set<String>]] = [:]
        for (name, container) in expect["containers"] as? [String: Vectors.Object] ?? [:] {
            for (resource, devices) in container["devices"] as? [String: Vectors.Object] ?? [:] {
                result[name, default: [:]][resource] = Set(devices["ids"] as? [String] ?? [])
            }
        }
        return result
    }

    private func check(
        _ place: String, _ pod: LiteralPod, _ answer: LiteralKubelet.Answer,
        _ expect: Vectors.Object, _ settings: LiteralSettings
    ) throws {
        try require("\(place) qos", expect["qos"] as? String, pod.qos(settings))
        if settings.topologyPolicy != "none" {
            let scopes = expect["scopes"] as? [Vectors.Object] ?? []
            for (number, (scope, step)) in zip(scopes, answer.steps).enumerated() {
                let what = "\(place) merge \(number)"
                try require("\(what) container", scope["container"] as? String, step.container)
                try require("\(what) hints", hints(scope), hints(step))
                try require("\(what) merged", hint(scope["merged"]), step.merged)
                try require("\(what) admits", scope["admit"] as? Bool, step.admits)
            }
            try require("\(place) merges", scopes.count, answer.steps.count)
        }
        let expected =
            expect["admit"] as? Bool == true
            ? nil
            : LiteralRefusal(
                by: expect["by"] as? String ?? "", reason: expect["reason"] as? String ?? "",
                message: expect["message"] as? String ?? "")
        try require("\(place) answer", expected, answer.refusal)
        for (name, container) in expect["containers"] as? [String: Vectors.Object] ?? [:] {
            let held = answer.containers[name]!
            let what = "\(place) \(name)"
            try require("\(what) cpus", container["cpus"] as? String ?? "", listed(held.cpus))
            try require(
                "\(what) memory", blocks(container["memory"]),
                held.memory.sorted { $0.type < $1.type })
            if settings.topologyPolicy != "none" {
                try require(
                    "\(what) affinity", hint(container["affinity"]), held.affinity)
            }
            let devices = container["devices"] as? [String: Vectors.Object] ?? [:]
            try require("\(what) devices", devices.keys.sorted(), held.devices.keys.sorted())
            for (resource, want) in devices {
                if let ids = want["ids"] as? [String] {
                    try require("\(what) \(resource)", Set(ids), held.devices[resource]!)
                }
            }
        }
    }

    private func hint(_ json: Any?) -> LiteralHint {
        let pair = json as? [Any] ?? []
        guard pair.count == 2 else { return LiteralHint(nil, false) }
        return LiteralHint(
            (pair[0] as? Int).map { UInt64($0) }, (pair[1] as? Int ?? 0) != 0)
    }

    private func blocks(_ json: Any?) -> [LiteralMemoryManager.Block] {
        (json as? [[Any]] ?? []).map {
            LiteralMemoryManager.Block(
                type: $0[0] as? String ?? "", nodes: $0[1] as? [Int] ?? [],
                size: $0[2] as? Int ?? 0)
        }
    }

    private func hints(_ scope: Vectors.Object) -> [String] {
        (scope["hints"] as? Vectors.Object ?? [:]).map { name, value in
            if let object = value as? Vectors.Object {
                return "\(name) \(object["n"] as? Int ?? 0) \(object["preferred"] as? [Int] ?? [])"
            }
            guard let list = value as? [[Any]] else { return "\(name) null" }
            return "\(name) \(list.map { hint($0) })"
        }.sorted()
    }

    private func hints(_ step: LiteralKubelet.Step) -> [String] {
        var result: [String] = []
        for (provider, lists) in zip(["device", "cpu", "memory"], step.hints) {
            for (resource, hints) in lists {
                let name = "\(provider):\(resource)"
                guard let hints else {
                    result.append("\(name) null")
                    continue
                }
                if machine.nodes.count <= 2 {
                    result.append("\(name) \(hints)")
                } else {
                    let preferred = hints.filter(\.preferred).map { Int($0.mask!) }
                    result.append("\(name) \(hints.count) \(preferred)")
                }
            }
        }
        return result.sorted()
    }

    private func checkFinal(_ final: Vectors.Object, _ kubelet: LiteralKubelet) throws {
        if let cpu = final["cpu"] as? Vectors.Object {
            var entries: [String: [String: String]] = [:]
            for (uid, containers) in kubelet.cpu.entries where !containers.isEmpty {
                entries[uid] = containers.mapValues(listed)
            }
            try require(
                "final cpu entries", cpu["entries"] as? [String: [String: String]] ?? [:], entries)
            try require(
                "final pod cpus",
                (cpu["podEntries"] as? [String: [String: String]] ?? [:]).mapValues {
                    $0["cpuSet"] ?? ""
                }, kubelet.cpu.podEntries.mapValues(listed))
        }
        guard let memory = final["memory"] as? Vectors.Object else { return }
        for (id, node) in memory["machineState"] as? [String: Vectors.Object] ?? [:] {
            let own = kubelet.memory.nodes[Int(id)!]!
            try require("final assignments \(id)", node["assignments"] as? Int, own.assignments)
            try require("final cells \(id)", node["cells"] as? [Int], own.cells)
            for (type, table) in node["memory"] as? [String: [Int]] ?? [:] {
                let mine = own.tables[type]!
                try require(
                    "final \(type) \(id)", table,
                    [
                        mine.total, mine.systemReserved, mine.allocatable, mine.reserved, mine.free,
                    ])
            }
        }
        var expected: [String: [LiteralMemoryManager.Block]] = [:]
        for (uid, containers) in memory["entries"] as? [String: [String: Any]] ?? [:] {
            for (name, list) in containers { expected["\(uid) \(name)"] = blocks(list) }
        }
        var got: [String: [LiteralMemoryManager.Block]] = [:]
        for (uid, containers) in kubelet.memory.entries {
            for (name, list) in containers {
                got["\(uid) \(name)"] = list.sorted { $0.type < $1.type }
            }
        }
        try require("final memory entries", expected, got)
        try require(
            "final pod memory",
            (memory["podEntries"] as? [String: Any] ?? [:]).mapValues { blocks($0) },
            kubelet.memory.podEntries)
        guard let devices = final["devices"] as? Vectors.Object,
            json["deviceIdsUnstable"] as? Bool != true
        else { return }
        func described(_ uid: String, _ container: String, _ resource: String, _ ids: [String])
            -> String
        {
            "\(uid) \(container) \(resource) \(Set(ids).sorted())"
        }
        try require(
            "final device entries",
            (devices["podDeviceEntries"] as? [[Any]] ?? []).map {
                described(
                    $0[0] as? String ?? "", $0[1] as? String ?? "", $0[2] as? String ?? "",
                    ($0[3] as? [String: [String]] ?? [:]).values.flatMap { $0 })
            }.sorted(),
            kubelet.devices.checkpoint.entries.map {
                described($0.uid, $0.container, $0.resource, Array($0.ids))
            }.sorted())
        try require(
            "final registered devices",
            (devices["registeredDevices"] as? [String: [String]] ?? [:]).mapValues { Set($0) },
            kubelet.devices.checkpoint.registered)
    }
}
