/// What the Topology Manager was told and answered during one admission, for people and for comparing.
package final class AdmissionTrace {
    /// One merge.
    package struct Step {
        /// Position of the container in the pod; nil in pod scope.
        package let container: Int?
        package let verdict: TopologyVerdict
        /// The hint lists, resource by resource.
        package let hints: HintTrace?
    }

    package private(set) var steps: [Step] = []
    /// Devices to take where the kubelet takes any, by container: bits as in a container's row. For following a
    /// real kubelet's choices.
    package var wishedDevices: [Int: [UInt64]] = [:]

    package init() {}

    func add(container: Int?, _ verdict: TopologyVerdict, _ hints: HintTrace?) {
        steps.append(Step(container: container, verdict: verdict, hints: hints))
    }
}
