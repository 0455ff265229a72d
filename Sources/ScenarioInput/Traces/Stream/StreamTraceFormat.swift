package import WorkloadModel

/// topsim's own format of recordings: one pod a line, in the order of arrival. See docs/reference/trace-format.md.
package enum StreamTrace {
    package static let formatName = "topsim"
    static let magic = "topsim-trace"
    static let version = 1
    /// Lines before the one with the columns.
    static let headerLineLimit = 1_200_000
    static let shapeLimit = 1_000_000
    static let resourceLimit = 1_000
    static let columnLimit = 32
    static let identifierLimit = 63
    /// Bytes of a name or a group as it is written.
    static let wordLimit = 1024
    /// Arrivals, lifetimes and deletions in nanoseconds: 73 years.
    package static let timeLimit: Int64 = 1 << 61
    package static let countLimit: Int32 = 1_000_000

    /// What a column says; the first three must be there, `arrival` first.
    enum Column: String, CaseIterable {
        case arrival, lifetime, shape, name, group, deletion, count
    }

    static let format = TraceFormat(
        name: formatName,
        summary: "topsim's own: one pod a line in order of arrival, read in constant memory",
        options: [],
        recognises: { start in
            start.starts(with: (magic + " ").utf8)
        },
        open: { (input, _, resources) throws(InputError) in
            try StreamTraceReader(input, resources: &resources)
        })
}

/// A shape as a `shape` line defines it.
package struct StreamTraceDefinition: Sendable {
    package var identifier: String
    package var shape: PodShape
    package var line: Int
}

/// One pod line, without text of its own.
package struct StreamTraceRow: BitwiseCopyable {
    package var arrival: Int64 = 0
    /// -1 for ever.
    package var lifetime: Int64 = -1
    /// -1 when only its lifetime ends it.
    package var deletion: Int64 = -1
    /// Position in the reader's `definitions`.
    package var shape: Int32 = 0
    package var count: Int32 = 1
    package var line: Int = 0
    var name = Word()
    var group = Word()

    /// A word of the line at hand; empty where there is none.
    struct Word: BitwiseCopyable {
        var start: Int32 = 0
        var length: Int32 = 0
    }
}
