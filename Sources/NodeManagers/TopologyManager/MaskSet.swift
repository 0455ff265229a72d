/// A set of NUMA masks of one machine: bit `m` stands for the mask whose bits are `m`.
///
/// With at most eight NUMA nodes there are fewer than 256 masks, so that a whole list of hints is four words and
/// the intersection of two lists a few instructions.
package struct MaskSet: Sendable, BitwiseCopyable {
    /// NUMA nodes up to which the set of all masks fits.
    package static let maximumNodes = 8

    private var words: InlineArray<4, UInt64>

    package init() { words = InlineArray(repeating: 0) }

    /// How many words hold the masks of `nodes` NUMA nodes.
    package static func wordCount(nodes: Int) -> Int { nodes <= 6 ? 1 : 1 << (nodes - 6) }

    package subscript(word index: Int) -> UInt64 {
        get { words[index] }
        set { words[index] = newValue }
    }

    package func contains(_ mask: NUMAMask) -> Bool {
        words[Int(mask.bits &>> 6)] &>> (mask.bits & 63) & 1 != 0
    }

    package mutating func insert(_ mask: NUMAMask) {
        words[Int(mask.bits &>> 6)] |= 1 &<< (mask.bits & 63)
    }
}
