import Foundation
import TestSupport
import Testing

/// The guides' sessions, run again command by command. `TOPSIM_UPDATE_GOLDENS=1` writes what came instead.
@Suite struct GuidesTests {
    /// Pages with a `console` block; those that need the shared folder say so by its variable.
    static let pages: [String] = {
        let folder = Checkout.url.appending(path: "docs/guides")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { name in
            guard name.hasSuffix(".md"), name != "explain-a-rejection.md",
                let page = try? GuidePage(folder.appending(path: name))
            else { return false }
            let needsShared = page.commands.contains { $0.text.contains("TOPSIM_SHARED") }
            return !page.commands.isEmpty && (!needsShared || SharedFolder.isPresent)
        }.sorted()
    }()

    /// Pages name files of the shared folder by this variable.
    private static let shared =
        SharedFolder.url.map { "export TOPSIM_SHARED='\($0.path)'\n" } ?? ""

    @Test(arguments: pages)
    func `a guide shows what the commands print`(name: String) throws {
        let page = try GuidePage(Checkout.url.appending(path: "docs/guides/\(name)"))
        let scratch = try ScratchFolder()
        var outputs: [String?] = []
        for command in page.commands {
            let result = try RunTopsim.run(shell: Self.shared + command.text, in: scratch)
            outputs.append(result.standardOutput)
            guard ProcessInfo.processInfo.environment["TOPSIM_UPDATE_GOLDENS"] == nil else {
                continue
            }
            #expect(
                command.shows(result.standardOutput),
                """
                docs/guides/\(name):\(command.line): \(command.text)
                printed \(result.standardOutput)\(result.standardError)
                """)
        }
        if ProcessInfo.processInfo.environment["TOPSIM_UPDATE_GOLDENS"] != nil {
            try page.write(outputs: outputs)
        }
    }

    @Test func `a page's commands, their lines and a gap in an output are told apart`() throws {
        let scratch = try ScratchFolder()
        try scratch.write(
            "# A\n```console\n$ one \\\n> two\na\n…\nd\n$ three\n```\n$ no command\n", to: "page.md"
        )
        let page = try GuidePage(scratch.file("page.md"))
        #expect(page.commands.map(\.text) == ["one \\\ntwo", "three"])
        #expect(page.commands.map(\.line) == [3, 8])
        #expect(page.commands[0].shows("a\nb\nc\nd\n"))
        #expect(page.commands[0].shows("a\nd\n"))
        #expect(!page.commands[0].shows("a\nb\n"))
        #expect(!page.commands[0].shows("d\n"))
        #expect(page.commands[1].shows(""))
        #expect(!page.commands[1].shows("x\n"))
        try page.write(outputs: [nil, "x\ny\n"])
        #expect(try GuidePage(scratch.file("page.md")).commands[1].output == ["x", "y"])
    }
}
