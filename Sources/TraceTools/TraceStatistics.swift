package import Metrics
package import Primitives
package import ScenarioInput
import WorkloadModel

/// What a trace amounts to: gathered record by record; memory grows with shapes and with pods that run at once.
package struct TraceStatistics {
    package struct Shape {
        package var identifier: String
        package var shape: PodShapeIndex
        package var pods: Int64 = 0
    }

    /// What pods ask for of one resource.
    package struct Size {
        package var resource: ResourceIndex
        /// What all pods that run at the busiest moment ask for, each resource at its own moment.
        package var most: Int128 = 0
        fileprivate var running: Int128 = 0
    }

    package private(set) var records: Int64 = 0
    package private(set) var pods: Int64 = 0
    package private(set) var firstArrival: Int64 = 0
    package private(set) var lastArrival: Int64 = 0
    /// When the last pod ends that ends at all.
    package private(set) var lastEnd: Int64 = 0
    package private(set) var endless: Int64 = 0
    package private(set) var deleted: Int64 = 0
    package private(set) var grouped: Int64 = 0
    package private(set) var mostAtOnce: Int64 = 0
    package private(set) var mostAtOnceTime: Int64 = 0
    package private(set) var gaps = LatencyHistogram()
    package private(set) var lifetimes = LatencyHistogram()
    package private(set) var sizes: [Size] = []
    package private(set) var shapes: [Shape] = []
    private var running: Int64 = 0
    private var ends = EndQueue()
    private var positions: [Int?] = []

    package init() {}

    package mutating func add(_ record: TraceRecord, of source: TraceSource) {
        let arrival = record.arrival.nanoseconds
        let count = Int64(record.count)
        if records == 0 {
            firstArrival = arrival
        } else {
            gaps.record(arrival - lastArrival)
        }
        lastArrival = arrival
        records += 1
        pods += count
        if !record.group.isEmpty { grouped += count }
        let position = noteShape(record.shape, of: source)
        shapes[position].pods += count
        release(until: arrival)
        let requests = source.shapes[record.shape].requests
        hold(requests, count)
        running += count
        if running > mostAtOnce {
            mostAtOnce = running
            mostAtOnceTime = arrival
        }
        noteEnd(of: record, count)
    }

    private mutating func noteEnd(of record: TraceRecord, _ count: Int64) {
        let arrival = record.arrival.nanoseconds
        if let lifetime = record.lifetime {
            lifetimes.record(lifetime.nanoseconds, count: count)
        }
        if record.deletion != nil { deleted += count }
        var end = record.lifetime.map { arrival + $0.nanoseconds }
        if let deletion = record.deletion { end = min(end ?? .max, deletion.nanoseconds) }
        guard let end else { return endless += count }
        lastEnd = max(lastEnd, end)
        ends.push(end: end, shape: record.shape, count: UInt32(count))
    }

    /// Pods that end at the moment of an arrival have made room for it.
    private mutating func release(until time: Int64) {
        while let entry = ends.pop(until: time) {
            running -= Int64(entry.count)
            for request in requestsByShape[entry.shape.position] {
                sizes[request.resource.position].running -=
                    Int128(request.amount) * Int128(entry.count)
            }
        }
    }

    private var requestsByShape: [[ResourceAmount]] = []

    private mutating func hold(_ requests: [ResourceAmount], _ count: Int64) {
        for request in requests {
            while sizes.count <= request.resource.position {
                sizes.append(Size(resource: ResourceIndex(sizes.count)))
            }
            sizes[request.resource.position].running += Int128(request.amount) * Int128(count)
            sizes[request.resource.position].most = max(
                sizes[request.resource.position].most, sizes[request.resource.position].running)
        }
    }

    /// What the pods that ask for a resource ask for, exactly; nil where none does.
    package func distribution(
        of resource: ResourceIndex
    ) -> LatencyDistribution? {
        var amounts: [(amount: Int64, pods: Int64)] = []
        for shape in shapes {
            let requests = requestsByShape[shape.shape.position]
            guard let request = requests.first(where: { $0.resource == resource }) else { continue }
            amounts.append((request.amount, shape.pods))
        }
        amounts.sort { $0.amount < $1.amount }
        let count = amounts.reduce(0) { $0 + $1.pods }
        guard count > 0, let most = amounts.last else { return nil }
        let sum = amounts.reduce(Int128(0)) { $0 + Int128($1.amount) * Int128($1.pods) }
        func quantile(_ percent: Int64) -> Int64 {
            let rank = (count * percent + 99) / 100
            var below: Int64 = 0
            for entry in amounts {
                below += entry.pods
                if below >= rank { return entry.amount }
            }
            return most.amount
        }
        return LatencyDistribution(
            count: count, mean: Double(sum) / Double(count), p50: quantile(50), p90: quantile(90),
            p99: quantile(99), max: most.amount, buckets: [])
    }

    private mutating func noteShape(_ shape: PodShapeIndex, of source: TraceSource) -> Int {
        while positions.count <= shape.position {
            positions.append(nil)
            requestsByShape.append([])
        }
        if let known = positions[shape.position] { return known }
        positions[shape.position] = shapes.count
        requestsByShape[shape.position] = source.shapes[shape].requests
        shapes.append(Shape(identifier: source.identifier(of: shape), shape: shape))
        return shapes.count - 1
    }
}

/// When pods end, the earliest first: a binary heap.
struct EndQueue {
    struct Entry {
        var end: Int64
        var shape: PodShapeIndex
        var count: UInt32
    }

    private var heap: [Entry] = []

    mutating func push(end: Int64, shape: PodShapeIndex, count: UInt32) {
        heap.append(Entry(end: end, shape: shape, count: count))
        var child = heap.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].end < heap[parent].end else { break }
            heap.swapAt(child, parent)
            child = parent
        }
    }

    /// The earliest entry if it ends at or before `time`.
    mutating func pop(until time: Int64) -> Entry? {
        guard let first = heap.first, first.end <= time else { return nil }
        let last = heap.removeLast()
        guard !heap.isEmpty else { return first }
        heap[0] = last
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2]
            where child < heap.count && heap[child].end < heap[least].end {
                least = child
            }
            guard least != parent else { return first }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
