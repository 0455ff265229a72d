package import HardwareModel
package import Primitives

/// The device plugins of one kind of node: resources, and their devices in natural order of id.
///
/// Each resource's devices are bits of whole words, so that a container's devices of all resources are one row.
package final class DeviceCatalog: Sendable {
    /// One plugin's resource.
    package final class Kind: Sendable {
        package let resource: ResourceIndex
        package let name: String
        /// Words of a row that hold its devices.
        package let words: Range<Int>
        /// Device ids, shorter ones first and then bytewise: "gpu2" before "gpu10".
        package let ids: [String]
        /// NUMA nodes of each device; nil where the plugin reports no topology at all.
        package let nodes: [NUMAMask?]
        /// Healthy as the plugin first reports.
        package let isHealthy: [Bool]
        package let preferredAllocation: DeviceResource.PreferredAllocation
        /// Positions of the devices that the plugin's list names, in its order; for the preference `list`.
        package let preferredDevices: [Int]
        /// A device reports a NUMA node, so that the resource takes part in alignment.
        package let hasTopology: Bool
        /// NUMA nodes that carry a device.
        package let domain: NUMAMask
        /// Devices by the NUMA nodes they lie on; devices on none are in no group.
        package let groups: [Group]

        init(
            resource: ResourceIndex, name: String, words: Range<Int>, ids: [String],
            nodes: [NUMAMask?], isHealthy: [Bool],
            preferredAllocation: DeviceResource.PreferredAllocation, preferredDevices: [Int],
            hasTopology: Bool, domain: NUMAMask, groups: [Group]
        ) {
            self.resource = resource
            self.name = name
            self.words = words
            self.ids = ids
            self.nodes = nodes
            self.isHealthy = isHealthy
            self.preferredAllocation = preferredAllocation
            self.preferredDevices = preferredDevices
            self.hasTopology = hasTopology
            self.domain = domain
            self.groups = groups
        }

        /// The devices that lie on the same NUMA nodes.
        package struct Group: Sendable {
            package let nodes: NUMAMask
            /// Bits of the devices, one word after another.
            package let devices: [UInt64]
            package let count: Int
        }

        /// The fewest NUMA nodes with `count` devices, taken or not, healthy or not; all of `nodeCount` when none.
        package func minimumNodes(for count: Int, layout: NUMALayout) -> Int {
            guard groups.reduce(0, { $0 + $1.count }) >= count else { return layout.count }
            if layout.isWide { return layout.fewestNodes([], coverage: [coverage(need: count)]) }
            return layout.narrowestMask(ofAtLeast: 1) { mask in
                var total = 0
                for group in groups where group.nodes.intersects(mask) { total += group.count }
                return total >= count
            }?.count ?? layout.count
        }
    }

    package let kinds: [Kind]
    /// Words of a container's row.
    package let rowWords: Int
    private let kindOfResource: [Int32]

    package init(
        _ plugins: [DeviceResource], layout: NUMALayout, resources: ResourceTable
    ) {
        var kinds: [Kind] = []
        var kindOfResource = Array(repeating: Int32(-1), count: resources.count)
        var word = 0
        // By name, the order in which a container's devices are allocated; the kubelet takes any order.
        for plugin in plugins.sorted(by: { $0.name < $1.name }) {
            guard let resource = resources.index(of: plugin.name) else { continue }
            let devices = plugin.devices.sorted { isNaturallyBefore($0.id, $1.id) }
            let wordCount = (devices.count + 63) / 64
            let nodes = devices.map { device in
                device.numaNodes.map { ids in
                    ids.reduce(NUMAMask.none) { mask, id in
                        layout.position(osIndex: id).map { mask.union(NUMAMask(node: $0)) } ?? mask
                    }
                }
            }
            var groupMasks: [NUMAMask] = []
            for mask in nodes {
                if let mask, !mask.isEmpty, !groupMasks.contains(mask) { groupMasks.append(mask) }
            }
            let groups = groupMasks.map { mask in
                var bits = Array(repeating: UInt64(0), count: wordCount)
                var count = 0
                for (index, other) in nodes.enumerated() where other == mask {
                    bits[index / 64] |= 1 << UInt64(index % 64)
                    count += 1
                }
                return Kind.Group(nodes: mask, devices: bits, count: count)
            }
            kindOfResource[resource.position] = Int32(kinds.count)
            kinds.append(
                Kind(
                    resource: resource, name: plugin.name, words: word..<word + wordCount,
                    ids: devices.map(\.id), nodes: nodes, isHealthy: devices.map(\.isHealthy),
                    preferredAllocation: plugin.preferredAllocation,
                    preferredDevices: plugin.preferredIDs.compactMap { id in
                        devices.firstIndex { $0.id == id }
                    },
                    hasTopology: devices.contains { !($0.numaNodes ?? []).isEmpty },
                    domain: groupMasks.reduce(.none) { $0.union($1) }, groups: groups))
            word += wordCount
        }
        self.kinds = kinds
        self.kindOfResource = kindOfResource
        rowWords = word
    }

    /// Position in `kinds` of a resource that a plugin offers.
    package func kind(of resource: ResourceIndex) -> Int? {
        guard resource.position < kindOfResource.count else { return nil }
        let kind = kindOfResource[resource.position]
        return kind < 0 ? nil : Int(kind)
    }
}

/// Shorter ids first, then by bytes, so that numbered ids come in order of number.
package func isNaturallyBefore(_ left: String, _ right: String) -> Bool {
    let (a, b) = (left.utf8, right.utf8)
    return a.count != b.count ? a.count < b.count : a.lexicographicallyPrecedes(b)
}
