/// Why a run cannot begin or go on.
public enum SimulationError: Error, Sendable {
    /// A kubelet of the group refuses its configuration; `message` is in the kubelet's own words.
    case kubeletDoesNotStart(group: String, message: String)
    /// A change or a strategy names a workload that the scenario does not have.
    case unknownWorkload(String)
    /// A trace could not be read further.
    case trace(workload: String, underlying: any Error)
}
