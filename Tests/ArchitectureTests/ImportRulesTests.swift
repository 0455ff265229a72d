import Testing

@Suite struct `Imports follow the layers` {
    @Test func `pure modules import nothing of the system`() {
        #expect(ProjectFiles.sources.flatMap(impureImports) == [])
    }

    @Test func `no arrow that is missing on purpose is drawn`() {
        #expect(ProjectFiles.sources.flatMap(forbiddenImports) == [])
    }

    @Test func `every file imports what the manifest declares for its folder`() {
        let files = ProjectFiles.sources + ProjectFiles.tests
        #expect(files.flatMap { undeclaredImports(in: $0, by: ProjectFiles.manifest) } == [])
    }

    @Test func `tests look at seams that are package`() {
        #expect(ProjectFiles.tests.flatMap(testableImports) == [])
    }

    @Test func `the manifest's modules import lower layers only`() {
        #expect(ProjectFiles.manifest.modules.count >= 14)
        #expect(upwardImports(in: ProjectFiles.manifest) == [])
    }

    @Test func `every folder of sources and tests is a row of the manifest`() {
        let manifest = ProjectFiles.manifest
        let rows =
            manifest.modules.map(\.name) + manifest.suites.map(\.name)
            + manifest.supports.map(\.name)
        let folders = Set((ProjectFiles.sources + ProjectFiles.tests).map(\.module))
        #expect(folders.subtracting(rows) == ["topsim"])
        #expect(Set(rows).subtracting(folders) == [])
    }
}

@Suite struct `Import rules can fail` {
    let manifest = Manifest(
        #"""
        let modules: KeyValuePairs<String, [String]> = [
            "Primitives": [],
            // "Commented": ["Nothing"],
            "NodeManagers": ["Primitives"],
            "ClusterScheduler": [
                "Primitives", "NodeManagers",
            ],
            "Stray": [],
        ]
        let libraries: [String: [Target.Dependency]] = [
            "NodeManagers": [
                .target(name: "CNuma", condition: .when(platforms: [.linux])),
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ],
            "NodeManagersTests": [.product(name: "Crypto", package: "swift-crypto")],
        ]
        let suites: KeyValuePairs<String, [String]> = [
            "NodeManagersTests": ["NodeManagers"]
        ]
        """#)

    func file(_ path: String, _ text: String) -> ProjectFile { ProjectFile(path: path, text: text) }

    @Test(arguments: [
        ("import Foundation", ["Foundation"]), ("  public import struct Glibc.timespec", ["Glibc"]),
        ("@_exported import Darwin\nimport Primitives", ["Darwin", "Primitives"]),
        ("// import Dispatch", []), ("let important = 1", []),
        ("#if canImport(Musl)\n    import Musl\n#endif", ["Musl"]),
        ("@testable import Records", ["Records"]), ("package import func Records.f", ["Records"]),
    ])
    func `an import is read in every form`(_ text: String, _ modules: [String]) {
        #expect(imports(in: text).map(\.module) == modules)
    }

    @Test(arguments: modulesOfTheSystem.sorted())
    func `a pure module that imports the system is found`(_ module: String) {
        let text = "import " + module
        #expect(impureImports(in: file("Sources/Metrics/A.swift", text)).count == 1)
        #expect(impureImports(in: file("Sources/topsim/A.swift", text)) == [])
    }

    @Test func `an undeclared import is found`() {
        let text = "import Primitives\nimport CNuma\nimport GRDBSQLite\nimport Foundation"
        let good = file("Sources/NodeManagers/CPUManager/A.swift", text)
        #expect(undeclaredImports(in: good, by: manifest) == [])
        #expect(
            undeclaredImports(in: file("Sources/Primitives/A.swift", text), by: manifest).count == 3
        )
        #expect(
            undeclaredImports(in: file("Tests/NodeManagersTests/A.swift", text), by: manifest).count
                == 3)
        let suite = file("Tests/NodeManagersTests/B.swift", "import Crypto\nimport TestSupport")
        #expect(undeclaredImports(in: suite, by: manifest) == [])
        #expect(undeclaredImports(in: file("Sources/Unknown/A.swift", ""), by: manifest).count == 1)
    }

    @Test func `the arrow that is missing on purpose is found`() {
        let text = "import NodeManagers"
        #expect(forbiddenImports(in: file("Sources/ClusterScheduler/A.swift", text)).count == 1)
        #expect(forbiddenImports(in: file("Sources/ClusterSimulation/A.swift", text)) == [])
    }

    @Test func `a testable import is found`() {
        let text = "import Testing\n@testable import Records"
        #expect(testableImports(in: file("Tests/A/A.swift", text)).count == 1)
    }

    @Test func `upward, sideways and forbidden rows are found, and modules without a layer`() {
        #expect(
            upwardImports(in: manifest) == [
                "ClusterScheduler (layer 2) imports NodeManagers, which is not below it",
                "ClusterScheduler may import NodeManagers: "
                    + "a scheduler sees only what nodes publish, never what a kubelet decides",
                "Stray is in no layer",
            ])
    }
}
