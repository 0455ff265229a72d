import Foundation
import TestSupport
import Testing
import WorkloadModel

@Suite struct GoRandomTests {
    struct Answers: Decodable {
        struct Check: Decodable {
            var seed: Int64
            var Int63: [String]
            var Uint64: [String]
            var Intn_8152_10_1024_1213_7_1073741824: [Int]
            var Perm_12: [Int]
            var Shuffle_12: [Int]
            var Float64: [String]
            var Int63n_1000000000007: String
        }
        var checks: [Check]
    }

    @Test(.enabled(if: SharedFolder.isPresent))
    func `every kind of draw is Go's`() throws {
        let answers = try JSONDecoder().decode(
            Answers.self, from: SharedFolder.contents("conformance/fgd/go1-rand.json"))
        #expect(!answers.checks.isEmpty)
        for check in answers.checks {
            var random = GoRandom(seed: check.seed)
            for expected in check.Int63 { #expect(String(random.int63()) == expected) }
            for expected in check.Uint64 { #expect(String(random.uint64()) == expected) }
            let bounds = [8152, 10, 1024, 1213, 7, 1_073_741_824]
            for (bound, expected) in zip(bounds, check.Intn_8152_10_1024_1213_7_1073741824) {
                #expect(random.intn(bound) == expected)
            }
            #expect(random.permutation(12) == check.Perm_12)
            var shuffled = Array(0..<12)
            random.shuffle(&shuffled)
            #expect(shuffled == check.Shuffle_12)
            for expected in check.Float64 { #expect(random.float64() == Double(expected)) }
            #expect(String(random.intn(1_000_000_000_007)) == check.Int63n_1000000000007)
        }
    }

    /// The first numbers of seed 42, so that a clone on its own proves something too.
    @Test func `seed 42 begins as in Go`() {
        var random = GoRandom(seed: 42)
        #expect(random.int63() == 3_440_579_354_231_278_675)
        #expect(random.int63() == 608_747_136_543_856_411)
        #expect(random.int63() == 5_571_782_338_101_878_760)
    }

    @Test func `seeds that differ by the modulus are one seed`() {
        var one = GoRandom(seed: 42)
        var other = GoRandom(seed: 42 - ((1 << 31) - 1))
        for _ in 0..<1000 { #expect(one.uint64() == other.uint64()) }
    }
}

@Suite struct InflatedOrderTests {
    @Test(arguments: [0.5, 1.0, 1.3, 2.0])
    func `pods are inflated to the target and not past it`(_ factor: Double) {
        let pods = (0..<100).map { index in
            (
                gpuMilli: index % 3 == 0 ? 0 : 100 * (1 + index % 10),
                gpuCount: index % 3 == 0 ? 0 : 1
            )
        }
        let sum = pods.reduce(0) { $0 + $1.gpuMilli * $1.gpuCount }
        let target = Int(Double(sum) * factor)
        let order = InflatedOrder(seed: 7, pods: pods, target: target, nodeCount: 12)
        let reached = order.arrivals.reduce(0) {
            $0 + pods[$1.pod].gpuMilli * pods[$1.pod].gpuCount
        }
        #expect(reached <= target)
        #expect(reached > target - 2000)
        #expect(Set(order.nodeRanks) == Set(0..<12))
        if factor >= 1 {
            #expect(Set(order.arrivals.filter { $0.copy == nil }.map(\.pod)).count == pods.count)
            let copies = order.arrivals.compactMap(\.copy)
            #expect(copies == Array(0..<copies.count))
        }
    }
}
