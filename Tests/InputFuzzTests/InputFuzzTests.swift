import Foundation
import InputFuzz
import TestSupport
import Testing

/// The fuzz targets of Tests/Fuzz without libFuzzer: every text of the corpus, and each spoiled many times over, the same
/// way each time. `TOPSIM_FUZZ_MUTATIONS` says how often, `TOPSIM_FUZZ_SEED` with which numbers.
@Suite struct InputFuzzTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let mutations = environment["TOPSIM_FUZZ_MUTATIONS"].flatMap { Int($0) } ?? 100
    private static let seed = environment["TOPSIM_FUZZ_SEED"].flatMap { UInt64($0) } ?? 1

    private static let corpus = Checkout.url.appending(path: "Tests/Fuzz/Corpus")

    /// The texts of one target by name.
    private static func texts(of name: String) throws -> [(name: String, bytes: [UInt8])] {
        let folder = corpus.appending(path: name)
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map {
            ($0, Array(try Data(contentsOf: folder.appending(path: $0))))
        }
    }

    @Test func `every target has a corpus, and every corpus a target`() throws {
        let folders = try FileManager.default.contentsOfDirectory(atPath: Self.corpus.path)
        #expect(folders.sorted() == InputTarget.all.map(\.name).sorted())
    }

    @Test(arguments: InputTarget.all.map(\.name))
    func `what is read keeps the laws, however it is spoiled`(_ name: String) throws {
        let target = try #require(InputTarget.named(name))
        let texts = try Self.texts(of: name)
        var mutation = Mutation(seed: Self.seed, name: name, others: texts.map(\.bytes))
        #expect(!texts.isEmpty)
        for text in texts {
            #expect(target.check(text.bytes) == nil, "\(text.name)")
            for number in 0..<Self.mutations {
                let spoiled = mutation.spoiled(text.bytes)
                guard spoiled.count <= target.lengthLimit else { continue }
                guard let law = target.check(spoiled) else { continue }
                Issue.record(
                    "\(text.name), mutation \(number): \(law)\n\(String(decoding: spoiled, as: UTF8.self))"
                )
                return
            }
        }
    }
}
