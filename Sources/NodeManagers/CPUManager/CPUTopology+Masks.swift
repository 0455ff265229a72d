import Primitives

extension CPUTopology {
    /// CPU sets of like units one after another, `wordCount` words each: for loops that touch every unit.
    struct UnitMasks: Sendable {
        let words: [UInt64]
        let stride: Int

        init(_ units: [Unit], stride: Int) {
            self.stride = stride
            words = units.flatMap { unit in (0..<stride).map { unit.cpus[word: $0] } }
        }

        /// How many CPUs of `set` are in unit `position`.
        @inline(__always)
        func count(_ position: Int, in set: UnsafePointer<UInt64>) -> Int {
            var total = 0
            let start = position &* stride
            for word in 0..<stride {
                let common = set[word] & words[start &+ word]
                if common != 0 { total &+= common.nonzeroBitCount }
            }
            return total
        }

        /// Whether a CPU of `set` is in unit `position`.
        @inline(__always)
        func touches(_ position: Int, _ set: UnsafePointer<UInt64>) -> Bool {
            let start = position &* stride
            for word in 0..<stride where set[word] & words[start &+ word] != 0 { return true }
            return false
        }
    }

    /// A core's threads as at most two words of a CPU set, for tests without loops.
    struct CoreMask: Sendable, BitwiseCopyable {
        var firstWord: Int32
        var secondWord: Int32
        var first: UInt64
        var second: UInt64

        /// Nil for a core whose threads lie in more than two words.
        init?(_ core: Unit) {
            let used = core.words.filter { core.cpus[word: $0] != 0 }
            guard let low = used.first, used.count <= 2 else { return nil }
            firstWord = Int32(low)
            first = core.cpus[word: low]
            secondWord = Int32(used.count > 1 ? used[1] : low)
            second = used.count > 1 ? core.cpus[word: used[1]] : 0
        }

        /// The core's threads that are in `set`.
        @inline(__always)
        func threads(in set: UnsafePointer<UInt64>) -> (first: UInt64, second: UInt64) {
            (set[Int(firstWord)] & first, set[Int(secondWord)] & second)
        }

        /// Whether all of the core's threads are in `set`.
        @inline(__always)
        func isInside(_ set: UnsafePointer<UInt64>) -> Bool {
            let threads = threads(in: set)
            return threads.first == first && threads.second == second
        }

        @inline(__always)
        func touches(_ set: UnsafePointer<UInt64>) -> Bool {
            let threads = threads(in: set)
            return threads.first | threads.second != 0
        }
    }

    /// Lists of positions one after another.
    struct PositionLists: Sendable {
        let positions: [Int32]
        let starts: [Int32]

        init(_ lists: [[Int]]) {
            positions = lists.flatMap { $0.map(Int32.init) }
            starts = lists.reduce(into: [Int32(0)]) { $0.append($0.last! + Int32($1.count)) }
        }

        @inline(__always)
        func range(_ list: Int) -> Range<Int> { Int(starts[list])..<Int(starts[list + 1]) }
    }
}
