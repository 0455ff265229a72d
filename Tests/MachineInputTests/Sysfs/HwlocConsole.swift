import Foundation
import HardwareModel

/// The text of `lstopo --of console -v`, read into the facts that it states.
struct HwlocConsole {
    private struct Object {
        var type: String
        var osIndex: Int?
        var attributes: [String: String]
        var parent: Int?
        /// OS indices of the CPUs inside.
        var cpus: [Int] = []
    }

    private var objects: [Object] = []
    private(set) var facts = TopologyFacts()
    /// By OS index of the NUMA node: memory as printed, rounded to the nearest unit.
    private(set) var memory: [Int: (count: Int64, unit: Int64)] = [:]
    /// How many objects of each type the summary at the end counts.
    private(set) var counts: [String: Int] = [:]

    init(_ text: String) {
        var open: [(indent: Int, object: Int)] = []
        var table: [[String]]?
        for line in text.split(separator: "\n") {
            if line.hasPrefix("Relative latency matrix (name NUMALatency") {
                table = []
            } else if line.first == "R" {
                finish(&table)
            } else if table != nil, line.first == " " {
                table?.append(line.split(separator: " ").map(String.init))
            } else if line.contains("depth"), let words = countWords(line) {
                counts[words.type, default: 0] += words.count
            } else if let object = parse(line) {
                let indent = line.prefix { $0 == " " }.count
                while let last = open.last, last.indent >= indent { open.removeLast() }
                objects.append(object)
                objects[objects.count - 1].parent = open.last?.object
                open.append((indent, objects.count - 1))
            } else if table != nil {
                finish(&table)
            }
        }
        finish(&table)
        fill()
    }

    /// ` depth 2:  4 L3Cache (type #7)` and `Special depth -3:  2 NUMANode (type #14)`.
    private func countWords(_ line: Substring) -> (type: String, count: Int)? {
        let parts = line.split(separator: ":", maxSplits: 1)
        let words = parts.count == 2 ? parts[1].split(separator: " ") : []
        guard words.count >= 2, let count = Int(words[0]) else { return nil }
        return (String(words[1]), count)
    }

    /// `  Package L#0 (P#0 total=31GiB CPUModel="…")`, `PCI L#0 (busid=0000:1a:00.0 …)`.
    private func parse(_ line: Substring) -> Object? {
        let text = line.drop { $0 == " " }
        let type = text.prefix { $0.isLetter || $0.isNumber }
        guard text.contains(" L#") || type == "Machine" else { return nil }
        var object = Object(type: String(type), attributes: [:])
        guard let start = text.range(of: " (")?.upperBound else { return object }
        for word in text[start...].split(whereSeparator: { $0 == " " || $0 == ")" }) {
            if word.hasPrefix("P#") { object.osIndex = object.osIndex ?? Int(word.dropFirst(2)) }
            let pair = word.split(separator: "=", maxSplits: 1).map(String.init)
            if pair.count == 2 { object.attributes[pair[0]] = pair[1] }
        }
        return object
    }

    private mutating func finish(_ table: inout [[String]]?) {
        guard let rows = table else { return }
        table = nil
        facts.texts[.distances] = rows.dropFirst()
            .map { $0.dropFirst().joined(separator: " ") }.joined(separator: "; ")
    }

    private mutating func fill() {
        for object in objects where object.type == "PU" {
            var around = object.parent
            while let place = around {
                objects[place].cpus.append(object.osIndex ?? -1)
                around = objects[place].parent
            }
        }
        func list(_ cpus: [Int]) -> String { cpus.sorted().map(String.init).joined(separator: ",") }
        func all(_ type: String, _ text: (Int) -> String) -> String {
            objects.indices.filter { objects[$0].type == type }.map(text).filter { !$0.isEmpty }
                .sorted().joined(separator: "; ")
        }
        let cpus = { [objects] (place: Int) in objects[place].cpus }
        // An object that the machine's only CPUs are not inside still has the CPUs of what it hangs on.
        let near = { [objects] (place: Int) in objects[place].parent.map { objects[$0].cpus } ?? []
        }
        // Packages whose number the kernel does not know are counted.
        let packages = objects.indices.filter { objects[$0].type == "Package" }
        facts.texts[.sockets] = all("Package") { place in
            let number = objects[place].osIndex ?? packages.firstIndex(of: place) ?? -1
            return "\(number): \(list(cpus(place)))"
        }
        facts.texts[.dies] = all("Die") { list(cpus($0)) }
        facts.texts[.cores] = all("Core") { list(cpus($0)) }
        facts.texts[.uncoreCaches] = all("L3Cache") { list(cpus($0)) }
        facts.texts[.cacheSizes] = all("L3Cache") {
            "\(list(cpus($0))): \(bytes(objects[$0].attributes["size"] ?? "").map { $0.0 * $0.1 } ?? 0)"
        }
        facts.texts[.numaNodes] = all("NUMANode") { String(objects[$0].osIndex ?? -1) }
        facts.texts[.numaCPUs] = all("NUMANode") {
            "\(objects[$0].osIndex ?? -1): \(list(near($0)))"
        }
        facts.texts[.logicalOrder] = objects.filter { $0.type == "PU" }
            .map { String($0.osIndex ?? -1) }.joined(separator: ",")
        for place in objects.indices where objects[place].type == "NUMANode" {
            memory[objects[place].osIndex ?? -1] = bytes(objects[place].attributes["local"] ?? "")
        }
        for object in objects where object.type == "PCI" {
            guard let address = object.attributes["busid"] else { continue }
            facts.devices[address] = nodesNear(object)
        }
    }

    /// The NUMA nodes on the first object around a device that has CPUs, or around that.
    private func nodesNear(_ device: Object) -> [Int] {
        var around = device.parent
        while let place = around, objects[place].cpus.isEmpty { around = objects[place].parent }
        let inside = Set(around.map { objects[$0].cpus } ?? [])
        return objects.filter { object in
            guard object.type == "NUMANode", let parent = object.parent else { return false }
            let near = Set(objects[parent].cpus)
            return near.isSubset(of: inside) || inside.isSubset(of: near)
        }.compactMap(\.osIndex).sorted()
    }

    private func bytes(_ text: String) -> (count: Int64, unit: Int64)? {
        let digits = text.prefix { $0.isNumber }
        let units = ["KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40, "": 1]
        guard let count = Int64(digits), let unit = units[String(text.dropFirst(digits.count))]
        else { return nil }
        return (count, Int64(unit))
    }
}
