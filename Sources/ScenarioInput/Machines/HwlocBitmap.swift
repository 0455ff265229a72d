/// A set of OS indices as hwloc prints it: 32-bit hex words, most significant first, as in `0x00000001,,0xff`.
///
/// An empty word is 0, and a leading `0xf...f` says that all higher bits are set.
struct HwlocBitmap: Equatable {
    /// Highest OS index that is looked at: more than any machine has, so a hostile file cannot ask for memory.
    static let bitLimit = 1 << 20

    /// Least significant word first.
    private var words: [UInt32]
    /// Whether every bit past `words` is set.
    private var isInfinite: Bool

    /// Nil when the text is not a bitmap or is longer than any machine needs.
    init?(_ text: String) {
        var parts = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        isInfinite = parts.first.map { $0.elementsEqual("0xf...f".utf8) } ?? false
        if isInfinite { parts.removeFirst() }
        guard parts.count <= HwlocBitmap.bitLimit / 32 else { return nil }
        words = []
        words.reserveCapacity(parts.count)
        for part in parts.reversed() {
            guard let word = HwlocBitmap.word(part) else { return nil }
            words.append(word)
        }
        guard !words.isEmpty || isInfinite else { return nil }
    }

    private static func word(_ part: Substring.UTF8View) -> UInt32? {
        if part.isEmpty { return 0 }
        let digits = part.starts(with: "0x".utf8) ? part.dropFirst(2) : part
        guard !digits.isEmpty, digits.count <= 8 else { return nil }
        return UInt32(String(Substring(digits)), radix: 16)
    }

    /// Every OS index in the set, ascending; nil for an infinite set and for one of more than `limit`.
    func members(limit: Int) -> [Int]? {
        guard !isInfinite, words.reduce(0, { $0 + $1.nonzeroBitCount }) <= limit else { return nil }
        var members: [Int] = []
        for (position, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                members.append(position * 32 + rest.trailingZeroBitCount)
                rest &= rest - 1
            }
        }
        return members
    }

    func contains(_ index: Int) -> Bool {
        let word = index >> 5
        guard index >= 0, word < words.count else { return index >= 0 && isInfinite }
        return words[word] >> UInt32(index & 31) & 1 == 1
    }
}
