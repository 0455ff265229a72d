import Primitives

extension CPUSet {
    /// Lends the words for loops over a running index, where a subscript would copy the whole set each time.
    @inline(__always)
    func withWords<Result>(_ body: (UnsafePointer<UInt64>) -> Result) -> Result {
        withUnsafeBytes(of: self) { bytes in
            body(bytes.baseAddress!.assumingMemoryBound(to: UInt64.self))
        }
    }

    /// Lends the words for changes.
    @inline(__always)
    mutating func withMutableWords<Result>(
        _ body: (UnsafeMutablePointer<UInt64>) -> Result
    ) -> Result {
        withUnsafeMutableBytes(of: &self) { bytes in
            body(bytes.baseAddress!.assumingMemoryBound(to: UInt64.self))
        }
    }
}
