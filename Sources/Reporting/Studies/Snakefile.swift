/// A sweep as a Snakefile: a file for each shard, and the merged one that wants them all.
///
/// Snakemake makes what is missing; a shard that was interrupted goes on from its journal. The paths must have no braces:
/// Snakemake has no way to say that they are none of its wildcards.
public enum Snakefile {
    public static func text(_ sweep: ShardedSweep) -> String {
        let words = sweep.arguments.map { "    \(Quoting.doubleQuoted($0)),\n" }.joined()
        let inputs = sweep.inputs.map { "    \(Quoting.doubleQuoted($0)),\n" }.joined()
        let part = sweep.partPrefix + "{shard}" + sweep.partSuffix
        return """
            # \(sweep.amount), by topsim sweep --emit snakemake. Run it where that command was given:
            #   snakemake --snakefile FILE --cores all
            # After an interruption: the same again; after a kill, --unlock first, then with --rerun-incomplete.
            # Runs that are done are not repeated. TOPSIM names the executable when it is not on the PATH.
            import os

            TOPSIM = os.environ.get("TOPSIM", "topsim")
            SWEEP = [
            \(words)]
            INPUTS = [
            \(inputs)]
            SHARDS = \(sweep.shards)
            PART = \(Quoting.doubleQuoted(part))
            MERGED = \(Quoting.doubleQuoted(sweep.output))


            rule all:
                input:
                    MERGED,


            rule shard:
                input:
                    INPUTS,
                output:
                    PART,
                wildcard_constraints:
                    shard="[0-9]+",
                threads: \(sweep.threads)
                # 3 with everything written: some combination is one that no kubelet starts with, and that is an answer.
                shell:
                    "{TOPSIM:q} {SWEEP:q} -j {threads} --shard {wildcards.shard}/{SHARDS} -o {output:q} || {{ "
                    "code=$?; "
                    "[ $code -eq 3 ] && [ -e {output:q} ] && [ ! -e {output:q}.journal ] || exit $code; }}"


            rule merge:
                input:
                    expand(PART, shard=range(1, SHARDS + 1)),
                output:
                    MERGED,
                shell:
                    "{TOPSIM:q} merge {input:q} -o {output:q}"

            """
    }
}
