import GRDB
import ResultsDatabase

extension ResultsReader {
    /// Looks into the file as any other program could, on a connection of the test's own.
    func read<Value>(_ work: (Database) throws -> Value) throws -> Value {
        try DatabaseQueue(path: path).read(work)
    }
}
