/// What a reader did with one thing that it met in a source of someone else's making.
public struct ImportNote: Hashable, Sendable {
    public enum Outcome: String, CaseIterable, Sendable {
        /// Carried over as it stands.
        case taken
        /// Not said by the source; a value was put in its place.
        case guessed
        /// Said by the source, and without effect here.
        case dropped
    }

    public var outcome: Outcome
    /// What it is about, as its owner would name it: `Pod ran/du-0`, `NUMA node 1`, `column gpu_spec`.
    public var subject: String
    /// What was taken, guessed or dropped, and why: one sentence without a full stop.
    public var reason: String
    /// The file as the user named it.
    public var file: String
    /// From 1; 0 when it is about the file as a whole.
    public var line: Int

    public init(
        _ outcome: Outcome, _ subject: String, _ reason: String, file: String, line: Int = 0
    ) {
        self.outcome = outcome
        self.subject = subject
        self.reason = reason
        self.file = file
        self.line = line
    }
}

/// Everything that one import took, guessed and dropped, in the order in which it was met.
///
/// After `limit` notes they are only counted.
public struct ImportReport: Hashable, Sendable {
    public static let limit = 10_000

    public private(set) var notes: [ImportNote] = []
    /// Notes beyond the limit, by outcome in the order of `ImportNote.Outcome.allCases`.
    public private(set) var beyondLimit = [Int](
        repeating: 0, count: ImportNote.Outcome.allCases.count)

    public init() {}

    public mutating func add(_ note: ImportNote) {
        guard notes.count < ImportReport.limit else {
            beyondLimit[ImportNote.Outcome.allCases.firstIndex(of: note.outcome) ?? 0] += 1
            return
        }
        notes.append(note)
    }

    public mutating func taken(_ subject: String, _ reason: String, file: String, line: Int = 0) {
        add(ImportNote(.taken, subject, reason, file: file, line: line))
    }

    public mutating func guessed(_ subject: String, _ reason: String, file: String, line: Int = 0) {
        add(ImportNote(.guessed, subject, reason, file: file, line: line))
    }

    public mutating func dropped(_ subject: String, _ reason: String, file: String, line: Int = 0) {
        add(ImportNote(.dropped, subject, reason, file: file, line: line))
    }

    public mutating func append(_ other: ImportReport) {
        for note in other.notes { add(note) }
        for index in beyondLimit.indices { beyondLimit[index] += other.beyondLimit[index] }
    }

    public func count(of outcome: ImportNote.Outcome) -> Int {
        notes.count { $0.outcome == outcome }
            + beyondLimit[ImportNote.Outcome.allCases.firstIndex(of: outcome) ?? 0]
    }
}
