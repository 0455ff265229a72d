import Testing

import ScenarioInput

/// What an import writes is read back as it was.
@Suite struct YAMLTextTests {
    private static let mark = SourceMark(file: "t", line: 0, column: 0)

    /// Pieces that YAML gives a meaning, and some that it does not.
    private static let pieces = [
        "a", "0", "-", ":", " ", "#", "\"", "'", "\\", "\n", "\t", "~", "null", "true", "{", "}",
        "[", "]", ",", "&", "*", "!", "|", ">", "%", "@", "`", "?", "<<", "---", "...", "é",
        "\u{85}",
        "\u{2028}", "\u{7}", "\u{7F}", "😀", "$", "=", "1e3", "0x1F", "=", "\r",
    ]

    private static func text(_ random: inout SeededGenerator) -> String {
        (0..<Int.random(in: 0...5, using: &random)).map { _ in
            pieces.randomElement(using: &random) ?? ""
        }.joined()
    }

    private static func tree(_ depth: Int, _ random: inout SeededGenerator) -> SourceNode {
        switch Int.random(in: 0..<(depth > 0 ? 6 : 3), using: &random) {
        case 0: return SourceNode(.null, at: mark)
        case 1, 2:
            let text = text(&random)
            // What is not quoted is plain: other texts have no plain way of being written.
            let isQuoted = Bool.random(using: &random) || !YAMLScalar.isPlain(text)
            return SourceNode(.scalar(text, isQuoted: isQuoted), at: mark)
        case 3:
            let count = Int.random(in: 0...4, using: &random)
            return SourceNode(
                .sequence((0..<count).map { _ in tree(depth - 1, &random) }), at: mark)
        default:
            var keys: Set<String> = []
            let entries = (0..<Int.random(in: 0...4, using: &random)).compactMap {
                _ -> SourceNode.Entry? in
                let key = text(&random)
                guard keys.insert(key).inserted else { return nil }
                return SourceNode.Entry(
                    key: key, keyMark: mark, value: tree(depth - 1, &random))
            }
            return SourceNode(.mapping(entries), at: mark)
        }
    }

    @Test(arguments: 0..<40)
    func `a tree that is written reads back as the same tree`(seed: Int) throws {
        var random = SeededGenerator(seed: UInt64(seed) &* 0xD134_2543_DE82_EF95 &+ 1)
        for _ in 0..<50 {
            let tree = Self.tree(4, &random)
            let text = yamlText(of: tree)
            let again = try readSourceDocuments(text, file: "t")
            try #require(again.count == 1, "\(text)")
            let isSame = again[0].saysTheSame(as: tree)
            #expect(isSame, "\(text)")
        }
    }

    @Test(arguments: pieces)
    func `every two pieces come back as they were`(first: String) throws {
        for second in Self.pieces {
            for isQuoted in [true, false] where isQuoted || YAMLScalar.isPlain(first + second) {
                let tree = SourceNode(
                    .mapping([
                        SourceNode.Entry(
                            key: first + second, keyMark: Self.mark,
                            value: SourceNode(
                                .scalar(first + second, isQuoted: isQuoted), at: Self.mark))
                    ]), at: Self.mark)
                let text = yamlText(of: tree)
                let again = try readSourceDocuments(text, file: "t")
                let isSame = again.count == 1 && again[0].saysTheSame(as: tree)
                #expect(isSame, "\(text)")
            }
        }
    }

    @Test func `plain words stay plain, comments stand above their keys`() throws {
        let tree = try readSourceDocuments(
            "seed: 7\nnodes: {worker: {count: 2, cpus: '0-3', kubelet: {}, list: [1, b]}}",
            file: "t")
        #expect(
            yamlText(of: tree[0], comments: [["nodes", "worker"]: ["Two of them.", ""]]) == """
                seed: 7
                nodes:
                  # Two of them.
                  #
                  worker:
                    count: 2
                    cpus: "0-3"
                    kubelet: {}
                    list: [1, b]

                """)
    }
}

/// A generator of its own, so that a seed is a test.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
