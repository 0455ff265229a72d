/// The name that `word` was probably meant to be, or nil when none is near.
///
/// Near is at most a third of the longer word's letters apart, counting insertions, deletions, replacements and
/// swaps of neighbours (Damerau's distance, restricted), case ignored. The first of equally near names wins.
public func nearestName(to word: String, among names: some Sequence<String>) -> String? {
    let word = Array(word.lowercased().unicodeScalars.prefix(80))
    var best: (name: String, distance: Int)?
    for name in names {
        let letters = Array(name.lowercased().unicodeScalars.prefix(80))
        let allowed = max(1, max(word.count, letters.count) / 3)
        guard abs(word.count - letters.count) <= allowed else { continue }
        let distance = editDistance(word, letters)
        if distance <= allowed, distance < best?.distance ?? .max { best = (name, distance) }
    }
    return best?.name
}

/// `did you mean `x`?` when a name is near, else what there is: `known keys are `a`, `b``.
public func suggestion(
    for word: String, among names: [String], called plural: String
) -> String? {
    if let nearest = nearestName(to: word, among: names) { return "did you mean `\(nearest)`?" }
    guard !names.isEmpty else { return nil }
    let shown = names.prefix(20).map { "`\($0)`" }.joined(separator: ", ")
    return "\(plural) are \(shown)\(names.count > 20 ? ", …" : "")"
}

private func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in 0..<a.count {
        var row = [i + 1]
        row.reserveCapacity(b.count + 1)
        for j in 0..<b.count {
            var cost = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                cost = min(cost, beforeLast[j - 1] + 1)
            }
            row.append(cost)
        }
        beforeLast = last
        last = row
    }
    return last[b.count]
}
