package import Lint
package import Primitives
package import ScenarioInput
import WorkloadModel

/// Equal nodes that a trace is going to meet.
package struct TraceLintNodes {
    package var name: String
    package var count: Int64
    /// In each resource's own unit, by name.
    package var allocatable: [String: Int64]

    package init(name: String, count: Int64, allocatable: [String: Int64]) {
        self.name = name
        self.count = count
        self.allocatable = allocatable
    }
}

/// Looks through one trace for what is wrong with it, or probably not meant.
///
/// Of each code the first `limit` places are told and the others counted. Memory grows with shapes, with pods that
/// run at once, and by some 16 bytes a pod for names that repeat, unless that check is switched off.
package struct TraceLint {
    /// Findings of one code that are told one by one.
    package static let limit = 20

    /// Empty skips what compares with nodes.
    package var nodes: [TraceLintNodes] = []
    /// When the run ends; nil skips what compares with it.
    package var end: SimTime?
    package var checksNames = true

    private(set) var findings = LintFindings()
    private var counts: [String: Int] = [:]
    private var file = ""
    private var statistics = TraceStatistics()
    private var names: Set<UInt64> = []
    private var seenShapes: [Bool] = []
    private var latest = SimTime.zero
    private var longestGap: (nanoseconds: Int64, line: Int) = (0, 0)
    private var late: (count: Int64, line: Int) = (0, 0)

    package init() {}

    /// Reads a trace to its end.
    ///
    /// - Throws: when its beginning cannot be read.
    package mutating func check(
        _ input: TraceInput, format: String? = nil, options: TraceOptions = TraceOptions()
    ) throws(InputError) -> LintFindings {
        var source = try TraceSource([input], format: format, options: options)
        file = input.name
        source.streamReader?.demandsOrder = false
        while true {
            do throws(InputError) {
                guard let record = try source.next() else { break }
                check(record, of: source)
            } catch {
                for diagnostic in error.diagnostics { addUnreadable(diagnostic) }
            }
        }
        checkWhole(source)
        checkCounts()
        return findings
    }

    // MARK: Telling

    private mutating func add(
        _ code: LintCode, _ subject: String, line: Int, column: Int = 0, _ message: String,
        hint: String? = nil
    ) {
        counts[code.id, default: 0] += 1
        guard counts[code.id, default: 0] <= TraceLint.limit else { return }
        findings.add(
            LintFinding(
                code, subject, at: LintPlace(file: file, line: line, column: column), message,
                hint: hint))
    }

    private mutating func addUnreadable(_ diagnostic: Diagnostic) {
        add(
            TraceLintCodes.lineUnreadable, "line \(diagnostic.line)", line: diagnostic.line,
            column: diagnostic.column, diagnostic.message, hint: diagnostic.hint)
    }

    /// One finding for what was only counted.
    private mutating func checkCounts() {
        for code in TraceLintCodes.registry.codes {
            let more = counts[code.id, default: 0] - TraceLint.limit
            guard more > 0 else { continue }
            findings.add(
                LintFinding(
                    code, "the trace", at: LintPlace(file: file),
                    "\(more) more findings of \(code.id) are not told one by one"))
        }
    }

    // MARK: Pods

    private mutating func check(_ record: TraceRecord, of source: TraceSource) {
        let subject = "Pod \(record.name)"
        if record.arrival < latest {
            add(
                TraceLintCodes.arrivalsOutOfOrder, subject, line: record.line,
                "arrives at \(record.arrival.nanoseconds) ns, and a pod above it at "
                    + "\(latest.nanoseconds) ns",
                hint: "sort the pod lines by their first column")
            return
        }
        let gap = record.arrival.nanoseconds - latest.nanoseconds
        if statistics.records > 0, gap > longestGap.nanoseconds {
            longestGap = (gap, record.line)
        }
        latest = record.arrival
        if record.lifetime == .zero || record.deletion == record.arrival {
            add(
                TraceLintCodes.noLifetime, subject, line: record.line, "ends as it starts",
                hint: "a pod without an end has the lifetime `-`")
        }
        if let end, record.arrival >= end {
            if late.count == 0 { late.line = record.line }
            late.count += Int64(record.count)
        }
        checkName(record, subject)
        checkShape(record, of: source)
        statistics.add(record, of: source)
    }

    private mutating func checkName(_ record: TraceRecord, _ subject: String) {
        if !isKubernetesName(record.name) {
            add(
                TraceLintCodes.nameNotKubernetes, subject, line: record.line,
                "cannot be the name of a pod in Kubernetes",
                hint: "small letters, digits, `-` and `.`, at most 253")
        }
        guard checksNames else { return }
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in record.name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        if !names.insert(splitMix64(&hash)).inserted {
            add(
                TraceLintCodes.nameRepeated, subject, line: record.line,
                "a pod above it has the same name",
                hint: "`topsim explain` and SQL cannot tell the two apart by name")
        }
    }

    // MARK: Shapes

    private mutating func checkShape(_ record: TraceRecord, of source: TraceSource) {
        let position = record.shape.position
        while seenShapes.count <= position { seenShapes.append(false) }
        guard !seenShapes[position] else { return }
        seenShapes[position] = true
        let shape = source.shapes[record.shape]
        let subject = "shape \(source.identifier(of: record.shape))"
        let line = record.line
        if shape.requests.isEmpty {
            add(
                TraceLintCodes.asksForNothing, subject, line: line,
                "asks for nothing, so that any node takes any number of its pods")
        } else if shape.request(ResourceTable.cpu) > 0, shape.request(ResourceTable.memory) == 0 {
            add(
                TraceLintCodes.noMemory, subject, line: line, "asks for CPU and for no memory",
                hint: "a pod without a request for memory is never Guaranteed")
        }
        for amounts in shape.containers {
            let memory = amounts.resources.request(ResourceTable.memory) ?? 0
            if memory > 0, memory < 1 << 20 {
                add(
                    TraceLintCodes.memoryTooSmall, subject, line: line,
                    "container `\(amounts.name)` asks for \(memory) bytes of memory",
                    hint: "a unit may be missing: 8 GiB are `8Gi`")
            }
        }
        for container in shape.containersWithPartsOfCPUs {
            let cpu = container.resources.request(ResourceTable.cpu) ?? 0
            add(
                TraceLintCodes.partOfCPU, subject, line: line,
                "container `\(container.name)` is Guaranteed and asks for "
                    + "\(quantityText(ResourceAmount(ResourceTable.cpu, cpu), resources: source.resources)) of CPU, so it shares CPUs",
                hint: "the static CPU policy gives whole CPUs only")
        }
        checkShares(of: shape, subject, line, source.resources)
        checkFit(of: shape, subject, line, source.resources)
    }

    /// Resources that count parts of one GPU, and how many parts are the whole.
    private static let shares: [(suffix: String, whole: Int64)] = [
        ("/gpu-milli", 1000), ("/gpu-core.percentage", 100), ("/gpu-memory.percentage", 100),
    ]

    private mutating func checkShares(
        of shape: PodShape, _ subject: String, _ line: Int, _ resources: ResourceTable
    ) {
        for request in shape.requests {
            let name = resources[request.resource]
            guard let share = TraceLint.shares.first(where: { name.hasSuffix($0.suffix) }),
                request.amount > share.whole
            else { continue }
            add(
                TraceLintCodes.shareAboveOne, subject, line: line,
                "asks for \(request.amount) of `\(name)`, of which one GPU has \(share.whole)",
                hint: "ask for whole GPUs by their own resource")
        }
    }

    private mutating func checkFit(
        of shape: PodShape, _ subject: String, _ line: Int, _ resources: ResourceTable
    ) {
        guard !nodes.isEmpty else { return }
        func fits(_ request: ResourceAmount, _ node: TraceLintNodes) -> Bool {
            request.amount <= node.allocatable[resources[request.resource]] ?? 0
        }
        if nodes.contains(where: { node in shape.requests.allSatisfy { fits($0, node) } }) {
            return
        }
        let missing = shape.requests.first { request in nodes.allSatisfy { !fits(request, $0) } }
        guard let missing else {
            return add(
                TraceLintCodes.fitsNoNode, subject, line: line,
                "no node has all that it asks for at once")
        }
        let name = resources[missing.resource]
        let most = nodes.map { $0.allocatable[name] ?? 0 }.max() ?? 0
        func text(_ amount: Int64) -> String {
            quantityText(ResourceAmount(missing.resource, amount), resources: resources)
        }
        add(
            TraceLintCodes.fitsNoNode, subject, line: line,
            "asks for \(name) \(text(missing.amount)), and the largest node has \(text(most))")
    }

    // MARK: The whole

    private mutating func checkWhole(_ source: TraceSource) {
        if let reader = source.streamReader { checkDefinitions(reader) }
        guard statistics.records > 0 else {
            return add(TraceLintCodes.noPod, "the trace", line: 0, "names no pod")
        }
        let first = statistics.firstArrival
        let span = statistics.lastArrival - first
        if statistics.records >= 3, longestGap.nanoseconds > 0,
            Int128(longestGap.nanoseconds) * 10 > Int128(span) * 9
        {
            add(
                TraceLintCodes.oneLongGap, "the trace", line: longestGap.line,
                "nothing arrives for \(longestGap.nanoseconds) ns of \(span) ns",
                hint: "two recordings may have been put together; see `topsim trace slice`")
        }
        if statistics.records >= 2, first > span {
            add(
                TraceLintCodes.startsLate, "the trace", line: 0,
                "the first pod arrives at \(first) ns, and the last one \(span) ns later",
                hint: "`topsim trace slice --from … --rebase` makes the first arrival time 0")
        }
        if late.count > 0, let end {
            add(
                TraceLintCodes.arrivesAfterEnd, "the trace", line: late.line,
                "\(late.count) pods arrive at or after the end of the run, \(end.nanoseconds) ns",
                hint: "`until` of the scenario, or `--until`")
        }
        if statistics.endless == statistics.pods {
            add(
                TraceLintCodes.neverEnds, "the trace", line: 0,
                "none of its \(statistics.pods) pods ends: the cluster only fills")
        }
        checkCapacity(source)
    }

    private mutating func checkDefinitions(_ reader: StreamTraceReader) {
        for column in reader.unknownColumns {
            add(
                TraceLintCodes.unknownColumn, "column \(column.name)", line: column.line,
                "is none of the format's and not read")
        }
        var identifiers: [PodShape: String] = [:]
        for definition in reader.definitions {
            let subject = "shape \(definition.identifier)"
            if let same = identifiers[definition.shape] {
                add(
                    TraceLintCodes.shapesAlike, subject, line: definition.line,
                    "is the same as `\(same)`")
            } else {
                identifiers[definition.shape] = definition.identifier
            }
        }
        for definition in reader.unusedDefinitions {
            add(
                TraceLintCodes.shapeUnused, "shape \(definition.identifier)",
                line: definition.line, "no pod has it")
        }
    }

    private mutating func checkCapacity(_ source: TraceSource) {
        guard !nodes.isEmpty else { return }
        for size in statistics.sizes where size.most > 0 {
            let name = source.resources[size.resource]
            let capacity = nodes.reduce(Int128(0)) {
                $0 + Int128($1.allocatable[name] ?? 0) * Int128($1.count)
            }
            // None at all is told of the shapes that ask for it.
            guard capacity > 0, size.most > capacity else { continue }
            func text(_ amount: Int128) -> String {
                quantityText(
                    ResourceAmount(size.resource, Int64(clamping: amount)),
                    resources: source.resources)
            }
            add(
                TraceLintCodes.demandAboveCapacity, "the trace", line: 0,
                "pods that run at once ask for \(name) \(text(size.most)), and all nodes "
                    + "have \(text(capacity))")
        }
    }
}

/// Whether an object can be called so. (k/k apimachinery validation, IsDNS1123Subdomain)
private func isKubernetesName(_ name: String) -> Bool {
    func isLetterOrDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
            || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
    var previous = UInt8(ascii: ".")
    guard !name.isEmpty, name.utf8.count <= 253 else { return false }
    for byte in name.utf8 {
        if byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-") && previous == UInt8(ascii: ".") {
            guard isLetterOrDigit(previous), byte == UInt8(ascii: ".") else { return false }
        } else if byte != UInt8(ascii: "-"), !isLetterOrDigit(byte) {
            return false
        }
        previous = byte
    }
    return isLetterOrDigit(previous)
}
