// swift-tools-version: 6.2
import PackageDescription

// The picture in docs/architecture.md, as code: one line per module, its name, then every module it may import.
// `swift build --explicit-target-dependency-import-check error` refuses an import that is not listed here.
let modules: KeyValuePairs<String, [String]> = [
    "Primitives": [],
    "DiscreteEvents": ["Primitives"],
    "HardwareModel": ["Primitives"],
    "WorkloadModel": ["Primitives"],
    "Records": ["Primitives"],
    "NodeManagers": ["Primitives", "HardwareModel", "WorkloadModel", "Records"],
    "ClusterScheduler": ["Primitives", "HardwareModel", "WorkloadModel"],
    "Metrics": ["Primitives", "Records"],
    "ClusterSimulation": [
        "Primitives", "DiscreteEvents", "HardwareModel", "WorkloadModel", "Records", "NodeManagers",
        "ClusterScheduler",
    ],
    "Analysis": ["Primitives", "Records", "Metrics"],
    "Reporting": ["Primitives", "Records", "HardwareModel", "Metrics", "Analysis"],
    "Lint": ["WorkloadModel"],
    "HostTopology": ["Primitives", "HardwareModel"],
    "ScenarioInput": [
        "Primitives", "HardwareModel", "WorkloadModel", "NodeManagers", "ClusterScheduler",
        "ClusterSimulation", "Lint", "Analysis",
    ],
    "TraceTools": [
        "Primitives", "WorkloadModel", "Metrics", "Reporting", "ScenarioInput", "Lint",
    ],
    "ResultsDatabase": ["Primitives", "HardwareModel", "WorkloadModel", "Records", "Metrics"],
    "Conformance": [
        "Primitives", "HardwareModel", "WorkloadModel", "Records", "NodeManagers",
        "ClusterScheduler", "ScenarioInput",
    ],
]

/// Products of other packages, by the module that uses them.
let libraries: [String: [Target.Dependency]] = [
    "Metrics": [.product(name: "Histogram", package: "hdrhistogram-swift")],
    "HostTopology": [.target(name: "CNuma", condition: .when(platforms: [.linux]))],
    "ScenarioInput": [
        .product(name: "Yams", package: "Yams"),
        .product(name: "Crypto", package: "swift-crypto"),
    ],
    "TraceTools": [.product(name: "Crypto", package: "swift-crypto")],
    "ResultsDatabase": [
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
        .product(name: "Crypto", package: "swift-crypto"),
    ],
    "ResultsDatabaseTests": [
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "GRDBSQLite", package: "GRDB.swift"),
        .product(name: "Crypto", package: "swift-crypto"),
    ],
    "ClusterSimulationTests": [.product(name: "GRDBSQLite", package: "GRDB.swift")],
    "CommandLineTests": [.product(name: "GRDBSQLite", package: "GRDB.swift")],
    "topsim": [
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
        .product(name: "Crypto", package: "swift-crypto"),
    ],
]

