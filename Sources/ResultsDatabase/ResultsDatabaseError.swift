/// What can go wrong with a results file, with the file's path as it was given.
public enum ResultsDatabaseError: Error, Hashable, Sendable {
    /// The place for the file is no good: its folder is missing or not writable, or it is a folder itself.
    case cannotCreate(path: String, reason: String)
    /// Something else is there that no run wrote.
    case wouldOverwrite(path: String, reason: String)
    /// A run is writing the file.
    case inUse(path: String)
    /// Writing stopped half-way: the disk is full, or a limit on the file's size was met.
    case cannotWrite(path: String, reason: String)
    case cannotRead(path: String, reason: String)
    case notResults(path: String, reason: String)
    /// A newer topsim wrote the file.
    case newerSchema(path: String, version: Int, supported: Int)

    /// The file.
    public var path: String {
        switch self {
        case .cannotCreate(let path, _), .wouldOverwrite(let path, _), .inUse(let path),
            .cannotWrite(let path, _), .cannotRead(let path, _), .notResults(let path, _),
            .newerSchema(let path, _, _):
            path
        }
    }

    /// Whether the path that the user gave is at fault, rather than the disk during the run.
    public var isBadInput: Bool {
        if case .cannotWrite = self { false } else { true }
    }
}

extension ResultsDatabaseError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .cannotCreate(let path, let reason): "cannot create `\(path)`: \(reason)"
        case .wouldOverwrite(let path, let reason): "will not overwrite `\(path)`: \(reason)"
        case .inUse(let path): "`\(path)` is being written by another run"
        case .cannotWrite(let path, let reason): "cannot write `\(path)`: \(reason)"
        case .cannotRead(let path, let reason): "cannot read `\(path)`: \(reason)"
        case .notResults(let path, let reason): "`\(path)` is not a results file: \(reason)"
        case .newerSchema(let path, let version, let supported):
            "`\(path)` has schema version \(version), this topsim reads up to \(supported)"
        }
    }

    /// What to do about it.
    public var hint: String {
        switch self {
        case .cannotCreate: "choose another place with `--output`"
        case .wouldOverwrite: "choose another name with `--output`, or move the file away"
        case .inUse: "wait for it, or choose another name with `--output`"
        case .cannotWrite: "make room, or record less with `--record summary`"
        case .cannotRead: "check the path"
        case .notResults: "results files are written by `topsim run`"
        case .newerSchema: "update topsim"
        }
    }
}
