import Conformance
import Foundation
import TestSupport
import Testing

@Suite(.serialized) struct VectorSampleTests {
    @Test(.enabled(if: SharedFolder.isPresent))
    func `the sample is what its rule takes from the whole folder`() throws {
        let whole = try #require(SharedFolder.url).appending(path: "conformance")
        let files = try VectorSample.make(from: whole)
        if ProcessInfo.processInfo.environment["TOPSIM_UPDATE_GOLDENS"] == "1" {
            try VectorSample.write(files)
        }
        let kept = try VectorSample.kept()
        #expect(kept.keys.sorted() == files.keys.sorted())
        for (name, bytes) in files { #expect(kept[name] == bytes, "\(name)") }
    }

    @Test func `the sample is small`() throws {
        let bytes = try VectorSample.kept().values.reduce(0) { $0 + $1.count }
        #expect(bytes > 1_000_000)
        #expect(bytes <= VectorSample.maximumBytes)
    }

    @Test func `the sample has cases of every kind that is registered`() throws {
        let reports = try VectorSuite(path: VectorSample.folder.path, threads: 2).run(threads: 2)
        let kinds = Set(reports.flatMap(\.kinds))
        #expect(VectorKindRegistry.all.map(\.name).filter { !kinds.contains($0) } == [])
    }

    @Test func `of ten lines the second shortest is taken`() {
        let lines = ["aaa", "a", "bb", "cc", "dddd", "eeeee", "f12345", "g123456", "h1234567", "i"]
        let text = lines.joined(separator: "\n") + "\nlast one\nxy\nlonger than that\n"
        let chosen = VectorSample.choose(from: Data(text.utf8))
        #expect(String(decoding: chosen, as: UTF8.self) == "i\nlast one\n")
        #expect(VectorSample.choose(from: Data("only\n".utf8)) == Data("only\n".utf8))
    }
}