/// Test suites: a folder under Tests, and what it looks at.
let suites: KeyValuePairs<String, [String]> = [
    "PrimitivesTests": ["Primitives"],
    "DiscreteEventsTests": ["Primitives", "DiscreteEvents"],
    "HardwareModelTests": ["Primitives", "HardwareModel"],
    "WorkloadModelTests": ["Primitives", "WorkloadModel"],
    "NodeManagersTests": [
        "Primitives", "HardwareModel", "WorkloadModel", "Records", "NodeManagers", "LiteralKubelet",
    ],
    "DifferentialTests": [
        "Primitives", "HardwareModel", "WorkloadModel", "Records", "NodeManagers", "LiteralKubelet",
    ],
    "ConformanceTests": [
        "Primitives", "HardwareModel", "WorkloadModel", "NodeManagers", "Conformance",
    ],
    "ClusterSchedulerTests": ["Primitives", "HardwareModel", "WorkloadModel", "ClusterScheduler"],
    "ClusterSimulationTests": [
        "Primitives", "DiscreteEvents", "HardwareModel", "WorkloadModel", "Records", "NodeManagers",
        "ClusterScheduler", "Metrics", "ClusterSimulation", "ResultsDatabase",
    ],
    "MetricsTests": ["Primitives", "Records", "Metrics"],
    "MachineInputTests": [
        "Primitives", "HardwareModel", "HostTopology", "Reporting", "ScenarioInput",
    ],
    "KubernetesInputTests": [
        "Primitives", "HardwareModel", "WorkloadModel", "Records", "NodeManagers",
        "ClusterSimulation", "ScenarioInput",
    ],
    "ScenarioInputTests": [
        "Primitives", "HardwareModel", "WorkloadModel", "Records", "NodeManagers",
        "ClusterScheduler",
        "ClusterSimulation", "ScenarioInput",
    ],
    "AnalysisTests": ["Primitives", "Records", "Metrics", "Analysis"],
    "ReportingTests": [
        "Primitives", "Records", "HardwareModel", "Metrics", "Analysis", "Reporting",
    ],
    "RecordsTests": ["Records"],
    "LintTests": ["Primitives", "WorkloadModel", "Lint", "ScenarioInput"],
    "TraceInputTests": [
        "Primitives", "WorkloadModel", "Records", "ClusterSimulation", "ScenarioInput",
    ],
    "TraceToolsTests": [
        "Primitives", "WorkloadModel", "Reporting", "ScenarioInput", "Lint", "TraceTools",
    ],
    "CheckpointTests": ["Primitives", "NodeManagers", "ScenarioInput"],
    "ResultsDatabaseTests": [
        "Primitives", "HardwareModel", "WorkloadModel", "Records", "Metrics", "ResultsDatabase",
    ],
    "CommandLineTests": ["ResultsDatabase"],
    "InputFuzzTests": ["InputFuzz"],
    "ArchitectureTests": [],
]

/// What suites share: a folder under Tests, and what it may import.
let supports: KeyValuePairs<String, [String]> = [
    "TestSupport": [],
    // The managers as their description reads, slow and simple: an oracle, and no part of topsim.
    "LiteralKubelet": [],
    // Bytes into a node and what happens to it, for a fuzzer to drive.
    "NodeManagersFuzz": ["Primitives", "HardwareModel", "WorkloadModel", "NodeManagers"],
    // Bytes into every reader, and what must hold of whatever it takes.
    "InputFuzz": [
        "Primitives", "HardwareModel", "WorkloadModel", "NodeManagers", "ClusterScheduler",
        "ClusterSimulation", "Lint", "ScenarioInput",
    ],
]

/// Folders under Tests that are not called as their target is.
let folders = ["InputFuzz": "Fuzz/Readers"]

/// Folders of test suites that hold files to read, not to compile.
let notSource: [String: [String]] = [
    "CommandLineTests": ["Snapshots"], "ConformanceTests": ["Vectors", "count-vectors.py"],
]

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
]

func target(named name: String, importing imports: [String]) -> Target {
    .target(
        name: name,
        dependencies: imports.map { .target(name: $0) } + (libraries[name] ?? []),
        swiftSettings: settings)
}

let package = Package(
    name: "topsim",
    platforms: [.macOS(.v26)],
    products: [.executable(name: "topsim", targets: ["topsim"])]
        + modules.map { .library(name: $0.key, targets: [$0.key]) }
        + [
            .library(name: "LiteralKubelet", targets: ["LiteralKubelet"]),
            .library(name: "NodeManagersFuzz", type: .static, targets: ["NodeManagersFuzz"]),
            .library(name: "InputFuzz", type: .static, targets: ["InputFuzz"]),
        ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", exact: "0.2.0"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        .systemLibrary(
            name: "CNuma", pkgConfig: "numa", providers: [.apt(["libnuma-dev"])])
    ]
        + modules.map { target(named: $0.key, importing: $0.value) }
        + [
            .executableTarget(
                name: "topsim",
                dependencies: modules.map { .target(name: $0.key) } + (libraries["topsim"] ?? []),
                swiftSettings: settings)
        ]
        + supports.map {
            .target(
                name: $0.key, dependencies: $0.value.map { .target(name: $0) },
                path: "Tests/\(folders[$0.key] ?? $0.key)", swiftSettings: settings)
        }
        + suites.map {
            .testTarget(
                name: $0.key,
                dependencies: (["TestSupport"] + $0.value).map { .target(name: $0) }
                    + (libraries[$0.key] ?? []),
                exclude: notSource[$0.key] ?? [],
                swiftSettings: settings)
        },
    swiftLanguageModes: [.v6]
)
