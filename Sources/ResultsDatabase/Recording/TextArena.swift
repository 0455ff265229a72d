package import Primitives

/// The texts of a buffer's rows, one after another.
package struct TextArena: Sendable {
    package private(set) var bytes: [UInt8] = []
    private let words: [Place]
    /// Where the words end, which stay for ever.
    private let wordsEnd: Int

    /// Start and length of a text in one number.
    package struct Place {
        package let cell: Int64

        fileprivate init(_ start: Int, _ length: Int) {
            precondition(
                length < 1 << 31 && start < 1 << 31, "a batch of rows holds less than 2 GiB of text"
            )
            cell = Int64(start) << 31 | Int64(length)
        }
    }

    package init(words: [String]) {
        var places: [Place] = []
        for word in words {
            places.append(Place(bytes.count, word.utf8.count))
            bytes.append(contentsOf: word.utf8)
        }
        self.words = places
        wordsEnd = bytes.count
    }

    /// Start and length of the text that a cell stands for.
    @inline(__always)
    package static func bounds(_ cell: Int64) -> (start: Int, length: Int) {
        (Int(cell >> 31), Int(cell & 0x7fff_ffff))
    }

    mutating func removeAll() {
        let capacity = bytes.count
        bytes = Array(bytes[..<wordsEnd])
        bytes.reserveCapacity(capacity)
    }

    /// Takes in a text of another arena with the same words, by its cell.
    mutating func copy(_ cell: Int64, from other: TextArena) -> Int64 {
        let (start, length) = TextArena.bounds(cell)
        if start + length <= wordsEnd { return cell }
        let place = Place(bytes.count, length)
        bytes.append(contentsOf: other.bytes[start..<start + length])
        return place.cell
    }

    /// The `position`th of the words that the arena was made with.
    package func word(_ position: Int) -> Place { words[position] }

    package mutating func string(_ value: String) -> Place {
        let start = bytes.count
        bytes.append(contentsOf: value.utf8)
        return Place(start, bytes.count - start)
    }

    /// CPUs in the kernel's list format; see `CPUSet.description`.
    package mutating func list(_ cpus: CPUSet) -> Place {
        let start = bytes.count
        var list = ListFormat()
        for position in 0..<CPUSet.wordCount where cpus[word: position] != 0 {
            list.add(cpus[word: position], from: position * 64, to: &bytes)
        }
        list.finish(to: &bytes)
        return Place(start, bytes.count - start)
    }

    /// NUMA nodes in the kernel's list format.
    package mutating func list(_ nodes: NUMANodeSet) -> Place {
        let start = bytes.count
        var list = ListFormat()
        list.add(nodes.mask, from: 0, to: &bytes)
        list.finish(to: &bytes)
        return Place(start, bytes.count - start)
    }
}

/// Writes ascending integers as `0-3,8`, a word of bits at a time.
private struct ListFormat {
    private var first = -1
    private var last = -1
    private var isEmpty = true

    mutating func add(_ word: UInt64, from base: Int, to text: inout [UInt8]) {
        var rest = word
        while rest != 0 {
            let start = rest.trailingZeroBitCount
            let length = (~(rest >> UInt64(start))).trailingZeroBitCount
            let end = start + length
            rest = end == 64 ? 0 : (rest >> UInt64(end)) << UInt64(end)
            if first >= 0, last + 1 == base + start {
                last += length
            } else {
                finish(to: &text)
                first = base + start
                last = base + end - 1
            }
        }
    }

    mutating func finish(to text: inout [UInt8]) {
        guard first >= 0 else { return }
        if !isEmpty { text.append(UInt8(ascii: ",")) }
        isEmpty = false
        text.append(decimal: Int64(first))
        if last > first {
            text.append(UInt8(ascii: "-"))
            text.append(decimal: Int64(last))
        }
        first = -1
    }
}
