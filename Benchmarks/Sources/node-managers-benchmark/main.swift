// What a kubelet's decisions cost here, on inputs for which the kubelet's own cost is known.
//
//   swift run -c release node-managers-benchmark [--only TEXT] [--rounds N] [--cases FILE] [--no-literal]
//
// Cases are read from conformance/benchmark-cases.json in the folder of TOPSIM_SHARED, or in ../shared beside the
// checkout. Every answer is compared with the kubelet's before it is timed. CPU time; the least of all rounds counts,
// as other work may share the machine. Prints Markdown.

import Foundation

struct Options {
    var only: String?
    var rounds = 5
    var withLiteral = true
    var cases = BenchmarkFile.defaultURL
}

func options(from arguments: [String]) -> Options? {
    var options = Options()
    var rest = arguments[...]
    while let name = rest.popFirst() {
        if name == "--no-literal" {
            options.withLiteral = false
            continue
        }
        guard let value = rest.popFirst() else { return nil }
        switch name {
        case "--only": options.only = value
        case "--rounds":
            guard let rounds = Int(value), rounds > 0 else { return nil }
            options.rounds = rounds
        case "--cases": options.cases = URL(filePath: value)
        default: return nil
        }
    }
    return options
}

func fail(_ message: String) -> Never {
    FileHandle.standardError.write(Data("error: \(message)\n".utf8))
    exit(2)
}

guard let options = options(from: Array(CommandLine.arguments.dropFirst())) else {
    fail("usage: node-managers-benchmark [--only TEXT] [--rounds N] [--cases FILE] [--no-literal]")
}
let file: BenchmarkFile
do {
    file = try BenchmarkFile(options.cases)
} catch {
    fail("`\(options.cases.path)`: \(error)")
}
let bench = Bench(rounds: options.rounds, withLiteral: options.withLiteral)
let kinds:
    [(
        title: String, note: String,
        lines: (BenchmarkFile, Bench, (String) -> Bool) throws -> [Line]
    )] = [
        (
            "CPU accumulator", "One call that chooses CPUs; target 100 times.",
            AccumulatorCases.lines
        ),
        (
            "CPU hints",
            "What the merge needs of the static policy's hints; target 100 times. \"Listed\" writes the list as well, as"
                + " the kubelet does.", CPUHintCases.lines
        ),
        (
            "Merge of lists",
            "Lists in, verdict out. Cases with * are our own, and have no kubelet figure.",
            MergeCases.lines
        ),
        (
            "Whole admission",
            "Hints, merge, allocation, predicates, and the removal of the pod. No checkpoint is written. Cases with * are"
                + " our own.", AdmissionCases.lines
        ),
    ]
var missed = 0
for kind in kinds {
    do {
        let lines = try kind.lines(file, bench) { name in
            options.only.map { name.contains($0) } ?? true
        }
        guard !lines.isEmpty else { continue }
        print("## \(kind.title)\n\n\(kind.note)\n")
        print(Line.table(lines))
        missed += lines.count { $0.isMet == false }
    } catch {
        fail("\(error)")
    }
}
print(missed == 0 ? "Every target is met." : "Missed targets: \(missed).")
