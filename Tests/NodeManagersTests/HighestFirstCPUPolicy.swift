package import NodeManagers
package import Primitives

/// `highest-first`: exclusive CPUs like `static`, but the highest-numbered free ones instead of packed ones.
package struct HighestFirstCPUPolicy: CPUManagerPolicy {
    package static let name = "highest-first"
    package static let summary = "exclusive CPUs for whole-CPU requests, highest numbers first"

    package let reserved: CPUSet
    package let initialPool: CPUSet
    private let hintRule: CPUHintRule
    private let nodes: [CPUTopology.Unit]

    package init(_ setup: CPUManagerSetup) throws(PolicyError) {
        guard setup.options.isEmpty else {
            throw PolicyError("highest-first takes no options")
        }
        var reserved = setup.reservedSystemCPUs
        if reserved.isEmpty {
            reserved = CPUSet(setup.topology.all.prefix(try setup.reservedCount()))
        }
        self.reserved = reserved
        initialPool = setup.topology.all
        hintRule = CPUHintRule(topology: setup.topology, layout: setup.layout)
        nodes = setup.topology.numaNodes
    }

    package func hints(
        for count: Int, holding held: CPUSet?, in state: CPUManagerState,
        into hints: inout HintCollector
    ) {
        let free = state.pool.subtracting(reserved)
        if let held, held.count == count {
            hintRule.add(count, available: held, reusable: nil, to: &hints)
        } else {
            hintRule.add(count, available: free, reusable: held, to: &hints)
        }
    }

    package func allocate(
        _ request: CPURequest, within affinity: NUMAMask?, in state: inout CPUManagerState
    ) -> CPUOutcome {
        guard request.count > 0 else { return .shared }
        guard !state.hasExclusiveCPUs(request.container) else { return .exclusive }
        var free = state.pool.subtracting(reserved)
        if let affinity {
            for (node, position) in zip(nodes, hintRule.nodePositions)
            where !affinity.contains(position) { free.subtract(node.cpus) }
        }
        guard free.count >= request.count else {
            return .rejected(.tooFewCPUs(requested: request.count, available: free.count))
        }
        state.assign(CPUSet(Array(free).suffix(request.count)), to: request.container)
        return .exclusive
    }
}
