import Foundation

/// The man page, from what `topsim --experimental-dump-help` says of itself.
///
/// Macros of mdoc(7): `.It` an item, `.Fl` an option, `.Ar` an argument, `.Ic` a command.
struct ManualPage {
    private var lines: [String] = []

    /// What ArgumentParser dumps: ToolInfo's JSON, as far as a page needs it.
    private struct Tool: Decodable {
        var command: Command
    }

    private struct Command: Decodable {
        var commandName: String
        var abstract: String?
        var discussion: String?
        var arguments: [Argument]?
        var subcommands: [Command]?
    }

    private struct Argument: Decodable {
        struct Name: Decodable {
            var kind: String
            var name: String
        }

        var kind: String
        var abstract: String?
        var valueName: String?
        var defaultValue: String?
        var allValues: [String]?
        var names: [Name]?
    }

    static func text(fromDump dump: String) throws -> String {
        let tool = try JSONDecoder().decode(Tool.self, from: Data(dump.utf8))
        var page = ManualPage()
        page.write(tool.command)
        return page.lines.joined(separator: "\n") + "\n"
    }

    private mutating func write(_ tool: Command) {
        let commands = (tool.subcommands ?? []).filter { $0.commandName != "help" }
        lines += [
            ".\\\" Written by the tests from what the program says of itself: make docs",
            ".Dd 2026", ".Dt TOPSIM 1", ".Os", ".Sh NAME", ".Nm topsim", ".Nd " + summary(tool),
            ".Sh SYNOPSIS",
        ]
        for command in commands {
            lines += [".Nm", ".Ic \(command.commandName)", ".Op Ar options"]
            for argument in command.arguments ?? [] where argument.kind == "positional" {
                lines.append(".Ar \(argument.valueName ?? "")")
            }
            lines.append(".br")
        }
        lines.append(".Sh DESCRIPTION")
        write(paragraphs: tool.discussion ?? "")
        lines += [".Sh COMMANDS"]
        for command in commands {
            lines += [".Ss \(command.commandName)", escaped(command.abstract ?? "")]
            if let discussion = command.discussion, !discussion.isEmpty {
                lines.append(".Pp")
                write(paragraphs: discussion)
            }
            write(command.arguments ?? [])
        }
        lines += [
            ".Sh EXIT STATUS", ".Bl -tag -width 4n", ".It 0", "done", ".It 1",
            "the answer is no", ".It 2", "bad input or usage", ".It 3", "the run failed",
            ".It 130 , 143", "interrupted by SIGINT or SIGTERM; the results are readable",
            ".El", ".Sh ENVIRONMENT", ".Bl -tag -width 4n", ".It Ev NO_COLOR",
            "if set, nothing is coloured", ".It Ev TOPSIM_SHARED",
            "where scenarios that ship look for real machines and traces", ".El",
        ]
    }

    private mutating func write(_ arguments: [Argument]) {
        let shown = arguments.filter { argument in
            !(argument.names ?? []).contains { ["help", "version"].contains($0.name) }
        }
        guard !shown.isEmpty else { return }
        lines.append(".Bl -tag -width 6n")
        for argument in shown {
            let names = (argument.names ?? []).map {
                "Fl \($0.kind == "long" ? "-" : "")\($0.name)"
            }
            let value = argument.kind == "flag" ? [] : [" Ar \(argument.valueName ?? "")"]
            lines.append(
                ([".It" + names.map { " " + $0 }.joined(separator: " ,")] + value).joined())
            lines.append(escaped(argument.abstract ?? ""))
            if let values = argument.allValues, !values.isEmpty {
                let initial = argument.defaultValue.map { "; by default \($0)" } ?? ""
                lines.append(escaped("One of \(values.joined(separator: ", "))\(initial)."))
            } else if let initial = argument.defaultValue {
                lines.append(escaped("By default \(initial)."))
            }
        }
        lines.append(".El")
    }

    /// Indented lines are shown as they stand.
    private mutating func write(paragraphs text: String) {
        for (index, paragraph) in text.split(separator: "\n\n").enumerated() {
            if index > 0 { lines.append(".Pp") }
            for line in paragraph.split(separator: "\n") {
                let isVerbatim = line.hasPrefix("  ")
                let stripped = String(line.drop { $0 == " " })
                lines.append((isVerbatim ? ".Dl " : "") + escaped(stripped))
            }
        }
    }

    private func summary(_ command: Command) -> String {
        var text = command.abstract ?? ""
        if text.hasSuffix(".") { text.removeLast() }
        return escaped(text.prefix(1).lowercased() + text.dropFirst())
    }

    /// Hyphens that may be copied, and no line that begins with a control character.
    private func escaped(_ text: String) -> String {
        let text = text.replacing("\\", with: "\\e").replacing("-", with: "\\-")
        return text.hasPrefix(".") || text.hasPrefix("'") ? "\\&" + text : text
    }
}
