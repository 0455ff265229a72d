import ClusterSimulation
import Foundation
import HardwareModel
import Lint
import NodeManagers
import Primitives
import ScenarioInput
import WorkloadModel

extension InputTarget {
    /// Texts of topsim's own and of the kubelet, and the small languages in them.
    static let texts: [InputTarget] = [
        InputTarget("yaml") { bytes in
            for document in try readSourceDocuments(bytes, file: "fuzz.yaml") {
                if document.mark.line < 1 { return "a document on line \(document.mark.line)" }
            }
            return nil
        },
        InputTarget("json") { bytes in
            let value = try readJSONSource(bytes, file: "fuzz.json")
            // JSON without escapes, tabs and keys of their own is YAML: both readers must agree.
            let isPlain = bytes.allSatisfy { 0x20..<0x7F ~= $0 && $0 != UInt8(ascii: "\\") }
            guard isPlain, let first = try? readSourceDocuments(bytes, file: "fuzz.json").first
            else { return nil }
            return value.entries?.count == first.entries?.count
                && value.elements?.count == first.elements?.count
                ? nil : "JSON and YAML read the same text otherwise"
        },
        InputTarget("scenario") { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            // Files outside are another target's: relative paths lead into a folder that is not there.
            let paths = text.replacing("topsim/v1", with: "").replacing("/h", with: "")
            if paths.contains("/") || paths.contains("..") { return nil }
            let loaded = try readScenario(
                text: text, file: "fuzz.yaml", folder: "/nonexistent",
                surroundings: ScenarioSurroundings(environment: [:]))
            for group in loaded.scenario.nodeGroups {
                let mistakes = group.machine.validate()
                if !mistakes.isEmpty { return "a machine that is invalid: \(mistakes)" }
            }
            return nil
        },
        InputTarget("study") { bytes in
            _ = try readStudy(
                bytes: bytes, file: "fuzz.yaml")
            return nil
        },
        InputTarget("lint") { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            if text.contains("topsim/") { return nil }
            var input = LintInput()
            try input.read(bytes, file: "fuzz.yaml", folder: "/nonexistent")
            let findings = input.facts.findings()
            for finding in findings.all where finding.message.isEmpty { return "an empty finding" }
            for format in LintFormat.allCases {
                let text = findings.written(
                    as: format, registry: RA2Codes.registry,
                    tool: LintTool(name: "fuzz", version: "0"))
                if format != .text, (try? readJSONSource(Array(text.utf8), file: "out")) == nil {
                    return "\(format) that is no JSON: \(text.prefix(200))"
                }
            }
            return nil
        },
        InputTarget("checkpoint", lengthLimit: 2048) { bytes in
            // Which of the three it is stands in no file, so each is tried.
            var refusal: (any Error)?
            func again<State: Equatable>(
                _ read: ([UInt8]) throws -> State, _ text: (State) -> String
            ) -> String? {
                let state: State
                do { state = try read(bytes) } catch {
                    refusal = error
                    return judge(error)
                }
                let written = text(state)
                guard let second = try? read(Array(written.utf8)) else {
                    return "a checkpoint that was written is refused: \(written)"
                }
                return text(second) == written ? nil : "a checkpoint reads otherwise: \(written)"
            }
            return again(
                { try CPUManagerCheckpoint(reading: $0, file: "cpu_manager_state") }, \.text)
                ?? again(
                    { try MemoryManagerCheckpoint(reading: $0, file: "memory_manager_state") },
                    \.text)
                ?? again(
                    { try DeviceManagerCheckpoint(reading: $0, file: "kubelet_internal") }, \.text)
        },
        InputTarget("cron", lengthLimit: 64) { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            let parts = text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false)
            let schedule: CronSchedule
            do throws(CronError) {
                schedule = try CronSchedule(
                    String(parts[0]), timeZone: parts.count > 1 ? String(parts[1]) : "Etc/UTC")
            } catch {
                return error.description.isEmpty ? "a refusal without a word" : nil
            }
            return brokenLaw(of: schedule)
        },
        InputTarget("quantity", lengthLimit: 64) { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            guard let quantity = try? Quantity(text) else { return nil }
            // Upstream, and so topsim, prints a power of ten beyond its letters as nothing at all.
            guard quantity.units(exponent: 0) != nil else { return nil }
            let written = quantity.description
            guard let again = try? Quantity(written) else {
                return "`\(text)` is written as `\(written)`, which is refused"
            }
            if again.compare(quantity) != 0 { return "`\(text)` is written as `\(written)`" }
            _ = quantity.units(exponent: -3)
            _ = quantity.units(exponent: 0)
            return nil
        },
        InputTarget("cpuset", lengthLimit: 64) { bytes in
            let text = String(decoding: bytes, as: UTF8.self)
            guard let list = try? CPUList(text) else { return nil }
            guard let again = try? CPUList(list.description), again == list else {
                return "`\(text)` is written as `\(list)`"
            }
            guard let cpus = try? CPUSet(parsing: text) else { return nil }
            guard let again = try? CPUSet(parsing: cpus.description), again == cpus else {
                return "`\(text)` is written as `\(cpus)`"
            }
            return nil
        },
    ]
}

/// Times of a schedule lie behind the time that was asked for, and go on.
private func brokenLaw(of schedule: CronSchedule) -> String? {
    var time: Int64 = 1_767_225_600
    for _ in 0..<4 {
        guard let next = schedule.next(after: time) else { return nil }
        if next <= time { return "\(schedule): \(next) does not follow \(time)" }
        time = next
    }
    return nil
}
