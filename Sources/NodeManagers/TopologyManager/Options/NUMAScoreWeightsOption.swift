/// `numa-score-weights`: how much each resource counts for `numa-allocation-strategy`.
///
/// `resource=weight,…` with weights 0 to 100; what is not named weighs 1, and 0 leaves a resource out. Names are
/// not checked. Without a strategy it is checked and changes nothing. (KEP-6007)
package enum NUMAScoreWeightsOption: TopologyManagerOption {
    package static let name = "numa-score-weights"
    package static let isAlpha = true
    package static let summary =
        "resource=weight,...: what counts for numa-allocation-strategy"
        + " (KEP-6007, not merged; experimental)"

    package static func read(
        _ value: String, into options: inout TopologyManagerOptions
    ) throws(PolicyError) {
        do throws(PolicyError) {
            options.scoreWeights = try weights(value)
        } catch {
            throw PolicyError("bad value for option \"\(name)\": \(error.message)")
        }
    }

    private static func weights(_ text: String) throws(PolicyError) -> [String: Int] {
        var weights: [String: Int] = [:]
        for part in text.split(separator: ",") {
            let entry = trimmed(part)
            if entry.isEmpty { continue }
            guard let separator = entry.firstIndex(of: "=") else {
                throw PolicyError(
                    "invalid weight entry \"\(entry)\": expected resource=weight")
            }
            let resource = trimmed(entry[..<separator])
            let number = trimmed(entry[entry.index(after: separator)...])
            if resource.isEmpty {
                throw PolicyError("empty resource name in weight entry \"\(entry)\"")
            }
            guard let weight = Int(number) else {
                let reason = isInteger(number) ? "value out of range" : "invalid syntax"
                throw PolicyError(
                    "invalid weight value for \"\(resource)\":"
                        + " strconv.Atoi: parsing \"\(number)\": \(reason)")
            }
            weights[String(resource)] = weight
        }
        for (resource, weight) in weights.sorted(by: { $0.key < $1.key })
        where !(0...100).contains(weight) {
            throw PolicyError(
                "weight for \"\(resource)\" must be in range [0, 100], got \(weight)")
        }
        return weights
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var rest = text
        while let first = rest.first, first.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return rest
    }

    private static func isInteger(_ text: Substring) -> Bool {
        var digits = text.utf8[...]
        if digits.first == UInt8(ascii: "-") || digits.first == UInt8(ascii: "+") {
            digits.removeFirst()
        }
        return !digits.isEmpty && digits.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
    }
}
