package import WorkloadModel

/// An amount of a resource in a zone: exact (`Quantity`) or compact (`CompactAmount`). Filter, scores and caches are written once over
/// both.
package protocol ZoneAmount: Comparable, Sendable {
    static var zero: Self { get }
    var isZero: Bool { get }
    mutating func add(_ other: Self)
    mutating func subtract(_ other: Self)
    /// Whole units, rounded up (Quantity.Value).
    ///
    /// - Parameter isCPU: The resource is cpu, of which a compact amount counts thousandths.
    func wholeUnits(isCPU: Bool) -> Int64
    /// Whether it is a whole number of units.
    func isWhole(isCPU: Bool) -> Bool
    /// As Kubernetes writes it.
    func text(isCPU: Bool) -> String
}

extension Quantity: ZoneAmount {
    package func wholeUnits(isCPU: Bool) -> Int64 { value }

    package func isWhole(isCPU: Bool) -> Bool { exactUnits(exponent: 0) != nil }

    package func text(isCPU: Bool) -> String { description }
}

/// An amount in the unit that a run counts the resource in: milli-CPU, bytes, devices.
package struct CompactAmount: ZoneAmount, Hashable, BitwiseCopyable {
    package var value: Int64

    package init(_ value: Int64) { self.value = value }

    package static let zero = CompactAmount(0)

    package var isZero: Bool { value == 0 }

    package static func < (left: CompactAmount, right: CompactAmount) -> Bool {
        left.value < right.value
    }

    /// Stops at the largest integer.
    package mutating func add(_ other: CompactAmount) {
        let (sum, overflow) = value.addingReportingOverflow(other.value)
        value = overflow ? .max : sum
    }

    package mutating func subtract(_ other: CompactAmount) { value -= other.value }

    package func wholeUnits(isCPU: Bool) -> Int64 {
        guard isCPU else { return value }
        // Away from zero, as Quantity.Value rounds.
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: 1000)
        return remainder == 0 ? quotient : quotient + remainder.signum()
    }

    package func isWhole(isCPU: Bool) -> Bool { !isCPU || value % 1000 == 0 }

    package func text(isCPU: Bool) -> String {
        (isCPU ? Quantity(milli: value) : Quantity(units: value)).description
    }
}
