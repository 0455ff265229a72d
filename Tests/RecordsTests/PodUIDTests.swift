import Records
import Testing

@Suite struct PodUIDTests {
    private func uid(_ owner: UInt32, _ replica: UInt32, _ incarnation: UInt32) -> PodUID {
        PodUID(
            workloadKey: PodUID.workloadKey(namespace: "default", name: "upf"), owner: owner,
            replica: replica, incarnation: incarnation)
    }

    @Test func `every pod of a workload has a UID of its own`() {
        var seen: Set<PodUID> = []
        for owner in 0..<100 as Range<UInt32> {
            for replica in 0..<20 as Range<UInt32> {
                for incarnation in 0..<10 as Range<UInt32> {
                    seen.insert(uid(owner, replica, incarnation))
                }
            }
        }
        #expect(seen.count == 20_000)
        #expect(seen.allSatisfy { $0.bits < 1 << 63 })
    }

    @Test func `namespace and name tell workloads apart`() {
        let keys = [("a", "b"), ("a", "c"), ("b", "b"), ("", "a/b")].map {
            PodUID.workloadKey(namespace: $0, name: $1)
        }
        #expect(Set(keys).count == 4)
    }

    @Test func `a UID prints as 16 digits`() {
        for owner in 0..<300 as Range<UInt32> {
            let text = "\(uid(owner, 0, 0))"
            #expect(text.count == 16)
            #expect(UInt64(text, radix: 16) == uid(owner, 0, 0).bits)
        }
    }
}
