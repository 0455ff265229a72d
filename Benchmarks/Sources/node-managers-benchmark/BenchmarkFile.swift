import Foundation
import HardwareModel
import NodeManagers
import Primitives

/// benchmark-cases.json: machines, and cases with what the kubelet answers and what it costs there.
struct BenchmarkFile {
    typealias Object = [String: Any]

    struct Malformed: Error, CustomStringConvertible {
        var description: String
    }

    let machines: [String: BenchmarkMachine]
    let cases: [Object]

    /// In the folder of TOPSIM_SHARED, or in `shared` beside the checkout.
    static var defaultURL: URL {
        let folder =
            ProcessInfo.processInfo.environment["TOPSIM_SHARED"].map { URL(filePath: $0) }
            ?? URL(filePath: #filePath).deletingLastPathComponent().appending(
                path: "../../../../shared"
            ).standardizedFileURL
        return folder.appending(path: "conformance/benchmark-cases.json")
    }

    init(_ url: URL) throws {
        let json = try JSONSerialization.jsonObject(with: Data(contentsOf: url))
        guard let object = json as? Object, let machines = object["machines"] as? [Object],
            let cases = object["cases"] as? [Object]
        else { throw Malformed(description: "no `machines` and `cases`") }
        var byName: [String: BenchmarkMachine] = [:]
        for machine in machines {
            let machine = try BenchmarkMachine(machine)
            byName[machine.machine.name] = machine
        }
        self.machines = byName
        self.cases = cases
    }

    func cases(ofKind kind: String) -> [Object] {
        cases.filter { $0["kind"] as? String == kind }
    }

    func machine(of item: Object) throws -> BenchmarkMachine {
        let name: String = try value(item, "machine")
        guard let machine = machines[name] else {
            throw Malformed(description: "no machine `\(name)`")
        }
        return machine
    }

    static func kubeletTime(_ item: Object) -> Double? {
        ((item["kubelet"] as? Object)?["nsPerOp"] as? NSNumber)?.doubleValue
    }
}

/// The value of a key that a case must have.
func value<Value>(_ object: BenchmarkFile.Object, _ key: String) throws -> Value {
    guard let value = object[key] as? Value else {
        throw BenchmarkFile.Malformed(description: "a case without a usable `\(key)`")
    }
    return value
}

/// `0-3,8` as a set.
func cpuSet(_ text: String) throws -> CPUSet {
    var set = CPUSet()
    for part in text.split(separator: ",") {
        let ends = part.split(separator: "-").compactMap { Int($0) }
        guard let low = ends.first, let high = ends.last, low <= high, high < CPUSet.capacity else {
            throw BenchmarkFile.Malformed(description: "`\(text)` is no list of CPUs")
        }
        for cpu in low...high { set.insert(cpu) }
    }
    return set
}

/// A machine of the file.
struct BenchmarkMachine {
    let rows: [CPUTopology.Row]
    let topology: CPUTopology
    let layout: NUMALayout
    let machine: Machine

    init(_ json: BenchmarkFile.Object) throws {
        let cpus: [[Int]] = try value(json, "cpus")
        let numa: [BenchmarkFile.Object] = try value(json, "numa")
        let distances: [[Int]] = try value(json, "distances")
        let rows = cpus.map {
            CPUTopology.Row(cpu: $0[0], core: $0[1], socket: $0[2], numaNode: $0[3], uncore: $0[4])
        }
        var machine = Machine(name: try value(json, "name"))
        func ids(_ path: KeyPath<CPUTopology.Row, Int>) -> [Int] {
            Set(rows.map { $0[keyPath: path] }).sorted()
        }
        func position(_ id: Int, in ids: [Int]) throws -> Int {
            guard let position = ids.firstIndex(of: id) else {
                throw BenchmarkFile.Malformed(description: "a CPU on an unknown unit")
            }
            return position
        }
        let (sockets, cores, uncores) = (ids(\.socket), ids(\.core), ids(\.uncore))
        machine.sockets = sockets.map { Socket(osIndex: $0) }
        machine.uncoreCaches = uncores.map { _ in UncoreCache(size: 0) }
        var socketOfCore: [Int: Int] = [:]
        for row in rows { socketOfCore[row.core] = row.socket }
        machine.cores = try cores.map {
            Core(osIndex: $0, socket: try position(socketOfCore[$0] ?? 0, in: sockets))
        }
        var nodeIDs: [Int] = []
        for node in numa {
            nodeIDs.append(try value(node, "id"))
            let small: Int = try value(node, "hugepages_2Mi")
            let large: Int = try value(node, "hugepages_1Gi")
            let memory: Int = try value(node, "memory")
            machine.numaNodes.append(
                NUMANode(
                    osIndex: try value(node, "id"), memory: Int64(memory),
                    hugePages: [
                        HugePagePool(pageSize: 2 << 20, count: Int64(small)),
                        HugePagePool(pageSize: 1 << 30, count: Int64(large)),
                    ]))
        }
        machine.cpus = try rows.map { row in
            CPU(
                osIndex: row.cpu, core: try position(row.core, in: cores),
                socket: try position(row.socket, in: sockets),
                numaNode: try position(row.numaNode, in: nodeIDs),
                uncoreCache: try position(row.uncore, in: uncores))
        }
        machine.distances = NUMADistances(
            count: nodeIDs.count, values: distances.flatMap { $0 })
        self.rows = rows
        self.machine = machine
        topology = CPUTopology(rows: rows)
        layout = NUMALayout(machine)
    }
}
