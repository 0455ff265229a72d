import ClusterScheduler
import Primitives
import Testing
import WorkloadModel

/// The scheduler's index while nodes come, go, are cordoned and change.
@Suite struct NodesComeAndGoTests {
    @Test(arguments: 0..<60 as Range<UInt64>)
    func `remembered scores choose as a full scan does while nodes come and go`(_ seed: UInt64) {
        var cluster = RandomCluster(seed: seed, nodes: 1 + Int(seed % 30))
        let roster = cluster.roster()
        var descriptions = (0..<roster.count).map { roster.kinds[roster.kindOfNode[$0]] }
        var isGone = Array(repeating: false, count: roster.count)
        var tree = LiteralNodeTree()
        for (node, description) in descriptions.enumerated() { tree.add(node, description) }
        var remembering = Scheduler(
            settings: cluster.settings, nodes: roster, resources: cluster.resources)
        var scanning = Scheduler(
            settings: cluster.settings, nodes: roster, resources: cluster.resources)
        remembering.add(shapes: cluster.table)
        scanning.add(shapes: cluster.table)
        var running: [(shape: PodShapeIndex, node: NodeIndex)] = []
        for step in 0..<200 {
            let alive = isGone.indices.filter { !isGone[$0] }
            switch cluster.below(14) {
            case 0, 1:
                guard !running.isEmpty else { continue }
                let pod = running.remove(at: cluster.below(running.count))
                remembering.forget(shape: pod.shape, on: pod.node)
                scanning.forget(shape: pod.shape, on: pod.node)
            case 2 where alive.count < 60:
                let description = cluster.node()
                let name = "later-\(step)"
                let node = remembering.nodeAppeared(description, name: name, at: .zero)
                #expect(scanning.nodeAppeared(description, name: name, at: .zero) == node)
                descriptions.append(description)
                isGone.append(false)
                tree.add(node.position, description)
            case 3:
                guard !alive.isEmpty else { continue }
                let node = alive[cluster.below(alive.count)]
                isGone[node] = true
                tree.remove(node, descriptions[node])
                remembering.nodeVanished(NodeIndex(node))
                scanning.nodeVanished(NodeIndex(node))
                // Pods of it are forgotten at once or, as after pod GC, later.
                if cluster.below(2) == 0 {
                    for pod in running where pod.node.position == node {
                        remembering.forget(shape: pod.shape, on: pod.node)
                        scanning.forget(shape: pod.shape, on: pod.node)
                    }
                    running.removeAll { $0.node.position == node }
                }
            case 4:
                guard !alive.isEmpty else { continue }
                let node = alive[cluster.below(alive.count)]
                var description = descriptions[node]
                description.isUnschedulable.toggle()
                descriptions[node] = description
                remembering.nodeChanged(NodeIndex(node), to: description, at: .zero)
                scanning.nodeChanged(NodeIndex(node), to: description, at: .zero)
            default:
                let shape = PodShapeIndex(cluster.below(cluster.table.count))
                let expected = scanning.selectNodeByFullScan(shape: shape.position)
                let chosen = remembering.selectNode(shape: shape.position)
                let counts = (remembering.lastCycle, scanning.lastCycle)
                let starts = (remembering.selection.nextStart, scanning.selection.nextStart)
                guard chosen == expected, counts.0 == counts.1, starts.0 == starts.1 else {
                    Issue.record(
                        "seed \(seed), step \(step): \(String(describing: chosen)), not \(String(describing: expected)), \(counts), \(starts)"
                    )
                    return
                }
                guard let chosen else { continue }
                #expect(!isGone[chosen.position], "seed \(seed), step \(step)")
                #expect(
                    !descriptions[chosen.position].isUnschedulable
                        || cluster.table.shapes[shape.position].tolerations.contains {
                            $0.tolerates(
                                Taint(
                                    key: "node.kubernetes.io/unschedulable", value: "",
                                    effect: .noSchedule))
                        }, "seed \(seed), step \(step)")
                remembering.assume(shape: shape, on: chosen)
                scanning.assume(shape: shape, on: chosen)
                running.append((shape, chosen))
            }
            #expect(
                remembering.order.nodes.map(\.position) == tree.list, "seed \(seed), step \(step)")
        }
    }

    /// Counts over a changing set of nodes are those of a scheduler that learns of the last state at once.
    @Test(arguments: 0..<30 as Range<UInt64>)
    func `a scheduler that saw nodes come and go counts as a fresh one`(_ seed: UInt64) {
        var cluster = RandomCluster(seed: seed, nodes: 12)
        let roster = cluster.roster()
        var grown = Scheduler(
            settings: cluster.settings, nodes: roster, resources: cluster.resources)
        grown.add(shapes: cluster.table)
        var running: [(shape: PodShapeIndex, node: NodeIndex)] = []
        // Five nodes come and go again with their pods; what is left is as it was.
        var added: [NodeIndex] = []
        for step in 0..<5 {
            added.append(grown.addNode(cluster.node(), name: "later-\(step)"))
        }
        for _ in 0..<80 {
            let shape = PodShapeIndex(cluster.below(cluster.table.count))
            guard let node = grown.selectNode(shape: shape.position) else { continue }
            grown.assume(shape: shape, on: node)
            running.append((shape, node))
        }
        for node in added {
            grown.removeNode(node)
            for pod in running where pod.node == node { grown.forget(shape: pod.shape, on: node) }
            running.removeAll { $0.node == node }
        }
        var fresh = Scheduler(
            settings: cluster.settings, nodes: roster, resources: cluster.resources)
        fresh.add(shapes: cluster.table)
        for pod in running { fresh.place(shape: pod.shape, on: pod.node) }
        for shape in 0..<cluster.table.count {
            let (a, b) = (grown.report(shape: shape), fresh.report(shape: shape))
            guard a.evaluated == 12, b.evaluated == 12 else { continue }
            #expect(
                a.feasible.sorted { $0.position < $1.position }.map(\.total)
                    == b.feasible.sorted { $0.position < $1.position }.map(\.total),
                "seed \(seed), shape \(shape)")
            #expect(a.fitError == b.fitError, "seed \(seed), shape \(shape)")
        }
    }

    @Test func `the last node can go and another come`() {
        var cluster = RandomCluster(seed: 1, nodes: 2)
        var scheduler = Scheduler(
            settings: cluster.settings, nodes: cluster.roster(), resources: cluster.resources)
        scheduler.add(shapes: cluster.table)
        scheduler.removeNode(NodeIndex(0))
        scheduler.removeNode(NodeIndex(1))
        scheduler.removeNode(NodeIndex(1))
        #expect(scheduler.selectNode(shape: 0) == nil)
        #expect(scheduler.order.nodes.isEmpty)
        let node = scheduler.addNode(cluster.node(), name: "new")
        #expect(node == NodeIndex(2))
        #expect(scheduler.position(of: node) == 0)
        #expect(scheduler.position(of: NodeIndex(0)) == nil)
    }
}

