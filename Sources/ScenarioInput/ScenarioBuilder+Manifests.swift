import ClusterScheduler
import ClusterSimulation
import Primitives
import WorkloadModel

extension ScenarioBuilder {
    /// After the priority classes of the scenario, which manifests may name, and before its own workloads.
    mutating func buildManifests() {
        for entry in root.list("manifests") where !diagnostics.isFull {
            guard let place = entry.present("file"), let name = place.text else { continue }
            do throws(InputError) {
                try add(readManifest(entry, place, name), entry, place)
            } catch {
                for diagnostic in error.diagnostics { diagnostics.add(diagnostic) }
            }
        }
    }

    private mutating func readManifest(
        _ entry: SourceNode, _ place: SourceNode, _ name: String
    ) throws(InputError) -> KubernetesWorkloads {
        let limits = SourceLimits.listing
        let bytes: [UInt8]
        do throws(FileProblem) {
            bytes =
                name == "-"
                ? try files.readScenarioFile(name, limit: limits.bytes)
                : try files.read(name, limit: limits.bytes)
        } catch {
            throw InputError([
                Diagnostic(
                    file: place.mark.file, line: place.mark.line, column: place.mark.column,
                    message: "`\(name)`: \(error.message)", hint: error.hint)
            ])
        }
        do throws(InputError) {
            var objects = try readKubernetesObjects(
                bytes, file: name,
                templates: entry.choice("templates", as: ManifestTemplates.self) ?? .refused,
                limits: limits)
            var report = ImportReport()
            try connectNetworks(&objects, to: &networks, report: &report)
            tell(report)
            imports.append(report)
            return try readKubernetesWorkloads(
                [objects], priorityClasses: priorityClasses, resources: scenario.resources)
        } catch {
            throw withLines(error, of: bytes, name)
        }
    }

    /// The same mistakes with the lines that they stand in.
    private func withLines(_ error: InputError, of bytes: [UInt8], _ name: String) -> InputError {
        guard let text = String(validating: bytes, as: UTF8.self) else { return error }
        var error = error
        let lines = text.lines
        for index in error.diagnostics.indices where error.diagnostics[index].sourceLine == nil {
            let number = error.diagnostics[index].line - 1
            if error.diagnostics[index].file == name, lines.indices.contains(number) {
                error.diagnostics[index].sourceLine = String(lines[number].prefix(200))
            }
        }
        return error
    }

    private mutating func add(
        _ manifest: KubernetesWorkloads, _ entry: SourceNode, _ place: SourceNode
    ) {
        scenario.resources = manifest.resources
        priorityClasses = manifest.priorityClasses
        scenario.disruptionBudgets += manifest.disruptionBudgets
        for namespace in manifest.namespaces {
            scenario.scheduler.objects.namespaces.removeAll { $0.name == namespace.name }
            let name = Label(key: "kubernetes.io/metadata.name", value: namespace.name)
            scenario.scheduler.objects.namespaces.append(
                NamespaceObject(
                    name: namespace.name,
                    labels: namespace.labels.filter { $0.key != name.key } + [name]))
        }
        let lifetime = jobLifetime(entry)
        let standing = manifest.standing
        let start = timeToStand(standing.count)
        // Those that run come first.
        for workload in standing { append(workload, at: .zero, lifetime, place) }
        for workload in manifest.workloads where workload.node == nil {
            append(workload, at: start, lifetime, place)
        }
        imports.append(manifest.report)
        tell(manifest, place)
        checkEnd(manifest, place)
    }

    private mutating func append(
        _ imported: ImportedWorkload, at start: SimTime, _ lifetime: Distribution?,
        _ place: SourceNode
    ) {
        var shape = imported.shape
        let pinned = imported.node.flatMap { nodeIndex($0) }
        // The pod is tied by its node's index, so that equal pods on many nodes have one shape.
        if imported.node != nil {
            shape.placement?.requiredNodeTerms = nil
            if shape.placement?.isEmpty == true { shape.placement = nil }
        }
        if let node = imported.node, pinned == nil {
            imports.guessed(
                "Pod \(imported.namespace)/\(imported.name)",
                "no node is called `\(node)`: the scheduler finds one", file: imported.file,
                line: imported.line)
        }
        let arrivals =
            imported.cronJob.map { ArrivalProcess.cron($0) }
            ?? .fixed(start: start, every: .zero, count: 1)
        var workload = Workload(
            name: freeName(imported), namespace: imported.namespace,
            controller: imported.controller, replicas: imported.replicas,
            source: .generated(
                shape: shape, arrivals: arrivals,
                lifetime: imported.controller == .job ? lifetime : nil),
            backoffLimit: imported.backoffLimit)
        workload.pinnedNode = pinned
        workload.parallelism = imported.controller == .job ? imported.parallelism : nil
        introduceToScheduler(&workload, place, owner: imported.owner ?? imported.name)
        scenario.workloads.append(workload)
    }

