/// How a file of vectors fared, case by case in the order of the file.
public struct VectorReport: Sendable {
    /// The file, below the path that was given.
    public let name: String
    public private(set) var results: [VectorResult] = []

    public init(name: String) { self.name = name }

    mutating func add(_ vector: VectorCase, _ verdict: VectorVerdict) {
        results.append(
            VectorResult(
                id: vector.id, line: vector.line, kind: vector.kind.name, verdict: verdict))
    }

    public var cases: Int { results.count }
    public var passed: Int { results.count { $0.verdict == .passed } }
    public var failed: Int { results.count { $0.failure != nil } }
    public var unsupportedCount: Int { cases - passed - failed }

    /// Cases that need what topsim does not model yet, by reason.
    public var unsupported: [String: Int] {
        var counts: [String: Int] = [:]
        for case .unsupported(let reason) in results.map(\.verdict) {
            counts[reason, default: 0] += 1
        }
        return counts
    }

    public var failures: [VectorFailure] { results.compactMap(\.failure) }

    /// The kinds of its cases, in the order in which they come.
    public var kinds: [String] {
        var kinds: [String] = []
        for result in results where !kinds.contains(result.kind) { kinds.append(result.kind) }
        return kinds
    }
}

extension VectorReport: CustomStringConvertible {
    public var description: String {
        var line = "\(name): \(cases) cases, \(passed) passed, \(failed) failed"
        line += ", \(unsupportedCount) not supported"
        for (reason, count) in unsupported.sorted(by: { $0.key < $1.key }) {
            line += " (\(reason): \(count))"
        }
        return line
    }
}

/// What became of one case.
public struct VectorResult: Sendable, Equatable {
    public let id: String
    /// From 1.
    public let line: Int
    public let kind: String
    public let verdict: VectorVerdict

    /// The first difference, of a case that failed.
    public var failure: VectorFailure? {
        guard case .failed(let what, let expected, let got) = verdict else { return nil }
        return VectorFailure(
            id: id, line: line, kind: kind, what: what, expected: expected, got: got)
    }
}

public struct VectorFailure: Sendable, Equatable {
    public let id: String
    public let line: Int
    public let kind: String
    /// Which part of the answer, such as `ops[3].expect.shared`.
    public let what: String
    /// As JSON.
    public let expected: String
    /// As JSON.
    public let got: String
}

public enum VectorVerdict: Sendable, Equatable {
    case passed
    /// The part of the answer that differs; both answers as JSON.
    case failed(what: String, expected: String, got: String)
    /// What topsim does not model yet.
    case unsupported(String)
    /// The case is not of the shape that its kind has; a run with one ends in an error.
    case malformed(String)

    init(_ stop: VectorStop) {
        self =
            switch stop {
            case .mismatch(let what, let expected, let got):
                .failed(what: what, expected: expected, got: got)
            case .unsupported(let reason): .unsupported(reason)
            case .malformed(let message): .malformed(message)
            }
    }
}

/// Thrown inside a case to end it.
enum VectorStop: Error {
    case mismatch(what: String, expected: String, got: String)
    case unsupported(String)
    /// The case is not of the shape that its kind has.
    case malformed(String)
}

func requireEqual<Value: Equatable>(
    _ what: @autoclosure () -> String, expected: Value, got: Value
) throws(VectorStop) {
    guard expected != got else { return }
    let (expected, got) = (jsonOfAnswer(expected), jsonOfAnswer(got))
    if case .array(let left) = expected, case .array(let right) = got {
        // Only the first element that differs is of interest.
        let same = zip(left, right).prefix { $0 == $1 }.count
        throw .mismatch(
            what: "\(what())[\(same)]",
            expected: same < left.count ? "\(left[same])" : "nothing",
            got: same < right.count ? "\(right[same])" : "nothing")
    }
    throw .mismatch(what: what(), expected: "\(expected)", got: "\(got)")
}

/// An answer as JSON.
private func jsonOfAnswer(_ value: some Any) -> JSONValue {
    switch value {
    case let flag as Bool: .bool(flag)
    case let number as any BinaryInteger: .number("\(number)")
    case let text as String: .string(text)
    case let list as [String]: .array(list.map { .string($0) })
    case let list as [Int]: .array(list.map { .number("\($0)") })
    default: "\(value)" == "nil" ? .null : .string("\(value)")
    }
}

func required<Value>(_ value: Value?, _ name: String) throws(VectorStop) -> Value {
    guard let value else { throw .malformed("`\(name)` is missing or of the wrong type") }
    return value
}
