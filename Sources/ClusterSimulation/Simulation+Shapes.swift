public import WorkloadModel

extension Simulation {
    /// Every shape of pod that has been seen; a trace adds to them while it is read, nothing is ever removed.
    public var knownShapes: [PodShape] { shapes.shapes }
}
