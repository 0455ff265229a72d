import Foundation
import Testing

import NodeManagers

/// Merges on machines with so many NUMA nodes that nobody can list them: what must hold of the answer.
///
/// 4,000 requests by default; `TOPSIM_WIDE_CASES` sets another number.
@Suite struct WideMergeLawsTests {
    static let cases =
        ProcessInfo.processInfo.environment["TOPSIM_WIDE_CASES"].flatMap(Int.init) ?? 4_000

    @Test(arguments: [16, 24, 32, 48, 64])
    func `an answer is a mask of every list that none nearby beats`(_ count: Int) throws {
        let cases = WideMergeLawsTests.cases / 5
        var stalled = 0
        var slowest = Duration.zero
        var total = Duration.zero
        var preferred = 0
        for index in 0..<cases {
            let seed = UInt64(900_000_000 + count * 10_000_000 + index)
            var request = RandomMerge(seed: seed, counts: [count], classes: 8)
            let managers = MergeManagers(request, mostTabulated: 0)
            let closest = index % 2 == 1
            let manager = try TopologyManager(
                policyName: "best-effort", scopeName: "container",
                options: [
                    "prefer-closest-numa-nodes": "\(closest)", "max-allowable-numa-nodes": "64",
                ], layout: managers.layout)
            var verdict: TopologyVerdict?
            let time = ContinuousClock().measure { verdict = managers.verdict(manager) }
            total += time
            slowest = max(slowest, time)
            let answer = try #require(verdict)
            if answer.wouldStall {
                stalled += 1
                continue
            }
            guard answer.hint.isPreferred, let mask = answer.hint.affinity else { continue }
            preferred += 1
            let trace = HintTrace()
            var hints = HintCollector(layout: managers.layout, question: .preferred, trace: trace)
            managers.gather(into: &hints)
            let families = trace.families.map(\.family)
            func isCommon(_ mask: NUMAMask) -> Bool {
                families.allSatisfy { $0.contains(mask) && $0.prefers(mask) }
            }
            guard !families.isEmpty else { continue }
            #expect(isCommon(mask), "seed \(seed)")
            for _ in 0..<200 {
                var other = mask
                for _ in 0...request.nodes.below(2) {
                    other.bits &= ~(1 << UInt64(request.nodes.pick(Array(mask))))
                }
                while other.count < mask.count { other.insert(request.nodes.below(count)) }
                guard other != mask, isCommon(other) else { continue }
                let (near, far) =
                    closest
                    ? (managers.layout.distanceSum(mask), managers.layout.distanceSum(other))
                    : (0, 0)
                #expect((near, mask.bits) < (far, other.bits), "seed \(seed)")
            }
        }
        print(
            "\(count) NUMA nodes: \(cases) merges, \(preferred) preferred,"
                + " \(stalled) beyond the work limit, mean \(total / cases), slowest \(slowest)")
        // Random distances and devices on random pairs are the hard ones: 5.0 % of 30,000 at 64 NUMA nodes.
        #expect(stalled * 100 <= cases * 6)
    }
}
