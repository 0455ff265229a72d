import Primitives
import WorkloadModel

/// Values of a completed and checked tree. Nil means that a key is absent, or that its mistake was told already.
extension SourceNode {
    func present(_ key: String) -> SourceNode? {
        guard let node = self[key], !node.isNull else { return nil }
        return node
    }

    func string(_ key: String) -> String? { present(key)?.text }

    func integer(_ key: String) -> Int? {
        string(key).flatMap(ScalarValues.integer).map { Int($0) }
    }

    func number(_ key: String) -> Double? { string(key).flatMap(ScalarValues.number) }

    func boolean(_ key: String) -> Bool? { string(key).flatMap(ScalarValues.boolean) }

    func cpuList(_ key: String) -> [Int]? { string(key).flatMap(ScalarValues.cpuList) }

    func duration(_ key: String) -> SimDuration? { present(key)?.duration }

    /// This scalar as a duration.
    var duration: SimDuration? {
        text.flatMap(ScalarValues.nanoseconds).map { SimDuration(nanoseconds: $0) }
    }

    func ratePerSecond(_ key: String) -> Double? { string(key).flatMap(ScalarValues.ratePerSecond) }

    /// A choice as the enumeration that it is.
    func choice<Word: RawRepresentable<String>>(_ key: String, as type: Word.Type) -> Word? {
        string(key).flatMap(Word.init(rawValue:))
    }

    func list(_ key: String) -> [SourceNode] { present(key)?.elements ?? [] }

    func map(_ key: String) -> [Entry] { present(key)?.entries ?? [] }
}

extension SimDuration {
    /// The duration in seconds, to the nearest double.
    var seconds: Double { Double(nanoseconds) / 1e9 }
}

/// Whole bytes of a quantity, from 0; nil after a mistake was told.
func readBytes(_ node: SourceNode, diagnostics: inout Diagnostics) -> Int64? {
    guard let quantity = readQuantity(node, diagnostics: &diagnostics) else { return nil }
    guard quantity.sign >= 0 else {
        diagnostics.error(at: node, "\(node.said) is negative", hint: "sizes are 0 or more bytes")
        return nil
    }
    guard let bytes = quantity.units(exponent: 0), bytes <= 1 << 50 else {
        diagnostics.error(
            at: node, "\(node.said) is too large",
            hint: "at most 1Pi (2⁵⁰ bytes) in one place can be simulated")
        return nil
    }
    return bytes
}
