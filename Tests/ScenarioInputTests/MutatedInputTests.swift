import Primitives
import ScenarioInput
import Testing

/// Scenarios that a slip of the hand or a broken disk changed: read, or refused in words, and never a crash.
@Suite struct `A damaged scenario` {
    static let nasty = [
        "9223372036854775808", "-1", "~", "[", "{}", "1e999", ".nan", "*a", "&a", "\"", "'", ": ",
        "- ", "\n", "\t",
        "!!int", "<<: 1", "0", "99999999999999999999999", "1s1n1c", "../..", "${X}", "${",
        "x: [x: [", "\u{0}", "\u{FEFF}",
        "{a: {b: {c: {d: e}}}}", "? ", "%", "1000000", "1Ei", "-5Gi", "0.0000001", "10h", "true",
    ]

    @Test(arguments: 0..<400)
    func `is read or refused in words`(_ seed: Int) {
        var random = RandomStream(seed: UInt64(seed), name: "mutation")
        var text = Array(`A scenario file`.small.unicodeScalars)
        for _ in 0...random.below(4) {
            let position = Int(random.below(UInt64(text.count)))
            let length = Int(random.below(12))
            let end = min(text.count, position + length)
            switch random.below(4) {
            case 0: text.removeSubrange(position..<end)
            case 1: text.insert(contentsOf: text[position..<end], at: position)
            case 2: text[position] = Unicode.Scalar(UInt8(random.below(128)))
            default:
                let piece = Self.nasty[Int(random.below(UInt64(Self.nasty.count)))]
                text.replaceSubrange(position..<end, with: piece.unicodeScalars)
            }
        }
        var mutated = String.UnicodeScalarView()
        mutated.append(contentsOf: text)
        do throws(InputError) {
            let loaded = try readScenario(
                text: String(mutated), file: "m", folder: "/",
                surroundings: ScenarioSurroundings(environment: [:]))
            #expect(!loaded.canonicalJSON.isEmpty)
        } catch {
            #expect(error.diagnostics.contains { $0.severity == .error }, "seed \(seed)")
            #expect(
                error.diagnostics.allSatisfy { !$0.message.isEmpty && !$0.message.hasSuffix(".") })
            #expect(!error.rendered(colour: false).isEmpty)
        }
    }
}
