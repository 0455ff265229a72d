/// The kubelet's feature gates that decide placement, with the defaults of Kubernetes 1.36.
package struct FeatureGates: Hashable, Sendable {
    /// Stage beta, on: pods may carry pod-level requests and limits.
    package var podLevelResources = true
    /// Stage alpha, off: CPU and Memory Manager give such pods one share for the whole pod.
    package var podLevelResourceManagers = false
    /// Stage alpha, off: alpha options of the static CPU policy are accepted.
    package var cpuManagerPolicyAlphaOptions = false
    /// Stage beta, on: beta options of the static CPU policy are accepted.
    package var cpuManagerPolicyBetaOptions = true
    /// Stage alpha, off: alpha options of the Topology Manager are accepted; in 1.36 there are none but KEP-6007's.
    package var topologyManagerPolicyAlphaOptions = false

    package init() {}

    /// The defaults with `differences` applied; gates that decide no placement are taken no notice of.
    package init(differences: [String: Bool]) {
        let gates: [(name: String, field: WritableKeyPath<FeatureGates, Bool>)] = [
            ("PodLevelResources", \.podLevelResources),
            ("PodLevelResourceManagers", \.podLevelResourceManagers),
            ("CPUManagerPolicyAlphaOptions", \.cpuManagerPolicyAlphaOptions),
            ("CPUManagerPolicyBetaOptions", \.cpuManagerPolicyBetaOptions),
            ("TopologyManagerPolicyAlphaOptions", \.topologyManagerPolicyAlphaOptions),
        ]
        for gate in gates {
            if let value = differences[gate.name] { self[keyPath: gate.field] = value }
        }
    }
}
