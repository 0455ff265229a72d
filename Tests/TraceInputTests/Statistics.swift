import Foundation
import TestSupport
import Testing

/// Figures that another program computed from the traces.
struct Statistics {
    private let values: [String: Any]
    let path: String

    init(_ path: [String]) throws {
        let url = try #require(SharedFolder.url).appending(path: "data/stats/traces.json")
        var object = try JSONSerialization.jsonObject(with: Data(contentsOf: url))
        for key in path { object = try #require((object as? [String: Any])?[key]) }
        values = try #require(object as? [String: Any])
        self.path = path.joined(separator: "/")
    }

    func integer(_ key: String) -> Int { (values[key] as? NSNumber)?.intValue ?? -1 }

    /// How many figures were compared, and which differ.
    final class Tally {
        var compared = 0
        var different: [String] = []
    }

    /// Compares percentiles (nearest rank over n − 1), mean and count of `key` with those of `numbers`.
    func check(
        _ numbers: [Int64], _ key: String, decimals: Int, tally: Tally = Tally()
    ) throws {
        let expected = try #require(values[key] as? [String: Any], "\(path)/\(key)")
        let sorted = numbers.sorted()
        for (name, value) in expected.sorted(by: { $0.key < $1.key }) {
            guard let value = (value as? NSNumber)?.doubleValue else { continue }
            let own: Double
            if name == "n" {
                own = Double(sorted.count)
            } else if name == "mean" {
                let mean = Double(sorted.reduce(0, +)) / Double(sorted.count)
                let scale = Double(sign: .plus, exponent: 0, significand: 1) * pow10(decimals)
                own = (mean * scale).rounded(.toNearestOrEven) / scale
            } else if let percent = Int(name.dropFirst()) {
                own = Double(sorted[rank(percent, sorted.count)])
            } else {
                continue
            }
            tally.compared += 1
            let isEqual = abs(own - value) <= (name == "mean" ? 0.011 : 0)
            if !isEqual { tally.different.append("\(name): \(own) for \(value)") }
        }
        #expect(tally.different == [], "\(path)/\(key)")
    }

    private func rank(_ percent: Int, _ count: Int) -> Int {
        min(count - 1, percent * count / 100)
    }

    private func pow10(_ exponent: Int) -> Double {
        (0..<exponent).reduce(1.0) { power, _ in power * 10 }
    }

    /// `[[word, count], …]` of `key` as pairs.
    func pairs(_ key: String) -> [(word: String, count: Int)] {
        (values[key] as? [[Any]] ?? []).map { pair in
            let word = pair.dropLast().map { "\($0)" }.joined(separator: "/")
            return (word, (pair.last as? NSNumber)?.intValue ?? -1)
        }
    }
}
