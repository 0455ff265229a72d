import Foundation
import LiteralKubelet
import TestSupport

/// The kubelet's own answers, read for the literal transcription.
enum Vectors {
    typealias Object = [String: Any]

    static func lines(_ name: String) throws -> [Object] {
        let url = SharedFolder.url!.appending(path: "conformance/\(name).jsonl")
        return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map {
            try JSONSerialization.jsonObject(with: Data($0.utf8)) as? Object ?? [:]
        }
    }

    static func machines() throws -> [String: LiteralMachine] {
        let url = SharedFolder.url!.appending(path: "conformance/topologies.json")
        let json = try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? Object
        var machines: [String: LiteralMachine] = [:]
        for machine in json?["machines"] as? [Object] ?? [] {
            let rows = (machine["cpus"] as? [[Int]] ?? []).map {
                LiteralMachine.Row(
                    cpu: $0[0], core: $0[1], socket: $0[2], numaNode: $0[3], uncore: $0[4])
            }
            let nodes = (machine["numa"] as? [Object] ?? []).map { node in
                LiteralMachine.Node(
                    id: node["id"] as? Int ?? 0, memory: node["memory"] as? Int ?? 0,
                    hugePages: [
                        "hugepages-2Mi": (node["hugepages_2Mi"] as? Int ?? 0) << 21,
                        "hugepages-1Gi": (node["hugepages_1Gi"] as? Int ?? 0) << 30,
                    ])
            }
            machines[machine["name"] as? String ?? ""] = LiteralMachine(
                rows: rows, nodes: nodes, distances: machine["distances"] as? [[Int]] ?? [])
        }
        return machines
    }

    static func cpus(_ text: Any?) -> Set<Int> {
        guard let text = text as? String, !text.isEmpty else { return [] }
        return text.split(separator: ",").reduce(into: []) { set, part in
            let ends = part.split(separator: "-").map { Int($0)! }
            set.formUnion(ends[0]...ends[ends.count - 1])
        }
    }

    /// Bytes, units, or milli-CPU.
    static func amount(_ text: String, _ name: String) -> Int {
        let units: [(String, Int)] = [
            ("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30), ("Ti", 1 << 40), ("k", 1000),
            ("M", 1_000_000), ("G", 1_000_000_000),
        ]
        if name == "cpu" {
            if text.hasSuffix("m") { return Int(text.dropLast())! }
            return Int((Double(text)! * 1000).rounded())
        }
        for (suffix, factor) in units where text.hasSuffix(suffix) {
            return Int(Double(text.dropLast(suffix.count))! * Double(factor))
        }
        return Int(text)!
    }

    static func amounts(_ json: Any?) -> [String: Int] {
        var result: [String: Int] = [:]
        for (name, text) in json as? [String: String] ?? [:] {
            result[name] = amount(text, name)
        }
        return result
    }

    static func settings(_ json: Object, gates: Any?) -> LiteralSettings {
        var settings = LiteralSettings()
        settings.cpuPolicy = json["cpuManagerPolicy"] as? String ?? "none"
        settings.cpuOptions = json["cpuManagerPolicyOptions"] as? [String: String] ?? [:]
        settings.memoryPolicy = json["memoryManagerPolicy"] as? String ?? "None"
        settings.reservedMemory = (json["reservedMemory"] as? [Object] ?? []).map {
            ($0["numaNode"] as? Int ?? 0, amounts($0["limits"]))
        }
        settings.topologyPolicy = json["topologyManagerPolicy"] as? String ?? "none"
        settings.scope = json["topologyManagerScope"] as? String ?? "container"
        settings.topologyOptions = json["topologyManagerPolicyOptions"] as? [String: String] ?? [:]
        settings.kubeReserved = amounts(json["kubeReserved"])
        settings.systemReserved = amounts(json["systemReserved"])
        let eviction = json["evictionHardMemory"] as? String ?? "100Mi"
        settings.evictionHardMemory = eviction.isEmpty ? 0 : amount(eviction, "memory")
        settings.reservedSystemCPUs = cpus(json["reservedSystemCPUs"])
        settings.gates = gates as? [String: Bool] ?? [:]
        return settings
    }

    static func plugins(_ json: Any?) -> [LiteralPlugin] {
        (json as? [Object] ?? []).map { plugin in
            LiteralPlugin(
                resource: plugin["resource"] as? String ?? "",
                preferred: LiteralPlugin.Preferred(
                    rawValue: plugin["preferred"] as? String ?? "none") ?? .none,
                devices: (plugin["devices"] as? [Object] ?? []).map { device in
                    LiteralPlugin.Device(
                        id: device["id"] as? String ?? "", nodes: device["numa"] as? [Int],
                        isHealthy: device["healthy"] as? Bool ?? false)
                })
        }
    }

    static func pod(_ json: Object) -> LiteralPod {
        let name = json["name"] as? String ?? ""
        let containers = (json["containers"] as? [Object] ?? []).map { container in
            let both = amounts(container["both"])
            return LiteralContainer(
                name: container["name"] as? String ?? "",
                kind: LiteralContainer.Kind(rawValue: container["kind"] as? String ?? "app")!,
                requests: both.merging(amounts(container["requests"])) { $1 },
                limits: both.merging(amounts(container["limits"])) { $1 })
        }
        var podLevel: (requests: [String: Int], limits: [String: Int])?
        if let resources = json["resources"] as? Object {
            podLevel = (amounts(resources["requests"]), amounts(resources["limits"]))
        }
        return LiteralPod(
            uid: "uid-\(name)",
            containers: containers.filter { $0.kind != .app }
                + containers.filter { $0.kind == .app },
            podLevel: podLevel)
    }
}
