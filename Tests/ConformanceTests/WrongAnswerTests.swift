import Conformance
import Foundation
import TestSupport
import Testing

/// Comparing must be able to fail: sample cases with one expected value changed.
@Suite struct WrongAnswerTests {
    /// Where a case says what is expected; `ops.0.expect` is that of the first operation.
    private static let answers: [(kind: String, path: [String])] = [
        ("cpu-assignment", ["expect"]), ("hint-merge", ["expect"]), ("cpu-hints", ["expect"]),
        ("device-hints", ["expect"]), ("memory-hints", ["expect"]), ("quantity", ["expect"]),
        ("cpuset", ["expect"]), ("pod", ["expect"]), ("kubelet-configuration", ["expect"]),
        ("feature-gate", ["stage"]), ("node-admission", ["start"]), ("cron", ["expect"]),
    ]

    @Test func `every kind that runs is tried`() {
        let running = VectorKindRegistry.all.filter(\.isSupported).map(\.name)
        #expect(Set(Self.answers.map(\.kind)).isSuperset(of: running.filter(Self.isKubelet)))
    }

    private static func isKubelet(_ name: String) -> Bool {
        let family = VectorKindRegistry.all.first { $0.name == name }?.family
        return family == .kubelet || family == .api
    }

    @Test(arguments: answers.indices)
    func `a wrong expectation fails`(_ index: Int) throws {
        let (kind, path) = Self.answers[index]
        var lines: [Data] = []
        for (name, text) in try VectorSample.kept().sorted(by: { $0.key < $1.key })
        where name.hasSuffix(".jsonl") {
            let ids = try Self.ids(of: kind, in: name)
            for line in text.split(separator: 10) {
                let value = try JSONSerialization.jsonObject(with: line)
                guard var json = value as? [String: Any],
                    let id = (json["id"] ?? json["gate"]) as? String, ids.contains(id),
                    let answer = json[path[0]], let wrong = Self.changed(answer)
                else { continue }
                json[path[0]] = wrong
                lines.append(try JSONSerialization.data(withJSONObject: json))
            }
        }
        #expect(!lines.isEmpty)
        let scratch = try ScratchFolder()
        for name in ["topologies.json", "upstream-topologies.json"] {
            try FileManager.default.copyItem(
                at: VectorSample.folder.appending(path: name), to: scratch.file(name))
        }
        try Data(lines.joined(separator: [10])).write(to: scratch.file("wrong.jsonl"))
        let report = try Conformance.run(file: scratch.file("wrong.jsonl"))
        #expect(report.cases == lines.count)
        // Not compared: the wording of some refusals, and the CPUs of a start without a static policy.
        #expect(report.failed * 4 >= report.cases * 3, "\(report)")
    }

    /// The ids of a file's cases of one kind.
    private static func ids(of kind: String, in file: String) throws -> Set<String> {
        let report = try Conformance.run(file: VectorSample.folder.appending(path: file))
        return Set(report.results.filter { $0.kind == kind }.map(\.id))
    }

    /// The value with its first text, flag or number changed, in the order of sorted names; nil if it has none.
    private static func changed(_ value: Any) -> Any? {
        switch value {
        case let text as String: return text + "9"
        case let number as NSNumber: return number.intValue + 1
        case let list as [Any]:
            for (index, element) in list.enumerated() {
                guard let other = changed(element) else { continue }
                var list = list
                list[index] = other
                return list
            }
            return nil
        case let object as [String: Any]:
            // Nothing else can be said of a case without an end.
            if object["nonterminating"] != nil { return nil }
            for (name, element) in object.sorted(by: { $0.key < $1.key }) {
                guard let other = changed(element) else { continue }
                var object = object
                object[name] = other
                return object
            }
            return nil
        default: return nil
        }
    }
}
