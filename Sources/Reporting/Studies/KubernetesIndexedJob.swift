/// A sweep as an Indexed Job of Kubernetes, and a suspended Job that merges.
///
/// Bad input (exit code 2) fails its index at once; anything else is tried again, and a pod that an eviction took does not
/// count. What is done stays done on the claim, so a pod that comes again goes on where the last one stopped.
public enum KubernetesIndexedJob {
    /// - Parameters:
    ///   - image: A container image with `topsim` on the PATH and `/bin/sh`.
    ///   - claim: The PersistentVolumeClaim on which the paths of the sweep are looked for.
    public static func text(_ sweep: ShardedSweep, image: String, claim: String) -> String {
        let job = sweep.jobName
        // `$0`, `$1`, `$2` are the words that follow; the rest are the sweep's.
        let shard = [
            "shard=$((JOB_COMPLETION_INDEX + 1)); file=$1$shard$2; shift 2",
            "topsim \"$@\" --shard \"$shard/\(sweep.shards)\" -o \"$file\"; code=$?",
            "if [ \"$code\" -eq 3 ] && [ -e \"$file\" ] && [ ! -e \"$file.journal\" ]; then code=0; fi",
            "exit \"$code\"",
        ]
        let merge = [
            "prefix=$1; suffix=$2; output=$3; set --; shard=1",
            "while [ \"$shard\" -le \(sweep.shards) ]; do",
            "  set -- \"$@\" \"$prefix$shard$suffix\"; shard=$((shard + 1))",
            "done",
            "exec topsim merge \"$@\" -o \"$output\"",
        ]
        let names = [sweep.partPrefix, sweep.partSuffix]
        let shardWords = ["shard"] + names + sweep.arguments + ["-j", "\(sweep.threads)"]
        return """
            # \(sweep.amount), by topsim sweep --emit kubernetes. Paths are looked for on the claim.
            #   kubectl apply -f FILE
            #   kubectl wait --for=condition=complete --timeout=24h job/\(job)
            #   kubectl patch job/\(job)-merge --type=merge -p '{"spec":{"suspend":false}}'
            # After a failure: kubectl delete -f FILE, and apply it again. Runs that are done are not repeated.
            apiVersion: batch/v1
            kind: Job
            metadata:
              name: \(job)
              labels:
                app.kubernetes.io/name: topsim
            spec:
              completionMode: Indexed
              completions: \(sweep.shards)
              parallelism: \(sweep.shards)
              backoffLimitPerIndex: 3
              maxFailedIndexes: \(sweep.shards / 10)
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
            \(template(image: image, claim: claim, cpus: sweep.threads, script: shard, words: shardWords))
            ---
            apiVersion: batch/v1
            kind: Job
            metadata:
              name: \(job)-merge
              labels:
                app.kubernetes.io/name: topsim
            spec:
              suspend: true
              backoffLimit: 0
            \(template(
                image: image, claim: claim, cpus: 1, script: merge,
                words: ["merge"] + names + [sweep.output]))

            """
    }

    private static func template(
        image: String, claim: String, cpus: Int, script: [String], words: [String]
    ) -> String {
        let lines = script.map { "                \(expansionEscaped($0))" }
        let items = words.map { "            - \(Quoting.doubleQuoted(expansionEscaped($0)))" }
        return """
              template:
                spec:
                  restartPolicy: Never
                  containers:
                    - name: topsim
                      image: \(Quoting.doubleQuoted(image))
                      workingDir: /study
                      command:
                        - /bin/sh
                        - -c
                        - |
            \(lines.joined(separator: "\n"))
                      args:
            \(items.joined(separator: "\n"))
                      resources:
                        requests:
                          cpu: \(cpus)
                      volumeMounts:
                        - name: study
                          mountPath: /study
                  volumes:
                    - name: study
                      persistentVolumeClaim:
                        claimName: \(Quoting.doubleQuoted(claim))
            """
    }

    /// Text that is the same after Kubernetes has replaced `$(NAME)` and `$$` in it.
    static func expansionEscaped(_ text: String) -> String {
        var escaped = ""
        let scalars = Array(text.unicodeScalars)
        for (index, scalar) in scalars.enumerated() {
            escaped.unicodeScalars.append(scalar)
            guard scalar == "$", index + 1 < scalars.count else { continue }
            if scalars[index + 1] == "$" || scalars[index + 1] == "(" { escaped += "$" }
        }
        return escaped
    }
}
