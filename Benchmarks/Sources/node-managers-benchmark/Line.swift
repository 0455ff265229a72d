import Foundation

/// A line of the table.
struct Line {
    enum Target {
        /// So many times faster than the kubelet.
        case ratio(Double)
        /// So many nanoseconds.
        case time(Double)
        case none
    }

    var name: String
    var cost: Cost
    var kubelet: Double?
    var literal: Double?
    var target = Target.none

    /// Nil without a target.
    var isMet: Bool? {
        switch target {
        case .ratio(let ratio): kubelet.map { $0 / cost.nanoseconds >= ratio }
        case .time(let limit): cost.nanoseconds <= limit
        case .none: nil
        }
    }

    static func table(_ lines: [Line]) -> String {
        var text = """
            | case | topsim | allocations | kubelet | times | literal | times | target | |
            |---|--:|--:|--:|--:|--:|--:|--:|---|

            """
        for line in lines {
            let cells = [
                line.name, duration(line.cost.nanoseconds),
                line.cost.allocations.map { $0 < 0.005 ? "0" : fixed($0, $0 < 10 ? 2 : 0) } ?? "?",
                line.kubelet.map(duration) ?? "–",
                line.kubelet.map { ratio($0 / line.cost.nanoseconds) } ?? "–",
                line.literal.map(duration) ?? "–",
                line.literal.map { ratio($0 / line.cost.nanoseconds) } ?? "–",
                line.targetText, line.isMet.map { $0 ? "met" : "**missed**" } ?? "",
            ]
            text += "| " + cells.joined(separator: " | ") + " |\n"
        }
        return text
    }

    private var targetText: String {
        switch target {
        case .ratio(let times): "\(Line.ratio(times)) ×"
        case .time(let limit): "≤ \(Line.duration(limit))"
        case .none: ""
        }
    }

    private static func fixed(_ value: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", value)
    }

    private static func duration(_ nanoseconds: Double) -> String {
        let units: [(String, Double)] = [("s", 1e9), ("ms", 1e6), ("µs", 1e3)]
        for (unit, size) in units where nanoseconds >= size {
            let value = nanoseconds / size
            return fixed(value, value >= 100 ? 0 : value >= 10 ? 1 : 2) + " \(unit)"
        }
        return fixed(nanoseconds, nanoseconds >= 10 ? 0 : 1) + " ns"
    }

    private static func ratio(_ value: Double) -> String {
        guard value >= 1000 else { return fixed(value, value >= 10 ? 0 : 1) }
        let digits = Array(fixed(value, 0))
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { text += "," }
            text.append(digit)
        }
        return text
    }
}
