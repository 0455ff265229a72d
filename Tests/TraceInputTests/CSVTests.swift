import ClusterSimulation
import Foundation
import Primitives
import Records
import ScenarioInput
import TestSupport
import Testing
import WorkloadModel

@Suite struct `Traces in plain CSV` {
    static let columns = [
        "columns.arrival": "at", "columns.cpu": "cores", "columns.memory.column": "mem",
        "columns.memory.unit": "MiB", "columns.lifetime.column": "ms",
        "columns.lifetime.unit": "ms",
    ]

    @Test func `columns mean what the scenario says`() throws {
        let folder = try TemporaryFolder(texts: [
            "t.csv": "\u{FEFF}id,\"start, utc\",end,cores,mem,gpus,prio,n,job\r\n"
                + "\"a\",2023-11-16T18:17:03.9799600Z,2023-11-16T18:17:05Z,0.5,1.5,1,7,2,\"j \"\"1\"\"\"\r\n"
                + "b,2023-11-16 19:17:03.98+01:00,2023-11-16T18:18:03.98Z,2,4,0,-3,1,\"x\r\ny\"\r\n"
        ])
        let loaded = try readScenario(
            text: """
                apiVersion: topsim/v1
                kind: Scenario
                nodes: {n: {machine: 1s4c}}
                workload:
                  w:
                    trace:
                      format: csv
                      file: t.csv
                      gpuResource: a.b/gpu
                      columns:
                        name: id
                        arrival: {column: "start, utc", unit: timestamp}
                        end: {column: end, unit: timestamp}
                        cpu: cores
                        memory: {column: mem, unit: GiB}
                        gpu: gpus
                        priority: prio
                        count: n
                        group: job
                """, file: "s.yaml", folder: folder.url.path)
        guard case .trace(let source)? = loaded.scenario.workloads.first?.source else {
            Issue.record("not a trace")
            return
        }
        var shapes = PodShapeTable()
        var reader = try source.makeReader(resources: loaded.scenario.resources)
        var pods: [TracePod] = []
        while let pod = try reader.next(shapes: &shapes) { pods.append(pod) }
        #expect(pods.map(\.name) == ["a-0", "a-1", "b"])
        #expect(pods.map(\.arrival.nanoseconds) == [0, 0, 40_000])
        #expect(
            pods.map(\.lifetime?.nanoseconds) == [1_020_040_000, 1_020_040_000, 60_000_000_000])
        #expect(shapes[pods[0].shape].request(ResourceTable.cpu) == 500)
        #expect(shapes[pods[0].shape].request(ResourceTable.memory) == 3 << 29)
        #expect(shapes[pods[0].shape].priority == 7)
        #expect(shapes[pods[2].shape].priority == -3)
        let gpu = try #require(loaded.scenario.resources.index(of: "a.b/gpu"))
        #expect(shapes[pods[0].shape].request(gpu) == 1)
    }

    @Test func `quotes, groups and the order of arrival are kept`() throws {
        let trace = try ReadTrace(
            "csv", text: "at,job\n30,\"x\ny\"\n10,\"a \"\"b\"\", c\"\n",
            ["columns.arrival": "at", "columns.group": "job"])
        #expect(trace.records.map(\.group) == ["a \"b\", c", "x\ny"])
        #expect(trace.records.map(\.arrival.nanoseconds) == [0, 20_000_000_000])
        #expect(trace.records.map(\.line) == [4, 2])
        let zero = try ReadTrace(
            "csv", text: "at\n10\n", ["columns.arrival": "at", "origin": "zero"])
        #expect(zero.records.map(\.arrival.nanoseconds) == [10_000_000_000])
    }

    @Test func `empty fields are what the scenario says`() throws {
        let text = "at,cores,mem,ms\n0,1,,5\n1,,2,\n2,1,1,1\n"
        let error = #expect(throws: InputError.self) {
            var resources = ResourceTable()
            var reader = try requireFormat("csv").open(
                TraceInput(name: "t", content: .bytes(Array(text.utf8))),
                TraceOptions(Self.columns), &resources)
            var shapes = PodShapeTable()
            _ = try reader.next(shapes: &shapes)
        }
        #expect(error?.diagnostics.first?.message == "`mem` is empty")
        let none = try ReadTrace(
            "csv", text: text, Self.columns.merging(["missing": "none"]) { $1 })
        #expect(none.records.map(none.cpu) == [1000, 0, 1000])
        #expect(none.records.map(none.memory) == [0, 2 << 20, 1 << 20])
        #expect(none.records.map(\.lifetime?.nanoseconds) == [5_000_000, nil, 1_000_000])
        let skip = try ReadTrace(
            "csv", text: text, Self.columns.merging(["missing": "skip"]) { $1 })
        #expect(skip.records.map(\.line) == [4])
        #expect(skip.report.notes.contains { $0.subject == "2 lines" && $0.outcome == .dropped })
    }

    @Test func `a packed file reads as the plain one`() throws {
        let text = "at,cores,mem,ms\n" + (0..<5000).map { "\($0),1,2,3\n" }.joined()
        let folder = try TemporaryFolder(texts: ["t.csv": text])
        let plain = folder.url.appending(path: "t.csv")
        let gzip = Process()
        gzip.executableURL = URL(filePath: "/usr/bin/env")
        gzip.arguments = ["gzip", "-k", plain.path]
        try gzip.run()
        gzip.waitUntilExit()
        let packed = folder.url.appending(path: "t.csv.gz")
        let own = try ReadTrace("csv", file: packed, Self.columns)
        #expect(own.records == (try ReadTrace("csv", file: plain, Self.columns)).records)
        let data = try Data(contentsOf: packed)
        try data.prefix(data.count / 2).write(to: packed)
        let error = #expect(throws: InputError.self) {
            try ReadTrace("csv", file: packed, Self.columns)
        }
        #expect(error?.diagnostics.map(\.message) == ["is not a whole gzip file"])
    }

    /// Resident bytes of this process at most so far.
    static func peakMemory() throws -> Int {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") })
        return try #require(line.split(separator: " ").dropLast().last.flatMap { Int($0) }) << 10
    }

    @Test func `a long trace in order is read in the memory of a short one`() throws {
        // 200,000 lines of about 30 bytes are 6 MB; as records they would be 25 MB and more.
        let folder = try TemporaryFolder(texts: [
            "t.csv": "at,cores,mem,ms\n"
                + (0..<200_000).map { "\($0 + 1_000_000_000),1,2,3000000000\n" }.joined()
        ])
        let input = TraceInput(
            name: "t.csv", content: .file(folder.url.appending(path: "t.csv")))
        var resources = ResourceTable()
        let before = try Self.peakMemory()
        var reader = try requireFormat("csv").open(input, TraceOptions(Self.columns), &resources)
        var shapes = PodShapeTable()
        var count = 0
        while try reader.next(shapes: &shapes) != nil { count += 1 }
        #expect(count == 200_000)
        #expect(shapes.count == 1)
        // Other tests run beside this one: the bound is loose, and below what keeping the records takes.
        #expect(try Self.peakMemory() - before < 600 << 20)
    }
}

