import Foundation
import TestSupport
import Testing

@Suite struct TraceCommandTests {
    /// A small openb list: 300 pods of six kinds, some with GPUs, one without an end.
    static func openb() -> String {
        var text =
            "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time\n"
        var time = 0
        for pod in 0..<300 {
            time += pod % 7
            let end = pod == 99 ? "" : "\(time + 60 + pod % 11)"
            text += "openb-\(pod),\(1000 + 500 * (pod % 3)),\(1024 * (1 + pod % 2)),"
            text +=
                "\(pod % 5 == 0 ? 1 : 0),\(pod % 5 == 0 ? 1000 : 0),,LS,Running,\(time),\(end),\(time)\n"
        }
        return text
    }

    static func trace(pods: Int) -> String {
        var text = "topsim-trace 1\n"
        for shape in 0..<8 {
            text += "shape s\(shape) cpu=\(1 + shape % 3) memory=\(1 + shape)Gi limits=equal\n"
        }
        text += "columns arrival lifetime shape name\n"
        for pod in 0..<pods {
            text +=
                "\(pod * 10_000_000) \(2_000_000_000 + pod % 97 * 10_000_000) s\(pod % 8) p-\(pod)\n"
        }
        return text
    }

    static func scenario(_ trace: String) -> String {
        """
        apiVersion: topsim/v1
        kind: Scenario
        metadata: {name: t}
        nodes: {n: {count: 40, machine: 2s1n8c2t, devices: [{resource: nvidia.com/gpu, count: 4, numaNode: 0}]}}
        timings: {schedulingCycle: 1us}
        workload: {t: {trace: {\(trace)}}}

        """
    }

    private func run(
        _ line: String, in folder: ScratchFolder, exit code: Int32 = 0
    ) throws -> String {
        let result = try RunTopsim.run(shell: line, in: folder)
        #expect(result.exitCode == code, "\(line): \(result.standardError)")
        return result.standardOutput
    }

