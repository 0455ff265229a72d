import Foundation
import Primitives
import Records
import ScenarioInput
import TestSupport
import Testing
import WorkloadModel

@Suite struct `SimKube traces` {
    static func deployment(_ name: String, replicas: Int, cpu: String = "1") -> String {
        """
        {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "\(name)", "namespace": "ns"},
         "spec": {"replicas": \(replicas), "selector": {"matchLabels": {"a": "b"}}, "template":
          {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "i",
           "resources": {"requests": {"cpu": "\(cpu)", "memory": "1Gi"}}}]}}}}
        """
    }

    static func trace(_ events: [String]) -> String {
        """
        {"version": 2, "config": {"trackedObjects": {"apps/v1.Deployment": {"podSpecTemplatePaths": ["/spec/template"]}}},
         "events": [\(events.joined(separator: ","))], "index": {}, "pod_lifecycles": {}}
        """
    }

    static func event(_ time: Int, applied: [String] = [], deleted: [String] = []) -> String {
        "{\"ts\": \(time), \"applied_objs\": [\(applied.joined(separator: ","))], "
            + "\"deleted_objs\": [\(deleted.joined(separator: ","))]}"
    }

    /// Name, arrival and deletion in seconds.
    static func lives(_ trace: ReadTrace) -> [String] {
        trace.records.map {
            "\($0.name) \($0.arrival.nanoseconds / 1_000_000_000) "
                + ($0.deletion.map { "\($0.nanoseconds / 1_000_000_000)" } ?? "-")
        }
    }

    static let scaled = trace([
        event(1000, applied: [deployment("web", replicas: 2)]),
        event(1010, applied: [deployment("web", replicas: 4), deployment("db", replicas: 1)]),
        event(1020, applied: [deployment("web", replicas: 1)]),
        event(1030, applied: [deployment("web", replicas: 1, cpu: "2")]),
        event(1040, deleted: [deployment("web", replicas: 1)]),
    ])

