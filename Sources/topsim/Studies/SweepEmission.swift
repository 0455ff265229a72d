import ArgumentParser
import Foundation
import Reporting
import ScenarioInput

/// What runs the shards of a sweep in place of this computer.
enum EmissionTarget: String, CaseIterable, ExpressibleByArgument {
    case slurm, kubernetes, snakemake
}

/// `sweep --emit`: the options that go with it, and the text.
struct EmissionOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Run nothing; print a job that runs the shards and merges them.", valueName: "system"))
    var emit: EmissionTarget?

    @Option(help: "How many shards, with --emit; by default 16, or one a run if there are fewer.")
    var shards: Int?

    @Option(help: "A container image with topsim in it, with --emit kubernetes.")
    var image: String?

    @Option(
        help: "The PersistentVolumeClaim that holds the study, with --emit kubernetes.")
    var claim: String?

    func validate() throws {
        if emit == nil, shards != nil { throw ValidationError("--shards goes with --emit") }
        if let shards, !(1...100_000).contains(shards) {
            throw ValidationError("--shards takes a number from 1 to 100,000")
        }
        let needsImage = emit == .kubernetes
        if needsImage, image == nil || claim == nil {
            throw ValidationError(
                "--emit kubernetes needs --image, with topsim in it, and --claim, with the study on it"
            )
        }
        if !needsImage, image != nil || claim != nil {
            throw ValidationError("--image and --claim go with --emit kubernetes")
        }
    }

    /// The job's text.
    ///
    /// - Parameter words: Everything the user wrote that each shard needs, from `sweep` on.
    func text(
        _ target: EmissionTarget, study: Study, file: String, words: [String], output: String,
        threads: Int
    ) throws(InputError) -> String {
        let shards = self.shards ?? min(16, study.runCount)
        var mistakes: [Diagnostic] = []
        if shards > study.runCount {
            mistakes.append(
                Diagnostic(
                    file: file, message: "\(shards) shards of \(study.runCount) runs",
                    hint: "--shards takes at most as many as there are runs"))
        }
        let paths = words + [output, study.scenarioPath, image ?? "", claim ?? ""]
        let isControl = { (scalar: Unicode.Scalar) in scalar.properties.generalCategory == .control
        }
        for word in Set(paths).sorted() where word.unicodeScalars.contains(where: isControl) {
            mistakes.append(
                Diagnostic(
                    file: file, message: "a job cannot hold \(word.debugDescription)",
                    hint: "no line break or other control character, please"))
        }
        let scenario = shownPath(study.scenarioPath)
        let inputs = scenario == file ? [file] : [file, scenario]
        for path in inputs + [output] where target == .snakemake && path.contains(/[{}]/) {
            mistakes.append(
                Diagnostic(
                    file: file, message: "`\(path)` has braces, which are wildcards to Snakemake",
                    hint: "call it otherwise"))
        }
        if !mistakes.isEmpty { throw InputError(mistakes) }
        let sweep = ShardedSweep(
            name: study.name, runs: study.runCount, shards: shards, arguments: words,
            inputs: inputs, output: output, threads: threads)
        return switch target {
        case .slurm: SlurmArrayScript.text(sweep)
        case .snakemake: Snakefile.text(sweep)
        case .kubernetes:
            KubernetesIndexedJob.text(sweep, image: image ?? "", claim: claim ?? "")
        }
    }
}
