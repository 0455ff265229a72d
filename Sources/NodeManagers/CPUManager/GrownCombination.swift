/// Walks the k-subsets of a list as the kubelet's recursive helper does, its shared memory included.
///
/// The helper appends to a Go slice. Appending within capacity (1, 2, 4, 8, …) writes into memory that an earlier
/// combination may be remembered by: element 4 of a 4-subset, and elements 6… of a 6- to 8-subset, change under
/// the one who remembers. Answers of the real kubelet depend on it, so the memory is modelled: one block for each
/// capacity, replaced when a shorter slice outgrows its own. (cm/cpumanager/cpu_assignment.go, iterateCombinations)
package struct GrownCombination {
    /// Longest combination; a kubelet counts at most 64 NUMA nodes.
    static let maximumCount = 64

    /// The memory of the slices of each capacity: 1, 2, 4, 8, 16, 32 and 64 elements from 0, 1, 3, 7, … on.
    private var memory: InlineArray<127, UInt8> = InlineArray(repeating: 0)
    private var remembered: InlineArray<64, UInt8> = InlineArray(repeating: 0)
    private var rememberedCount = 0
    /// The block that `remembered` still shares; -1 when it has its own.
    private var sharedBlock = -1
    /// Without sharing, a remembered combination stays as it was.
    let sharesMemory: Bool

    package init(sharesMemory: Bool) { self.sharesMemory = sharesMemory }

    /// Whether a combination is remembered.
    var hasBest: Bool { rememberedCount > 0 }

    var bestCount: Int { rememberedCount }

    /// Element `index` of the remembered combination as its memory holds it now.
    package func best(_ index: Int) -> Int {
        sharedBlock >= 0
            ? Int(memory[(1 << sharedBlock) - 1 + index]) : Int(remembered[index])
    }

    /// The block of the slice of `count` elements.
    private static func block(ofCount count: Int) -> Int {
        count <= 1 ? 0 : (count - 1).bitWidth - (count - 1).leadingZeroBitCount
    }

    /// Element `index` of the combination of `count` elements that is being visited.
    package func current(_ index: Int, ofCount count: Int) -> Int {
        Int(memory[(1 << GrownCombination.block(ofCount: count)) - 1 + index])
    }

    /// Remembers the visited combination of `count` elements.
    package mutating func rememberCurrent(count: Int) {
        rememberedCount = count
        sharedBlock = GrownCombination.block(ofCount: count)
        if !sharesMemory { ownBest() }
    }

    /// Copies the remembered combination out of the memory that goes on changing.
    package mutating func ownBest() {
        guard sharedBlock >= 0 else { return }
        for index in 0..<rememberedCount { remembered[index] = UInt8(best(index)) }
        sharedBlock = -1
    }

    mutating func forget() {
        rememberedCount = 0
        sharedBlock = -1
    }

    /// Appends `value` to the slice of `count` elements: in place, or into a new block with a copy.
    private mutating func append(_ value: UInt8, toCount count: Int) {
        let block = GrownCombination.block(ofCount: count + 1)
        let start = (1 << block) - 1
        if count == 0 || GrownCombination.block(ofCount: count) != block {
            // The old block of this capacity stays with whoever remembers it.
            if sharedBlock == block { ownBest() }
            if count > 0 {
                let old = (1 << (block - 1)) - 1
                for index in 0..<count { memory[start + index] = memory[old + index] }
            }
        }
        memory[start + count] = value
    }

    /// Visits every combination of `count` of 0..<`size` in lexicographic order until `visit` answers false.
    package mutating func walk(
        size: Int, count: Int, _ visit: (inout GrownCombination) -> Bool
    ) {
        guard count >= 1, count <= size else { return }
        _ = walk(size: size, more: count, from: 0, have: 0, visit)
    }

    private mutating func walk(
        size: Int, more: Int, from start: Int, have: Int,
        _ visit: (inout GrownCombination) -> Bool
    ) -> Bool {
        if more == 0 { return visit(&self) }
        var value = start
        while value <= size - more {
            append(UInt8(value), toCount: have)
            if !walk(size: size, more: more - 1, from: value + 1, have: have + 1, visit) {
                return false
            }
            value += 1
        }
        return true
    }
}
