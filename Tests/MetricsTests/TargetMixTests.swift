import Metrics
import Primitives
import Records
import Testing

/// Stranding, fragmentation and policy tax against a mix of three small pods (1 CPU) for one large (2 CPUs, 4 bytes).
@Suite struct TargetMixTests {
    private func metrics() -> RunMetrics {
        twoNodes(targetMix: [
            MixDemand(weight: 3, requests: [ResourceAmount(ResourceTable.cpu, 1_000)]),
            MixDemand(
                weight: 1,
                requests: [
                    ResourceAmount(ResourceTable.cpu, 2_000),
                    ResourceAmount(ResourceTable.memory, 4),
                ]),
        ])
    }

    /// Free and stranded CPUs (whole) and, per member, what is admitted and what fits.
    private func sample(
        at time: Int64, free: Int64, stranded: Int64, _ small: (Int64, Int64),
        _ large: (Int64, Int64)
    ) -> ClusterSample {
        var sample = ClusterSample(time: seconds(time))
        sample.resources = [
            ResourceSample(
                resource: ResourceTable.cpu, allocatable: 8_000, requested: 8_000 - free * 1_000,
                free: free * 1_000, stranded: stranded * 1_000),
            ResourceSample(
                resource: ResourceTable.memory, allocatable: 16, requested: 0, free: 16,
                stranded: 0),
            ResourceSample(
                resource: ResourceTable.ephemeralStorage, allocatable: 100, requested: 0, free: 100,
                stranded: 100),
        ]
        sample.fits = [
            MixSample(member: 0, admitted: small.0, fitting: small.1),
            MixSample(member: 1, admitted: large.0, fitting: large.1),
        ]
        return sample
    }

    @Test func `a sample holds until the next one`() {
        let metrics = metrics()
        // 8 free CPUs for 25 s, none of them stranded; 4 for 75 s, 2 of them stranded.
        metrics.sampled(sample(at: 0, free: 8, stranded: 0, (8, 8), (4, 4)))
        metrics.sampled(sample(at: 25, free: 4, stranded: 2, (2, 4), (0, 1)))
        // Stranded: 2 · 75 of 8 · 100.
        #expect(metrics.value("stranded.cpu") == 150.0 / 800)
        // Free 8 · 25 + 4 · 75 = 500 CPU·s. Small pods would take 8 · 25 + 2 · 75 = 350, large 2 · 4 · 25 = 200:
        // ¾ · 150/500 + ¼ · 300/500 = 0.375.
        #expect(metrics.value("fragmentation.cpu") == 0.375)
        // Memory is free 16 · 100; small pods ask for none, large take 4 · 4 · 25 = 400: ¾ · 1 + ¼ · 1200/1600.
        #expect(metrics.value("fragmentation.memory") == 0.9375)
        // Small: 1 − 350/500 = 0.3. Large: 1 − 100/(100 + 75) = 3/7. ¾ · 0.3 + ¼ · 3/7.
        #expect(abs(metrics.value("policy_tax")! - (0.225 + 3.0 / 28)) < 1e-12)
        // No member of the mix asks for it.
        #expect(metrics.value("stranded.ephemeral-storage") == nil)
        #expect(metrics.value("fragmentation.ephemeral-storage") == nil)
    }

    @Test func `a member that fits nowhere pays no tax`() {
        let metrics = metrics()
        metrics.sampled(sample(at: 0, free: 4, stranded: 0, (1, 4), (0, 0)))
        #expect(metrics.value("policy_tax") == 0.75)
    }

    @Test func `a full cluster has no fragmentation to tell`() {
        let metrics = metrics()
        metrics.sampled(sample(at: 0, free: 0, stranded: 0, (0, 0), (0, 0)))
        #expect(metrics.value("fragmentation.cpu") == nil)
        #expect(metrics.value("policy_tax") == nil)
        #expect(metrics.value("stranded.cpu") == 0)
    }

    @Test func `without a target mix there is nothing to measure against`() {
        let metrics = twoNodes()
        var sample = sample(at: 0, free: 4, stranded: 4, (0, 0), (0, 0))
        sample.fits = []
        metrics.sampled(sample)
        let names = metrics.summary(end: seconds(100)).metrics.map(\.name)
        #expect(names.contains("use.cpu"))
        #expect(!names.contains { $0.hasPrefix("stranded") || $0.hasPrefix("fragmentation") })
        #expect(!names.contains("policy_tax"))
    }

    @Test func `asking for a summary twice gives the same`() {
        let metrics = metrics()
        metrics.sampled(sample(at: 0, free: 4, stranded: 1, (1, 4), (0, 0)))
        let first = metrics.summary(end: seconds(50))
        #expect(metrics.summary(end: seconds(50)) == first)
    }
}
