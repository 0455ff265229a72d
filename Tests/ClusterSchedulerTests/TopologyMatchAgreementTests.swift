import ClusterScheduler
import Primitives
import Testing
import WorkloadModel

/// NodeResourceTopologyMatch in whole numbers, as a run uses it, against the same in exact quantities.
struct TopologyMatchAgreementTests {
    static let strategies = TopologyScoringStrategy.allCases

    @Test(arguments: 0..<10 as Range<UInt64>)
    func `whole numbers decide as exact quantities do, over whole histories of a cache`(
        seed: UInt64
    ) throws {
        for part in 0..<10 as Range<UInt64> {
            var history = try RandomTopologyHistory(seed: seed * 1_000 + part)
            for step in 0..<15 { try history.step("seed \(seed) part \(part) step \(step)") }
        }
    }

    @Test func `histories reach refusals, marks, resyncs and scores between the ends`() throws {
        var seen = RandomTopologyHistory.Seen()
        for seed in 0..<30 as Range<UInt64> {
            var history = try RandomTopologyHistory(seed: seed)
            for step in 0..<40 { try history.step("seed \(seed) step \(step)") }
            seen.add(history.seen)
        }
        #expect(seen.passes > 300)
        #expect(seen.refusals > 300)
        #expect(seen.flushes > 5)
        #expect(seen.middleScores > 300)
    }

    @Test func `a reservation is taken off every zone until the node is read again`() throws {
        var resources = ResourceTable()
        var object = NodeTopologyObject()
        object.attributes = [
            NodeTopologyObject.Attribute(name: "topologyManagerPolicy", value: "single-numa-node")
        ]
        for zone in 0..<2 {
            object.zones.append(
                NodeTopologyObject.Zone(
                    name: "node-\(zone)", type: "Node",
                    resources: [("cpu", Quantity(units: 8)), ("memory", Quantity(units: 100))],
                    costs: []))
        }
        let published = PublishedTopology<Quantity>(object, version: 0, resources: &resources) {
            quantity, _ in quantity
        }
        var plugin = NodeResourceTopologyMatch(
            published: [published], cache: TopologyCacheSettings())
        let names = AllocatableNames([])
        let pod = RandomTopologyHistory.pod(cpu: 5, memory: 10)
        #expect(plugin.filter(pod, on: 0, names).passes)
        plugin.reserve(1, pod, on: 0)
        #expect(plugin.filter(pod, on: 0, names) == .unschedulable(.container))
        plugin.unreserve(1, on: 0)
        #expect(plugin.filter(pod, on: 0, names).passes)
    }
}