@Suite struct `Lists of arrivals` {
    static func scenario(_ arrivals: String) -> String {
        """
        apiVersion: topsim/v1
        kind: Scenario
        nodes: {n: {machine: 1s4c}}
        workload:
          w:
            template: {spec: {containers: [{name: a, image: b}]}}
            arrivals: {process: list, file: a.csv, \(arrivals)}
            lifetime: 1s
        """
    }

    static func times(_ text: String, _ arrivals: String) throws -> [Int64] {
        let folder = try TemporaryFolder(texts: ["a.csv": text])
        let result = try run(
            scenario(arrivals) + "\ntimings: \(noDelays)", folder: folder.url)
        return result.keeper.pods.sorted { $0.pod.position < $1.pod.position }.map {
            $0.arrival.nanoseconds
        }
    }

    @Test func `a column of times is an arrival process`() throws {
        #expect(
            try Self.times("t,x\n5.25,a\n4,b\n4,c\n", "column: t, unit: ms, start: 1s") == [
                1_000_000_000, 1_000_000_000, 1_001_250_000,
            ])
        #expect(
            try Self.times(
                "TS\n2023-12-31 23:59:59.9000001\n2024-01-01 00:00:00.0000002\n",
                "column: TS, speed: 2, count: 9") == [0, 50_000_050])
        #expect(try Self.times("t\n1\n2\n3\n", "column: t, unit: s, count: 2").count == 2)
    }

    @Test(.enabled(if: SharedFolder.isPresent))
    func `the recorded service's arrivals are exact to the tenth of a microsecond`() throws {
        let url = try #require(SharedFolder.url)
            .appending(path: "data/traces/arrivals/AzureLLMInferenceTrace_code.csv")
        let list = try ArrivalList(
            TraceInput(name: "azure", content: .file(url)), column: "TIMESTAMP", unit: nil)
        let lines = try String(contentsOf: url, encoding: .utf8)
            .split(whereSeparator: \.isNewline).dropFirst()
        #expect(list.times.count == 8819)
        #expect(list.times.count == lines.count)
        // One day: hours, minutes and tenths of microseconds by hand.
        let own = lines.map { line -> Int64 in
            let clock = line.prefix { $0 != "," }.split(separator: " ")[1].split(separator: ":")
            let second = clock[2].split(separator: ".")
            return (Int64(clock[0])! * 3600 + Int64(clock[1])! * 60 + Int64(second[0])!)
                * 1_000_000_000
                + Int64(second[1])! * 100
        }
        #expect(list.times.map(\.nanoseconds) == own.map { $0 - own[0] })
    }
}
