import Foundation
import Primitives
import ScenarioInput
import TestSupport
import Testing
import WorkloadModel

import TraceTools

@Suite struct `topsim's own format of recordings` {
    static let head = "topsim-trace 1\nshape s cpu=1 memory=1Gi\n"
    static let columns = "columns arrival lifetime shape name group deletion count\n"

    @Test func `a pod line is a pod with its times, its shape, its name and its group`() throws {
        let pods = try TraceText.pods(
            """
            topsim-trace 1
            # a comment, and an empty line

            shape web cpu=500m memory=1Gi limit:memory=2Gi priority=7 label:app=web select:zone=a
            shape gpu cpu=4 memory=16Gi limits=equal nvidia.com/gpu=2 namespace=ml
            columns arrival lifetime shape name group deletion count
            0 - web first
            1000\t2000   gpu  second job-7 5000 3
            # shapes may come later
            shape none
            1000 0 none third%20pod
            2000 7 web
            """)
        #expect(pods.map(\.name) == ["first", "second", "third pod", "pod-3"])
        #expect(pods.map(\.arrival) == [0, 1000, 1000, 2000])
        #expect(pods.map(\.lifetime) == [nil, 2000, 0, 7])
        #expect(pods.map(\.deletion) == [nil, 5000, nil, nil])
        #expect(pods.map(\.group) == ["", "job-7", "", ""])
        #expect(pods.map(\.count) == [1, 3, 1, 1])
        #expect(pods.map(\.identifier) == ["web", "gpu", "none", "web"])
        let web = pods[0].shape
        #expect(web.qos == .burstable)
        #expect(web.priority == 7)
        #expect(web.labels == [Label(key: "app", value: "web")])
        #expect(web.nodeSelector == [Label(key: "zone", value: "a")])
        #expect(web.request(ResourceTable.cpu) == 500)
        #expect(web.limits == [ResourceAmount(ResourceTable.memory, 2 << 30)])
        let gpu = pods[1].shape
        #expect(gpu.qos == .guaranteed)
        #expect(gpu.namespace == "ml")
        #expect(gpu.requests.map(\.amount) == [4000, 16 << 30, 2])
        #expect(pods[2].shape.qos == .bestEffort)
        #expect(pods[2].shape.nonZeroMilliCPU == 100)
    }

    @Test func `a template says what words cannot`() throws {
        let pods = try TraceText.pods(
            Self.head + """
                shape two namespace=ran template={"spec": {"initContainers": [{"name": "i", "resources": \
                {"limits": {"cpu": "2"}}}], "containers": [{"name": "a", "resources": {"requests": \
                {"cpu": "500m"}}}], "tolerations": [{"operator": "Exists"}]}}
                columns arrival lifetime shape
                0 1 two

                """)
        #expect(pods[0].shape.containers.map(\.name) == ["i", "a"])
        #expect(pods[0].shape.namespace == "ran")
        #expect(pods[0].shape.request(ResourceTable.cpu) == 2000)
        #expect(pods[0].shape.tolerations.count == 1)
    }

    @Test func `lines may end as Windows ends them, and the last one without an end`() throws {
        let text = (Self.head + Self.columns + "0 1 s a\n5 1 s b").replacing("\n", with: "\r\n")
        #expect(try TraceText.pods(text).map(\.name) == ["a", "b"])
    }

    @Test func `a line longer than the buffer is read, and lines cut by its end too`() throws {
        var text = Self.head + Self.columns
        let name = String(repeating: "n", count: 1000)
        for pod in 0..<2000 { text += "\(pod) 1 s \(name)\(pod)\n" }
        text += "# " + String(repeating: "c", count: 700_000) + "\n9999 1 s last\n"
        let pods = try TraceText.pods(text)
        #expect(pods.count == 2001)
        #expect(pods[1999].name == name + "1999")
        #expect(pods.last?.name == "last")
    }

