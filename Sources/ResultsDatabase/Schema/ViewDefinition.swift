/// One view of a results file: the answer to a usual question.
package struct ViewDefinition: Sendable {
    package let name: String
    /// The question.
    package let about: String
    /// The query that the view stands for.
    let query: String
    /// How a person would ask it.
    package let example: String

    init(_ name: String, _ about: String, example: String, _ query: String) {
        self.name = name
        self.about = about
        self.example = example
        self.query = query
    }

    /// The `CREATE VIEW` statement.
    package var sql: String { "CREATE VIEW \(name) AS\n\(query)" }
}
