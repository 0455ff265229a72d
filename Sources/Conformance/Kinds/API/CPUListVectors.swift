import Primitives

/// A list of CPUs such as `0-3,8`, as the kubelet reads and prints it.
enum CPUListVectors {
    @Sendable static func run(
        _ json: JSONValue, _ machines: VectorMachines
    ) throws(VectorStop) {
        let expect = try required(json["expect"], "expect")
        let text = try required(json["s"]?.text, "s")
        let list: CPUList
        do throws(CPUListError) {
            list = try CPUList(text)
        } catch {
            return try requireEqual(
                "expect.error", expected: expect["error"]?.text, got: upstreamText(error))
        }
        try requireEqual("expect.error", expected: expect["error"]?.text, got: nil)
        try requireEqual(
            "expect.canonical", expected: expect["canonical"]?.text, got: list.description)
        try requireEqual("expect.size", expected: expect["size"]?.integer, got: list.count)
    }

    /// The same reason in upstream's words.
    private static func upstreamText(_ error: CPUListError) -> String {
        switch error {
        case .notANumber(let text): "strconv.Atoi: parsing \"\(text)\": invalid syntax"
        case .tooLarge(let text): "strconv.Atoi: parsing \"\(text)\": value out of range"
        case .emptyRange(let text, let first, let last):
            "invalid range \"\(text)\" (\(first) > \(last))"
        case .beyondCapacity(let cpu): "no such upstream error for \(cpu)"
        }
    }
}
