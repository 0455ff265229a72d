extension ImportReport {
    /// The report as a page: counts, then what was guessed, dropped and taken, each with its place and reason.
    public func page(title: String) -> String {
        var text = "# \(oneLine(title))\n\n\(summary)\n"
        for (outcome, heading, meaning) in [
            (
                ImportNote.Outcome.guessed, "Guessed",
                "No file says it; a value was put in its place. Look at these first."
            ),
            (.dropped, "Dropped", "A file says it, and it has no effect here."),
            (.taken, "Taken", "Carried over as it stands."),
        ] {
            let own = notes.filter { $0.outcome == outcome }
            guard !own.isEmpty else { continue }
            text += "\n## \(heading)\n\n\(meaning)\n\n"
            for note in own { text += "- \(line(of: note))\n" }
            let more = count(of: outcome) - own.count
            if more > 0 { text += "- … and \(grouped(more)) more\n" }
        }
        return text
    }

    /// `taken 12, guessed 3, dropped 4`
    public var summary: String {
        "taken \(grouped(count(of: .taken))), guessed \(grouped(count(of: .guessed))), dropped "
            + grouped(count(of: .dropped))
    }

    /// The report as JSON: counts, and every note.
    public func json(contents: [String]) -> String {
        let counts = ImportNote.Outcome.allCases.map { outcome in
            (outcome.rawValue, JSONValue.bare("\(count(of: outcome))"))
        }
        let notes = notes.map { note in
            JSONValue.object([
                ("outcome", .string(note.outcome.rawValue)), ("subject", .string(note.subject)),
                ("reason", .string(note.reason)), ("file", .string(note.file)),
                ("line", .bare("\(note.line)")),
            ])
        }
        return JSONValue.object([
            ("contents", .strings(contents)), ("counts", .object(counts)),
            ("notes", .array(notes)),
        ]).text() + "\n"
    }

    private func line(of note: ImportNote) -> String {
        let place =
            note.file.isEmpty ? "" : " (\(note.file)\(note.line > 0 ? ":\(note.line)" : ""))"
        return oneLine("**\(note.subject)**: \(note.reason)\(place)")
    }

    private func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}
