#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The target that `TOPSIM_FUZZ` names.
private let chosen: InputTarget = {
    let name = getenv("TOPSIM_FUZZ").map { String(cString: $0) } ?? ""
    guard let target = InputTarget.named(name) else {
        fatalError(
            "TOPSIM_FUZZ is `\(name)`, and one of these was expected: "
                + InputTarget.all.map(\.name).joined(separator: " "))
    }
    return target
}()

/// libFuzzer's entry point.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
    guard count <= chosen.lengthLimit else { return 0 }
    let input = Array(UnsafeBufferPointer(start: bytes, count: count))
    // A trap is how libFuzzer learns of a finding.
    if let law = chosen.check(input) { fatalError("law broken: \(law)") }
    return 0
}
