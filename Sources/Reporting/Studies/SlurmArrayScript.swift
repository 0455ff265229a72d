/// A sweep as an array job of Slurm: a batch script that also submits itself and the merge behind it.
///
/// A task's array index is its shard. What is done stays done when a task is killed, so the same script submitted again
/// goes on where the array stopped.
public enum SlurmArrayScript {
    public static func text(_ sweep: ShardedSweep) -> String {
        let job = sweep.jobName
        let words = sweep.arguments.map(Quoting.shell).joined(separator: " ")
        let output = Quoting.shell(sweep.output)
        return """
            #!/bin/sh
            # \(sweep.amount), by topsim sweep --emit slurm. Submit it where that command was given:
            #   sh FILE        submits the array, and a merge that waits for it
            #   sbatch FILE    submits the array alone
            # After a kill, a time limit or a lost node: submit it again. Runs that are done are not repeated.
            # TOPSIM names the executable when it is not on the PATH.
            #SBATCH --job-name=\(job)
            #SBATCH --array=1-\(sweep.shards)
            #SBATCH --ntasks=1
            #SBATCH --cpus-per-task=\(sweep.threads)
            #SBATCH --output=\(job)-%a.log
            #SBATCH --open-mode=append
            #SBATCH --requeue
            set -u

            part() {
                printf '%s%s%s' \(Quoting.shell(sweep.partPrefix)) "$1" \(Quoting.shell(sweep.partSuffix))
            }

            merge() {
                set --
                shard=1
                while [ "$shard" -le \(sweep.shards) ]; do
                    set -- "$@" "$(part "$shard")"
                    shard=$((shard + 1))
                done
                exec "${TOPSIM:-topsim}" merge "$@" -o \(output)
            }

            if [ -n "${TOPSIM_MERGE:-}" ]; then merge; fi

            if [ -z "${SLURM_ARRAY_TASK_ID:-}" ]; then
                array=$(sbatch --parsable "$0") || exit
                array=${array%%;*}
                # The script goes in by stdin and without its directives: the merge is no array.
                merge=$(sed '/^#SBATCH/d' "$0" | TOPSIM_MERGE=1 sbatch --parsable --export=ALL \\
                    --dependency="afterok:$array" --kill-on-invalid-dep=yes \\
                    --job-name=\(job)-merge --output=\(job)-merge.log) || exit
                echo "array $array, merge ${merge%%;*}"
                exit
            fi

            file=$(part "$SLURM_ARRAY_TASK_ID")
            "${TOPSIM:-topsim}" \(words) \\
                -j "${SLURM_CPUS_PER_TASK:-\(sweep.threads)}" \\
                --shard "$SLURM_ARRAY_TASK_ID/\(sweep.shards)" -o "$file"
            code=$?
            # 3 with everything written: some combination is one that no kubelet starts with, and that is an answer.
            if [ "$code" -eq 3 ] && [ -e "$file" ] && [ ! -e "$file.journal" ]; then code=0; fi
            exit "$code"

            """
    }
}
