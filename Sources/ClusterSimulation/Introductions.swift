import ClusterScheduler
import NodeManagers
import Primitives
import Records
import WorkloadModel

extension Simulation {
    /// Tells the sink what every node offers, before anything happens.
    mutating func introduceNodes() {
        for node in 0..<nodes.count {
            let index = NodeIndex(node)
            let amounts = nodes.model(of: index).allocatable.enumerated().compactMap {
                resource, amount in
                amount == 0 ? nil : ResourceAmount(ResourceIndex(resource), amount)
            }
            sink.introduced(NodeRecord(node: index, allocatable: amounts))
        }
    }

    /// Makes shapes that a trace brought known, before the first pod of each comes.
    mutating func introduceNewShapes() {
        guard introducedShapes < shapes.count else { return }
        scheduler.addTopology(shapes: shapes)
        scheduler.add(shapes: shapes)
        for shape in introducedShapes..<shapes.count {
            sink.introduced(
                ShapeRecord(
                    shape: PodShapeIndex(shape), requests: shapes.shapes[shape].requests))
        }
        introducedShapes = shapes.count
        bindingsMayHelp = scheduler.somePodsLookElsewhere
        keepPodsIfPrioritiesDiffer()
    }
}
