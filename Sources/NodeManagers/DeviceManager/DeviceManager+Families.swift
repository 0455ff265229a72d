import Primitives

/// The Device Manager's masks as families, for machines with many NUMA nodes.
extension DeviceManager {
    /// The masks on which `demand` could be had; `free` are the bits of devices by word of the kind.
    func family(
        _ demand: DeviceDemand, _ kind: DeviceCatalog.Kind, usesReuse: Bool,
        in state: DeviceManagerState, free: (Int) -> UInt64
    ) -> HintFamily {
        let first = kind.words.lowerBound
        var open = OpenMasks(domain: kind.domain)
        var counts = Array(repeating: Int64(0), count: layout.count)
        var groups: [GroupCoverage.Group] = []
        for group in kind.groups {
            var count = 0
            var reused = 0
            for (index, bits) in group.devices.enumerated() {
                count += (free(index) & bits).nonzeroBitCount
                if usesReuse { reused += (state.reusable[first + index] & bits).nonzeroBitCount }
            }
            if group.nodes.isSingle {
                counts[group.nodes.first] += Int64(count + reused)
                if reused > 0 { open.required.insert(group.nodes.first) }
            } else if count + reused > 0 {
                groups.append(
                    GroupCoverage.Group(
                        nodes: group.nodes, count: count + reused, isRequired: reused > 0))
            }
        }
        if groups.isEmpty {
            open.require(counts, atLeast: Int64(demand.count))
        } else {
            for node in kind.domain where counts[node] > 0 {
                groups.append(
                    GroupCoverage.Group(
                        nodes: NUMAMask(node: node), count: Int(counts[node]), isRequired: false))
            }
            open.coverage = [GroupCoverage(groups: groups, need: demand.count)]
        }
        var family = HintFamily(open: open, preferredSize: demand.minimumNodes)
        // A device that no mask meets cannot be used again anywhere.
        if usesReuse, reusesEmptyTopology(kind, in: state) { family.open = nil }
        return family
    }
}

extension DeviceCatalog.Kind {
    /// Devices of the kind, taken or not, for sums over NUMA nodes.
    func coverage(need: Int) -> GroupCoverage {
        GroupCoverage(
            groups: groups.map {
                GroupCoverage.Group(nodes: $0.nodes, count: $0.count, isRequired: false)
            }, need: need)
    }
}
