// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that nobody who builds topsim builds what only its benchmarks need.

/// What SwiftPM names the package of topsim: the folder it lies in, as an identifier. The node managers' parts are
/// visible inside that package only, and their benchmark takes its name to measure them one by one.
let topsimPackageName =
    String(
        Context.packageDirectory.split(separator: "/").dropLast().last!.lowercased().map {
            $0.isLetter || $0.isNumber ? $0 : "_"
        })

let package = Package(
    name: "topsim-benchmarks",
    platforms: [.macOS(.v26)],
    dependencies: [
        .package(name: "topsim", path: "../"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
    ],
    targets: [
        .target(name: "CxxPriorityQueue"),
        .executableTarget(
            name: "event-queue-benchmark",
            dependencies: [
                "CxxPriorityQueue",
                .product(name: "DiscreteEvents", package: "topsim"),
                .product(name: "Primitives", package: "topsim"),
                .product(name: "HeapModule", package: "swift-collections"),
            ],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .treatAllWarnings(as: .error),
            ]),
        // What hints and merge cost against the number of NUMA nodes.
        .executableTarget(
            name: "hint-merge-benchmark",
            dependencies: ["HardwareModel", "NodeManagers", "Primitives", "WorkloadModel"].map {
                .product(name: $0, package: "topsim")
            },
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .treatAllWarnings(as: .error),
            ],
            // Nothing else in it brings the library of `sqrt`.
            linkerSettings: [.linkedLibrary("m")]),
        // What recording costs: a million pods with what they got, into SQLite.
        .executableTarget(
            name: "recorder-throughput",
            dependencies: [
                "HardwareModel", "Metrics", "Primitives", "Records", "ResultsDatabase",
                "WorkloadModel",
            ].map { .product(name: $0, package: "topsim") },
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .treatAllWarnings(as: .error),
            ]),
        // What a kubelet's decisions cost, on the inputs of which the kubelet's own cost is known.
        .target(name: "AllocationCount"),
        .executableTarget(
            name: "node-managers-benchmark",
            dependencies: ["AllocationCount"]
                + [
                    "HardwareModel", "LiteralKubelet", "NodeManagers", "Primitives", "Records",
                    "WorkloadModel",
                ].map { .product(name: $0, package: "topsim") },
            packageAccess: false,
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .treatAllWarnings(as: .error),
                .unsafeFlags(["-package-name", topsimPackageName]),
            ]),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx20
)
