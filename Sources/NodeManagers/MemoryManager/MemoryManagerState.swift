import Primitives

/// What is taken of one node's memory: tables by NUMA node and type, and each container's blocks.
///
/// A container's blocks lie on one group of NUMA nodes, one block a type. (cm/memorymanager/state/state_mem.go)
package struct MemoryManagerState: Sendable {
    package let typeCount: Int

    /// Bytes in use and free, by NUMA node and type: `node * typeCount + type`.
    package var tables: [Table]
    package var nodes: [NodeGroup]

    package struct Table: Hashable, Sendable {
        package var reserved: Int64
        package var free: Int64
    }

    /// What containers have made of one NUMA node.
    package struct NodeGroup: Hashable, Sendable {
        /// Blocks that touch it.
        package var assignments: Int32
        /// The group of NUMA nodes that it belongs to; itself when it is in no group.
        package var cells: NUMAMask
    }

    /// What finished init containers of the pod being admitted leave to its later ones.
    package var reusable: [ReusableMemory] = []

    /// How often a block on one NUMA node landed on a member of a group (see `UpstreamBugCounts`).
    package internal(set) var singleBlocksOnGroups: Int64 = 0
    /// How often a pod's share was replaced, whose memory stays charged.
    package internal(set) var sharesReplaced: Int64 = 0

    /// One row a container slot.
    private var rows: [Row] = []
    private var sizes: [Int64] = []

    /// A container's entry.
    private struct Row: Sendable {
        var nodes = NUMAMask.none
        /// Types with a block; bit = position in `MemoryTypes`.
        var types: UInt32 = 0
        var presence = Presence.absent
    }

    package enum Presence: UInt8, Sendable {
        case absent
        /// The container has an entry, which may have no blocks.
        case present
        /// A finished init container whose memory was freed; the sizes tell what it had.
        case freed
    }

    /// Bytes that one group of NUMA nodes has to spare for one pod.
    package struct ReusableMemory: Sendable {
        var nodes: NUMAMask
        var type: Int
        var bytes: Int64
    }

    package init(totals: [MemoryTotals], nodeCount: Int, typeCount: Int) {
        self.typeCount = typeCount
        tables = totals.map { Table(reserved: 0, free: $0.allocatable) }
        nodes = (0..<nodeCount).map {
            NodeGroup(assignments: 0, cells: NUMAMask(node: $0))
        }
    }

    package mutating func grow(to count: Int) {
        guard rows.count < count else { return }
        sizes.append(contentsOf: repeatElement(0, count: count * typeCount - sizes.count))
        rows.append(contentsOf: repeatElement(Row(), count: count - rows.count))
    }

    mutating func beginAdmission() {
        if !reusable.isEmpty { reusable.removeAll(keepingCapacity: true) }
    }

    // MARK: Entries

    package func presence(of container: ContainerSlot) -> Presence {
        rows[container.index].presence
    }

    /// Types of which the container's entry has a block.
    package func types(of container: ContainerSlot) -> UInt32 { rows[container.index].types }

    package func nodes(of container: ContainerSlot) -> NUMAMask { rows[container.index].nodes }

    package func size(of container: ContainerSlot, type: Int) -> Int64 {
        sizes[container.index &* typeCount &+ type]
    }

    mutating func setSize(_ bytes: Int64, of container: ContainerSlot, type: Int) {
        sizes[container.index &* typeCount &+ type] = bytes
    }

    /// Writes an entry without blocks, or begins one that `addBlock` completes.
    mutating func beginEntry(of container: ContainerSlot, on nodes: NUMAMask) {
        rows[container.index] = Row(nodes: nodes, types: 0, presence: .present)
    }

    mutating func addBlock(_ bytes: Int64, type: Int, to container: ContainerSlot) {
        rows[container.index].types |= 1 &<< UInt32(type)
        setSize(bytes, of: container, type: type)
    }

    // MARK: Tables

    /// Charges `bytes` to the nodes, ascending, the first as far as it goes; every node counts a block.
    /// (updateMachineState)
    mutating func charge(_ bytes: Int64, type: Int, to group: NUMAMask) {
        var rest = bytes
        for node in group {
            nodes[node].assignments &+= 1
            nodes[node].cells = group
            guard rest > 0 else { continue }
            let index = node &* typeCount &+ type
            var table = tables[index]
            let part = min(table.free, rest)
            guard part > 0 else { continue }
            table.reserved &+= part
            table.free &-= part
            tables[index] = table
            rest &-= part
        }
    }

    /// Gives `bytes` back from the lowest node on, wherever they were taken. (releaseMemory)
    mutating func giveBack(_ bytes: Int64, type: Int, to group: NUMAMask) {
        var rest = bytes
        for node in group {
            var state = nodes[node]
            state.assignments &-= 1
            if state.assignments == 0 { state.cells = NUMAMask(node: node) }
            nodes[node] = state
            guard rest > 0 else { continue }
            let index = node &* typeCount &+ type
            var table = tables[index]
            let part = min(table.reserved, rest)
            table.reserved &-= part
            table.free &+= part
            tables[index] = table
            rest &-= part
        }
    }

    /// Forgets the container's entry and leaves the tables as they are; a freed one is still told.
    mutating func forget(_ container: ContainerSlot, keepingRecord: Bool = false) {
        rows[container.index].presence = keepingRecord ? .freed : .absent
    }

    /// Frees the container's blocks. `keepingRecord` remembers what it had, for reports.
    mutating func release(_ container: ContainerSlot, keepingRecord: Bool = false) {
        let row = rows[container.index]
        guard row.presence == .present else {
            if !keepingRecord { rows[container.index].presence = .absent }
            return
        }
        var types = row.types
        while types != 0 {
            let type = types.trailingZeroBitCount
            types &= types &- 1
            giveBack(size(of: container, type: type), type: type, to: row.nodes)
        }
        rows[container.index].presence = keepingRecord ? .freed : .absent
    }

    mutating func release(_ pod: ContainerRange) {
        for index in pod.indices where rows[index].presence != .absent {
            release(ContainerSlot(index))
        }
    }

    // MARK: Reuse within a pod

    func reusableBytes(type: Int, on nodes: NUMAMask) -> Int64 {
        for entry in reusable where entry.nodes == nodes && entry.type == type {
            return entry.bytes
        }
        return 0
    }

    /// A regular init container leaves its block; the largest counts.
    package mutating func allowReuse(of bytes: Int64, type: Int, on nodes: NUMAMask) {
        for index in reusable.indices
        where reusable[index].nodes == nodes && reusable[index].type == type {
            reusable[index].bytes = max(reusable[index].bytes, bytes)
            return
        }
        reusable.append(ReusableMemory(nodes: nodes, type: type, bytes: bytes))
    }

    /// An app container or sidecar uses what is left.
    mutating func consumeReuse(of bytes: Int64, type: Int, on nodes: NUMAMask) {
        for index in reusable.indices
        where reusable[index].nodes == nodes && reusable[index].type == type {
            reusable[index].bytes = max(0, reusable[index].bytes - bytes)
        }
    }
}
