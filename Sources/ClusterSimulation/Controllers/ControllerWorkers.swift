import Primitives

/// Workers of one controller, and the keys that wait for one. A worker blocks while it waits for its client.
///
/// Source: the shared folder's spec/controllers.md sections 0 and 9 (a key is held once; 5 workers).
struct ControllerWorkers {
    /// When each worker is free again; `distantFuture` while it is between two steps of a sync.
    private var freeAt: [SimTime]
    private var keys: [OwnerHandle] = []
    private var firstKey = 0
    /// An event is planned for when a worker is free.
    var isWakePlanned = false

    init(count: Int) { freeAt = Array(repeating: SimTime(nanoseconds: .min / 2), count: count) }

    var hasKeys: Bool { firstKey < keys.count }

    /// When the first worker that is bound to be free is so; nil when all are between two steps.
    var nextFree: SimTime? {
        let first = freeAt.min() ?? .distantFuture
        return first == .distantFuture ? nil : first
    }

    /// A worker that is free at `now`, taken until `release`.
    mutating func take(at now: SimTime) -> UInt8? {
        guard let worker = freeAt.firstIndex(where: { $0 <= now }) else { return nil }
        freeAt[worker] = .distantFuture
        return UInt8(worker)
    }

    mutating func release(_ worker: UInt8, at time: SimTime) { freeAt[Int(worker)] = time }

    mutating func append(_ key: OwnerHandle) { keys.append(key) }

    mutating func popKey() -> OwnerHandle? {
        guard hasKeys else { return nil }
        defer {
            firstKey += 1
            if firstKey == keys.count {
                keys.removeAll(keepingCapacity: true)
                firstKey = 0
            }
        }
        return keys[firstKey]
    }
}
