public import Foundation
public import Primitives
public import WorkloadModel

// What every format of recordings shares: a record, a reader that hands out records one by one, and the
// registry of formats. A reader of one format is a file of its own beside this one.

/// One pod of a recording, or `count` equal pods that arrive together.
///
/// What it asks for (containers, requests, labels, priority, constraints) is a `PodShape`, stored once in the
/// table that the reader is handed: a recording of millions of pods has few of them.
public struct TraceRecord: Hashable, Sendable {
    /// As the recording names it, or made from its line; with a `count` above 1 each pod gets `-<ordinal>`.
    public var name: String
    /// From the recording's own start; never negative.
    public var arrival: SimTime
    /// How long the pod runs once it has started; nil for ever.
    public var lifetime: SimDuration?
    /// When the recording deletes it, running or not; nil when only its lifetime ends it.
    public var deletion: SimTime?
    public var shape: PodShapeIndex
    /// What belongs together in the recording: a job's number, an owner, `<strategy>/<group>`; empty for none.
    public var group: String
    /// Equal pods that arrive together.
    public var count: Int
    /// The line of the source, from 1; in formats without lines the ordinal of the entry, from 1.
    public var line: Int

    public init(
        name: String, arrival: SimTime, lifetime: SimDuration? = nil, deletion: SimTime? = nil,
        shape: PodShapeIndex, group: String = "", count: Int = 1, line: Int = 0
    ) {
        self.name = name
        self.arrival = arrival
        self.lifetime = lifetime
        self.deletion = deletion
        self.shape = shape
        self.group = group
        self.count = count
        self.line = line
    }
}

/// Hands out the records of one recording in the order of arrival; equal times in the order of the source.
///
/// After an error of one line the next call goes on with the line that follows, so that a caller can collect all
/// mistakes; after an error that ends the reading, and at the end, `next` gives nil.
public protocol TraceRecordReader {
    mutating func next(shapes: inout PodShapeTable) throws(InputError) -> TraceRecord?

    /// What was taken, guessed and dropped so far; complete once `next` gave nil.
    var report: ImportReport { get }
}

/// Bytes of a recording: a file that is read as it is needed, or bytes at hand. Either may be packed by gzip.
public struct TraceInput: Sendable {
    public enum Content: Sendable {
        case file(URL)
        case bytes([UInt8])
    }

    /// As the user named it: what messages say.
    public var name: String
    public var content: Content

    public init(name: String, content: Content) {
        self.name = name
        self.content = content
    }
}

/// What a user says about how a recording is read: words by key, a key within a key after a dot.
///
/// `{columns: {cpu: {column: cores, unit: milli}}}` of a scenario is `columns.cpu.column` and `columns.cpu.unit`.
/// A format documents its keys; an absent key is its default.
public struct TraceOptions: Hashable, Sendable {
    public var values: [String: String]

    public init(_ values: [String: String] = [:]) { self.values = values }

    public subscript(key: String) -> String? { values[key] }
}

/// One format of recordings.
public struct TraceFormat: Sendable {
    /// As the user types it: `openb`, `swf`.
    public let name: String
    /// One sentence without a full stop.
    public let summary: String
    /// Whether a file that starts with these (unpacked) bytes, up to 64 KiB of them, is surely of this format.
    public let recognises: @Sendable (_ start: ArraySlice<UInt8>) -> Bool
    /// Keys of `TraceOptions` that it looks at; `columns.*` stands for all below it.
    public let options: [String]
    /// Opens a recording. Names of resources that its pods ask for are interned in `resources`.
    public let open:
        @Sendable (
            _ input: TraceInput, _ options: TraceOptions, _ resources: inout ResourceTable
        ) throws(InputError) -> any TraceRecordReader

    public init(
        name: String, summary: String, options: [String],
        recognises: @escaping @Sendable (_ start: ArraySlice<UInt8>) -> Bool,
        open:
            @escaping @Sendable (
                _ input: TraceInput, _ options: TraceOptions, _ resources: inout ResourceTable
            ) throws(InputError) -> any TraceRecordReader
    ) {
        self.name = name
        self.summary = summary
        self.options = options
        self.recognises = recognises
        self.open = open
    }
}

/// Every format of recordings, by name. A new one is a line here.
public enum TraceFormats {
    public static let all: [TraceFormat] = [
        StreamTrace.format,
        .openb,
        .huaweiVMs,
        .swf,
        .simKube,
        .csv,
    ]

    public static func named(_ name: String) -> TraceFormat? { all.first { $0.name == name } }

    /// The only format that takes bytes which start so for its own; nil when none or several do.
    public static func recognised(_ start: ArraySlice<UInt8>) -> TraceFormat? {
        let fitting = all.filter { $0.recognises(start) }
        return fitting.count == 1 ? fitting[0] : nil
    }
}
