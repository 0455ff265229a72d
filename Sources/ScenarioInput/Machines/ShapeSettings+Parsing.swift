public import HardwareModel
import WorkloadModel

extension MachineSource.ShapeSettings {
    /// Settings as they are written on a command line.
    ///
    /// - Parameters:
    ///   - memory: A quantity such as `96Gi`.
    ///   - hugePages: Pools such as `1Gi=16`.
    public init(
        memory: String, hugePages: [String], numbering: CPUNumbering
    ) throws(InputError) {
        self.init()
        self.numbering = numbering
        var mistakes: [Diagnostic] = []
        if let bytes = wholeBytes(memory) {
            memoryPerNUMANode = bytes
        } else {
            mistakes.append(
                Diagnostic(
                    file: "--memory \(memory)", message: "`\(memory)` is not a size in bytes",
                    hint: "write a quantity such as `96Gi`"))
        }
        for text in hugePages {
            let parts = text.split(separator: "=", omittingEmptySubsequences: false)
            if parts.count == 2, let size = wholeBytes(parts[0]), let count = Int64(parts[1]) {
                hugePagesPerNUMANode.append(HugePagePool(pageSize: size, count: count))
            } else {
                mistakes.append(
                    Diagnostic(
                        file: "--hugepages \(text)",
                        message: "`\(text)` is not a pool of huge pages",
                        hint: "write a page size and how many, as in `1Gi=16`"))
            }
        }
        if !mistakes.isEmpty { throw InputError(mistakes) }
    }
}

/// Bytes of a quantity from 0 that is a whole number and fits; nil for other text.
private func wholeBytes(_ text: some StringProtocol) -> Int64? {
    guard let quantity = try? Quantity(text), quantity.sign >= 0 else { return nil }
    return quantity.units(exponent: 0)
}
