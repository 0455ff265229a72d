import ArgumentParser
import ClusterScheduler
import NodeManagers
import Reporting

struct PoliciesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policies",
        abstract: "Lists the policies and plugins that are registered, a line of help each.")

    @Flag(help: "Print JSON.")
    var json = false

    func run() throws {
        let kinds: [PolicyKind] = [
            PolicyKind(
                "cpuManagerPolicy", CPUManagerPolicyRegistry.all.map { ($0.name, $0.summary) }),
            PolicyKind(
                "memoryManagerPolicy", MemoryManagerPolicyRegistry.all.map { ($0.name, $0.summary) }
            ),
            PolicyKind(
                "topologyManagerPolicy",
                TopologyManagerPolicyRegistry.all.map { ($0.name, $0.summary) }),
            PolicyKind(
                "topologyManagerPolicyOptions",
                TopologyManagerOptionRegistry.all.map { ($0.name, $0.summary) }),
            PolicyKind("filter", FilterPluginRegistry.all.map { ($0.name, $0.summary) }),
            PolicyKind("score", ScorePluginRegistry.all.map { ($0.name, $0.summary) }),
            PolicyKind(
                "scoringStrategy", ScoringStrategyRegistry.all.map { ($0.name, $0.summary) }),
            PolicyKind(
                "policies of a GPUShareStudy",
                GPUSharePolicyRegistry.all.map { ($0.name, $0.summary) }),
        ]
        try StandardOutput.write(json ? PolicyReport.json(kinds) : PolicyReport.text(kinds))
    }
}
