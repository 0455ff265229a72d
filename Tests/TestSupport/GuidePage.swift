public import Foundation

/// A page whose `console` blocks are a session at a shell: `$ ` begins a command, `> ` goes on with it, what follows is
/// its output. A line `…` stands for any lines.
public struct GuidePage {
    public struct Command: Sendable {
        /// Line of the page, from 1.
        public var line: Int
        public var text: String
        public var output: [String]
        /// Lines of the page that are output.
        var range: Range<Int>

        public init(line: Int, text: String, output: [String], range: Range<Int>) {
            self.line = line
            self.text = text
            self.output = output
            self.range = range
        }

        /// Whether `text`, line by line, is what the page shows.
        public func shows(_ text: String) -> Bool {
            GuidePage.matches(ArraySlice(output), ArraySlice(GuidePage.lines(of: text)))
        }
    }

    public let url: URL
    private let lines: [String]
    public let commands: [Command]

    public init(_ url: URL) throws {
        self.url = url
        lines = GuidePage.lines(of: try String(contentsOf: url, encoding: .utf8))
        var commands: [Command] = []
        var isInside = false
        for (index, line) in lines.enumerated() {
            if line.hasPrefix("```") {
                isInside = line == "```console"
            } else if isInside {
                if line.hasPrefix("$ ") {
                    commands.append(
                        Command(
                            line: index + 1, text: String(line.dropFirst(2)), output: [],
                            range: index + 1..<index + 1))
                } else if !commands.isEmpty {
                    let last = commands.count - 1
                    if line.hasPrefix("> "), commands[last].output.isEmpty {
                        commands[last].text += "\n" + line.dropFirst(2)
                        commands[last].range = index + 1..<index + 1
                    } else {
                        commands[last].output.append(line)
                        commands[last].range = commands[last].range.lowerBound..<index + 1
                    }
                }
            }
        }
        self.commands = commands
    }

    /// Writes the page with other outputs, one for each command; nil keeps what is there.
    public func write(outputs: [String?]) throws {
        var result = lines
        for (command, output) in zip(commands, outputs).reversed() {
            guard let output, !command.output.contains("…") else { continue }
            result.replaceSubrange(command.range, with: GuidePage.lines(of: output))
        }
        try Data((result.joined(separator: "\n") + "\n").utf8).write(to: url)
    }

    static func lines(of text: String) -> [String] {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines
    }

    static func matches(_ pattern: ArraySlice<String>, _ lines: ArraySlice<String>) -> Bool {
        guard let first = pattern.first else { return lines.isEmpty }
        if first == "…" {
            let rest = pattern.dropFirst()
            return (lines.startIndex...lines.endIndex).contains { matches(rest, lines[$0...]) }
        }
        guard let line = lines.first, line == first else { return false }
        return matches(pattern.dropFirst(), lines.dropFirst())
    }
}
