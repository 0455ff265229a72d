import Reporting
import Testing

/// What `topsim sweep --emit` writes, to the letter for a plain study; and that nothing of a path gets out of its quotes.
@Suite struct ShardedSweepTests {
    static let plain = ShardedSweep(
        name: "policies", runs: 40, shards: 4,
        arguments: ["sweep", "study.yaml", "--set", "set.until=6h"],
        inputs: ["study.yaml", "telco-edge.yaml"], output: "policies.sqlite", threads: 2)

    @Test func `a Slurm array`() {
        #expect(SlurmArrayScript.text(Self.plain) == Self.slurm)
    }

    @Test func `an Indexed Job and its merge`() {
        let text = KubernetesIndexedJob.text(
            Self.plain, image: "registry.example/topsim:1", claim: "studies")
        #expect(text == Self.kubernetes)
    }

    @Test func `a Snakefile`() {
        #expect(Snakefile.text(Self.plain) == Self.snakemake)
    }

    @Test func `words keep spaces, quotes, dollars and backslashes`() {
        var sweep = Self.plain
        sweep.arguments = ["sweep", "it's $(a) \"b\\c\".yaml", ""]
        sweep.inputs = ["it's $(a) \"b\\c\".yaml"]
        sweep.output = "o$$x $y"
        let slurm = SlurmArrayScript.text(sweep)
        #expect(slurm.contains(#"sweep 'it'\''s $(a) "b\c".yaml' ''"#))
        #expect(slurm.contains("printf '%s%s%s' 'o$$x $y.part-' \"$1\" -of-4.sqlite"))
        let snakemake = Snakefile.text(sweep)
        #expect(snakemake.contains(#"    "it's $(a) \"b\\c\".yaml","#))
        #expect(snakemake.contains(#"PART = "o$$x $y.part-{shard}-of-4.sqlite""#))
        let kubernetes = KubernetesIndexedJob.text(sweep, image: "i", claim: "c")
        #expect(kubernetes.contains(#"            - "it's $$(a) \"b\\c\".yaml""#))
        #expect(kubernetes.contains(#"            - "o$$$x $y.part-""#))
    }

    @Test(
        arguments: [
            ("policies", "policies"), ("Policies at 'the' Edge!", "policies-at-the-edge"),
            ("a_b.c", "a-b-c"), ("x\n#SBATCH --uid=0", "x-sbatch-uid-0"), ("Größe", "gr-e"),
            ("", "sweep"), ("--", "sweep"), ("n" + String(repeating: "-o", count: 40), nil),
            (String(repeating: "a", count: 39) + " b", String(repeating: "a", count: 39)),
        ] as [(String, String?)])
    func `a job's name is a DNS label`(name: String, label: String?) throws {
        var sweep = Self.plain
        sweep.name = name
        let text = SlurmArrayScript.text(sweep)
        let line = try #require(text.split(separator: "\n").first { $0.contains("--job-name=") })
        let found = line.dropFirst("#SBATCH --job-name=".count)
        if let label { #expect(found == label) }
        #expect(found.count <= 40)
        #expect(found.wholeMatch(of: /[a-z0-9]([-a-z0-9]*[a-z0-9])?/) != nil, "\(found)")
        #expect(text.split(separator: "\n").count { $0.hasPrefix("#SBATCH") } == 7)
    }
}
