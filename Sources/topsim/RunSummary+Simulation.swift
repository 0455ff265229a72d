import ClusterSimulation
import Metrics
import NodeManagers
import ResultsDatabase

extension RunMetrics {
    /// What a run amounts to once it has finished: what was recorded, and what only the simulation knows.
    func summary(of simulation: borrowing Simulation) -> RunSummary {
        var summary = summary(end: simulation.time)
        summary.upstreamBugs = simulation.upstreamBugCounts.named.map {
            UpstreamBugCount(name: $0.name, count: $0.count)
        }
        summary.controlPlane = simulation.controlPlaneLoad
        return summary
    }
}

extension RunEnding {
    /// A run's ending with the numbers of its summary.
    init(status: RunStatus, _ summary: RunSummary, engine: [EngineFact] = []) {
        self.init(status: status, ended: summary.end)
        metrics = summary.metrics
        distributions = summary.distributions
        self.engine = engine
    }
}
