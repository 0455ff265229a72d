extension ConformanceReport {
    /// One JSON document: a list of files, then the sums.
    public var json: String {
        let files = files.map { file in
            let failures = file.failures.prefix(shownFailures).map { failure in
                JSONValue.object([
                    .init(name: "id", value: .string(failure.id)),
                    .init(name: "line", value: .number("\(failure.line)")),
                    .init(name: "kind", value: .string(failure.kind)),
                    .init(name: "path", value: .string(failure.what)),
                    .init(name: "expected", value: .string(shortened(failure).expected)),
                    .init(name: "got", value: .string(shortened(failure).got)),
                ])
            }
            return JSONValue.object(
                [
                    .init(name: "file", value: .string(file.name)),
                    .init(name: "kinds", value: .array(file.kinds.map { .string($0) })),
                ]
                    + counts(file.cases, file.passed, file.failed, file.unsupportedCount)
                    + [
                        .init(
                            name: "notYetSupportedReasons",
                            value: ConformanceReport.object(
                                file.unsupported.sorted { $0.key < $1.key }
                                    .map { ($0.key, $0.value) })),
                        .init(name: "failures", value: .array(failures)),
                    ])
        }
        var text = "{\"files\":["
        for (index, file) in files.enumerated() { text += "\(index == 0 ? "" : ",")\n\(file)" }
        text += "\n],\n\"total\":"
        text += "\(JSONValue.object(counts(cases, passed, failed, notYetSupported)))}\n"
        return text
    }

    private func counts(
        _ cases: Int, _ passed: Int, _ failed: Int, _ notYetSupported: Int
    ) -> [JSONValue.Member] {
        [
            .init(name: "cases", value: .number("\(cases)")),
            .init(name: "passed", value: .number("\(passed)")),
            .init(name: "failed", value: .number("\(failed)")),
            .init(name: "notYetSupported", value: .number("\(notYetSupported)")),
        ]
    }

    private static func object(_ counts: [(String, Int)]) -> JSONValue {
        .object(counts.map { .init(name: $0.0, value: .number("\($0.1)")) })
    }
}
