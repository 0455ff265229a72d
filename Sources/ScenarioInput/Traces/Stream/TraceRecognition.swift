extension TraceFormats {
    /// The format of a recording: the one that was named, else the only one that takes the first bytes for its own.
    package static func format(
        of input: TraceInput, named name: String? = nil
    ) throws(InputError) -> TraceFormat {
        let names = all.map { "`\($0.name)`" }.joined(separator: ", ")
        if let name {
            if let format = named(name) { return format }
            throw InputError([
                Diagnostic(
                    file: input.name, message: "no format is called `\(name)`",
                    hint: nearestName(to: name, among: all.map(\.name))
                        .map { "did you mean `\($0)`?" } ?? "formats are \(names)")
            ])
        }
        let start = try ByteLines(input).start(limit: 1 << 16)
        if let format = recognised(start[...]) { return format }
        throw InputError([
            Diagnostic(
                file: input.name, message: "the format cannot be told from how the file begins",
                hint: "name it with `--format`; formats are \(names)")
        ])
    }
}
