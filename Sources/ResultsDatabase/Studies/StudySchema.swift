/// The SQLite file of a study: narrow on purpose, so that a hundred thousand runs merge in seconds.
enum StudySchema {
    static let version = 2001

    static let sql = """
        PRAGMA application_id = \(Schema.applicationID);
        PRAGMA user_version = \(version);
        CREATE TABLE study (
            id INTEGER NOT NULL CHECK (id = 1) PRIMARY KEY,
            name TEXT NOT NULL,
            description TEXT NOT NULL,
            study_json TEXT NOT NULL,
            topsim_version TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('complete', 'partial')),
            run_count INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE parameter (
            id INTEGER NOT NULL PRIMARY KEY,
            path TEXT NOT NULL,
            label TEXT NOT NULL
        ) STRICT;
        CREATE TABLE point_value (
            point INTEGER NOT NULL,
            parameter INTEGER NOT NULL REFERENCES parameter (id),
            value TEXT NOT NULL,
            PRIMARY KEY (point, parameter)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE seed (
            position INTEGER NOT NULL PRIMARY KEY,
            seed TEXT NOT NULL
        ) STRICT;
        CREATE TABLE run (
            id INTEGER NOT NULL PRIMARY KEY,
            run_id TEXT NOT NULL CHECK (length(run_id) = 64),
            point INTEGER NOT NULL,
            seed TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('complete', 'failed')),
            failure TEXT,
            ended_ns INTEGER NOT NULL
        ) STRICT;
        CREATE TABLE metric (
            id INTEGER NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            unit TEXT NOT NULL,
            polarity TEXT NOT NULL CHECK (polarity IN (\(polarities))),
            definition TEXT NOT NULL
        ) STRICT;
        CREATE TABLE run_metric (
            run INTEGER NOT NULL REFERENCES run (id),
            metric INTEGER NOT NULL REFERENCES metric (id),
            value REAL NOT NULL,
            PRIMARY KEY (run, metric)
        ) STRICT, WITHOUT ROWID;
        CREATE VIEW results AS
            SELECT run.id AS run, run.point, run.seed, metric.name AS metric, run_metric.value,
                metric.unit
            FROM run_metric
            JOIN run ON run.id = run_metric.run
            JOIN metric ON metric.id = run_metric.metric
            ORDER BY run.id, metric.id;
        CREATE VIEW means AS
            SELECT run.point,
                (SELECT group_concat(label || '=' || value, ' ') FROM
                    (SELECT parameter.label, point_value.value FROM point_value
                        JOIN parameter ON parameter.id = point_value.parameter
                        WHERE point_value.point = run.point ORDER BY parameter.id)) AS parameters,
                metric.name AS metric,
                count(*) AS runs,
                avg(run_metric.value) AS mean,
                min(run_metric.value) AS least,
                max(run_metric.value) AS most,
                metric.unit
            FROM run_metric
            JOIN run ON run.id = run_metric.run
            JOIN metric ON metric.id = run_metric.metric
            GROUP BY run.point, metric.id
            ORDER BY run.point, metric.id;
        """

    private static let polarities = "'higher', 'lower', 'neither'"
}
