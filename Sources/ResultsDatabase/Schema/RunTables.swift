extension Schema {
    /// The run as a whole: where it came from, how it ended, how it was executed.
    static let runTables = [
        TableDefinition(
            "run", "the run; there is one", key: ["id"],
            [
                .integer("id", "1").checked("id = 1").notUnderDigest,
                .text("name", "the scenario's name").notUnderDigest,
                .text("description", "the scenario's description").notUnderDigest,
                .text("scenario", "the scenario as canonical JSON, with defaults made explicit")
                    .checked("json_valid(scenario)").notUnderDigest,
                .text("seed", "the seed in decimal; text, because it may exceed 2⁶³ - 1"),
                .integer("epoch_s", "simulated time 0, in seconds since 1970-01-01T00:00:00Z"),
                .text("kubelet_version", "the kubelet whose decisions the run follows"),
                .word("record_level", RecordLevel.self, "how much was recorded"),
                .integer("started_ns", "when it started, in simulated time").notUnderDigest,
                .integer("ended_ns", "when it ended, in simulated time; none while it runs")
                    .optional,
                .word("status", RunStatus.self, "how far it got; only `complete` is a result")
                    .notUnderDigest,
                .text("failure", "why it failed").optional.notUnderDigest,
                .text("digest", "SHA-256 over the digests of the tables; none until complete")
                    .optional.notUnderDigest,
                .text("topsim_version", "the topsim that wrote the file").notUnderDigest,
                .integer("schema_version", "`PRAGMA user_version`, for those who read the row only")
                    .notUnderDigest,
            ]),
        TableDefinition(
            "table_digest",
            "the digest of one table, in the order in which `run.digest` takes them",
            key: ["position"], underDigest: false,
            [
                .integer("position", "from 1"),
                .text("name", "the table"),
                .integer("row_count", "rows that the digest covers"),
                .text("digest", "SHA-256 of the table's canonical dump, in lowercase hexadecimal"),
                .text("query", "the query whose rows make up the dump"),
            ]),
        TableDefinition(
            "input_file", "a file that was read for the run", key: ["id"], underDigest: false,
            [
                .integer("id", "from 0, in order of reading"),
                .text("path", "as given"),
                .text("sha256", "SHA-256 of its bytes, in lowercase hexadecimal")
                    .checked("length(sha256) = 64"),
                .integer("size_bytes", "its size"),
            ]),
        TableDefinition(
            "engine", "a fact about the execution, such as events or peak memory", key: ["name"],
            underDigest: false,
            [
                .text("name", "the fact"),
                .real("value", "its value"),
                .text("unit", "its unit"),
            ]),
        TableDefinition(
            "resource", "a resource that a node offers or a pod asks for", key: ["id"],
            [
                .integer(
                    "id", "from 0, in order of the scenario; cpu, memory, ephemeral-storage first"),
                .text("name", "as Kubernetes spells it"),
                .word("unit", ResourceUnit.self, "the unit of every amount of this resource"),
            ]),
    ]
}
