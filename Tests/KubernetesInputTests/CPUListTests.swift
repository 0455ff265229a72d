import Foundation
import Primitives
import TestSupport
import Testing

struct CPUListTests {
    struct Vector: Decodable {
        struct Answer: Decodable {
            var canonical: String?
            var size: Int?
            var error: String?
        }
        var id: String
        var s: String
        var expect: Answer
    }

    @Test(.enabled(if: SharedFolder.isPresent))
    func `CPU lists read as kubelet's own code does`() throws {
        let lines = try SharedFolder.contents("conformance/api/cpusets.jsonl").split(separator: 10)
        var passed = 0
        for line in lines {
            let vector = try JSONDecoder().decode(Vector.self, from: line)
            let found: String
            let expected = vector.expect
            do throws(CPUListError) {
                let list = try CPUList(vector.s)
                found = "\(list) of \(list.count)"
            } catch {
                found = upstreamText(error)
            }
            let want =
                expected.error ?? "\(expected.canonical ?? "?") of \(expected.size ?? -1)"
            if found == want { passed += 1 }
            #expect(found == want, "\(vector.id) `\(vector.s)`")
        }
        VectorTally(file: "api/cpusets.jsonl", cases: lines.count, passed: passed).report()
        #expect(!lines.isEmpty)
    }

    /// The same reason in upstream's words.
    private func upstreamText(_ error: CPUListError) -> String {
        switch error {
        case .notANumber(let text): "strconv.Atoi: parsing \"\(text)\": invalid syntax"
        case .tooLarge(let text): "strconv.Atoi: parsing \"\(text)\": value out of range"
        case .emptyRange(let text, let first, let last):
            "invalid range \"\(text)\" (\(first) > \(last))"
        case .beyondCapacity(let cpu): "no such upstream error for \(cpu)"
        }
    }

    @Test(arguments: [
        ("", "", 0), ("3,1,2", "1-3", 3), ("0-3,2-6,8", "0-6,8", 8), ("+1,007", "1,7", 2),
        ("0-4294967295", "0-4294967295", 4_294_967_296),
        ("0-9223372036854775807,5", "0-9223372036854775807", Int.max),
    ])
    func `a list is sorted and merged`(_ text: String, _ canonical: String, _ count: Int) throws {
        let list = try CPUList(text)
        #expect(list.description == canonical)
        #expect(list.count == count)
    }

    @Test(arguments: [
        ("0,", CPUListError.notANumber("")), ("a", .notANumber("a")), ("-1", .notANumber("")),
        ("0, 1", .notANumber(" 1")), ("1-0", .emptyRange("1-0", first: 1, last: 0)),
        ("0--1", .emptyRange("0--1", first: 0, last: -1)), ("--1", .notANumber("")),
        ("99999999999999999999", .tooLarge("99999999999999999999")), ("+-1", .notANumber("+")),
    ])
    func `what is no list is refused`(_ text: String, _ error: CPUListError) {
        #expect(throws: error) { try CPUList(text) }
    }

    @Test func `a set has room for 1,024 CPUs`() throws {
        #expect(try CPUSet(parsing: "0-1023").count == 1024)
        #expect(try CPUSet(parsing: "8,0-3").description == "0-3,8")
        #expect(throws: CPUListError.beyondCapacity(1024)) { try CPUSet(parsing: "0-1024") }
        #expect(throws: CPUListError.beyondCapacity(.max)) {
            try CPUSet(parsing: "0-9223372036854775807")
        }
    }
}
