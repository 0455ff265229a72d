import HardwareModel
import ScenarioInput

/// A machine from MachineInfo as the kubelet's topology discovery walks through it: an oracle for what is exported.
///
/// Source: kubelet cm/cpumanager/topology/topology.go (`Discover`), cadvisor info/v1/machine.go.
enum CadvisorOracle {
    static func machine(_ text: String) throws -> Machine {
        let root = try readJSONSource(Array(text.utf8), file: "machineinfo.json")
        func number(_ node: SourceNode?) -> Int { node?.text.flatMap { Int($0) } ?? -1 }
        var description = MachineDescription(name: "machineinfo")
        var sockets: [Int: [Int]] = [:]
        var caches: [Int: (size: Int, cpus: [Int])] = [:]
        var distances: [[Int]] = []
        for node in root["topology"]?.elements ?? [] {
            var cpus: [Int] = []
            for core in node["cores"]?.elements ?? [] {
                let threads = (core["thread_ids"]?.elements ?? []).map { number($0) }
                description.cores.append(.init(osIndex: number(core["core_id"]), cpus: threads))
                sockets[number(core["socket_id"]), default: []] += threads
                cpus += threads
                for cache in core["uncore_caches"]?.elements ?? [] {
                    caches[number(cache["id"]), default: (number(cache["size"]), [])].cpus +=
                        threads
                }
            }
            for cache in node["caches"]?.elements ?? [] where number(cache["level"]) == 3 {
                caches[number(cache["id"])] = (number(cache["size"]), cpus)
            }
            description.numaNodes.append(
                .init(
                    osIndex: number(node["node_id"]), memory: Int64(number(node["memory"])),
                    hugePages: (node["hugepages"]?.elements ?? []).map {
                        HugePagePool(
                            pageSize: Int64(number($0["page_size"])) * 1024,
                            count: Int64(number($0["num_pages"])))
                    }, cpus: cpus))
            if let row = node["distances"]?.elements { distances.append(row.map { number($0) }) }
        }
        description.sockets = sockets.keys.sorted().map {
            .init(osIndex: $0, cpus: sockets[$0] ?? [])
        }
        description.uncoreCaches = caches.keys.sorted().compactMap { id in
            caches[id].map { .init(size: Int64($0.size), cpus: $0.cpus) }
        }
        if distances.count == description.numaNodes.count { description.distances = distances }
        let machine = try description.makeMachine()
        // The totals say what the parts say.
        guard number(root["num_cores"]) == machine.cpus.count,
            number(root["num_sockets"]) == machine.sockets.count,
            number(root["num_physical_cores"]) == machine.cores.count,
            number(root["memory_capacity"]) == machine.totalMemory
        else { throw InputError([Diagnostic(file: "machineinfo.json", message: "totals")]) }
        return machine
    }
}
