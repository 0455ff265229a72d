/// `None`: memory comes from anywhere. (cm/memorymanager/policy_none.go)
package struct NoneMemoryPolicy: MemoryManagerPolicy {
    package static let name = "None"
    package static let summary = "no guarantee of memory on any NUMA node"

    package let totals: [MemoryTotals] = []

    package init(_ setup: MemoryManagerSetup) throws(PolicyError) {}

    package func minimumNodes(for amounts: [MemoryAmount]) -> Int { 1 }

    package func hints(
        for demand: MemoryDemand, holder: ContainerSlot?, in state: MemoryManagerState,
        into hints: inout HintCollector
    ) {}

    package func allocate(
        _ demand: MemoryDemand, to position: Int, of pod: ContainerRange, hint: TopologyHint,
        in state: inout MemoryManagerState
    ) -> Rejection.Cause? { nil }

    package func release(_ pod: ContainerRange, in state: inout MemoryManagerState) {}
}
