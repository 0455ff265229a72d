import ArgumentParser
import HostTopology
import Lint
import ScenarioInput
import WorkloadModel

struct LintCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lint",
        abstract: "Checks pods and nodes against Anuket's RA2, chapter 3.",
        usage: """
            topsim lint <file> ... [--format text|json|sarif] [--class <class>] [--only <codes>] \
            [--ignore <codes>] [--classes]
            topsim lint --explain <code>
            topsim lint --table
            """,
        discussion: """
            Reads scenarios, Kubernetes objects and kubelet configurations, and judges them together. Pods say \
            their class, c1 to c5, in a scenario's `class` or by the label topsim/workload-class; the class of \
            others is inferred from what they ask for.

            Exit codes: 0 no finding of severity error; 1 at least one; 2 bad input.
            """)

    @Argument(
        help: "Scenarios, manifests (YAML or JSON), kubelet configurations; - is standard input.",
        completion: .file(extensions: ["yaml", "yml", "json"]))
    var files: [String] = []

    @Option(
        help: "How findings are written: text, json or sarif.",
        transform: { text in
            guard let format = LintFormat(rawValue: text) else {
                throw ValidationError("no format '\(text)': formats are text, json and sarif")
            }
            return format
        })
    var format = LintFormat.text

    @Option(
        name: .customLong("class"),
        help: "Judge every pod as of this class, c1 to c5, whatever it says.",
        transform: { text in
            guard let workloadClass = WorkloadClass(rawValue: text) else {
                throw ValidationError("no class '\(text)': classes are c1 to c5")
            }
            return workloadClass
        })
    var workloadClass: WorkloadClass?

    @Option(help: ArgumentHelp("Only these codes, with commas.", valueName: "codes"))
    var only: String?

    @Option(help: ArgumentHelp("All but these codes, with commas.", valueName: "codes"))
    var ignore: String?

    @Flag(help: "Print the class of each pod, stated or inferred, and no findings.")
    var classes = false

    @Option(help: ArgumentHelp("Print what a code is about.", valueName: "code"))
    var explain: String?

    @Flag(help: "Print RA2's table of categories, and the codes that look after each demand.")
    var table = false

    func validate() throws {
        let modes = (explain == nil ? 0 : 1) + (table ? 1 : 0)
        if modes > 1 || (modes == 1 && !files.isEmpty) {
            throw ValidationError("--explain and --table stand alone")
        }
        if modes == 0 && files.isEmpty { throw ValidationError("no file to check") }
        for id in LintCommand.codes(only) + LintCommand.codes(ignore) + [explain].compactMap(\.self)
        where RA2Codes.registry[id] == nil {
            throw ValidationError(
                "no code '\(id)': codes are \(RA2Codes.registry.codes.first?.id ?? "") to "
                    + "\(RA2Codes.registry.codes.last?.id ?? "")")
        }
    }

    func run() throws {
        if let explain, let code = RA2Codes.registry[explain] {
            return try StandardOutput.write(code.explanation)
        }
        if table { return try StandardOutput.write(WorkloadCategories.table) }
        let input = try read()
        Messages.note(input.report.diagnostics)
        if classes { return try StandardOutput.write(LintCommand.classTable(input.facts)) }
        let findings = input.facts.findings(as: workloadClass).selecting(
            only: only.map { Set(LintCommand.codes($0)) },
            ignoring: Set(LintCommand.codes(ignore)))
        try StandardOutput.write(
            findings.written(
                as: format, registry: RA2Codes.registry,
                tool: LintTool(name: "topsim", version: Version.topsim)))
        if findings.hasErrors { throw ExitCode(ExitCodes.answerIsNo.rawValue) }
    }

    /// Mistakes of all files together.
    private func read() throws(InputError) -> LintInput {
        var input = LintInput()
        var mistakes: [Diagnostic] = []
        let surroundings = ScenarioSurroundings(hostMachine: { try HostMachine.read() })
        for path in files {
            do throws(InputError) {
                try input.read(path: path, surroundings: surroundings)
            } catch {
                mistakes += error.diagnostics
            }
        }
        if !mistakes.isEmpty { throw InputError(mistakes) }
        return input
    }

    private static func codes(_ text: String?) -> [String] {
        (text ?? "").split(separator: ",").map { $0.filter { !$0.isWhitespace } }
    }

    /// A line for each pod: what it says it is, or what it asks for.
    private static func classTable(_ facts: LintFacts) -> String {
        var text = ""
        for (pod, workloadClass, isStated) in facts.classes() {
            let word = workloadClass?.rawValue ?? "none"
            text += "\(word)\t\(isStated ? "stated" : "inferred")\t\(pod.subject)\n"
        }
        return text
    }
}

extension LintCode {
    /// What `--explain` prints.
    fileprivate var explanation: String {
        """
        \(id) \(name), \(severity.rawValue)
        \(title)

        \(summary)

        clause: \(clause)
        page:   \(page)

        """
    }
}

extension ImportReport {
    /// What was passed over, as notes.
    fileprivate var diagnostics: [Diagnostic] {
        notes.filter { $0.outcome == .dropped }.map { note in
            Diagnostic(
                severity: .note, file: note.file, line: note.line, column: note.line > 0 ? 1 : 0,
                message: "\(note.subject) is passed over: \(note.reason)")
        }
    }
}
