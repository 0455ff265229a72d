import Foundation
import Metrics
import Primitives
import Records
import TestSupport
import Testing

@Suite struct CatalogueTests {
    @Test func `docs/concepts/metrics.md lists the metrics of the code, in its order`() throws {
        let page = try String(
            contentsOf: Checkout.url.appending(path: "docs/concepts/metrics.md"), encoding: .utf8)
        let rows = page.split(separator: "\n").filter { $0.hasPrefix("| `") }
        let documented = rows.map { row in
            let cells = row.split(separator: "|").map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            return [cells[0].trimmingCharacters(in: ["`"]), cells[1], cells[2]]
        }
        let defined = MetricDefinition.all.map {
            [$0.name, $0.unit.rawValue, $0.polarity == .neither ? "" : $0.polarity.rawValue]
        }
        #expect(documented == defined)
    }

    @Test func `every metric of a run is in the catalogue, once, in the catalogue's order`() {
        let metrics = twoNodes(targetMix: [
            MixDemand(weight: 1, requests: [ResourceAmount(ResourceTable.cpu, 1_000)])
        ])
        var totals = AlignmentTotals()
        totals.add(Alignment(core: true, uncore: true, numa: true, socket: true))
        metrics.admitted(admission(totals))
        metrics.rejected(rejection(.admission, "TopologyAffinityError"))
        metrics.ended(pod(scheduled: 1, started: 1, finished: 9, outcome: .succeeded))
        var sample = ClusterSample(time: .zero)
        sample.resources = [
            ResourceSample(
                resource: ResourceTable.cpu, allocatable: 8_000, requested: 0, free: 8_000,
                stranded: 0)
        ]
        sample.fits = [MixSample(member: 0, admitted: 4, fitting: 8)]
        metrics.sampled(sample)
        var onHost = HostPlacement(position: 0, isAlignedInGuest: true, isAlignedOnHost: false)
        onHost.isCoreAlignedOnHost = true
        onHost.distanceThousandths = 1_500
        metrics.placedOnHost(
            HostPlacementRecord(
                pod: PodIndex(rawValue: 0), node: NodeIndex(0), containers: [onHost]))
        metrics.acted(
            ActionRecord(
                action: 0, kind: "drain", target: "n", began: .zero, ended: seconds(4),
                outcome: .done, message: ""))

        var summary = metrics.summary(end: seconds(10))
        summary.upstreamBugs = [UpstreamBugCount(name: "share-never-returned", count: 2)]
        var load = ControlPlaneLoad()
        load.writes.podsCreated = 3
        load.writes.eventsCreated = 4
        load.peakPodObjects = 2
        summary.controlPlane = load
        #expect(load.writes.total == 7)
        #expect(
            summary.metrics.filter { $0.name.hasPrefix("api_writes.") }.map(\.name) == [
                "api_writes.total", "api_writes.create.pods", "api_writes.create.events",
            ])
        #expect(summary.metrics.last?.name == "upstream_bugs.share-never-returned")
        #expect(summary.metrics.last?.value == 2)
        let names = summary.metrics.map(\.name)
        #expect(Set(names).count == names.count)
        let families = names.map { name in
            MetricDefinition.all.firstIndex { definition in
                let stem = definition.name.prefix { $0 != "<" }
                return stem.count < definition.name.count
                    ? name.hasPrefix(stem) : name == definition.name
            }
        }
        #expect(!families.contains(nil), "\(names)")
        #expect(families.compactMap(\.self) == families.compactMap(\.self).sorted())
        // Nothing of the catalogue is missing from a run that had everything.
        #expect(Set(families.compactMap(\.self)).count == MetricDefinition.all.count)
    }
}