    @Test func `owners grow, shrink, change and go`() throws {
        let trace = try ReadTrace("simkube", text: Self.scaled)
        #expect(
            Self.lives(trace) == [
                "web-0 0 30", "web-1 0 20", "web-2 10 20", "web-3 10 20", "db-0 10 -",
                "web-4 30 40",
            ])
        #expect(trace.records.map(trace.cpu) == [1000, 1000, 1000, 1000, 1000, 2000])
        #expect(Set(trace.records.map { trace.shape($0).namespace }) == ["ns"])
    }

    @Test func `deleted pods leave their nodes at the recorded time`() throws {
        let folder = try TemporaryFolder(texts: ["t.json": Self.scaled])
        let result = try run(
            """
            apiVersion: topsim/v1
            kind: Scenario
            nodes: {n: {machine: 1s3c}}
            timings: \(noDelays)
            workload: {apps: {trace: {format: simkube, file: t.json}}}
            until: 1m
            """, folder: folder.url)
        let lives = result.keeper.pods.sorted { $0.pod.position < $1.pod.position }.map {
            "\($0.traceName ?? "") \($0.started.map { "\($0.nanoseconds / 1_000_000_000)" } ?? "-") "
                + "\($0.finished.map { "\($0.nanoseconds / 1_000_000_000)" } ?? "-") \($0.outcome)"
        }
        // Three CPUs: web-0, web-1 and web-2 fill them until 20; web-3 waits and is deleted; db-0 starts at 20.
        #expect(
            lives == [
                "web-0 0 30 deleted", "web-1 0 20 deleted", "web-2 10 20 deleted",
                "web-3 - 20 deleted", "db-0 20 - running", "web-4 30 40 deleted",
            ])
    }

    /// A JSON value as MessagePack, each kind of number and text in its smallest form.
    static func pack(_ value: Any) -> [UInt8] {
        func head(_ count: Int, _ small: UInt8, _ limit: Int, _ types: [UInt8]) -> [UInt8] {
            if count < limit { return [small | UInt8(count)] }
            if count < 1 << 16 { return [types[0], UInt8(count >> 8), UInt8(count & 0xFF)] }
            return [types[1]] + (0..<4).map { UInt8(count >> (24 - 8 * $0) & 0xFF) }
        }
        if value is NSNull { return [0xC0] }
        if let text = value as? String {
            let bytes = Array(text.utf8)
            return head(bytes.count, 0xA0, 32, [0xDA, 0xDB]) + bytes
        }
        if let list = value as? [Any] {
            return head(list.count, 0x90, 16, [0xDC, 0xDD]) + list.flatMap(pack)
        }
        if let map = value as? [String: Any] {
            return head(map.count, 0x80, 16, [0xDE, 0xDF])
                + map.sorted { $0.key < $1.key }.flatMap { pack($0.key) + pack($0.value) }
        }
        if let number = value as? NSNumber {
            if "\(type(of: number))".contains("Bool") || number === kTrue || number === kFalse {
                return [number.boolValue ? 0xC3 : 0xC2]
            }
            if Double(number.int64Value) != number.doubleValue {
                return [0xCB]
                    + (0..<8).map {
                        UInt8(
                            truncatingIfNeeded: number.doubleValue.bitPattern >> UInt64(56 - 8 * $0)
                        )
                    }
            }
            let whole = number.int64Value
            if whole >= 0, whole < 128 { return [UInt8(whole)] }
            return [0xD3] + (0..<8).map { UInt8(truncatingIfNeeded: whole >> Int64(56 - 8 * $0)) }
        }
        return []
    }

    private static let kTrue = NSNumber(value: true)
    private static let kFalse = NSNumber(value: false)

    @Test(
        .enabled(if: SharedFolder.isPresent), arguments: ["simkube_trace", "simkube_large_trace"])
    func `a trace reads alike as JSON and as MessagePack`(_ name: String) throws {
        let data = try SharedFolder.contents("data/traces/k8s-events/\(name).json")
        let object = try JSONSerialization.jsonObject(with: data)
        let json = try ReadTrace(
            "simkube", TraceInput(name: "t", content: .bytes(Array(data))))
        let packed = try ReadTrace(
            "simkube", TraceInput(name: "t", content: .bytes(Self.pack(object))))
        #expect(!json.records.isEmpty)
        #expect(json.records == packed.records)
        #expect(json.shapes.shapes == packed.shapes.shapes)
    }

    @Test(.enabled(if: SharedFolder.isPresent))
    func `the recorded traces are read`() throws {
        let folder = try #require(SharedFolder.url).appending(path: "data/traces/k8s-events")
        let bare = try ReadTrace(
            "simkube", file: folder.appending(path: "simkube_bare-pods.sktrace"))
        #expect(bare.records.count == 4)
        #expect(
            bare.records.map { ($0.lifetime?.nanoseconds).map { $0 / 1_000_000_000 } } == [
                12, 30, 30, nil,
            ])
        let scaling = try ReadTrace(
            "simkube", file: folder.appending(path: "simkube_dsb-scaling.sktrace"))
        #expect(
            scaling.report.notes.contains { $0.reason.hasPrefix("19, with 46 objects applied") })
        let large = try ReadTrace(
            "simkube", file: folder.appending(path: "simkube_large_trace.json"))
        #expect(large.report.notes.contains { $0.reason.hasPrefix("89, with 250 objects applied") })
        for trace in [scaling, large] {
            // At every time an owner has as many pods as its last applied object says; here: never fewer than one.
            #expect(trace.records.allSatisfy { $0.deletion.map { $0.nanoseconds > 0 } ?? true })
            #expect(Set(trace.records.map(\.group)).count > 20)
        }
        let small = try ReadTrace("simkube", file: folder.appending(path: "simkube_trace.json"))
        #expect(Self.lives(small).count == 2)
        // What is deleted there was never applied.
        #expect(small.records.allSatisfy { $0.deletion == nil })
    }

    static let hostile: [(bytes: [UInt8], message: String)] = [
        (
            [0xDF, 0xFF, 0xFF, 0xFF, 0xFF],
            "a map of 4,294,967,295 entries, and the file ends before them"
        ),
        ([0x81, 0xA3, 0x61], "a text of 3 bytes, and the file ends before them"),
        ([UInt8](repeating: 0x91, count: 200), "more than 100 levels of arrays and maps"),
        ([0xC4, 0x00], "a MessagePack value of type 0xc4, which is not read"),
        ([0x82, 0xA1, 0x61, 0x01, 0xA1, 0x61, 0x02], "the key `a` is here twice"),
        (
            [0x81, 0x81, 0x01, 0x02, 0x03],
            "a key of a map that is neither a text, a number nor an array of them"
        ),
        ([0x80, 0x80], "something follows the MessagePack value"),
        ([0xA2, 0xFF, 0xFE], "a text that is not UTF-8"),
        ([0x80], "a mapping without `events`, and a SimKube trace was expected"),
        ([], "the file ends in the middle of a value"),
    ]

    @Test(arguments: hostile)
    func `damaged bytes are refused with one message`(_ bytes: [UInt8], _ message: String) throws {
        let error = #expect(throws: InputError.self) {
            try ReadTrace("simkube", TraceInput(name: "t", content: .bytes(bytes)))
        }
        #expect(error?.diagnostics.map(\.message) == [message])
    }
}
