package import Primitives
package import ScenarioInput
package import WorkloadModel

/// What makes another trace of a trace, record by record.
package protocol TraceTransformation {
    /// Records that stand in the place of one, in the order of arrival; none drops it.
    ///
    /// - Parameter isDone: Set when no later record can matter.
    mutating func records(
        for record: TraceRecord, of source: inout TraceSource, isDone: inout Bool
    ) throws -> [TraceRecord]

    /// Of what the records ask for; nil keeps a shape. Asked once for each shape.
    mutating func shape(_ shape: PodShape, resources: ResourceTable) throws -> PodShape?

    /// What a shape is called in the new trace; nil makes a name.
    func identifier(_ given: String) -> String?
}

extension TraceTransformation {
    package mutating func shape(_ shape: PodShape, resources: ResourceTable) throws -> PodShape? {
        nil
    }

    package func identifier(_ given: String) -> String? { given }
}

/// Leaves everything as it is: conversion into topsim's own format.
package struct TraceConversion: TraceTransformation {
    package init() {}

    package mutating func records(
        for record: TraceRecord, of source: inout TraceSource, isDone: inout Bool
    ) -> [TraceRecord] { [record] }
}

/// Reads a trace to its end and writes another, one record at a time.
///
/// - Parameters:
///   - comments: Lines at its head that say where it comes from.
///   - sink: Takes the bytes of the new trace.
/// - Returns: How many records were written.
@discardableResult
package func transform(
    _ source: inout TraceSource, by transformation: inout some TraceTransformation,
    comments: [String] = [], to sink: @escaping ([UInt8]) throws -> Void
) throws -> Int {
    var writer = try StreamTraceWriter(
        resources: source.resources, comments: comments, sink: sink)
    var shapes = TransformedShapes()
    var isDone = false
    while !isDone, let record = try source.next() {
        let written = try transformation.records(for: record, of: &source, isDone: &isDone)
        for var record in written {
            let given = source.identifier(of: record.shape)
            record.shape = try shapes.index(
                of: record.shape, in: source, transformation: &transformation)
            try writer.write(
                record, shapes: shapes.table, identifier: transformation.identifier(given))
        }
    }
    try writer.finish()
    return writer.rowCount
}

/// Shapes of the new trace by those of the old one.
struct TransformedShapes {
    private(set) var table = PodShapeTable()
    private var indices: [PodShapeIndex?] = []

    mutating func index(
        of shape: PodShapeIndex, in source: TraceSource,
        transformation: inout some TraceTransformation
    ) throws -> PodShapeIndex {
        while indices.count <= shape.position { indices.append(nil) }
        if let known = indices[shape.position] { return known }
        let old = source.shapes[shape]
        let new = try transformation.shape(old, resources: source.resources) ?? old
        let index = table.intern(new)
        indices[shape.position] = index
        return index
    }
}
