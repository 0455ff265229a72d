import Primitives

import NodeManagers

/// The kubelet's hint lists, subset by subset, from the random numbers alone.
extension RandomMerge {
    var everyMask: [UInt64] { Array(1..<UInt64(1) << UInt64(count)) }

    private func members(_ mask: UInt64) -> [Int] {
        (0..<count).filter { mask >> UInt64($0) & 1 != 0 }
    }

    /// In the order device, CPU, memory. Nil is "no preference".
    func literalLists() -> [[TopologyHint]?] {
        var lists = devices.map(literalDevices)
        if wantedCPUs > 0 { lists.append(literalCPUs()) }
        let memory = amounts.isEmpty ? [] : literalMemory()
        for _ in amounts { lists.append(memory.isEmpty ? nil : memory) }
        return lists
    }

    private func literalCPUs() -> [TopologyHint] {
        let domain = cpus.indices.reduce(UInt64(0)) { $0 | (cpus[$1] > 0 ? 1 << UInt64($1) : 0) }
        let masks = everyMask.filter { $0 & ~domain == 0 }
        let fitting = masks.filter { mask in
            members(mask).reduce(0) { $0 + cpus[$1] } >= wantedCPUs
        }
        let minimum = fitting.map(\.nonzeroBitCount).min() ?? count
        let left = reusableCPUs.reduce(0, +)
        let socketIDs = Set(cpus.indices.filter { cpus[$0] > 0 }.map { sockets[$0] })
        let nodeCount = cpus.count { $0 > 0 }
        let perSocket = nodeCount / socketIDs.count
        return masks.compactMap { mask in
            let inside = members(mask)
            if reusableCPUs.indices.contains(where: {
                reusableCPUs[$0] > 0 && mask >> UInt64($0) & 1 == 0
            }) {
                return nil
            }
            guard inside.reduce(left, { $0 + freeCPUs[$1] }) >= wantedCPUs else { return nil }
            var isPreferred = mask.nonzeroBitCount == minimum
            if alignsBySocket, perSocket > 0 {
                let wanted = (minimum + perSocket - 1) / perSocket
                if Set(inside.map { sockets[$0] }).count == wanted { isPreferred = true }
            }
            return TopologyHint(NUMAMask(mask), isPreferred: isPreferred)
        }
    }

    var literalMemoryMinimum: Int {
        everyMask.filter { mask in
            amounts.allSatisfy { amount in
                members(mask).reduce(Int64(0)) { $0 + allocatable[$1 * types + amount.type] }
                    >= amount.bytes
            }
        }.map(\.nonzeroBitCount).min() ?? count
    }

    func literalMemory() -> [TopologyHint] {
        let minimum = literalMemoryMinimum
        return everyMask.filter(isInMemoryList).map {
            TopologyHint(NUMAMask($0), isPreferred: $0.nonzeroBitCount == minimum)
        }
    }

    private func isInMemoryList(_ mask: UInt64) -> Bool {
        let inside = members(mask)
        if inside.count == 1 {
            if cells[inside[0]].nonzeroBitCount > 1 { return false }
        } else if inside.contains(where: { assignments[$0] > 0 && cells[$0] != mask }) {
            return false
        }
        for amount in amounts {
            func sum(_ table: [Int64]) -> Int64 {
                inside.reduce(Int64(0)) { $0 + table[$1 * types + amount.type] }
            }
            let spare = reuse.first { $0.mask == mask && $0.type == amount.type }?.bytes ?? 0
            if sum(allocatable) < amount.bytes { return false }
            if sum(freeMemory) + spare < amount.bytes { return false }
        }
        return true
    }

    func literalDeviceMinimum(_ item: DeviceCase) -> Int {
        everyMask.filter { mask in
            item.nodes.count { $0.map { $0 & mask != 0 } ?? false } >= item.wanted
        }.map(\.nonzeroBitCount).min() ?? count
    }

    private func literalDevices(_ item: DeviceCase) -> [TopologyHint]? {
        guard item.nodes.contains(where: { ($0 ?? 0) != 0 }) else { return nil }
        let usable = zip(item.isFree, item.isReusable).count { $0 || $1 }
        guard usable >= item.wanted else { return [] }
        let domain = item.nodes.reduce(UInt64(0)) { $0 | ($1 ?? 0) }
        let minimum = literalDeviceMinimum(item)
        return everyMask.compactMap { mask in
            guard mask & ~domain == 0 else { return nil }
            var found = 0
            for (index, nodes) in item.nodes.enumerated() {
                guard let nodes else { continue }
                if item.isReusable[index], nodes & mask == 0 { return nil }
                if nodes & mask != 0, item.isFree[index] || item.isReusable[index] { found += 1 }
            }
            guard found >= item.wanted else { return nil }
            return TopologyHint(NUMAMask(mask), isPreferred: mask.nonzeroBitCount == minimum)
        }
    }
}
