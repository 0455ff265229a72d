/// The tables and views of a results file, in the order of the reference and of the digest.
package enum Schema {
    /// Kept in the file as `PRAGMA user_version`.
    package static let version = 1
    /// Kept in the file as `PRAGMA application_id`: "tops" in ASCII, by which `file` and topsim know a results file.
    package static let applicationID: Int32 = 0x746f_7073

    package static let tables =
        runTables + machineTables + workloadTables + podTables + virtualMachineTables + sampleTables
        + summaryTables

    package static let views =
        podViews + classViews + virtualMachineViews + sampleViews

    /// The tables whose rows are a function of scenario and seed.
    package static let digestTables = tables.filter(\.isUnderDigest)

    package static func table(_ name: String) -> TableDefinition {
        guard let table = tables.first(where: { $0.name == name }) else {
            preconditionFailure("the schema has no table \(name)")
        }
        return table
    }
}
