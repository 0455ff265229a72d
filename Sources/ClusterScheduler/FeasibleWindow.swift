/// The nodes that passed so far, and how many were examined.
struct FeasibleWindow {
    let wanted: Int
    var feasible: [UInt32] = []
    private(set) var examined = 0
    /// One more than wanted passed: that one is neither kept nor counted.
    private(set) var isFull = false

    init(wanted: Int) { self.wanted = wanted }

    mutating func add(_ position: Int, passes: Bool) {
        if passes {
            guard feasible.count < wanted else {
                isFull = true
                return
            }
            feasible.append(UInt32(position))
        }
        examined += 1
    }

    mutating func add(from start: Int, count: Int, passing: UInt64) {
        if feasible.count + passing.nonzeroBitCount <= wanted {
            var rest = passing
            while rest != 0 {
                feasible.append(UInt32(start + rest.trailingZeroBitCount))
                rest &= rest &- 1
            }
            examined += count
            return
        }
        for offset in 0..<count where !isFull {
            add(start + offset, passes: passing & (1 << UInt64(offset)) != 0)
        }
    }
}