    private func digest(_ output: String) throws -> String {
        String(try #require(output.matches(of: /\b[0-9a-f]{16,}\b/).last).output)
    }

    @Test func `a recording that was converted gives the results of the original`() throws {
        let folder = try ScratchFolder()
        try folder.write(Self.openb(), to: "openb.csv")
        try folder.write(Self.scenario("format: openb, pods: openb.csv"), to: "a.yaml")
        try folder.write(Self.scenario("format: topsim, file: own.trace.gz"), to: "b.yaml")
        _ = try run("topsim trace convert openb.csv --output own.trace.gz", in: folder)
        let original = try digest(run("topsim run a.yaml --output a.sqlite", in: folder))
        let converted = try digest(run("topsim run b.yaml --output b.sqlite", in: folder))
        #expect(original == converted)
        let shown = try run("topsim trace show own.trace.gz --json", in: folder)
        #expect(shown.contains("\"pods\": 300"))
        let summary = try run("topsim trace show openb.csv", in: folder)
        #expect(summary.contains("openb, 300 pods"))
    }

    @Test func `commands work on standard input, one behind the other`() throws {
        let folder = try ScratchFolder()
        try folder.write(Self.trace(pods: 1000), to: "t")
        let output = try run(
            """
            topsim trace slice t --from 1s --to 5s --rebase | topsim trace scale - --count 2 --rate 2 \
            | topsim trace shuffle - --seed 3 | topsim trace anonymise - --salt 'a long secret' \
            | topsim trace show - --json
            """, in: folder)
        #expect(output.contains("\"pods\": 800,"))
        #expect(output.contains("\"lastArrivalNanoseconds\": 1995000000"))
        let names = try run(
            "printf 'a long secret' > salt; topsim trace anonymise t --salt-file salt | grep -c ' p-'; true",
            in: folder)
        #expect(names == "0\n")
    }

    @Test func `findings that are errors end with exit code 1, and each report is told apart`()
        throws
    {
        let folder = try ScratchFolder()
        try folder.write(Self.trace(pods: 20), to: "t")
        try folder.write(Self.scenario("format: topsim, file: t"), to: "s.yaml")
        #expect(try run("topsim trace lint t", in: folder) == "no findings\n")
        #expect(try run("topsim trace lint t --scenario s.yaml", in: folder) == "no findings\n")
        let bad = Self.trace(pods: 20).replacing("shape s3 cpu=1 ", with: "shape s3 cpu=100 ")
        try folder.write(bad, to: "bad")
        let text = try run("topsim trace lint bad --scenario s.yaml", in: folder, exit: 1)
        #expect(text.contains("error[T0006] shape s3: asks for cpu 100"))
        let sarif = try run(
            "topsim trace lint bad --scenario s.yaml --report sarif", in: folder, exit: 1)
        #expect(sarif.contains("\"ruleId\": \"T0006\""))
        _ = try run("topsim trace lint bad --scenario s.yaml --ignore T0006", in: folder)
    }

    /// Mistakes in how a command is called, and words of what it says.
    static let mistakes: [(line: String, words: String)] = [
        ("topsim trace show none", "no such file"),
        ("topsim trace show salt", "the format cannot be told"),
        ("topsim trace show t --format csvv", "did you mean `csv`?"),
        ("topsim trace slice t --from 1x", "no duration"),
        ("topsim trace slice t --where size=3", "--where takes"),
        ("topsim trace scale t --rate 0", "no factor"),
        ("topsim trace scale t --count 100000", "up to 1000"),
        ("topsim trace anonymise t", "must be given"),
        ("topsim trace anonymise t --salt short", "at least 8 bytes"),
        ("topsim trace lint t --only T9999", "no check is called"),
        ("topsim trace show - -", "named twice"),
    ]

    @Test(arguments: mistakes.indices)
    func `a mistake is told in words and ends with exit code 2`(_ index: Int) throws {
        let folder = try ScratchFolder()
        try folder.write(Self.trace(pods: 3), to: "t")
        try folder.write("a long secret", to: "salt")
        let (line, words) = Self.mistakes[index]
        let result = try RunTopsim.run(shell: "\(line) < t", in: folder)
        #expect(result.exitCode == 2, "\(result.standardError)")
        #expect(result.standardError.contains(words), "\(result.standardError)")
        #expect(result.standardOutput.isEmpty)
    }

    @Test func `a mistake in the middle is told before anything is written`() throws {
        let folder = try ScratchFolder()
        let text = Self.trace(pods: 5000) + "49990000001 1 s0 late-1\n5 1 s0 out-of-order\n"
        try folder.write(text, to: "t")
        try folder.write(Self.scenario("format: topsim, file: t"), to: "s.yaml")
        let result = try RunTopsim.run(shell: "topsim run s.yaml --output r.sqlite", in: folder)
        #expect(result.exitCode == 2)
        #expect(result.standardError.contains("t:5012:1"))
        #expect(!FileManager.default.fileExists(atPath: folder.file("r.sqlite").path))
        // And a trace that cannot be made leaves no file behind.
        _ = try run("topsim trace slice t --output u", in: folder, exit: 2)
        #expect(!FileManager.default.fileExists(atPath: folder.file("u").path))
        #expect(!FileManager.default.fileExists(atPath: folder.file("u.partial").path))
    }

    @Test func `twenty times as many pods take no more memory`() throws {
        let folder = try ScratchFolder()
        try folder.write(Self.trace(pods: 20_000), to: "few")
        // By topsim itself: what this process needs counts as memory of what it starts.
        _ = try run(
            "topsim trace scale few --rate 1/20 --count 20 --output many", in: folder)
        for file in ["few", "many"] {
            try folder.write(
                Self.scenario("format: topsim, file: \(file)") + "record: {level: summary}\n",
                to: "\(file).yaml")
        }
        for line in [
            "topsim trace lint FILE --ignore T0007", "topsim trace convert FILE > copy",
            "topsim run FILE.yaml --output r.sqlite",
        ] {
            let peaks = try ["few", "many"].map { file in
                let result = try RunTopsim.run(
                    shell: line.replacing("FILE", with: file), in: folder)
                #expect(result.exitCode == 0, "\(result.standardError)")
                return result.peakMemoryBytes
            }
            #expect(peaks[1] < peaks[0] + 8_000_000, "\(line): \(peaks)")
        }
    }
}
