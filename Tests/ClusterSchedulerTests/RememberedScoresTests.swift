import ClusterScheduler
import Foundation
import Primitives
import Testing
import WorkloadModel

/// Index equals scan: what is remembered and counted on the way gives what evaluating every plugin on every node gives.
@Suite struct RememberedScoresTests {
    /// `TOPSIM_LONG_TESTS` asks for 1,000 clusters × 1,000 operations.
    static let isLong = ProcessInfo.processInfo.environment["TOPSIM_LONG_TESTS"] != nil

    @Test(arguments: 0..<(isLong ? 1000 : 80) as Range<UInt64>)
    func `remembered scores choose as a full scan does`(_ seed: UInt64) {
        var sizes = RandomStream(seed: seed, name: "sizes")
        let nodes = 1 + Int(sizes.below(seed % 5 == 0 ? 300 : 40))
        var cluster = RandomCluster(seed: seed, nodes: nodes)
        let roster = cluster.roster()
        var remembering = Scheduler(
            settings: cluster.settings, nodes: roster, resources: cluster.resources)
        var scanning = Scheduler(
            settings: cluster.settings, nodes: roster, resources: cluster.resources)
        remembering.add(shapes: cluster.table)
        scanning.add(shapes: cluster.table)
        var running: [(shape: PodShapeIndex, node: NodeIndex, isTerminating: Bool)] = []
        for step in 0..<(Self.isLong ? 1000 : 200) {
            switch cluster.below(12) {
            case 0, 1, 2:
                guard !running.isEmpty else { continue }
                let pod = running.remove(at: cluster.below(running.count))
                remembering.forget(
                    shape: pod.shape, on: pod.node, isTerminating: pod.isTerminating)
                scanning.forget(
                    shape: pod.shape, on: pod.node, isTerminating: pod.isTerminating)
            case 3 where !running.isEmpty:
                let index = cluster.below(running.count)
                guard !running[index].isTerminating else { continue }
                running[index].isTerminating = true
                remembering.beginTermination(
                    shape: running[index].shape, on: running[index].node)
                scanning.beginTermination(shape: running[index].shape, on: running[index].node)
            case 4 where step % 9 == 0:
                cluster.addShape()
                remembering.add(shapes: cluster.table)
                scanning.add(shapes: cluster.table)
            case 5 where step % 7 == 0:
                let node = NodeIndex(cluster.below(nodes))
                let description = cluster.node()
                remembering.updateNode(node, to: description)
                scanning.updateNode(node, to: description)
            case 6 where step % 7 == 0:
                let nomination = Nomination(
                    pod: UInt32(1000 + cluster.below(3)),
                    shape: PodShapeIndex(cluster.below(cluster.table.count)),
                    node: NodeIndex(cluster.below(nodes)))
                remembering.nominate(nomination)
                scanning.nominate(nomination)
            default:
                let shape = PodShapeIndex(cluster.below(cluster.table.count))
                let pinned = cluster.below(20) == 0 ? cluster.below(nodes) : -1
                let expected = scanning.selectNodeByFullScan(
                    shape: shape.position, pinnedPosition: pinned)
                let chosen = remembering.selectNode(
                    shape: shape.position, pinnedPosition: pinned)
                let counts = (remembering.lastCycle, scanning.lastCycle)
                let starts = (remembering.selection.nextStart, scanning.selection.nextStart)
                guard chosen == expected, counts.0 == counts.1, starts.0 == starts.1 else {
                    Issue.record(
                        """
                        seed \(seed), step \(step): \(String(describing: chosen)) instead of \
                        \(String(describing: expected)), \(counts), \(starts)
                        """)
                    return
                }
                guard let chosen else { continue }
                remembering.assume(shape: shape, on: chosen)
                scanning.assume(shape: shape, on: chosen)
                running.append((shape, chosen, false))
            }
        }
    }

    /// Counts kept over hundreds of changes must be those that a scheduler counts which learns of all pods at once.
    @Test(arguments: 100..<130 as Range<UInt64>)
    func `counts kept on the way are those of a fresh scheduler`(_ seed: UInt64) {
        var cluster = RandomCluster(seed: seed, nodes: 25)
        let roster = cluster.roster()
        var grown = Scheduler(
            settings: cluster.settings, nodes: roster, resources: cluster.resources)
        grown.add(shapes: cluster.table)
        var running: [(shape: PodShapeIndex, node: NodeIndex)] = []
        for step in 0..<120 {
            if step % 40 == 39 {
                cluster.addShape()
                grown.add(shapes: cluster.table)
            }
            if cluster.below(3) == 0, !running.isEmpty {
                let pod = running.remove(at: cluster.below(running.count))
                grown.forget(shape: pod.shape, on: pod.node)
                continue
            }
            let shape = PodShapeIndex(cluster.below(cluster.table.count))
            guard let node = grown.selectNode(shape: shape.position) else { continue }
            grown.assume(shape: shape, on: node)
            running.append((shape, node))
        }
        var fresh = Scheduler(
            settings: cluster.settings, nodes: roster, resources: cluster.resources)
        fresh.add(shapes: cluster.table)
        for pod in running { fresh.place(shape: pod.shape, on: pod.node) }
        for shape in 0..<cluster.table.count {
            let a = grown.report(shape: shape)
            let b = fresh.report(shape: shape)
            // The two start their searches elsewhere, so nodes are compared by position.
            let order = a.evaluated == 25 && b.evaluated == 25
            guard order else { continue }
            #expect(
                a.feasible.sorted { $0.position < $1.position }.map(\.total)
                    == b.feasible.sorted { $0.position < $1.position }.map(\.total),
                "seed \(seed), shape \(shape)")
            #expect(a.fitError == b.fitError, "seed \(seed), shape \(shape)")
        }
    }
}
