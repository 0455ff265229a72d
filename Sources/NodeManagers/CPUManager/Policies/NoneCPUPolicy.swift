package import Primitives

/// `none`: every container runs in the shared pool. (cm/cpumanager/policy_none.go)
package struct NoneCPUPolicy: CPUManagerPolicy {
    package static let name = "none"
    package static let summary = "no exclusive CPUs: every container may run on every CPU"

    package let reserved = CPUSet()
    package let initialPool: CPUSet

    package init(_ setup: CPUManagerSetup) throws(PolicyError) {
        guard setup.options.isEmpty else {
            let options = setup.options.sorted { $0.key < $1.key }
                .map { "\($0.key):\($0.value)" }
            throw PolicyError(
                "new none policy error: None policy: received unsupported options="
                    + "map[\(options.joined(separator: " "))]")
        }
        initialPool = setup.topology.all
    }

    package func hints(
        for count: Int, holding held: CPUSet?, in state: CPUManagerState,
        into hints: inout HintCollector
    ) {}

    package func allocate(
        _ request: CPURequest, within affinity: NUMAMask?, in state: inout CPUManagerState
    ) -> CPUOutcome { .shared }
}
