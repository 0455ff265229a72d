package import Primitives

/// The zones of a node and which resources they list: what nodes of one kind have in common. Amounts lie apart, one row a
/// zone, `resourceCount` a row.
///
/// Source: scheduler-plugins pkg/noderesourcetopology/pluginhelpers.go, `createNUMANodeList`.
package final class ZoneLayout: Sendable {
    package struct Zone: Hashable, Sendable {
        package var name: String
        package var type: String
        /// Distances by the other zone's name.
        package var costs: [Cost]

        package init(name: String, type: String, costs: [Cost]) {
            self.name = name
            self.type = type
            self.costs = costs
        }
    }

    package struct Cost: Hashable, Sendable {
        package var name: String
        package var value: Int

        package init(name: String, value: Int) {
            self.name = name
            self.value = value
        }
    }

    package let zones: [Zone]
    package let resourceCount: Int
    private let resourceNames: [String]
    /// Whether a zone lists a resource, `resourceCount` a zone.
    private let isListed: [Bool]
    private let isListedAnywhere: [Bool]
    private let isListedByNUMA: [Bool]

    /// Rows of the zones that are NUMA nodes, in the order of the object; duplicates stay.
    let numaRows: [Int]
    /// The ids of those, from their names.
    let numaIDs: [Int]
    /// A zone has id 64, past the end of the plugin's table: it panics whenever it reads the zones.
    let overflowsTable: Bool
    /// No two NUMA zones have one id.
    let hasDistinctIDs: Bool
    /// Distance from one NUMA zone to another by position, row-major; 255 where the object does not tell.
    private let distances: [Int]
    /// By count - 1: the smallest average distance of that many zones. Empty where there are too many to have it ready.
    private let smallestDistances: [Float]

    private static let tableSize = 64
    private static let unknownDistance = 255
    private static let mostZonesPrepared = 10

    /// - Parameter listed: Resources by zone.
    package init(zones: [Zone], listed: [[ResourceIndex]], resources: ResourceTable) {
        let resourceCount = resources.count
        self.zones = zones
        resourceNames = resources.names
        self.resourceCount = resourceCount
        var isListed = Array(repeating: false, count: zones.count * resourceCount)
        var anywhere = Array(repeating: false, count: resourceCount)
        for (zone, resources) in listed.enumerated() {
            for resource in resources {
                isListed[zone * resourceCount + resource.position] = true
                anywhere[resource.position] = true
            }
        }
        var rows: [Int] = []
        var ids: [Int] = []
        var overflows = false
        var lastRow = Array(repeating: 0, count: ZoneLayout.tableSize)
        for (row, zone) in zones.enumerated() where zone.type == "Node" {
            guard let id = ZoneLayout.numaID(zone.name), id <= ZoneLayout.tableSize else {
                continue
            }
            if id == ZoneLayout.tableSize {
                overflows = true
            } else {
                lastRow[id] = row
                rows.append(row)
                ids.append(id)
            }
        }
        var byNUMA = Array(repeating: false, count: resourceCount)
        for row in rows { for resource in listed[row] { byNUMA[resource.position] = true } }
        var distances = Array(
            repeating: ZoneLayout.unknownDistance, count: ids.count * ids.count)
        for (from, id) in ids.enumerated() {
            for cost in zones[lastRow[id]].costs {
                guard let target = ZoneLayout.numaID(cost.name) else { continue }
                for (to, other) in ids.enumerated() where other == target {
                    distances[from * ids.count + to] = cost.value
                }
            }
        }
        self.isListed = isListed
        isListedAnywhere = anywhere
        isListedByNUMA = byNUMA
        numaRows = rows
        numaIDs = ids
        overflowsTable = overflows
        hasDistinctIDs = Set(ids).count == ids.count
        self.distances = distances
        smallestDistances =
            ids.count > ZoneLayout.mostZonesPrepared || ids.isEmpty
            ? []
            : (1...ids.count).map {
                ZoneLayout.smallestDistance(of: $0, among: ids.count, distances)
            }
    }

    var numaCount: Int { numaIDs.count }

    func resourceName(_ resource: ResourceIndex) -> String { resourceNames[resource.position] }

    func lists(_ resource: ResourceIndex, row: Int) -> Bool {
        resource.position < resourceCount
            && isListed[row &* resourceCount &+ resource.position]
    }

    /// Whether a zone of whatever type lists it.
    package func lists(_ resource: ResourceIndex) -> Bool {
        resource.position < resourceCount && isListedAnywhere[resource.position]
    }

    func listsOnNUMA(_ resource: ResourceIndex) -> Bool {
        resource.position < resourceCount && isListedByNUMA[resource.position]
    }

    /// `node-3` is 3; other names are none. (numanode.NameToID)
    static func numaID(_ name: String) -> Int? {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == "node" else { return nil }
        return Int(parts[1])
    }
}

// MARK: Distances

extension ZoneLayout {
    /// The average over ordered pairs of the zones at `positions`, each with itself too. (nodesAvgDistance)
    func averageDistance(_ positions: [Int]) -> Float {
        ZoneLayout.averageDistance(positions, among: numaCount, distances)
    }

    /// The smallest average distance of `size` NUMA zones, at most 255. (minAvgDistanceInCombinations)
    func smallestDistance(of size: Int) -> Float {
        smallestDistances.isEmpty
            ? ZoneLayout.smallestDistance(of: size, among: numaCount, distances)
            : smallestDistances[size - 1]
    }

    private static func averageDistance(
        _ positions: [Int], among count: Int, _ distances: [Int]
    ) -> Float {
        var sum = 0
        for from in positions { for to in positions { sum &+= distances[from * count + to] } }
        return Float(sum) / Float(positions.count * positions.count)
    }

    private static func smallestDistance(
        of size: Int, among count: Int, _ distances: [Int]
    ) -> Float {
        var smallest = Float(unknownDistance)
        var combination = PositionCombination(size: size, of: count)
        repeat {
            smallest = min(
                smallest, averageDistance(combination.positions, among: count, distances))
        } while combination.advance()
        return smallest
    }
}

/// The ways to choose `size` of `count` positions, in lexicographic order.
struct PositionCombination {
    private(set) var positions: [Int]
    private let count: Int

    /// - Precondition: `size` is at most `count`.
    init(size: Int, of count: Int) {
        positions = Array(0..<size)
        self.count = count
    }

    /// Goes to the next; false at the end.
    mutating func advance() -> Bool {
        let size = positions.count
        var place = size - 1
        while place >= 0, positions[place] == count - size + place { place -= 1 }
        guard place >= 0 else { return false }
        positions[place] += 1
        for next in (place + 1)..<size {
            positions[next] = positions[next - 1] + 1
        }
        return true
    }
}
