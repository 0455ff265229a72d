package import Primitives

/// A duration as scenarios write it: `1h30m`, `1.5s`, `500ms`, `0`; nil for anything else.
package func writtenDuration(_ text: String) -> SimDuration? {
    ScalarValues.nanoseconds(text).map { SimDuration(nanoseconds: $0) }
}
