import Primitives

/// Options as values; a mistake is told with the key's name, at the recording as a whole.
extension TraceOptions {
    func word<Value: RawRepresentable & CaseIterable>(
        _ key: String, default fallback: Value
    ) throws(InputError) -> Value where Value.RawValue == String {
        guard let text = self[key] else { return fallback }
        guard let value = Value(rawValue: text) else {
            let words = Value.allCases.map { "`\($0.rawValue)`" }.joined(separator: " or ")
            throw mistake(key, text, words)
        }
        return value
    }

    func duration(_ key: String, default fallback: SimDuration) throws(InputError) -> SimDuration {
        guard let text = self[key] else { return fallback }
        guard let nanoseconds = ScalarValues.nanoseconds(text) else {
            throw mistake(key, text, "a duration such as `1h30m` or `500ms`")
        }
        return SimDuration(nanoseconds: nanoseconds)
    }

    func mistake(_ key: String, _ text: String, _ expectation: String) -> InputError {
        InputError([
            Diagnostic(
                file: "", message: "`\(key)` is `\(text)`, and \(expectation) was expected")
        ])
    }
}