    @Test func `gzip is unpacked as it is read, in a file and in memory`() throws {
        let folder = try ScratchFolder()
        var random = RandomTrace(seed: 3)
        let text = random.text(pods: 20_000)
        try folder.write(text, to: "t")
        let packed = try RunningGzip.pack(folder.file("t"))
        try Data(packed).write(to: folder.file("t.gz"))
        let plain = try TraceText.pods(text)
        for content in [TraceInput.Content.file(folder.file("t.gz")), .bytes(packed)] {
            var source = try TraceSource([TraceInput(name: "t.gz", content: content)])
            #expect(try TraceText.pods(&source) == plain)
        }
        // A file that was cut short says so, after the pods that could be read.
        let cut = Array(packed.prefix(packed.count / 2))
        #expect(throws: InputError.self) {
            var source = try TraceSource([TraceInput(name: "cut.gz", content: .bytes(cut))])
            _ = try TraceText.pods(&source)
        }
    }

    // MARK: Mistakes

    /// A text, and what the first mistake says: line, column and words of the message.
    static let mistakes: [(text: String, line: Int, column: Int, words: String)] = [
        ("", 0, 0, "is empty"),
        ("arrival,cpu\n", 1, 1, "no trace of topsim's own format"),
        ("topsim-trace 2\n", 1, 14, "version `2`"),
        ("topsim-trace 1\nshape s cpu=1\n", 2, 1, "ends before its columns"),
        ("topsim-trace 1\n0 1 s\n", 2, 1, "before the columns are named"),
        ("topsim-trace 1\ncolumns lifetime arrival shape\n", 2, 1, "do not start with"),
        (
            "topsim-trace 1\ncolumns arrival lifetime shape name name\n", 2, 1,
            "`name` is here twice"
        ),
        (head + "shape s cpu=2\n", 3, 1, "the shape `s` is here twice"),
        ("topsim-trace 1\nshape s mem=1Gi\n", 2, 9, "unknown key `mem`"),
        ("topsim-trace 1\nshape s cpu=lots\n", 2, 9, "`lots` is not a quantity"),
        ("topsim-trace 1\nshape s cpu=1 cpu=2\n", 2, 15, "`cpu` is here twice"),
        ("topsim-trace 1\nshape s cpu\n", 2, 9, "no `key=value`"),
        ("topsim-trace 1\nshape s nvidia.com/gpu=1.5\n", 2, 9, "is not a whole number"),
        ("topsim-trace 1\nshape s template={\"spec\": }\n", 2, 27, "expected a JSON value"),
        (head + "shap t cpu=1\n", 3, 1, "starts with `shap`"),
        (head + columns + "0 1 t a\n", 4, 5, "no `shape` line above defines `t`"),
        (head + columns + "0 1\n", 4, 4, "a pod without `shape`"),
        (head + columns + "0 1 s a - - 1 more\n", 4, 15, "more fields"),
        (head + columns + "1.5 1 s a\n", 4, 1, "`arrival` is `1.5`"),
        (head + columns + "5 -1 s a\n", 4, 3, "`lifetime` is `-1`"),
        (head + columns + "5 99999999999999999999 s a\n", 4, 3, "whole number was expected"),
        (head + columns + "0 999999999999999999 s a - - 0\n", 4, 30, "`count` is 0"),
        (head + columns + "5 1 s a\n4 1 s b\n", 5, 1, "arrives at 4"),
        (head + columns + "5 1 s a - 4\n", 4, 11, "before the arrival"),
        (head + columns + "5 1 s a\u{1}b\n", 4, 8, "control character"),
        (head + columns + "shape u example.com/x=1\n", 4, 1, "not among the resources"),
        (head + columns + "columns arrival lifetime shape\n", 4, 1, "columns are named twice"),
        (head + columns + "0 1 s " + String(repeating: "n", count: 2000), 4, 7, "more than 1,024"),
        (
            head + columns + "#" + String(repeating: "c", count: 1_400_000), 4, 1,
            "a line of more than"
        ),
    ]

    @Test(arguments: mistakes.indices)
    func `a mistake is told with its place`(_ index: Int) throws {
        let (text, line, column, words) = Self.mistakes[index]
        let error = #expect(throws: InputError.self) { try TraceText.pods(text, as: "topsim") }
        let first = try #require(error?.diagnostics.first)
        // An amount that is both request and limit is told of both.
        #expect(error?.diagnostics.count == (text.contains("gpu=1.5") ? 2 : 1))
        #expect(first.message.contains(words), "\(first.message)")
        #expect(first.line == line, "\(first)")
        #expect(first.column == column || line == 0, "\(first)")
    }

    @Test func `a line with a mistake is passed over by the next call`() throws {
        var resources = ResourceTable()
        let reader = try StreamTraceReader(
            TraceText.input(Self.head + Self.columns + "0 1 s a\nx 1 s b\n1 1 t c\n2 1 s d\n"),
            resources: &resources)
        var names: [String] = []
        var errors = 0
        while true {
            do throws(InputError) {
                guard let row = try reader.nextRow() else { break }
                names.append(reader.name(of: row))
            } catch {
                errors += 1
            }
        }
        #expect(names == ["a", "d"])
        #expect(errors == 2)
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `bytes that were changed by chance give pods or one clear error, and never a crash`(
        _ seed: UInt64
    ) throws {
        var trace = RandomTrace(seed: seed)
        var bytes = Array(trace.text(pods: 60).utf8)
        for _ in 0..<1 + trace.random.below(6) {
            let position = Int(trace.random.below(UInt64(bytes.count)))
            switch trace.random.below(3) {
            case 0: bytes[position] = UInt8(truncatingIfNeeded: trace.random.next())
            case 1: bytes.remove(at: position)
            default: bytes.insert(UInt8(truncatingIfNeeded: trace.random.next()), at: position)
            }
        }
        do {
            var source = try TraceSource(
                [TraceInput(name: "t", content: .bytes(bytes))], format: "topsim")
            var latest: Int64 = 0
            for pod in try TraceText.pods(&source) {
                #expect(pod.arrival >= latest)
                latest = pod.arrival
            }
        } catch let error as InputError {
            #expect(!error.diagnostics.isEmpty)
            #expect(error.diagnostics.allSatisfy { !$0.message.isEmpty })
        }
    }
}

extension TraceText {
    /// All pods of a text of a format that is named.
    @discardableResult
    static func pods(_ text: String, as format: String) throws -> [Pod] {
        var source = try TraceSource([input(text)], format: format)
        return try pods(&source)
    }
}

/// The system's `gzip`.
enum RunningGzip {
    static func pack(_ file: URL) throws -> [UInt8] {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["gzip", "-c", file.path]
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Array(data)
    }
}
