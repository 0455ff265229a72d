import Primitives
import Testing

struct CPUListTests {
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
