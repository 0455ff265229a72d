import ClusterScheduler
import NodeManagers

/// What the registries list, as scenarios spell it.
enum RegisteredNames {
    static var cpuManagerPolicies: [String] { CPUManagerPolicyRegistry.all.map { $0.name } }
    static var memoryManagerPolicies: [String] { MemoryManagerPolicyRegistry.all.map { $0.name } }
    static var topologyManagerPolicies: [String] {
        TopologyManagerPolicyRegistry.all.map { $0.name }
    }
    static var scoringStrategies: [String] { ScoringStrategyRegistry.all.map { $0.name } }
}
