package import Primitives
package import Records

extension CPUManagerPolicy {
    /// Adds the order of taking to what is known of a choice; a policy need not.
    package func explain(
        _ request: CPURequest, from available: CPUSet, within affinity: NUMAMask?,
        in explanation: inout AllocationExplanation.CPUs
    ) {}
}

extension StaticCPUPolicy {
    package func explain(
        _ request: CPURequest, from available: CPUSet, within affinity: NUMAMask?,
        in explanation: inout AllocationExplanation.CPUs
    ) {
        guard let affinity else {
            explanation.steps = steps(request.count, from: available, .aligned)
            return
        }
        let aligned = alignedCPUs(affinity, among: available)
        explanation.aligned = aligned
        let first = min(request.count, topology.count(aligned))
        explanation.steps = steps(first, from: aligned, .aligned)
        guard case .taken(let taken) = topologyTake(first, from: aligned) else { return }
        explanation.steps += steps(
            request.count - topology.count(taken), from: available.subtracting(taken), .rest)
    }

    private func steps(
        _ count: Int, from free: CPUSet, _ part: AllocationExplanation.CPUs.Step.Part
    ) -> [AllocationExplanation.CPUs.Step] {
        if options.distributesAcrossNUMA {
            guard case .taken(let taken) = topologyTake(count, from: free) else { return [] }
            return topology.numaNodes.compactMap { unit in
                let cpus = unit.cpus.intersection(taken)
                guard !cpus.isEmpty else { return nil }
                return AllocationExplanation.CPUs.Step(
                    part: part, unit: .share, id: unit.id, cpus: cpus)
            }
        }
        return CPUTaker.packedSteps(
            count, from: free, on: topology,
            strategy: options.distributesAcrossCores ? .spread : .packed,
            prefersUncores: options.prefersUncores, part: part)
    }
}
