import GRDB

extension Schema {
    /// The steps from an empty file to this version, by name and in order; a step that shipped is never edited.
    ///
    /// The tables are written down once, in `Schema.tables`. When they change, what is there today is copied into
    /// step 1 as SQL (docs/reference/schema-1.sql has it), and a step 2 leads on from it.
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator().disablingDeferredForeignKeyChecks()
        migrator.registerMigration("1: tables and views") { database in
            for table in tables { try database.execute(sql: table.sql) }
            for view in views { try database.execute(sql: view.sql) }
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
            try database.execute(sql: "PRAGMA user_version = 1")
        }
        return migrator
    }

    /// Makes an empty results file at `path`, or brings an older one up to this version.
    package static func migrate(fileAt path: String) throws {
        var configuration = Configuration()
        configuration.foreignKeysEnabled = false
        try migrator.migrate(DatabaseQueue(path: path, configuration: configuration))
    }
}
