import Foundation
import Primitives
import ScenarioInput
import Testing
import WorkloadModel

/// Mistakes in recordings: one clear message each, with its place, and all of a file at once.
@Suite struct `Recordings with mistakes` {
    static let vms = "flavor_vcpus,flavor_ram,numa,strategy,group,domain\n"

    /// A trace as a scenario names it, the file's text, the place and the message.
    static let mistakes: [(trace: String, text: String, place: String, message: String)] = [
        (
            "format: swf", "1 2 3 4 5\n", "1:10",
            "5 columns; a job has 18, or 21 with nodes, queue and node specification"
        ),
        (
            "format: swf", "; c\n1 x 0 1 1 -1 -1 1 1 -1 1 1 1 1 1 1 -1 -1\n", "2:3",
            "the submit time (column 2) is `x`, and a number was expected"
        ),
        (
            "format: swf", "1 0 0 1 1 -1 -1 99999999999 1 -1 1 1 1 1 1 1 -1 -1\n", "1:17",
            "the requested processors (column 8) is 99999999999, and a number from -1 to 10,000,000 was expected"
        ),
        (
            "format: huawei-vms", vms + "7,8,2,,,\n", "2:1",
            "7 vCPUs cannot be halved over two NUMA nodes"
        ),
        (
            "format: huawei-vms", vms + "8,8,3,,,\n", "2:5",
            "`numa` is `3`, and a whole number from 1 to 2 was expected"
        ),
        (
            "format: huawei-vms", vms + "8,8,1,spread,0,\n", "2:7",
            "`strategy` is `spread`, and nothing, `affinity`, `anti-affinity` or `fault_domain` was expected"
        ),
        (
            "format: huawei-vms", vms + "8,8,1,fault_domain,0,\n", "2:22",
            "`domain` is ``, and a whole number from 0 to 1,000 was expected"
        ),
        (
            "format: csv, columns: {arrival: at, cpu: c}", "at,c\n1,\"2\n", "2:1",
            "a quote that is opened here and not closed"
        ),
        (
            "format: csv, columns: {arrival: at, cpu: c}", "at,c\nnow,1\n", "2:1",
            "`at` is `now`, and a number was expected"
        ),
        (
            "format: csv, columns: {arrival: at, cpu: c}", "at,c\n0,-1\n", "2:3",
            "`c` is `-1`, and a number of at least 0 was expected"
        ),
        (
            "format: csv, columns: {arrival: at, end: e}", "at,e\n5,4\n", "2:3",
            "`e` is `4`, before the pod arrives"
        ),
        (
            "format: csv, columns: {arrival: start}", "at\n5\n", "1:1", "missing column `start`"
        ),
        (
            "format: simkube", "{\"events\": [{\"ts\": -1}]}", "1:20",
            "`ts` is `-1`, and Unix seconds were expected"
        ),
        (
            "format: simkube",
            "{\"events\": [{\"ts\": 1, \"applied_objs\": [{\"kind\": \"Pod\"}]}]}", "1:40",
            "an object without `apiVersion`, `kind` and `metadata.name`"
        ),
        ("format: swf", "; only a header\n", "0:0", "the file names no pod"),
    ]

    static func diagnostics(_ trace: String, _ text: String) throws -> [Diagnostic] {
        let folder = try TemporaryFolder(texts: ["t": text])
        do {
            _ = try readScenario(
                text: """
                    apiVersion: topsim/v1
                    kind: Scenario
                    nodes: {n: {machine: 1s4c}}
                    workload: {w: {trace: {file: t, \(trace)}}}
                    """, file: "s.yaml", folder: folder.url.path)
        } catch {
            return error.diagnostics.filter { $0.severity == .error }
        }
        return []
    }

    @Test(arguments: mistakes)
    func `one mistake is one message at its place`(
        _ trace: String, _ text: String, _ place: String, _ message: String
    ) throws {
        let told = try Self.diagnostics(trace, text)
        #expect(told.map(\.message) == [message])
        #expect(told.map { "\($0.line):\($0.column)" } == [place])
        #expect(told.map(\.file) == ["t"])
    }

    @Test func `all mistakes of a file are told, up to the limit`() throws {
        let three = try Self.diagnostics(
            "format: huawei-vms", Self.vms + "8,8,3,,,\n8,8,1,,,\n0,8,1,,,\n8,8,1,x,,\n")
        #expect(three.map(\.line) == [2, 4, 5])
        let many = try Self.diagnostics(
            "format: csv, columns: {arrival: at}",
            "at\n" + String(repeating: "x\n", count: 100_000))
        // And a sentence that there may be more.
        #expect(many.count == 101)
        #expect(many.last?.message.hasPrefix("there may be more mistakes") == true)
    }

