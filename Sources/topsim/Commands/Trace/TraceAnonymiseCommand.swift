import ArgumentParser
import Foundation
import TraceTools
import WorkloadModel

struct TraceAnonymiseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "anonymise",
        abstract: "Makes a recording that can be given away: names become tokens, labels go.",
        usage: "topsim trace anonymise <file> ... --salt-file <file> [<options>]",
        discussion: """
            A token depends on the name and the salt: equal names stay equal, and without the salt nobody can \
            try names. Names of pods, groups and namespaces become tokens; images and names of shapes and \
            containers go. Times, lifetimes and names of resources stay as they are.
            """)

    @OptionGroup var input: TraceInputOptions
    @OptionGroup var output: TraceOutputOptions

    @Option(
        help: ArgumentHelp(
            "A secret of at least 8 bytes; other users of the machine may see it.",
            valueName: "text"))
    var salt: String?

    @Option(
        help: ArgumentHelp("A file whose bytes are the secret.", valueName: "file"),
        completion: .file())
    var saltFile: String?

    @Option(
        name: .customLong("labels"),
        help: "What becomes of labels, and of rules that speak of them.")
    var labels = LabelsArgument.drop

    @Option(
        name: .customLong("keep-label"),
        help: ArgumentHelp(
            "A label that stays as it is. May be repeated.", valueName: "key"))
    var keptLabels: [String] = []

    @Option(
        help: ArgumentHelp(
            "Round requests of cpu up to a multiple of it.", valueName: "quantity"))
    var roundCPU: String?

    @Option(
        help: ArgumentHelp(
            "Round requests of memory up to a multiple of it.", valueName: "quantity"))
    var roundMemory: String?

    func validate() throws {
        guard (salt == nil) != (saltFile == nil) else {
            throw ValidationError("One of '--salt' and '--salt-file' must be given")
        }
        _ = try step(roundCPU, exponent: -3)
        _ = try step(roundMemory, exponent: 0)
    }

    private func step(_ text: String?, exponent: Int) throws -> Int64 {
        guard let text else { return 0 }
        guard let quantity = try? Quantity(text), let value = quantity.units(exponent: exponent),
            value > 0, value < 1 << 60
        else { throw ValidationError("'\(text)' is no quantity above 0 such as 100m or 64Mi") }
        return value
    }

    private func secret() throws -> String {
        if let salt { return salt }
        let path = saltFile ?? ""
        guard let data = FileManager.default.contents(atPath: path) else {
            throw RunFailure(message: "the salt file `\(path)` cannot be read", hint: nil)
        }
        let text = String(decoding: data, as: UTF8.self)
        return text.hasSuffix("\n") ? String(text.dropLast()) : text
    }

    func run() throws {
        let secret = try secret()
        guard secret.utf8.count >= 8 else {
            throw ValidationError("a salt has at least 8 bytes: shorter ones can be tried out")
        }
        var anonymisation = TraceAnonymisation(salt: secret)
        anonymisation.labels = labels == .drop ? .drop : .hash
        anonymisation.keptLabels = Set(keptLabels)
        anonymisation.cpuStep = try step(roundCPU, exponent: -3)
        anonymisation.memoryStep = try step(roundMemory, exponent: 0)
        try output.write(input) { source, output in
            try transform(
                &source, by: &anonymisation, comments: ["made by topsim trace anonymise"],
                to: output.write)
        }
        if anonymisation.shapesWithLostRules > 0 {
            Messages.warn(
                "\(anonymisation.shapesWithLostRules) shapes lost rules about labels that went",
                hint: "`--labels hash` keeps what rules among pods mean")
        }
    }
}

/// What becomes of labels, as an option.
enum LabelsArgument: String, CaseIterable, ExpressibleByArgument {
    case drop, hash
}
