/// Short byte strings, each with a dense index; a look-up allocates nothing.
struct ByteStringTable {
    private var bytes: [UInt8] = []
    /// Where each string ends in `bytes`; it starts where the one before it ends.
    private var ends: [Int] = []
    /// Open addressing: index + 1, or 0 for a free slot. A power of two, at most half full.
    private var slots = [Int32](repeating: 0, count: 64)

    var count: Int { ends.count }

    /// The index of an equal string, or nil.
    func index(of text: UnsafeBufferPointer<UInt8>) -> Int? {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: ByteStringTable.hash(text)) & mask
        while slots[slot] != 0 {
            let index = Int(slots[slot]) - 1
            if isEqual(index, text) { return index }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// Adds a string that is not there.
    mutating func add(_ text: UnsafeBufferPointer<UInt8>) -> Int {
        if 2 * (count + 1) > slots.count { rehash() }
        bytes.append(contentsOf: text)
        ends.append(bytes.count)
        insert(count - 1, hash: ByteStringTable.hash(text))
        return count - 1
    }

    private mutating func insert(_ index: Int, hash: UInt64) {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 { slot = (slot + 1) & mask }
        slots[slot] = Int32(index + 1)
    }

    private mutating func rehash() {
        slots = [Int32](repeating: 0, count: slots.count * 2)
        for index in 0..<count {
            let hash = bytes[range(index)].withUnsafeBufferPointer(ByteStringTable.hash)
            insert(index, hash: hash)
        }
    }

    private func range(_ index: Int) -> Range<Int> {
        (index == 0 ? 0 : ends[index - 1])..<ends[index]
    }

    private func isEqual(_ index: Int, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let range = range(index)
        guard range.count == text.count else { return false }
        return bytes.withUnsafeBufferPointer { bytes in
            for offset in 0..<text.count where bytes[range.lowerBound + offset] != text[offset] {
                return false
            }
            return true
        }
    }

    /// FNV-1a, folded so that the low bits depend on all.
    private static func hash(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in text { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return hash ^ hash >> 32
    }
}