/// The node tree as upstream keeps it: zones in order, nodes of each, dealt out in turns.
private struct LiteralNodeTree {
    private var zones: [(name: String, nodes: [Int])] = []

    private func zone(_ description: NodeDescription) -> String {
        func value(_ key: String) -> String {
            description.labels.first { $0.key == "topology.kubernetes.io/\(key)" }?.value ?? ""
        }
        return value("region") + "/" + value("zone")
    }

    mutating func add(_ node: Int, _ description: NodeDescription) {
        let name = zone(description)
        if let known = zones.firstIndex(where: { $0.name == name }) {
            zones[known].nodes.append(node)
        } else {
            zones.append((name, [node]))
        }
    }

    mutating func remove(_ node: Int, _ description: NodeDescription) {
        guard let known = zones.firstIndex(where: { $0.name == zone(description) }) else { return }
        zones[known].nodes.removeAll { $0 == node }
        if zones[known].nodes.isEmpty { zones.remove(at: known) }
    }

    var list: [Int] {
        var rest = zones.map(\.nodes)
        var list: [Int] = []
        while rest.contains(where: { !$0.isEmpty }) {
            for zone in rest.indices where !rest[zone].isEmpty {
                list.append(rest[zone].removeFirst())
            }
        }
        return list
    }
}
