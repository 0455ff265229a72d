import Foundation
import TestSupport
import Testing

@Suite struct ManualPageTests {
    private static let file = Checkout.url.appending(path: "docs/man/topsim.1")

    @Test func `the man page says what the program says`() throws {
        let scratch = try ScratchFolder()
        let dump = try RunTopsim.run(shell: "topsim --experimental-dump-help", in: scratch)
        let page = try ManualPage.text(fromDump: dump.standardOutput)
        if ProcessInfo.processInfo.environment["TOPSIM_UPDATE_GOLDENS"] == "1" {
            try FileManager.default.createDirectory(
                at: Self.file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(page.utf8).write(to: Self.file)
        } else {
            #expect(try String(contentsOf: Self.file, encoding: .utf8) == page)
        }
    }

    @Test func `the man page mentions every command and every option`() throws {
        let scratch = try ScratchFolder()
        let dump = try RunTopsim.run(shell: "topsim --experimental-dump-help", in: scratch)
        let page = try ManualPage.text(fromDump: dump.standardOutput).replacing("\\-", with: "-")
        let help = try RunTopsim.run(shell: "topsim --help", in: scratch).standardOutput
        let list = help.split(separator: "SUBCOMMANDS:").last ?? ""
        let commands = list.matches(of: #/\n  ([a-z]+) /#).map { String($0.output.1) }
        #expect(commands.count >= 5, "\(commands)")
        for command in commands {
            #expect(page.contains(".Ss \(command)\n"))
            let text = try RunTopsim.run(shell: "topsim \(command) --help", in: scratch)
            for option in text.standardOutput.matches(of: /\n  (?:-[a-z], )?--([a-z-]+)/) {
                let name = String(option.output.1)
                guard !["help", "version"].contains(name) else { continue }
                #expect(page.contains("Fl -\(name)"), "\(command) --\(name)")
            }
        }
    }
}
