/// Makes p values of many comparisons say what they seem to: one chance for all of them together.
///
/// Holm's step-down rule bounds the probability of any false verdict, whatever depends on whatever, and metrics of a
/// run depend on each other. A false "regressed" costs more than one that more seeds would find, so it is this and
/// not a bound on the share of false ones. Source: Holm, "A Simple Sequentially Rejective Multiple Test Procedure",
/// Scandinavian Journal of Statistics 6, 1979.
public func holmCorrected(_ values: [Double]) -> [Double] {
    // What could not be tested is no comparison.
    let order = values.indices.filter { !values[$0].isNaN }.sorted {
        (values[$0], $0) < (values[$1], $1)
    }
    var corrected = values
    var largest = 0.0
    for (rank, index) in order.enumerated() {
        largest = max(largest, min(1, values[index] * Double(order.count - rank)))
        corrected[index] = largest
    }
    return corrected
}
