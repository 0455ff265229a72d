package import Primitives
package import ScenarioInput
package import WorkloadModel

/// Recordings of any format, several of them merged by arrival: one record after another, nothing kept but shapes.
///
/// Equal arrivals come in the order of the files. Shapes and resources of all share one table each.
package struct TraceSource {
    package let inputs: [TraceInput]
    package let formats: [String]
    package private(set) var resources: ResourceTable
    package private(set) var shapes = PodShapeTable()
    private var readers: [any TraceRecordReader] = []
    /// The next record of each reader; nil at its end.
    private var heads: [TraceRecord?] = []
    /// By shape; those that no recording names are `s<position>`.
    private var identifiers: [String] = []

    /// - Parameters:
    ///   - format: What `--format` says; nil looks at the first bytes.
    ///   - resources: Names that are known before; those of the recordings are added.
    package init(
        _ inputs: [TraceInput], format: String? = nil, options: TraceOptions = TraceOptions(),
        resources: ResourceTable = ResourceTable()
    ) throws(InputError) {
        self.inputs = inputs
        self.resources = resources
        var formats: [String] = []
        for input in inputs {
            let format = try TraceFormats.format(of: input, named: format)
            formats.append(format.name)
            readers.append(try format.open(input, options, &self.resources))
        }
        self.formats = formats
        if readers.count > 1 {
            for index in readers.indices { heads.append(try readers[index].next(shapes: &shapes)) }
        }
    }

    /// The next record by arrival, or nil at the end of all.
    package mutating func next() throws(InputError) -> TraceRecord? {
        if readers.count == 1 {
            let record = try readers[0].next(shapes: &shapes)
            if let record { noteIdentifier(of: record.shape, in: 0) }
            return record
        }
        var first: Int?
        for index in heads.indices {
            guard let head = heads[index] else { continue }
            if let known = first, let earliest = heads[known], earliest.arrival <= head.arrival {
                continue
            }
            first = index
        }
        guard let first, let record = heads[first] else { return nil }
        noteIdentifier(of: record.shape, in: first)
        heads[first] = try readers[first].next(shapes: &shapes)
        return record
    }

    private mutating func noteIdentifier(of shape: PodShapeIndex, in reader: Int) {
        guard shape.position >= identifiers.count || identifiers[shape.position].isEmpty else {
            return
        }
        while identifiers.count <= shape.position { identifiers.append("") }
        let own = (readers[reader] as? StreamTraceReader)?.identifier(of: shape)
        identifiers[shape.position] = own ?? "s\(shape.position)"
    }

    /// How the recording calls the shape of a record that was handed out.
    package func identifier(of shape: PodShapeIndex) -> String {
        shape.position < identifiers.count ? identifiers[shape.position] : "s\(shape.position)"
    }

    /// What was taken, guessed and dropped so far.
    package var report: ImportReport {
        var report = ImportReport()
        for reader in readers { report.append(reader.report) }
        return report
    }

    /// The only reader, when it reads topsim's own format.
    var streamReader: StreamTraceReader? {
        readers.count == 1 ? readers[0] as? StreamTraceReader : nil
    }
}
