/// Names of metrics with `*` for any part of them.
public enum MetricPattern {
    public static func matches(_ name: String, _ pattern: String) -> Bool {
        var parts = pattern.split(separator: "*", omittingEmptySubsequences: false)[...]
        guard parts.count > 1, let first = parts.popFirst(), let last = parts.popLast() else {
            return name == pattern
        }
        guard name.hasPrefix(first), name.hasSuffix(last),
            name.utf8.count >= first.utf8.count + last.utf8.count
        else { return false }
        var rest = Array(name.utf8.dropFirst(first.utf8.count).dropLast(last.utf8.count))[...]
        for part in parts where !part.isEmpty {
            let wanted = Array(part.utf8)
            guard rest.count >= wanted.count,
                let start = (rest.startIndex...rest.endIndex - wanted.count).first(where: {
                    rest[$0..<$0 + wanted.count].elementsEqual(wanted)
                })
            else { return false }
            rest = rest[(start + wanted.count)...]
        }
        return true
    }
}
