/// CPUs by OS index as a person writes them in a kubelet's list format: `0-3,8`.
///
/// Holds any index that an Int holds, as ranges, so that a careless `0-4294967295` costs nothing; `CPUSet` has room
/// for 0 to 1,023.
///
/// ```swift
/// let list = try CPUList("8,2-3,0-1")
/// list.description       // "0-3,8"
/// list.count             // 5
/// ```
public struct CPUList: Hashable, Sendable {
    /// Ascending, not empty, neither overlapping nor adjacent.
    public private(set) var ranges: [ClosedRange<Int>]

    /// Reads a list as kubelet's `cpuset.Parse` does: numbers and ranges between commas, in any order, no blanks.
    ///
    /// An empty text is no CPU. A sign and leading zeros are allowed: `+1` is 1.
    public init(_ text: some StringProtocol) throws(CPUListError) {
        ranges = []
        if text.isEmpty { return }
        var written: [ClosedRange<Int>] = []
        for part in text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
        {
            let ends = part.split(
                separator: UInt8(ascii: "-"), maxSplits: 1, omittingEmptySubsequences: false)
            let first = try CPUList.number(ends[0])
            let last = ends.count == 2 ? try CPUList.number(ends[1]) : first
            guard first <= last else {
                throw .emptyRange(String(decoding: part, as: UTF8.self), first: first, last: last)
            }
            written.append(first...last)
        }
        written.sort { ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound) }
        for range in written {
            guard let last = ranges.last,
                range.lowerBound <= last.upperBound &+ 1 || last.upperBound == .max
            else {
                ranges.append(range)
                continue
            }
            let upper = max(last.upperBound, range.upperBound)
            ranges[ranges.count - 1] = last.lowerBound...upper
        }
    }

    /// A decimal integer as Go's `strconv.Atoi` reads it.
    private static func number(_ bytes: some Collection<UInt8>) throws(CPUListError) -> Int {
        let text = String(decoding: bytes, as: UTF8.self)
        if let number = Int(text) { return number }
        let digits = text.utf8.drop { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
        let signs = text.utf8.count - digits.count
        let isNumber =
            signs <= 1 && !digits.isEmpty
            && digits.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        throw isNumber ? .tooLarge(text) : .notANumber(text)
    }

    /// How many CPUs; Int.max when there are more than that.
    public var count: Int {
        var total = 0
        for range in ranges {
            let (width, tooWide) = range.upperBound.subtractingReportingOverflow(range.lowerBound)
            let (next, overflow) = total.addingReportingOverflow(width)
            if tooWide || overflow || next == .max { return .max }
            total = next + 1
        }
        return total
    }

    public var isEmpty: Bool { ranges.isEmpty }
}

extension CPUList: CustomStringConvertible {
    /// The kernel's list format, as in `0-3,8`.
    public var description: String {
        ranges.map { range in
            range.lowerBound == range.upperBound
                ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
        }
        .joined(separator: ",")
    }
}

extension CPUSet {
    /// Reads a kubelet's CPU list; an index past 1,023 is refused. See `CPUList`.
    public init(parsing text: some StringProtocol) throws(CPUListError) {
        self.init()
        for range in try CPUList(text).ranges {
            guard range.upperBound < CPUSet.capacity else {
                throw .beyondCapacity(range.upperBound)
            }
            for cpu in range { insert(cpu) }
        }
    }
}

/// Why a text is not a CPU list.
public enum CPUListError: Error, Hashable, Sendable {
    case notANumber(String)
    /// A number beyond Int64.
    case tooLarge(String)
    /// A range that ends before it begins.
    case emptyRange(String, first: Int, last: Int)
    /// An index that `CPUSet` has no room for.
    case beyondCapacity(Int)
}

extension CPUListError: CustomStringConvertible {
    /// A sentence without a full stop, values in backticks.
    public var description: String {
        switch self {
        case .notANumber(let text):
            text.isEmpty ? "a CPU number is missing" : "`\(text)` is not a CPU number"
        case .tooLarge(let text): "`\(text)` is too large for a CPU number"
        case .emptyRange(let text, let first, let last):
            "the range `\(text)` ends before it begins (\(first) > \(last))"
        case .beyondCapacity(let cpu): "CPU \(cpu) is past the last one that topsim models, 1023"
        }
    }
}
