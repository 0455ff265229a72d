import Primitives

/// How long pods ran, summed as integers: per shape for the cluster's use, and milli-CPU time per node.
///
/// A pod occupies its requests from start to finish, so the integral of what is requested over time is the sum of
/// request × duration, exactly; nothing is read from samples.
struct Occupancy {
    private var shapes: [Shape] = []
    private var nodes: [Node] = []
    /// Allocatable of all nodes together, by position of the resource: what is offered now, and Σ amount × time of what
    /// was not offered since the beginning of the run.
    private var allocatable: [Int64]
    private var notOffered: [Int128]

    private struct Node {
        var milliCPU: Int64
        var offered: [ResourceAmount]
        /// Milli-CPU in use × time.
        var use = Tally()
    }

    private struct Shape {
        var requests: [ResourceAmount]
        var milliCPU: Int64
        var time = Tally()
    }

    /// Σ weight × duration, with intervals still open at the end of the run counted apart.
    private struct Tally {
        var closed: Int128 = 0
        var open: Int64 = 0

        /// Weighted nanoseconds when the run ends at `end`.
        func total(at end: SimTime) -> Int128 { closed + Int128(open) * Int128(end.nanoseconds) }

        mutating func add(weight: Int64, from start: SimTime, to finish: SimTime?) {
            if let finish {
                closed += Int128(weight) * Int128((finish - start).nanoseconds)
            } else {
                closed -= Int128(weight) * Int128(start.nanoseconds)
                open += weight
            }
        }
    }

    init(resourceCount: Int) {
        allocatable = [Int64](repeating: 0, count: resourceCount)
        notOffered = [Int128](repeating: 0, count: resourceCount)
    }

    mutating func introduce(
        _ node: NodeIndex, allocatable offered: [ResourceAmount], from start: SimTime = .zero
    ) {
        precondition(
            node.position == nodes.count, "nodes are introduced once, in order of their index")
        for amount in offered {
            allocatable[amount.resource.position] += amount.amount
            notOffered[amount.resource.position] +=
                Int128(amount.amount) * Int128(start.nanoseconds)
        }
        nodes.append(Node(milliCPU: milliCPU(in: offered), offered: offered))
    }

    /// A node offers nothing from `end` on.
    mutating func remove(_ node: NodeIndex, at end: SimTime) {
        for amount in nodes[node.position].offered {
            allocatable[amount.resource.position] -= amount.amount
            // Counted as offered until the run's end by nobody, so its time until now is given back.
            notOffered[amount.resource.position] -=
                Int128(amount.amount) * Int128(end.nanoseconds)
        }
    }

    /// ∫ allocatable dt of a resource.
    func offered(_ resource: Int, until end: SimTime) -> Int128 {
        Int128(allocatable[resource]) * Int128(end.nanoseconds) - notOffered[resource]
    }

    mutating func introduce(_ shape: PodShapeIndex, requests: [ResourceAmount]) {
        precondition(
            shape.position == shapes.count, "shapes are introduced once, in order of their index")
        shapes.append(Shape(requests: requests, milliCPU: milliCPU(in: requests)))
    }

    /// A pod ran from `start` to `finish`; nil when it still ran at the end.
    mutating func add(
        shape: PodShapeIndex, node: NodeIndex, from start: SimTime, to finish: SimTime?
    ) {
        precondition(
            shape.position < shapes.count, "a shape is introduced before a pod of it ends")
        shapes[shape.position].time.add(weight: 1, from: start, to: finish)
        let milliCPU = shapes[shape.position].milliCPU
        nodes[node.position].use.add(weight: milliCPU, from: start, to: finish)
    }

    /// ∫ requested dt of every resource, by position.
    func requested(at end: SimTime) -> [Int128] {
        var totals = [Int128](repeating: 0, count: allocatable.count)
        for shape in shapes {
            let time = shape.time.total(at: end)
            for request in shape.requests {
                totals[request.resource.position] += Int128(request.amount) * time
            }
        }
        return totals
    }

    /// Jain's index of the nodes' shares of used CPU time; nil when no node was used.
    ///
    /// (Σx)² / (n Σx²). Source: Jain, Chiu, Hawe, DEC-TR-301, 1984.
    func balance(at end: SimTime) -> Double? {
        var count = 0
        var sum = 0.0
        var squares = 0.0
        for node in nodes where node.milliCPU > 0 {
            let share = Double(node.use.total(at: end)) / Double(node.milliCPU)
            count += 1
            sum += share
            squares += share * share
        }
        return squares > 0 ? sum * sum / (Double(count) * squares) : nil
    }
}

private func milliCPU(in amounts: [ResourceAmount]) -> Int64 {
    amounts.first { $0.resource == ResourceTable.cpu }?.amount ?? 0
}
