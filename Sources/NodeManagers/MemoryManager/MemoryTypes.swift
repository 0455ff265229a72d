package import HardwareModel
package import Primitives

/// The kinds of memory of a machine, as the Memory Manager tells them apart: `memory`, then huge pages by name.
package struct MemoryTypes: Sendable {
    /// Position 0 is `memory`.
    package let resources: [ResourceIndex]
    private let positions: [Int8]

    /// - Parameter resources: the run's table; a huge page size that it does not name is not asked for by any pod.
    package init(_ machine: Machine, resources: ResourceTable) {
        var names: Set<String> = []
        for node in machine.numaNodes {
            for pool in node.hugePages {
                names.insert(ResourceTable.hugePageResource(ofSize: pool.pageSize))
            }
        }
        var found = [ResourceTable.memory]
        for name in names.sorted() {
            if let index = resources.index(of: name) { found.append(index) }
        }
        self.init(resources: found, resourceCount: resources.count)
    }

    /// - Precondition: `memory` comes first.
    package init(resources: [ResourceIndex], resourceCount: Int) {
        self.resources = resources
        var positions = Array(repeating: Int8(-1), count: resourceCount)
        for (position, resource) in resources.enumerated() {
            positions[resource.position] = Int8(position)
        }
        self.positions = positions
    }

    package var count: Int { resources.count }

    /// Position of a resource that the machine has, else nil.
    package func position(of resource: ResourceIndex) -> Int? {
        guard resource.position < positions.count else { return nil }
        let position = positions[resource.position]
        return position < 0 ? nil : Int(position)
    }
}

/// One memory type on one NUMA node, before any container: bytes. (cm/memorymanager/state/state.go, MemoryTable)
package struct MemoryTotals: Hashable, Sendable {
    package var total: Int64 = 0
    package var systemReserved: Int64 = 0
    package var allocatable: Int64 = 0

    package init() {}
}