    /// When every running pod is in its place: the scheduler takes one after another.
    private func timeToStand(_ count: Int) -> SimTime {
        guard count > 0 else { return .zero }
        let nodes = scenario.nodeGroups.reduce(0) { $0 + $1.count }
        let cycle =
            scenario.timings.schedulingCycle + scenario.timings.nodeExamined * Int64(nodes)
        return .zero + .seconds(1 + (cycle * Int64(count) * 2).nanoseconds / 1_000_000_000)
    }

    private mutating func nodeIndex(_ name: String) -> NodeIndex? {
        if nodeIndices == nil {
            var indices: [String: NodeIndex] = [:]
            var next = 0
            for group in scenario.nodeGroups {
                for position in 0..<group.count {
                    indices[group.nodeName(position)] = NodeIndex(next)
                    next += 1
                }
            }
            nodeIndices = indices
        }
        return nodeIndices?[name]
    }

    /// The object's name as a workload's: a DNS label of at most 50 characters that no other has.
    private mutating func freeName(_ imported: ImportedWorkload) -> String {
        if manifestNames.isEmpty { manifestNames = Set(root.map("workload").map(\.key)) }
        func label(_ text: String) -> String {
            let fitting = text.lowercased().unicodeScalars.map { scalar in
                ("a"..."z").contains(scalar) || ("0"..."9").contains(scalar)
                    ? Character(scalar) : "-"
            }
            let trimmed = String(
                fitting.drop { $0 == "-" }.prefix(44).reversed().drop { $0 == "-" }
                    .reversed())
            return trimmed.isEmpty ? imported.kind.lowercased() : trimmed
        }
        let candidates = [label(imported.name), label("\(imported.namespace)-\(imported.name)")]
        if let free = candidates.first(where: { !manifestNames.contains($0) }) {
            manifestNames.insert(free)
            return free
        }
        // The numbers go on from where they were, so that many equal names cost no more than few.
        var number = nameNumbers[candidates[0]] ?? 2
        while manifestNames.contains("\(candidates[0])-\(number)") { number += 1 }
        nameNumbers[candidates[0]] = number + 1
        manifestNames.insert("\(candidates[0])-\(number)")
        return "\(candidates[0])-\(number)"
    }

    private mutating func jobLifetime(_ entry: SourceNode) -> Distribution? {
        guard let given = entry.present("jobLifetime"), given.text != "forever",
            let lifetime = distribution(given)
        else { return nil }
        if let problem = lifetime.problem() { diagnostics.error(at: given, problem) }
        return lifetime
    }

    private mutating func tell(_ manifest: KubernetesWorkloads, _ place: SourceNode) {
        let report = manifest.report
        diagnostics.note(
            at: place,
            "\(manifest.workloads.count) workloads of which \(manifest.standing.count) run already; "
                + "\(report.count(of: .taken)) taken, \(report.count(of: .guessed)) guessed, "
                + "\(report.count(of: .dropped)) dropped")
        for note in report.notes.filter({ $0.outcome != .taken }).prefix(20) {
            diagnostics.note(
                at: SourceNode(.null, at: SourceMark(file: note.file, line: note.line, column: 1)),
                "\(note.subject): \(note.reason)")
        }
        if manifest.workloads.isEmpty {
            diagnostics.note(
                at: place, "no object of this file makes a pod",
                hint: "kinds that do are `Pod`, `Deployment`, `StatefulSet`, `DaemonSet`, `Job` …")
        }
    }

    private mutating func checkEnd(_ manifest: KubernetesWorkloads, _ place: SourceNode) {
        guard scenario.until == .workloadFinished,
            let cronJob = manifest.workloads.first(where: { $0.cronJob?.isSuspended == false })
        else { return }
        diagnostics.error(
            at: place,
            "the CronJob `\(cronJob.name)` goes on for ever, and the run has no end",
            hint: "for example `until: 24h`")
    }
}
