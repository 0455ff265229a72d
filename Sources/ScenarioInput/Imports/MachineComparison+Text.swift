extension MachineComparison {
    /// What sources say otherwise, one line a fact, then how many facts agree.
    public func text() -> String {
        var text = "\(sources.count) sources: \(sources.joined(separator: ", "))\n"
        for row in differences { text += "differs: \(row)\n" }
        let alone = rows.count { $0.statedCount == 1 }
        text += "\(differences.count) differ, \(agreements.count) agree, \(alone) only one states\n"
        for (index, source) in sources.enumerated() {
            let silent = agreements.count { $0.values[index] == nil }
            if silent > 0 {
                text += "\(source) is silent on \(silent) facts that others agree on\n"
            }
        }
        return text
    }

    /// Every fact with what each source says of it; null where it says nothing.
    public func json() -> String {
        let facts = rows.map { row in
            JSONValue.object([
                ("fact", .string("\(row.fact)")),
                (
                    "outcome",
                    .string(
                        row.isDifference ? "differs" : row.statedCount > 1 ? "agrees" : "alone")
                ),
                ("values", .array(row.values.map { $0.map { .string("\($0)") } ?? .bare("null") })),
            ])
        }
        return JSONValue.object([("sources", .strings(sources)), ("facts", .array(facts))]).text()
            + "\n"
    }
}
