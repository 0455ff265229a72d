import Lint
import Primitives
import ScenarioInput
import Testing

/// The docs' examples after a slip of the hand: judged, or refused in words, and never a crash.
@Suite struct `Damaged input for lint` {
    static let nasty = [
        "9223372036854775807", "-1", "~", "[", "{}", "1e999", "1Ei", "0.0000001", "*a", "- ", "\n",
        "\t", "\u{0}", "kind: List\nitems: [{}]", "0-8191", "8191-0", "'[{'", "hugepages-0Gi: 1",
        "hugepages-1048577Gi: 1", "hugepages-Gi: 1", "/", "@", ",", "%",
    ]

    @Test(arguments: RA2Codes.registry.codes)
    func `is judged or refused in words`(_ code: LintCode) throws {
        let page = try LintPage(code)
        let examples = [page.yaml(under: "Fails") ?? "", page.yaml(under: "Passes") ?? ""]
        var random = RandomStream(seed: 7, name: code.id)
        for round in 0..<60 {
            var text = Array(examples[round % 2].unicodeScalars)
            for _ in 0...random.below(4) {
                let position = Int(random.below(UInt64(text.count)))
                let end = min(text.count, position + Int(random.below(16)))
                switch random.below(4) {
                case 0: text.removeSubrange(position..<end)
                case 1: text.insert(contentsOf: text[position..<end], at: position)
                case 2: text[position] = Unicode.Scalar(UInt8(random.below(128)))
                default:
                    let piece = Self.nasty[Int(random.below(UInt64(Self.nasty.count)))]
                    text.replaceSubrange(position..<end, with: piece.unicodeScalars)
                }
                if text.isEmpty { break }
            }
            var mutated = String.UnicodeScalarView()
            mutated.append(contentsOf: text)
            var input = LintInput()
            do throws(InputError) {
                try input.read(Array(String(mutated).utf8), file: "m.yaml")
                let tool = LintTool(name: "topsim", version: "0")
                let report = input.facts.findings()
                    .written(as: .sarif, registry: RA2Codes.registry, tool: tool)
                #expect(report.hasSuffix("}\n"))
            } catch {
                #expect(error.diagnostics.contains { $0.severity == .error }, "round \(round)")
            }
        }
    }

    @Test func `deep lists and long annotations end`() throws {
        let deep = String(repeating: "{kind: List, items: [", count: 30)
        let closed = String(repeating: "]}", count: 30)
        var input = LintInput()
        try? input.read(Array((deep + closed).utf8), file: "deep.yaml")
        let names = String(repeating: "a,", count: 100_000)
        let pod =
            "kind: Pod\nmetadata: {annotations: {k8s.v1.cni.cncf.io/networks: '\(names)'}}\nspec: {}"
        try input.read(Array(pod.utf8), file: "long.yaml")
        #expect(input.facts.pods.last?.networks.count == 1000)
    }
}
