import Foundation
import TestSupport
import Testing

/// `topsim sweep --emit`: the job that comes out is run by a shell in the scheduler's place.
@Suite struct EmissionTests {
    /// Its path has what shells stumble on.
    private static let study = "it's a \"study\" (1).yaml"
    private static let quoted = "\"it's a \\\"study\\\" (1).yaml\""

    private static func scratch() throws -> ScratchFolder {
        let scratch = try ScratchFolder()
        try scratch.write(
            """
            apiVersion: topsim/v1
            kind: Study
            metadata: {name: Policies}
            scenario: scenarios/quickstart.yaml
            parameters:
              nodes.worker.kubelet.topologyManagerPolicy: [none, restricted, single-numa-node]
            seeds: {from: 1, count: 4}
            """, to: study)
        return scratch
    }

    @Test func `the tasks of a Slurm array and its merge give the bytes of one sweep`() throws {
        let scratch = try Self.scratch()
        // Submission: an `sbatch` that writes down what it was asked for.
        try scratch.write(
            """
            #!/bin/sh
            echo "sbatch $*" >> log
            if [ "$#" -eq 2 ]; then echo '7;cluster'; else cat > merge.sh; echo 8; fi
            """, to: "sbatch")
        let line = """
            chmod +x sbatch && export PATH=.:$PATH
            topsim sweep \(Self.quoted) -o one.sqlite --set set.until=2h > /dev/null
            topsim sweep \(Self.quoted) --set set.until=2h --emit slurm --shards 5 \
              -o "o'ut \\$x.sqlite" > job.sh
            ls && sh job.sh && cat log
            grep -c '^#SBATCH' merge.sh
            for task in 4 2 5 1 3; do SLURM_ARRAY_TASK_ID=$task sh job.sh > /dev/null || exit; done
            TOPSIM_MERGE=1 sh merge.sh && cmp "o'ut \\$x.sqlite" one.sqlite && echo same bytes
            """
        let result = try RunTopsim.run(shell: line, in: scratch)
        #expect(result.exitCode == 0, "\(result.standardError)")
        #expect(
            result.standardOutput == """
                it's a "study" (1).yaml
                job.sh
                one.sqlite
                sbatch
                scenarios
                array 7, merge 8
                sbatch --parsable job.sh
                sbatch --parsable --export=ALL --dependency=afterok:7 --kill-on-invalid-dep=yes \
                --job-name=policies-merge --output=policies-merge.log
                0
                Policies · 12 of 12 runs
                o'ut $x.sqlite
                same bytes

                """)
    }

    @Test func `a combination that cannot be is an answer, and wrong input is not`() throws {
        let scratch = try Self.scratch()
        let line = """
            topsim sweep scenarios/quickstart.yaml --set until=1h --seeds 2 --shards 2 --emit slurm \
              --vary nodes.worker.kubelet.topologyManagerPolicy=none,restricted -o v.sqlite > job.sh
            grep -- --vary job.sh
            sed 's/=none,restricted/=none,never/' job.sh > wrong.sh
            SLURM_ARRAY_TASK_ID=1 sh wrong.sh 2> /dev/null; echo $?
            rm -f v.part*
            printf '#!/bin/sh\\nexit 3\\n' > fails; chmod +x fails; export TOPSIM=./fails
            SLURM_ARRAY_TASK_ID=1 sh job.sh; echo $?
            touch v.part-1-of-2.sqlite
            SLURM_ARRAY_TASK_ID=1 sh job.sh; echo $?
            touch v.part-1-of-2.sqlite.journal
            SLURM_ARRAY_TASK_ID=1 sh job.sh; echo $?
            """
        let result = try RunTopsim.run(shell: line, in: scratch)
        let lines = result.standardOutput.split(separator: "\n")
        #expect(
            lines.first == """
                "${TOPSIM:-topsim}" sweep scenarios/quickstart.yaml --vary \
                nodes.worker.kubelet.topologyManagerPolicy=none,restricted --seeds 2 --set until=1h \
                --progress plain \\
                """)
        #expect(lines.dropFirst() == ["2", "3", "0", "3"], "\(result.standardError)")
    }

    @Test(arguments: [
        ("--emit kubernetes", "needs --image"), ("--emit slurm --claim c", "go with --emit"),
        ("--shards 3", "--shards goes with --emit"),
        ("--emit slurm --shards 13", "13 shards of 12"),
        ("--emit slurm --shards 0", "from 1 to 100,000"), ("--emit pbs", "pbs"),
        ("--emit slurm --shard 1/2", "--shard runs one"),
        ("--emit snakemake -o 'a{b}.sqlite'", "wildcards to Snakemake"),
        ("--emit slurm -o 'a\nb.sqlite'", "a job cannot hold"),
        ("--emit slurm --set set.until=never", "never"),
    ])
    func `what cannot be written is said, and nothing is`(options: String, says: String) throws {
        let scratch = try Self.scratch()
        let result = try RunTopsim.run(
            shell: "topsim sweep \(Self.quoted) \(options)", in: scratch)
        #expect(result.exitCode == 2)
        #expect(result.standardOutput == "")
        #expect(result.standardError.contains(says), "\(result.standardError)")
    }

    @Test func `a study's scenario may lie above it`() throws {
        let scratch = try ScratchFolder()
        let line = """
            mkdir studies more && cp scenarios/quickstart.yaml more/q.yaml
            echo '{apiVersion: topsim/v1, kind: Study, scenario: ../more/q.yaml, set: {until: 1h}}' \
              > studies/s.yaml
            topsim sweep studies/s.yaml -o a.sqlite && cd studies && topsim sweep s.yaml -o b.sqlite &&
            topsim sweep s.yaml --set scenario=../more/q.yaml -o c.sqlite && cmp ../a.sqlite b.sqlite
            """
        let result = try RunTopsim.run(shell: line, in: scratch)
        #expect(result.exitCode == 0, "\(result.standardError)")
    }
}
