import Foundation
import TestSupport

/// What hwloc 2.9 itself says of every file in the shared folder (hw/oracle), by file.
struct HwlocOracle {
    struct Counts {
        var sockets: Int
        var dies: Int
        var numaNodes: Int
        var uncoreCaches: Int
        var cores: Int
        var cpus: Int
        var pciDevices: Int
        var osDevices: Int
    }

    struct Memory {
        var logicalIndex: Int
        var osIndex: Int
        var bytes: Int64
        var subtype: String
        var cores: Int
        /// In hwloc's logical order.
        var cpus: [Int]
    }

    struct Locality {
        var name: String
        var numaNodes: [Int]
    }

    static let files: [String] = counts.keys.sorted()

    static let counts: [String: Counts] = rows("hwloc-summary.tsv").reduce(into: [:]) {
        let numbers = $1.dropFirst().map { Int($0) ?? -1 }
        $0[$1[0]] = Counts(
            sockets: numbers[0], dies: numbers[1], numaNodes: numbers[2], uncoreCaches: numbers[3],
            cores: numbers[4], cpus: numbers[5], pciDevices: numbers[6], osDevices: numbers[7])
    }

    static let memory: [String: [Memory]] = rows("hwloc-numa.tsv").reduce(into: [:]) {
        $0[$1[0], default: []].append(
            Memory(
                logicalIndex: Int($1[1]) ?? -1, osIndex: Int($1[2]) ?? -1,
                bytes: Int64($1[3]) ?? -1,
                subtype: $1[4], cores: Int($1[5]) ?? -1, cpus: list($1[6])))
    }

    static let pciDevices = localities("hwloc-pci-locality.tsv")
    static let osDevices = localities("hwloc-osdev-locality.tsv")

    /// Tables of distances between NUMA nodes, rows and columns by logical index.
    static let distances: [String: [[Int: [Int: Int]]]] = {
        var tables: [String: [[Int: [Int: Int]]]] = [:]
        var file = ""
        var columns: [Int]?
        var isNUMA = false
        for line in text("hwloc-distances.txt").split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            if words.first == "###" {
                file = words[1]
            } else if line.contains("matrix") {
                isNUMA = line.contains("latency") && line.contains("NUMANodes")
                if isNUMA { tables[file, default: []].append([:]) }
                columns = nil
            } else if words.first == "index" {
                columns = words.dropFirst().compactMap { Int($0) }
            } else if isNUMA, let columns, let row = words.first.flatMap({ Int($0) }) {
                let values = words.dropFirst().compactMap { Int($0) }
                let last = (tables[file]?.count ?? 1) - 1
                tables[file]?[last][row] = Dictionary(uniqueKeysWithValues: zip(columns, values))
            }
        }
        return tables
    }()

    private static func localities(_ name: String) -> [String: [Locality]] {
        rows(name).reduce(into: [:]) {
            $0[$1[0], default: []].append(Locality(name: $1[2], numaNodes: list($1[5])))
        }
    }

    private static func list(_ text: String) -> [Int] {
        text.split(separator: ",").compactMap { Int($0) }
    }

    private static func rows(_ name: String) -> [[String]] {
        text(name).split(separator: "\n").dropFirst().map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
    }

    private static func text(_ name: String) -> String {
        (try? SharedFolder.contents("data/hw/oracle/\(name)")).map {
            String(decoding: $0, as: UTF8.self)
        } ?? ""
    }
}
