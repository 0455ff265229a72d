package import Primitives
package import ScenarioInput
package import WorkloadModel

/// Another load of the same kind: faster, larger, or more pods.
///
/// - `rate` r: a pod that arrives at t arrives at ⌊t / r⌋; it runs as long as before.
/// - `size` s: cpu, memory, ephemeral storage and huge pages of containers and pods are multiplied by s and rounded
///   up, to thousandths of a CPU, bytes and pages. Devices and overhead stay.
/// - `count` c = k + f, k whole and 0 ≤ f < 1: each pod is there k times and, with probability f, once more; one draw
///   a pod in the order of the trace, from the stream `trace/scale/count` of the seed. Copies arrive with the pod
///   and are called `<name>-2`, `<name>-3` and so on.
package struct TraceScale: TraceTransformation {
    private let rate: Ratio
    private let size: Ratio
    private let count: Ratio
    private var random: RandomStream

    package init(rate: Ratio = .one, size: Ratio = .one, count: Ratio = .one, seed: UInt64 = 0) {
        self.rate = rate
        self.size = size
        self.count = count
        random = RandomStream(seed: seed, name: "trace/scale/count")
    }

    package mutating func records(
        for record: TraceRecord, of source: inout TraceSource, isDone: inout Bool
    ) throws -> [TraceRecord] {
        guard let arrival = rate.dividing(record.arrival.nanoseconds), arrival <= limit else {
            throw TraceChangeError(
                message: "`\(record.name)` would arrive after 73 years, the most a trace may say")
        }
        var record = record
        if let deletion = record.deletion {
            let rest = deletion.nanoseconds - record.arrival.nanoseconds
            record.deletion = SimTime(nanoseconds: min(limit, arrival + rest))
        }
        record.arrival = SimTime(nanoseconds: arrival)
        guard count != .one else { return [record] }
        return copies(of: record)
    }

    private var limit: Int64 { 1 << 61 }

    private mutating func copies(of record: TraceRecord) -> [TraceRecord] {
        let whole = Int(count.numerator / count.denominator)
        let rest = UInt64(count.numerator % count.denominator)
        // Equal pods in one record stay in one.
        if record.count > 1 {
            var record = record
            var sum = record.count * whole
            for _ in 0..<record.count where draw(rest) { sum += 1 }
            var records: [TraceRecord] = []
            while sum > 0 {
                record.count = min(sum, 1_000_000)
                records.append(record)
                sum -= record.count
            }
            return records
        }
        let copies = whole + (draw(rest) ? 1 : 0)
        return (0..<copies).map { number in
            var copy = record
            if number > 0 { copy.name += "-\(number + 1)" }
            return copy
        }
    }

    private mutating func draw(_ rest: UInt64) -> Bool {
        rest > 0 && random.below(UInt64(count.denominator)) < rest
    }

    package mutating func shape(_ shape: PodShape, resources: ResourceTable) throws -> PodShape? {
        guard size != .one else { return nil }
        return try shape.withAmounts(in: resources) { amount in
            guard let scaled = size.roundedUp(amount.amount), scaled < 1 << 60 else { return nil }
            return scaled
        }
    }
}

/// A change that leads out of what a trace can say.
package struct TraceChangeError: Error {
    /// A sentence without a full stop.
    package var message: String
}

extension PodShape {
    /// The shape with other amounts of cpu, memory, ephemeral storage and huge pages, whole pages of these; what
    /// follows from them follows anew.
    func withAmounts(
        in resources: ResourceTable, _ change: (ResourceAmount) -> Int64?
    ) throws -> PodShape {
        func changed(_ amounts: [ResourceAmount]) throws -> [ResourceAmount] {
            try amounts.map { amount in
                let page = resources.hugePageSize(amount.resource)
                guard amount.resource <= ResourceTable.ephemeralStorage || page != nil else {
                    return amount
                }
                guard var value = change(amount) else {
                    throw TraceChangeError(
                        message: "\(resources[amount.resource]) of a shape gets too much to say")
                }
                if let page { value = (value + page - 1) / page * page }
                return ResourceAmount(amount.resource, value)
            }
        }
        func changed(_ given: ContainerResources) throws -> ContainerResources {
            ContainerResources(
                requests: try changed(given.requests), limits: try changed(given.limits))
        }
        var shape = self
        for index in shape.containers.indices {
            shape.containers[index].resources = try changed(shape.containers[index].resources)
        }
        shape.podLevel = try shape.podLevel.map(changed)
        guard let rebuilt = rebuiltShape(shape, resources: resources) else {
            throw TraceChangeError(
                message: "a shape would ask for what Kubernetes does not take")
        }
        return rebuilt
    }
}
