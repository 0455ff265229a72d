/// One scenario run many times: which values, which seeds, in which order.
///
/// Run `n` is point `n / seeds.count` with seed `n % seeds.count`.
public struct Study: Sendable {
    public enum Design: String, Sendable, CaseIterable {
        case grid, list, random
    }

    /// Something that runs differ in.
    public struct Parameter: Hashable, Sendable {
        /// As after `--set`.
        public var path: String
        /// The end of the path, or all of it where ends are alike.
        public var label: String

        public init(path: String, label: String) {
            self.path = path
            self.label = label
        }
    }

    public var name: String
    public var description: String
    /// The scenario's file as it is opened.
    public var scenarioPath: String
    /// `path=value` of all runs.
    public var overrides: [String]
    public var parameters: [Parameter]
    /// For each point the value of each parameter, as it is written behind the path.
    public var points: [[String]]
    public var seeds: [UInt64]
    /// The study as JSON with every default explicit; two studies are the same when this is.
    public var canonicalJSON: String

    public init(
        name: String, description: String, scenarioPath: String, overrides: [String],
        parameters: [Parameter], points: [[String]], seeds: [UInt64], canonicalJSON: String
    ) {
        self.name = name
        self.description = description
        self.scenarioPath = scenarioPath
        self.overrides = overrides
        self.parameters = parameters
        self.points = points
        self.seeds = seeds
        self.canonicalJSON = canonicalJSON
    }

    public var runCount: Int { points.count * seeds.count }

    /// Everything that is set for the runs of a point.
    public func overrides(ofPoint point: Int) -> [String] {
        overrides + zip(parameters, points[point]).map { "\($0.path)=\($1)" }
    }

    /// A value as a person would have written it.
    public static func plain(_ value: String) -> String {
        value.count > 1 && value.first == "\"" && value.last == "\""
            ? String(value.dropFirst().dropLast()) : value
    }

    /// A name for each path: its last key, unless two paths end alike.
    static func labels(of paths: [String]) -> [String] {
        let ends = paths.map { path in
            path.split(separator: ".").last.map { String($0) } ?? path
        }
        return paths.indices.map { index in
            ends.count { $0 == ends[index] } == 1 ? ends[index] : paths[index]
        }
    }
}
