/// Every Topology Manager policy, in the order in which `topsim policies` lists them.
package enum TopologyManagerPolicyRegistry {
    package static let all: [Entry] = [
        Entry(NoneTopologyPolicy.self),
        Entry(BestEffortTopologyPolicy.self),
        Entry(RestrictedTopologyPolicy.self),
        Entry(SingleNUMANodeTopologyPolicy.self),
    ]

    package struct Entry: Sendable, CustomStringConvertible {
        package let name: String
        package let summary: String
        package let make: @Sendable () -> any TopologyManagerPolicy

        package init<Policy: TopologyManagerPolicy>(_ policy: Policy.Type) {
            name = Policy.name
            summary = Policy.summary
            make = { Policy() }
        }

        package var description: String { name }
    }

    package static func entry(named name: String) -> Entry? { all.first { $0.name == name } }
}
