/// How a file of vectors fared.
public struct VectorReport: Sendable {
    public var name: String
    public var cases = 0
    public var passed = 0
    /// Cases that need what topsim does not model, by reason.
    public var unsupported: [String: Int] = [:]
    public var failed = 0
    /// The first failures, at most `VectorReport.keptFailures`.
    public var failures: [VectorFailure] = []

    public static let keptFailures = 20

    public init(name: String) { self.name = name }

    public var unsupportedCount: Int { unsupported.values.reduce(0, +) }

    mutating func add(_ id: String, _ verdict: VectorVerdict) {
        cases += 1
        switch verdict {
        case .passed: passed += 1
        case .unsupported(let reason): unsupported[reason, default: 0] += 1
        case .failed(let what, let expected, let got):
            failed += 1
            if failures.count < VectorReport.keptFailures {
                failures.append(
                    VectorFailure(id: id, what: what, expected: expected, got: got))
            }
        }
    }
}

extension VectorReport: CustomStringConvertible {
    public var description: String {
        var line = "\(name): \(cases) cases, \(passed) passed, \(failed) failed"
        line += ", \(unsupportedCount) not supported"
        for reason in unsupported.keys.sorted() { line += " (\(reason): \(unsupported[reason]!))" }
        return line
    }
}

public struct VectorFailure: Sendable {
    public var id: String
    /// Which part of the answer, such as `op 3 message`.
    public var what: String
    public var expected: String
    public var got: String
}

/// What became of one case.
enum VectorVerdict {
    case passed
    case failed(what: String, expected: String, got: String)
    case unsupported(String)

    init(_ stop: VectorStop) {
        self =
            switch stop {
            case .mismatch(let what, let expected, let got):
                .failed(what: what, expected: expected, got: got)
            case .unsupported(let reason): .unsupported(reason)
            case .malformed(let message):
                .failed(what: "format", expected: "a well-formed case", got: message)
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
    throw .mismatch(what: what(), expected: "\(expected)", got: "\(got)")
}

func required<Value>(_ value: Value?, _ name: String) throws(VectorStop) -> Value {
    guard let value else { throw .malformed("`\(name)` is missing or of the wrong type") }
    return value
}
