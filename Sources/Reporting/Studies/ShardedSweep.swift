/// A sweep that is cut into shards, each of which any machine may run, and one merge: what a job for a cluster is made of.
///
/// Paths and values are those of the user's own command line; each emitter quotes them as its language wants.
public struct ShardedSweep: Sendable {
    /// The study's name.
    public var name: String
    /// How many runs there are in all.
    public var runs: Int
    public var shards: Int
    /// What follows `topsim` on the command line, from `sweep` on, without `-j`, `--shard` and `-o`.
    public var arguments: [String]
    /// The files that a change of which makes results old: the study, the scenario.
    public var inputs: [String]
    /// Where the merged results go.
    public var output: String
    /// Threads of each shard.
    public var threads: Int

    public init(
        name: String, runs: Int, shards: Int, arguments: [String], inputs: [String],
        output: String, threads: Int
    ) {
        self.name = name
        self.runs = runs
        self.shards = shards
        self.arguments = arguments
        self.inputs = inputs
        self.output = output
        self.threads = threads
    }

    /// What stands before the number of a shard in the name of its file.
    var partPrefix: String {
        let suffix = ".sqlite"
        let stem = output.hasSuffix(suffix) ? String(output.dropLast(suffix.count)) : output
        return "\(stem).part-"
    }

    /// What stands behind it. It names the number of shards, so that another division has other files.
    var partSuffix: String { "-of-\(shards).sqlite" }

    /// The study's name as a scheduler takes it: lower-case letters, digits and single hyphens, at most 40 of them.
    ///
    /// A DNS label has 63 characters, of which Kubernetes needs some for the index and the suffix of a pod's name.
    var jobName: String {
        var name = ""
        for character in self.name.lowercased() {
            let isPlain = character.isASCII && (character.isLetter || character.isNumber)
            if isPlain { name.append(character) } else if name.last != "-" { name.append("-") }
        }
        let trimmed = name.drop { $0 == "-" }.prefix(40)
        let end = trimmed.lastIndex { $0 != "-" }.map { trimmed.index(after: $0) }
        let label = trimmed[..<(end ?? trimmed.startIndex)]
        return label.isEmpty ? "sweep" : String(label)
    }

    /// How much there is, for a comment; no text of the user's is in it.
    var amount: String {
        "\(HumanFormat.count(Int64(runs))) run\(runs == 1 ? "" : "s") in "
            + "\(HumanFormat.count(Int64(shards))) shard\(shards == 1 ? "" : "s")"
    }
}

/// Words as other languages quote them.
enum Quoting {
    /// A word of a POSIX shell, in single quotes unless it is plain.
    static func shell(_ word: String) -> String {
        let isPlain =
            !word.isEmpty
            && word.unicodeScalars.allSatisfy { scalar in
                switch scalar {
                case "a"..."z", "A"..."Z", "0"..."9", ".", "_", "/", "-", "=", ":", ",", "+", "@",
                    "%":
                    true
                default: false
                }
            }
        if isPlain { return word }
        var quoted = "'"
        for scalar in word.unicodeScalars {
            if scalar == "'" { quoted += "'\\''" } else { quoted.unicodeScalars.append(scalar) }
        }
        return quoted + "'"
    }

    /// A string in double quotes that YAML and Python both read as `text`.
    static func doubleQuoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                quoted += "\\x" + (digits.count < 2 ? "0" : "") + digits
            // Breaks of a line to YAML 1.1; a byte order mark.
            case "\u{2028}", "\u{2029}", "\u{feff}":
                quoted += "\\u" + String(scalar.value, radix: 16)
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
