import HardwareModel

// A machine from lscpu's summary, which counts CPUs and does not say which are siblings.

extension LscpuMachine {
    /// Counts only: which CPUs are siblings is guessed from how Linux numbers them.
    mutating func makeFromSummary() {
        guard let cpus = onlineCPUs(), !cpus.isEmpty else {
            if !diagnostics.hasErrors {
                diagnostics.add(
                    Diagnostic(
                        file: file, message: "no CPU is in the text",
                        hint: "`lscpu -p` prints one line for each"))
            }
            return
        }
        let threads = count("Thread(s) per core") ?? 1
        let sockets = count("Socket(s)") ?? 1
        if text.summary["Socket(s)"] == nil { unstated.insert(.sockets) }
        let model = text.summary["Model name"]?.text ?? ""
        let blocks = socketCPUs(cpus, sockets)
        for (socket, members) in blocks.enumerated() {
            description.sockets.append(
                .init(osIndex: socket, model: model == "-" ? "" : model, cpus: members))
            description.cores += cores(of: members, threads: threads)
        }
        unstated.formUnion([.cores, .uncoreCaches])
        report.guessed(
            "cores",
            threads == 1
                ? "no line says them, so each CPU is one"
                : "lscpu's summary does not say which CPUs are siblings; `lscpu -p` does",
            file: file)
        if text.summary["L3 cache"] != nil {
            report.dropped(
                "L3 caches", "lscpu's summary does not say which CPUs share one; `lscpu -p` does",
                file: file)
        }
    }

    private mutating func onlineCPUs() -> [Int]? {
        if let field = text.summary["On-line CPU(s) list"] { return list(field) }
        if !nodeOfCPU.isEmpty { return nodeOfCPU.keys.sorted() }
        return count("CPU(s)").map { Array(0..<$0) }
    }

    private mutating func count(_ key: String) -> Int? {
        guard let field = text.summary[key] else { return nil }
        guard let count = Int(field.text), 1...KernelLists.cpuLimit ~= count else {
            contradict(
                "`\(key)` is `\(field.text.prefix(40))`, and it is 1 to \(KernelLists.cpuLimit)",
                at: field.mark)
            return nil
        }
        return count
    }

    /// Whole NUMA nodes by turns where they come out even, else equal shares of the CPUs.
    private func socketCPUs(_ cpus: [Int], _ sockets: Int) -> [[Int]] {
        let online = Set(cpus)
        var byNode: [Int: [Int]] = [:]
        for (cpu, node) in nodeOfCPU where online.contains(cpu) {
            byNode[node, default: []].append(cpu)
        }
        let nodes = byNode.keys.sorted()
        if nodes.count >= sockets, nodes.count % sockets == 0,
            byNode.values.joined().count == cpus.count
        {
            let share = nodes.count / sockets
            return (0..<sockets).map { socket in
                nodes[(socket * share)..<((socket + 1) * share)].flatMap { byNode[$0] ?? [] }
                    .sorted()
            }
        }
        guard cpus.count % sockets == 0 else { return [cpus] }
        let share = cpus.count / sockets
        return (0..<sockets).map { Array(cpus[($0 * share)..<(($0 + 1) * share)]) }
    }

    /// Siblings half a socket apart where its CPUs come in several runs, as Linux numbers bare metal; else neighbours.
    private func cores(of cpus: [Int], threads: Int) -> [MachineDescription.CoreGroup] {
        guard threads > 1, cpus.count % threads == 0 else { return cpus.map { .init(cpus: [$0]) } }
        let isOneRun = (cpus.last ?? 0) - (cpus.first ?? 0) == cpus.count - 1
        let isAlone = cpus.count == nodeOfCPU.count || nodeOfCPU.isEmpty
        let count = cpus.count / threads
        return (0..<count).map { core in
            .init(
                cpus: (0..<threads).map { thread in
                    isOneRun && !isAlone
                        ? cpus[core * threads + thread] : cpus[thread * count + core]
                })
        }
    }
}
