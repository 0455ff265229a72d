// The texts in full. A change here is a change of what people submit: read it as they would.
extension ShardedSweepTests {
    static let slurm = #"""
        #!/bin/sh
        # 40 runs in 4 shards, by topsim sweep --emit slurm. Submit it where that command was given:
        #   sh FILE        submits the array, and a merge that waits for it
        #   sbatch FILE    submits the array alone
        # After a kill, a time limit or a lost node: submit it again. Runs that are done are not repeated.
        # TOPSIM names the executable when it is not on the PATH.
        #SBATCH --job-name=policies
        #SBATCH --array=1-4
        #SBATCH --ntasks=1
        #SBATCH --cpus-per-task=2
        #SBATCH --output=policies-%a.log
        #SBATCH --open-mode=append
        #SBATCH --requeue
        set -u

        part() {
            printf '%s%s%s' policies.part- "$1" -of-4.sqlite
        }

        merge() {
            set --
            shard=1
            while [ "$shard" -le 4 ]; do
                set -- "$@" "$(part "$shard")"
                shard=$((shard + 1))
            done
            exec "${TOPSIM:-topsim}" merge "$@" -o policies.sqlite
        }

        if [ -n "${TOPSIM_MERGE:-}" ]; then merge; fi

        if [ -z "${SLURM_ARRAY_TASK_ID:-}" ]; then
            array=$(sbatch --parsable "$0") || exit
            array=${array%%;*}
            # The script goes in by stdin and without its directives: the merge is no array.
            merge=$(sed '/^#SBATCH/d' "$0" | TOPSIM_MERGE=1 sbatch --parsable --export=ALL \
                --dependency="afterok:$array" --kill-on-invalid-dep=yes \
                --job-name=policies-merge --output=policies-merge.log) || exit
            echo "array $array, merge ${merge%%;*}"
            exit
        fi

        file=$(part "$SLURM_ARRAY_TASK_ID")
        "${TOPSIM:-topsim}" sweep study.yaml --set set.until=6h \
            -j "${SLURM_CPUS_PER_TASK:-2}" \
            --shard "$SLURM_ARRAY_TASK_ID/4" -o "$file"
        code=$?
        # 3 with everything written: some combination is one that no kubelet starts with, and that is an answer.
        if [ "$code" -eq 3 ] && [ -e "$file" ] && [ ! -e "$file.journal" ]; then code=0; fi
        exit "$code"

        """#

    static let kubernetes = #"""
        # 40 runs in 4 shards, by topsim sweep --emit kubernetes. Paths are looked for on the claim.
        #   kubectl apply -f FILE
        #   kubectl wait --for=condition=complete --timeout=24h job/policies
        #   kubectl patch job/policies-merge --type=merge -p '{"spec":{"suspend":false}}'
        # After a failure: kubectl delete -f FILE, and apply it again. Runs that are done are not repeated.
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: policies
          labels:
            app.kubernetes.io/name: topsim
        spec:
          completionMode: Indexed
          completions: 4
          parallelism: 4
          backoffLimitPerIndex: 3
          maxFailedIndexes: 0
          podFailurePolicy:
            rules:
              # 2: the input is wrong, and will be the next time.
              - action: FailIndex
                onExitCodes:
                  containerName: topsim
                  operator: In
                  values: [2]
              # Evicted, preempted, drained: not the sweep's fault.
              - action: Ignore
                onPodConditions:
                  - type: DisruptionTarget
                    status: "True"
          template:
            spec:
              restartPolicy: Never
              containers:
                - name: topsim
                  image: "registry.example/topsim:1"
                  workingDir: /study
                  command:
                    - /bin/sh
                    - -c
                    - |
                        shard=$$((JOB_COMPLETION_INDEX + 1)); file=$1$shard$2; shift 2
                        topsim "$@" --shard "$shard/4" -o "$file"; code=$?
                        if [ "$code" -eq 3 ] && [ -e "$file" ] && [ ! -e "$file.journal" ]; then code=0; fi
                        exit "$code"
                  args:
                    - "shard"
                    - "policies.part-"
                    - "-of-4.sqlite"
                    - "sweep"
                    - "study.yaml"
                    - "--set"
                    - "set.until=6h"
                    - "-j"
                    - "2"
                  resources:
                    requests:
                      cpu: 2
                  volumeMounts:
                    - name: study
                      mountPath: /study
              volumes:
                - name: study
                  persistentVolumeClaim:
                    claimName: "studies"
        ---
        apiVersion: batch/v1
        kind: Job
        metadata:
          name: policies-merge
          labels:
            app.kubernetes.io/name: topsim
        spec:
          suspend: true
          backoffLimit: 0
          template:
            spec:
              restartPolicy: Never
              containers:
                - name: topsim
                  image: "registry.example/topsim:1"
                  workingDir: /study
                  command:
                    - /bin/sh
                    - -c
                    - |
                        prefix=$1; suffix=$2; output=$3; set --; shard=1
                        while [ "$shard" -le 4 ]; do
                          set -- "$@" "$prefix$shard$suffix"; shard=$$((shard + 1))
                        done
                        exec topsim merge "$@" -o "$output"
                  args:
                    - "merge"
                    - "policies.part-"
                    - "-of-4.sqlite"
                    - "policies.sqlite"
                  resources:
                    requests:
                      cpu: 1
                  volumeMounts:
                    - name: study
                      mountPath: /study
              volumes:
                - name: study
                  persistentVolumeClaim:
                    claimName: "studies"

        """#

    static let snakemake = #"""
        # 40 runs in 4 shards, by topsim sweep --emit snakemake. Run it where that command was given:
        #   snakemake --snakefile FILE --cores all
        # After an interruption: the same again; after a kill, --unlock first, then with --rerun-incomplete.
        # Runs that are done are not repeated. TOPSIM names the executable when it is not on the PATH.
        import os

        TOPSIM = os.environ.get("TOPSIM", "topsim")
        SWEEP = [
            "sweep",
            "study.yaml",
            "--set",
            "set.until=6h",
        ]
        INPUTS = [
            "study.yaml",
            "telco-edge.yaml",
        ]
        SHARDS = 4
        PART = "policies.part-{shard}-of-4.sqlite"
        MERGED = "policies.sqlite"


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
            threads: 2
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

        """#
}
