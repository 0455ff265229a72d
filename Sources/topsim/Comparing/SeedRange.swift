import ArgumentParser

/// Seeds as they are written behind `--seeds`: `20` from 1, or `11-30`.
enum SeedRange {
    static func parse(_ text: String) throws -> [UInt64] {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { UInt64($0) }
        guard numbers.count == parts.count, (1...2).contains(numbers.count) else {
            throw ValidationError("--seeds takes a number, or a range such as 11-30")
        }
        let (first, last) = numbers.count == 1 ? (1, numbers[0]) : (numbers[0], numbers[1])
        guard first <= last, last - first < 1_000_000 else {
            throw ValidationError("--seeds takes from 1 to 1,000,000 seeds")
        }
        return Array(first...last)
    }
}
