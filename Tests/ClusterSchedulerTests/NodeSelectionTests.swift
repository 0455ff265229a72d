import ClusterScheduler
import Primitives
import Testing

@Suite struct NodeSelectionTests {
    /// (nodes, percentageOfNodesToScore, wanted): kube-scheduler.md section 3 gives the first five.
    @Test(arguments: [
        (99, 0, 99), (100, 0, 100), (1000, 0, 420), (5000, 0, 500), (6000, 0, 300),
        (1000, 10, 100), (1000, 70, 700), (1000, 100, 1000), (100_000, 0, 5000),
    ])
    func `the search wants as many nodes as kube-scheduler`(
        _ nodes: Int, _ percentage: Int, _ wanted: Int
    ) {
        #expect(NodeSelection.wantedCount(of: nodes, percentage: percentage) == wanted)
    }

    /// Replays Go's container/heap: Init sifts every inner position down, Pop returns the root.
    private func heapWinner(_ scores: [Int16]) -> Int {
        var heap = Array(scores.enumerated())
        func siftDown(_ start: Int) {
            var parent = start
            while true {
                var child = 2 * parent + 1
                guard child < heap.count else { return }
                if child + 1 < heap.count, heap[child + 1].element > heap[child].element {
                    child += 1
                }
                guard heap[child].element > heap[parent].element else { return }
                heap.swapAt(parent, child)
                parent = child
            }
        }
        for position in stride(from: heap.count / 2 - 1, through: 0, by: -1) { siftDown(position) }
        return heap[0].offset
    }

    @Test(arguments: 0..<200)
    func `a tie goes to the node that a heap leaves at its root`(_ seed: UInt64) {
        var random = RandomStream(seed: seed, name: "node-selection")
        let count = 1 + Int(random.below(90))
        let levels = 1 + random.below(4)
        let scores = (0..<count).map { _ in Int16(random.below(levels)) }
        var selection = NodeSelection()
        let winner = selection.select(scores, wanted: count, choose: nil).winner
        #expect(winner == heapWinner(scores), "seed \(seed)")
    }

    @Test(arguments: 0..<100)
    func `the search starts where the last one stopped and stops when enough passed`(
        _ seed: UInt64
    ) {
        var random = RandomStream(seed: seed, name: "node-selection")
        let count = 100 + Int(random.below(300))
        var selection = NodeSelection()
        let wanted = NodeSelection.wantedCount(of: count, percentage: 5)
        for _ in 0..<10 {
            let scores = (0..<count).map { _ in Int16(random.below(5)) - 1 }
            let start = selection.nextStart
            // The literal search: visit in order, stop at the success after the last wanted.
            var passed: [Int] = []
            var refused = 0
            for step in 0..<count {
                let position = (start + step) % count
                if scores[position] < 0 {
                    refused += 1
                } else if passed.count == wanted {
                    break
                } else {
                    passed.append(position)
                }
            }
            let expected = passed.isEmpty ? nil : passed[heapWinner(passed.map { scores[$0] })]
            let outcome = selection.select(scores, wanted: wanted, choose: nil)
            #expect(outcome.winner == expected, "seed \(seed)")
            #expect(selection.nextStart == (start + passed.count + refused) % count)
        }
    }
}
