import Primitives
import Testing

@Suite struct CPUSetTests {
    @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
    func `agrees with a set of integers`(_ seed: UInt64) {
        var random = RandomStream(seed: seed, name: "cpu-set")
        for _ in 0..<50 {
            let left = Set((0..<random.below(200)).map { _ in Int(random.below(1024)) })
            let right = Set((0..<random.below(200)).map { _ in Int(random.below(1024)) })
            let (a, b) = (CPUSet(left), CPUSet(right))
            #expect(Array(a.union(b)) == left.union(right).sorted())
            #expect(Array(a.intersection(b)) == left.intersection(right).sorted())
            #expect(Array(a.subtracting(b)) == left.subtracting(right).sorted())
            #expect(a.intersectionCount(b) == left.intersection(right).count)
            #expect(a.isSubset(of: b) == left.isSubset(of: right))
            #expect(a.isDisjoint(with: b) == left.isDisjoint(with: right))
            #expect(a.count == left.count)
            #expect(a.first == left.min())
        }
    }

    @Test func `prints the kernel's list format`() {
        #expect("\(CPUSet([0, 1, 2, 8]))" == "0-2,8")
        #expect("\(CPUSet())" == "")
        #expect("\(CPUSet([1023]))" == "1023")
        #expect("\(NUMANodeSet([0, 1, 5]))" == "0-1,5")
    }

    @Test func `a range has just its own CPUs`() {
        for lower in stride(from: 0, through: 1024, by: 21) {
            for upper in [lower, lower + 1, lower + 63, lower + 64, lower + 65, 1024]
            where upper <= 1024 && lower <= upper {
                #expect(Array(CPUSet(lower..<upper)) == Array(lower..<upper))
            }
        }
    }

    @Test(arguments: 1...100 as ClosedRange<UInt64>)
    func `the list format reads back`(_ seed: UInt64) {
        var random = RandomStream(seed: seed, name: "list-format")
        let density = random.below(20)
        let cpus = CPUSet((0..<1024).filter { _ in random.below(20) < density })
        var read = CPUSet()
        for part in cpus.description.split(separator: ",") {
            let bounds = part.split(separator: "-").compactMap { Int($0) }
            #expect(bounds.count == 1 || (bounds.count == 2 && bounds[0] < bounds[1]))
            // Runs are as long as can be.
            #expect(!read.contains(bounds[0] - 1))
            for cpu in bounds[0]...(bounds.last ?? bounds[0]) { read.insert(cpu) }
        }
        #expect(read == cpus)
    }
}
