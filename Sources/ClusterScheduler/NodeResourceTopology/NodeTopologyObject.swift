package import WorkloadModel

/// A NodeResourceTopology object as the API holds it (topology.node.k8s.io/v1alpha2).
package struct NodeTopologyObject: Sendable {
    package struct Attribute: Hashable, Sendable {
        package var name: String
        package var value: String

        package init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    package struct Zone: Sendable {
        package var name: String
        package var type: String
        package var resources: [(name: String, available: Quantity)]
        /// Distances by the other zone's name.
        package var costs: [(name: String, value: Int)]

        package init(
            name: String, type: String, resources: [(name: String, available: Quantity)],
            costs: [(name: String, value: Int)]
        ) {
            self.name = name
            self.type = type
            self.resources = resources
            self.costs = costs
        }
    }

    package var resourceVersion = ""
    package var annotations: [Attribute] = []
    /// The deprecated list of policies.
    package var topologyPolicies: [String] = []
    package var attributes: [Attribute] = []
    package var zones: [Zone] = []

    package init() {}
}
