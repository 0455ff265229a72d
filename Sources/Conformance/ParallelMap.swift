import Dispatch
import Synchronization

/// `body` of 0, 1, 2 … on up to `threads` threads; the results are in order, whoever made them.
func parallelMap<Result: Sendable>(
    _ count: Int, threads: Int, _ body: @Sendable (Int) -> Result
) -> [Result] {
    /// Small enough that one long case does not keep the others waiting.
    let chunk = 8
    let next = Atomic<Int>(0)
    let finished = Mutex<[(start: Int, results: [Result])]>([])
    let workers = max(1, min(threads, (count + chunk - 1) / chunk))
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
        while true {
            let start = next.wrappingAdd(chunk, ordering: .relaxed).oldValue
            guard start < count else { return }
            let results = (start..<min(count, start + chunk)).map(body)
            finished.withLock { $0.append((start, results)) }
        }
    }
    return finished.withLock { $0 }.sorted { $0.start < $1.start }.flatMap(\.results)
}
