/// The keys of a study, `kind: Study`.
package enum StudyKeys {
    package static let study = KeyTable(
        name: "a study",
        summary: "One scenario run many times, with other values and other seeds",
        keys: [
            Key(
                "apiVersion", .choice(["topsim/v1"]), "The version of this format", isRequired: true
            ),
            Key("kind", .choice(["Study"]), "What the file is", isRequired: true),
            Key("metadata", .table(ScenarioKeys.metadata), "Name and description", default: "{}"),
            Key("scenario", .path, "The scenario that is run", isRequired: true),
            Key(
                "set", .map(.anything, names: .free(what: "path of keys")),
                "Values that all runs have, by path as after `--set`", default: "{}"),
            Key(
                "parameters",
                .map(
                    .either([.list(.anything), .table(range)]), names: .free(what: "path of keys")),
                "Values that runs differ in, by path as after `--set`: a list, or a range",
                default: "{}"),
            Key(
                "design", .choice(Study.Design.allCases.map(\.rawValue)),
                "Which combinations are run", default: "grid",
                meanings: [
                    ("grid", "every value of each parameter with every value of the others"),
                    ("list", "the combinations under `points`, in their order"),
                    (
                        "random",
                        "`samples` combinations, each value drawn by itself; a combination may come twice"
                    ),
                ]),
            Key(
                "points", .list(.map(.anything, names: .free(what: "path of keys"))),
                "For `design: list`: values by path; every point names the same paths"),
            Key(
                "samples", .integer(1...1_000_000), "For `design: random`: how many combinations"),
            Key(
                "sampleSeed", .seed, "Where the draws of `design: random` come from", default: "0"),
            Key(
                "seeds", .either([.table(seedRange), .list(.seed)]),
                "Every combination is run with each of these seeds", default: "{}"),
        ])

    static let range = KeyTable(
        name: "a range of values", summary: "Numbers from the first to the last",
        keys: [
            Key("from", .number(above: -1e15), "The first", isRequired: true),
            Key("to", .number(above: -1e15), "The last that there may be", isRequired: true),
            Key("step", .number(above: 0), "From one to the next", default: "1"),
        ])

    static let seedRange = KeyTable(
        name: "the seeds of a study", summary: "Seeds that follow one another",
        keys: [
            Key("from", .integer(0...1_000_000_000_000), "The first", default: "1"),
            Key("count", .integer(1...1_000_000), "How many", default: "1"),
        ])
}
