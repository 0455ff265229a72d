import ClusterSimulation

extension ScenarioBuilder {
    mutating func checkStart(of group: NodeGroup, at entry: SourceNode.Entry) {}
}