    @Test func `mistakes in the options stand where the trace is named`() throws {
        #expect(
            try Self.diagnostics("format: csv, columns: {arrival: a, end: b, lifetime: c}", "a\n")
                .map { "\($0.file):\($0.line) \($0.message)" } == [
                    "s.yaml:4 `columns` has both `lifetime` and `end`"
                ])
        #expect(
            try Self.diagnostics("format: csv, columns: {arrival: {column: a, unit: x}}", "a\n")
                .first?.file == "s.yaml")
        #expect(
            try Self.diagnostics("format: swg", "").first?.message.contains("swg") == true)
    }

    static let machines: [(format: String, text: String, place: String, message: String)] = [
        (
            "format: huawei-machines", "CPU1,RAM1,CPU2,RAM2\n0,8,4,0\n", "2:1",
            "a machine on which nothing is free"
        ),
        (
            "format: swf-machines", "0\tz\t20\n", "1:1",
            "3 columns; a cluster has 6: number, name, nodes, CPUs of each, speed, KB of memory of each"
        ),
        (
            "format: swf-machines", "0\tz\t20\t99999\t1\t5\n", "1:8",
            "the number of CPUs is `99999`, and a whole number from 1 to 1,024 was expected"
        ),
    ]

    @Test(arguments: machines)
    func `mistakes in machines are told alike`(
        _ format: String, _ text: String, _ place: String, _ message: String
    ) throws {
        let folder = try TemporaryFolder(texts: ["t": text])
        let error = #expect(throws: InputError.self) {
            try readScenario(
                text: """
                    apiVersion: topsim/v1
                    kind: Scenario
                    nodes: {n: {trace: {file: t, \(format)}}}
                    workload: {w: {template: {spec: {containers: [{name: a, image: b}]}}}}
                    """, file: "s.yaml", folder: folder.url.path)
        }
        let told = error?.diagnostics.filter { $0.severity == .error && $0.file == "t" } ?? []
        #expect(told.map(\.message) == [message])
        #expect(told.map { "\($0.line):\($0.column)" } == [place])
    }

    /// Any bytes: an answer or a refusal, and never a crash. Texts of each format, cut and changed at random.
    @Test(arguments: TraceFormats.all.map(\.name))
    func `changed bytes are read or refused`(_ name: String) throws {
        let seeds: [String: String] = [
            "openb": openbLines, "swf": swfLine,
            "huawei-vms": Self.vms + "8,8,1,fault_domain,0,1\n32,64,2,,,\n",
            "simkube":
                "{\"config\": {\"trackedObjects\": {}}, \"events\": [{\"ts\": 5}], \"pod_lifecycles\": {}}",
            "csv": "a,b\n1,2\n\"3\",4\n",
        ]
        let format = try requireFormat(name)
        let seed = Array((seeds[name] ?? "a,b\n1,2\n").utf8)
        var random = RandomStream(seed: 7, name: name)
        for _ in 0..<400 {
            var bytes = seed
            for _ in 0..<Int(random.next() % 6) where !bytes.isEmpty {
                let place = Int(random.next() % UInt64(bytes.count))
                switch random.next() % 3 {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
                case 1: bytes.remove(at: place)
                default: bytes = Array(bytes.prefix(place))
                }
            }
            var resources = ResourceTable()
            var shapes = PodShapeTable()
            _ = format.recognises(bytes[...])
            let options = TraceOptions(["columns.arrival": "a", "columns.cpu": "b"])
            guard
                var reader = try? format.open(
                    TraceInput(name: "t", content: .bytes(bytes)), options, &resources)
            else { continue }
            var steps = 0
            while steps < 1000 {
                steps += 1
                do { if try reader.next(shapes: &shapes) == nil { break } } catch {}
            }
            #expect(steps < 1000)
        }
    }

    @Test func `each format knows its own files`() {
        func recognised(_ text: String) -> String? {
            TraceFormats.recognised(Array(text.utf8)[...])?.name
        }
        #expect(recognised(openbLines) == "openb")
        #expect(recognised(swfLine) == "swf")
        #expect(recognised("; UnixStartTime: 0\n1 2\n") == "swf")
        #expect(recognised(Self.vms) == "huawei-vms")
        #expect(recognised("{\"version\":2,\"config\":{\"trackedObjects\":{}}}") == "simkube")
        #expect(recognised("a,b\n1,2\n") == nil)
        #expect(recognised("") == nil)
    }
}

private let openbLines =
    "name,cpu_milli,memory_mib,num_gpu,gpu_milli,creation_time,deletion_time\np,1,2,1,500,3,4\n"
private let swfLine =
    "1 2 3 4 5 6 7 8 9 10 1 1 1 1 1 1 -1 -1 {1,1} q 1:ppn=2+2:ppn=3:cl_a#excl\n"
