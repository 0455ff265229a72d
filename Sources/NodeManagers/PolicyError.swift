/// A policy that cannot be set up as asked, in the kubelet's words.
package struct PolicyError: Error, Hashable, Sendable {
    package var message: String

    package init(_ message: String) { self.message = message }
}

/// `value` as Go's strconv.ParseBool reads it; nil for anything else.
package func goBoolean(_ value: String) -> Bool? {
    switch value {
    case "1", "t", "T", "TRUE", "true", "True": true
    case "0", "f", "F", "FALSE", "false", "False": false
    default: nil
    }
}
