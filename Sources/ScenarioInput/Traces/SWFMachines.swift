/// One line of a `.machines` file: equal nodes of one cluster.
struct SWFCluster: Hashable {
    var name: String
    var nodes: Int
    var cpus: Int
    /// Bytes of one node.
    var memory: Int64
    var line: Int
}

/// Reads lines of number, name, nodes, CPUs of each, speed and KB of memory of each, separated by tabs or blanks.
///
/// - Throws: up to 100 mistakes with their lines.
func readSWFMachines(_ input: TraceInput) throws(InputError) -> [SWFCluster] {
    var lines = try TraceLines(input)
    var clusters: [SWFCluster] = []
    var mistakes: [Diagnostic] = []
    while mistakes.count < Diagnostics.limit, let line = try lines.next() {
        let fields = SWFLine(line).fields
        guard let first = fields.first, line[first].first != UInt8(ascii: ";") else { continue }
        func mistake(_ field: Int, _ message: String) {
            mistakes.append(
                Diagnostic(
                    file: input.name, line: lines.line,
                    column: fields[field].lowerBound - line.startIndex + 1, message: message,
                    sourceLine: String(decoding: line.prefix(2000), as: UTF8.self)))
        }
        guard fields.count == 6 else {
            mistake(
                0,
                "\(fields.count) columns; a cluster has 6: number, name, nodes, CPUs of each, speed, KB of memory of each"
            )
            continue
        }
        func text(_ field: Int) -> String { String(decoding: line[fields[field]], as: UTF8.self) }
        func whole(_ field: Int, _ what: String, _ range: ClosedRange<Int64>) -> Int64? {
            guard let value = ScalarValues.integer(text(field)), range.contains(value) else {
                mistake(
                    field,
                    "\(what) is `\(text(field))`, and a whole number from \(grouped(Int(range.lowerBound))) to \(grouped(Int(range.upperBound))) was expected"
                )
                return nil
            }
            return value
        }
        let nodes = whole(2, "the number of nodes", 1...1_000_000)
        let cpus = whole(3, "the number of CPUs", 1...1024)
        let memory = whole(5, "the memory in KB", 1...1 << 42)
        let name = text(1)
        guard isObjectName(name) else {
            mistake(1, "`\(name)` cannot name nodes")
            continue
        }
        guard !clusters.contains(where: { $0.name == name }) else {
            mistake(1, "the cluster `\(name)` is here twice")
            continue
        }
        guard let nodes, let cpus, let memory else { continue }
        clusters.append(
            SWFCluster(
                name: name, nodes: Int(nodes), cpus: Int(cpus), memory: memory << 10,
                line: lines.line))
    }
    if mistakes.isEmpty, clusters.isEmpty {
        mistakes.append(Diagnostic(file: input.name, message: "the file names no cluster"))
    }
    if !mistakes.isEmpty { throw InputError(mistakes) }
    return clusters
}
