import LiteralKubelet
import NodeManagers
import Primitives
import Testing

/// Kubelet restarts at every position of random sequences, against the transcription and against no restart.
///
/// A restart changes nothing unless a trap that the description names is met. Every difference is put down to one;
/// what cannot be fails.
@Suite struct RestartTests {
    static let sequences = DifferentialTests.setting("TOPSIM_RESTART_SEQUENCES", default: 60)
    static let length = 12

    /// What a restart made different, by the trap's name.
    struct Tally {
        var restarts = 0
        var steps = 0
        var traps: [String: Int] = [:]
        var unnamed: [String] = []
    }

    @Test func `a restart at every position changes only what a named trap explains`() {
        var tally = Tally()
        var (sequences, untouched) = (0, 0)
        var differences: [String] = []
        var seed = DifferentialTests.firstSeed &+ 1_000_000
        while sequences < RestartTests.sequences, differences.count < 12 {
            seed += 1
            var cases = RandomCases(seed: seed, focus: .wholeNode)
            let machine = cases.machine()
            let settings = cases.settings(for: machine)
            let plugins = cases.plugins(for: machine)
            guard case .started(let fresh) = NodePair.start(machine, settings, plugins) else {
                continue
            }
            let plugin: LiteralKubelet.PluginReturn = cases.pick([
                .before, .before, .before, .before, .before, .before, .after, .never,
            ])
            // Nodes of the run without a restart, after each operation.
            var nodes = [fresh]
            var operations: [RandomCases.Operation] = []
            for step in 0..<RestartTests.length {
                let operation = cases.operation(
                    step, on: machine, settings, plugins,
                    pods: nodes[step].literal.pods.map(\.uid), initPercent: 10)
                var next = nodes[step]
                if let difference = next.run(operation) {
                    differences.append("seed \(seed), step \(step): \(difference)")
                }
                operations.append(operation)
                nodes.append(next)
            }
            sequences += 1
            var isUntouched = true
            for position in 0...operations.count where differences.isEmpty {
                let before = tally.traps
                if let difference = RestartTests.follow(
                    nodes, operations, restartAt: position, settings, plugin, &tally)
                {
                    differences.append("seed \(seed), restart at \(position): \(difference)")
                }
                if tally.traps != before { isUntouched = false }
            }
            if isUntouched { untouched += 1 }
        }
        let traps = tally.traps.sorted { $0.key < $1.key }
        print("restart: \(sequences) sequences, \(untouched) without any difference")
        print("  \(tally.restarts) restarts, \(tally.steps) steps after them")
        for trap in traps { print("  \(trap.key): \(trap.value)") }
        for text in differences.prefix(8) + tally.unnamed.prefix(8) {
            print("  ! \(text.prefix(1500))")
        }
        #expect(differences == [])
        #expect(tally.unnamed == [])
        #expect(untouched * 2 >= sequences)
    }

    /// One restart and the operations after it; a difference between transcription and managers ends it.
    private static func follow(
        _ nodes: [NodePair], _ operations: [RandomCases.Operation], restartAt position: Int,
        _ settings: LiteralSettings, _ plugins: LiteralKubelet.PluginReturn, _ tally: inout Tally
    ) -> String? {
        var pair = nodes[position]
        tally.restarts += 1
        if let difference = pair.run(.restart(plugins, settings)) { return difference }
        let before = nodes[position].literal
        var found: [String] = []
        let traps = RestartTraps(before: before, after: pair, plugins: plugins)
        for item in traps.differences() {
            if let name = item.trap {
                found.append(name)
            } else {
                tally.unnamed.append("restart at \(position): \(item.what) [\(settings.summary)]")
            }
        }
        for name in Set(found) { tally.traps[name, default: 0] += 1 }
        if pair.startError != nil { return nil }
        for step in position..<operations.count {
            tally.steps += 1
            if let difference = pair.run(operations[step]) {
                return "step \(step) after it: \(difference)"
            }
            // After a difference at the restart later ones are its consequences.
            guard found.isEmpty,
                let later = traps.laterDifference(nodes[step + 1].literal, pair.literal)
            else { continue }
            if let name = later.trap {
                tally.traps[name, default: 0] += 1
                found.append(name)
                continue
            }
            tally.unnamed.append(
                "step \(step) after a restart at \(position): \(later.what) [\(settings.summary);"
                    + " \(operations[step])]")
            return nil
        }
        return nil
    }
}
