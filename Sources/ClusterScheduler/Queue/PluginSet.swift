/// Which plugins kept a pod from a node: a bit for each filter, in the order of `FilterPluginRegistry`.
package struct PluginSet: Hashable, Sendable, BitwiseCopyable {
    package var bits: UInt32

    package init(bits: UInt32 = 0) { self.bits = bits }

    /// The filter at a position of `FilterPluginRegistry.all`, with the optional ones behind.
    package init(filter: Int) { bits = 1 << UInt32(filter) }

    /// The filters with these names; unknown ones are left out.
    package init(named names: [String]) {
        bits = 0
        for name in names {
            guard let filter = FilterPluginRegistry.number(of: name) else { continue }
            bits |= 1 << UInt32(filter)
        }
    }

    package var isEmpty: Bool { bits == 0 }
    package func union(_ other: PluginSet) -> PluginSet { PluginSet(bits: bits | other.bits) }
    package func contains(_ filter: Int) -> Bool { bits & (1 << UInt32(filter)) != 0 }
    package mutating func insert(_ filter: Int) { bits |= 1 << UInt32(filter) }
}
