import ClusterSimulation
import Primitives
import WorkloadModel

/// A trace read from beginning to end, as the run will read it.
struct TraceCheck {
    /// Pods by shape.
    var pods: [(shape: PodShape, count: Double)] = []

    /// - Throws: what the run would throw when it comes to the broken row.
    init(_ scenario: Scenario) throws {
        for workload in scenario.workloads {
            guard case .trace(let source) = workload.source else { continue }
            var shapes = PodShapeTable()
            var counts: [Int] = []
            do {
                var reader = try source.makeReader(resources: scenario.resources)
                while let pod = try reader.next(shapes: &shapes) {
                    while counts.count < shapes.count { counts.append(0) }
                    counts[pod.shape.position] += 1
                }
            } catch {
                throw SimulationError.trace(workload: workload.name, underlying: error)
            }
            pods += zip(shapes.shapes, counts).map { ($0, Double($1)) }
        }
    }
}
