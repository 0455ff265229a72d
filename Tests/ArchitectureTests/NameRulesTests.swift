import Testing

@Suite struct `File names say what they hold` {
    @Test func `no name is empty of meaning or a second try`() {
        #expect((ProjectFiles.sources + ProjectFiles.tests).flatMap(badName) == [])
    }

    @Test func `no two files of a module share a name`() {
        #expect(ProjectFiles.sources.count > 100)
        #expect(sharedNames(among: ProjectFiles.sources + ProjectFiles.tests) == [])
    }

    @Test(arguments: [
        "StringUtils.swift", "Helpers.swift", "TestHelper.swift", "CommonTypes.swift",
        "CPUManager2.swift", "Pod+Misc.swift", "NewQueue.swift",
    ])
    func `a bad name is found`(_ name: String) {
        #expect(badName(of: ProjectFile(path: "Sources/Records/\(name)", text: "")).count == 1)
    }

    @Test(arguments: [
        "Renewal.swift", "CommonalityTable.swift", "OldestPod.swift", "SplitMix64.swift",
        "NUMANodeSet.swift", "SHA256.swift",
    ])
    func `a good name passes`(_ name: String) {
        #expect(badName(of: ProjectFile(path: "Sources/Records/\(name)", text: "")) == [])
    }

    @Test func `a shared name is found in one module only`() {
        let files = ["Sources/A/X.swift", "Sources/A/Deep/X.swift", "Sources/B/X.swift"]
            .map { ProjectFile(path: $0, text: "") }
        #expect(
            sharedNames(among: files) == [
                "Sources/A/Deep/X.swift and Sources/A/X.swift share a name"
            ])
    }
}
