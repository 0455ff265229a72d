public import NodeManagers

extension Simulation {
    /// How often bugs of the kubelet that break a law have shown themselves, over all nodes.
    public var upstreamBugCounts: UpstreamBugCounts {
        var total = UpstreamBugCounts()
        for node in 0..<nodes.count { total += nodes.states[node].upstreamBugCounts }
        return total
    }
}
