import Foundation
import Reporting
import ScenarioInput
import TestSupport
import Testing

/// The emitted Kubernetes manifest against the API's own schema, and its containers' commands run by a shell.
@Suite struct IndexedJobSchemaTests {
    static let sweep = ShardedSweep(
        name: "policies", runs: 40, shards: 30,
        arguments: ["sweep", "it's $(a) $$ \"b\".yaml", "--set", "x=[1, 2]"], inputs: [],
        output: "my out.sqlite", threads: 2)

    static func jobs() throws -> [SourceNode] {
        try readSourceDocuments(
            KubernetesIndexedJob.text(sweep, image: "i:1", claim: "c"), file: "job")
    }

    static func schema() throws -> StructuralSchema {
        let bytes = [UInt8](try SharedFolder.contents("data/k8s/openapi/batch-v1.json"))
        let document = try #require(try readSourceDocuments(bytes, file: "openapi").first)
        return try #require(StructuralSchema(api: document, kind: "io.k8s.api.batch.v1.Job"))
    }

    @Test(.enabled(if: SharedFolder.isPresent))
    func `the manifest is valid, and what should not be is refused`() throws {
        let schema = try Self.schema()
        let jobs = try Self.jobs()
        #expect(jobs.count == 2)
        for job in jobs { #expect(schema.violations(of: job) == []) }
        let text = KubernetesIndexedJob.text(Self.sweep, image: "i:1", claim: "c")
        for (right, wrong, says) in [
            ("completions: 30", "completions: many", "is not of type integer"),
            ("backoffLimitPerIndex", "backofLimitPerIndex", "no field `backofLimitPerIndex`"),
            ("- action: FailIndex\n", "- onPodConditions: []\n", "`action` is required"),
            ("values: [2]", "values: [\"2\"]", "is not of type integer"),
            ("containerName: topsim", "containerName: 7", "is not of type string"),
            ("cpu: 2", "cpu: [2]", "none of the alternatives"),
            ("claimName: \"c\"", "claim: \"c\"", "`claimName` is required"),
        ] {
            #expect(text.contains(right), "\(right)")
            let broken = text.replacing(right, with: wrong, maxReplacements: 1)
            let job = try #require(try readSourceDocuments(broken, file: "broken").first)
            let found = schema.violations(of: job)
            #expect(found.contains { $0.contains(says) }, "\(wrong): \(found)")
        }
    }

    @Test func `bad input is not tried again, and indexes are the shards`() throws {
        let spec = try #require(try Self.jobs()[0]["spec"])
        #expect(spec["completionMode"]?.text == "Indexed")
        #expect(spec["completions"]?.text == "30")
        #expect(spec["backoffLimitPerIndex"]?.text == "3")
        #expect(spec["maxFailedIndexes"]?.text == "3")
        let rule = spec["podFailurePolicy"]?["rules"]?.elements?.first
        #expect(rule?["action"]?.text == "FailIndex")
        #expect(rule?["onExitCodes"]?["values"]?.elements?.map(\.text) == ["2"])
        // What the API server asks for beside the schema.
        #expect(spec["template"]?["spec"]?["restartPolicy"]?.text == "Never")
    }

    /// The words of a container after Kubernetes has replaced its variables, and what a `topsim` hears that ends with a code.
    static func run(
        _ job: SourceNode, index: Int, code: Int, in scratch: ScratchFolder
    ) throws -> FinishedCommand {
        let container = try #require(
            job["spec"]?["template"]?["spec"]?["containers"]?.elements?.first)
        let words = ["command", "args"].flatMap { container[$0]?.elements?.map(\.text) ?? [] }
        try scratch.write(
            "#!/bin/sh\nprintf '<%s>' \"$@\"\nexit \(code)\n", to: "topsim")
        var line = "chmod +x topsim; PATH=.:$PATH; export JOB_COMPLETION_INDEX=\(index);"
        for word in words {
            let text = expanded(word ?? "").replacing("'", with: "'\\''")
            line += " '\(text)'"
        }
        return try RunTopsim.run(shell: line, in: scratch)
    }

    /// As the kubelet expands `$(NAME)` of no known variable, and `$$`.
    static func expanded(_ text: String) -> String {
        var (result, rest) = ("", text[...])
        while let first = rest.popFirst() {
            result.append(first)
            if first == "$", rest.first == "$" {
                rest.removeFirst()
            }
            // Nothing that is left may look like a variable.
            else if first == "$" {
                #expect(rest.first != "(", "\(text)")
            }
        }
        return result
    }

    @Test func `a pod runs the shard of its index, and the last Job merges them all`() throws {
        let scratch = try ScratchFolder()
        let jobs = try Self.jobs()
        let shard = try Self.run(jobs[0], index: 29, code: 2, in: scratch)
        #expect(
            shard.standardOutput
                == "<sweep><it's $(a) $$ \"b\".yaml><--set><x=[1, 2]><-j><2><--shard><30/30>"
                + "<-o><my out.part-30-of-30.sqlite>")
        #expect(shard.exitCode == 2)
        #expect(try Self.run(jobs[0], index: 0, code: 3, in: scratch).exitCode == 3)
        // All is written and a combination failed: that is an answer.
        try scratch.write("", to: "my out.part-1-of-30.sqlite")
        #expect(try Self.run(jobs[0], index: 0, code: 3, in: scratch).exitCode == 0)
        try scratch.write("", to: "my out.part-1-of-30.sqlite.journal")
        #expect(try Self.run(jobs[0], index: 0, code: 3, in: scratch).exitCode == 3)
        let merge = try Self.run(jobs[1], index: 0, code: 1, in: scratch)
        let parts = (1...30).map { "<my out.part-\($0)-of-30.sqlite>" }.joined()
        #expect(merge.standardOutput == "<merge>\(parts)<-o><my out.sqlite>")
        #expect(merge.exitCode == 1)
    }
}
