import Primitives
import WorkloadModel

extension TraceFormat {
    /// Objects that were applied to and deleted from a cluster over time, as SimKube exports them.
    static let simKube = TraceFormat(
        name: "simkube", summary: "Kubernetes objects applied and deleted over time (SimKube)",
        options: [],
        recognises: { start in
            let text = String(decoding: start.prefix(4096), as: UTF8.self)
            return text.contains("trackedObjects")
        },
        open: { input, _, resources throws(InputError) in
            let bytes = try TraceBytes.all(of: input, limit: SimKubeTrace.limits.bytes)
            var trace = SimKubeTrace(file: input.name)
            try trace.read(bytes, resources: &resources)
            return SimKubeReader(trace)
        })
}

/// The pods of a SimKube trace: owners expanded into pods, with the times at which they come and go.
///
/// Source of the format: github.com/acrlabs/simkube, lib/k8s/trace (versions 1 and 2 of the export).
struct SimKubeTrace {
    static let limits = SourceLimits(bytes: 64 << 20, depth: 100, values: 4_000_000)
    /// Most pods of one owner, and of a trace.
    static let replicaLimit = 100_000
    static let podLimit = 4_000_000

    /// One pod; `shape` is a position in `shapes`.
    struct Pod {
        var name: String
        var group: String
        var arrival: Int64
        var deletion: Int64?
        var lifetime: Int64?
        var shape: Int
        var event: Int
    }

    /// An object as it stands, and its pods that live, as positions in `pods`, the oldest first.
    private struct Owner {
        var shape: Int
        var pods: [Int] = []
        /// Pods made so far: the next one's ordinal.
        var made = 0
    }

    let file: String
    private(set) var pods: [Pod] = []
    private(set) var shapes: [PodShape] = []
    private(set) var report = ImportReport()
    private var known: [PodShape: Int] = [:]
    private var owners: [String: Owner] = [:]
    /// Where the template is, by `apps/v1.Deployment`, as the trace's configuration says.
    private var templatePaths: [String: [String]] = [:]
    /// Lifetimes by kind and name: nanoseconds, nil for a pod that ran on.
    private var lifecycles: [String: [Int64?]] = [:]
    private var diagnostics = Diagnostics()
    private var unread: [(kind: String, count: Int)] = []
    private var applied = 0
    private var deleted = 0
    private var scalings = 0
    private var replacements = 0
    private var withLifecycle = 0

    init(file: String) { self.file = file }

    /// - Throws: every mistake of the trace.
    mutating func read(_ bytes: [UInt8], resources: inout ResourceTable) throws(InputError) {
        let isText = bytes.first { $0 > 0x20 } == UInt8(ascii: "{")
        let root =
            isText
            ? try readJSONSource(bytes, file: file, limits: SimKubeTrace.limits)
            : try readMessagePack(bytes, file: file, limits: SimKubeTrace.limits)
        guard let events = root["events"]?.elements else {
            throw InputError([
                Diagnostic(
                    file: file, line: root.mark.line, column: root.mark.column,
                    message: "\(root.entries == nil ? root.said : "a mapping without `events`"), and a SimKube trace was expected",
                    hint: "`{version, config, events, index, pod_lifecycles}`")
            ])
        }
        readConfiguration(root["config"])
        readLifecycles(root["pod_lifecycles"])
        let ordered = inOrder(events)
        for (position, event) in ordered.enumerated() where !diagnostics.isFull {
            let time = event.time - ordered[0].time
            for object in event.node["applied_objs"]?.elements ?? [] where !diagnostics.isFull {
                apply(object, at: time, event: position + 1, resources: &resources)
            }
            for object in event.node["deleted_objs"]?.elements ?? [] {
                delete(object, at: time)
            }
        }
        if diagnostics.hasErrors {
            throw InputError(diagnostics.all.filter { $0.severity == .error })
        }
        pods = pods.enumerated().sorted {
            ($0.element.arrival, $0.offset) < ($1.element.arrival, $1.offset)
        }.map(\.element)
        if ordered.map(\.position) != Array(0..<ordered.count) {
            report.guessed("order", "the events are read in the order of `ts`", file: file)
        }
        finishReport(root, events: events.count)
    }

    // MARK: Events

    private mutating func inOrder(
        _ events: [SourceNode]
    ) -> [(position: Int, time: Int64, node: SourceNode)] {
        var ordered: [(position: Int, time: Int64, node: SourceNode)] = []
        for (position, event) in events.enumerated() {
            guard let text = event["ts"]?.text, let seconds = ScalarValues.integer(text),
                (0...(1 << 33)).contains(seconds)
            else {
                diagnostics.error(
                    at: event["ts"] ?? event,
                    "`ts` is \(event["ts"]?.said ?? "absent"), and Unix seconds were expected")
                continue
            }
            ordered.append((position, seconds * 1_000_000_000, event))
        }
        return ordered.sorted { ($0.time, $0.position) < ($1.time, $1.position) }
    }

    private mutating func apply(
        _ object: SourceNode, at time: Int64, event: Int, resources: inout ResourceTable
    ) {
        guard let identity = identity(object) else { return }
        applied += 1
        guard let (template, replicas) = pods(of: object, identity) else {
            count(unreadKind: identity.kind)
            return
        }
        guard
            let shape = readPodTemplate(
                template, resources: &resources, diagnostics: &diagnostics)
        else { return }
        var namespaced = shape
        namespaced.namespace = identity.namespace
        let index = intern(namespaced)
        var owner = owners[identity.key] ?? Owner(shape: index)
        let isNew = owners[identity.key] == nil
        if owner.shape != index {
            replacements += 1
            for pod in owner.pods { pods[pod].deletion = time }
            owner.pods = []
            owner.shape = index
        } else if !isNew, owner.pods.count != replicas {
            scalings += 1
        }
        // The youngest leave first, as a ReplicaSet's controller ranks pods that are otherwise alike.
        while owner.pods.count > replicas, let last = owner.pods.popLast() {
            pods[last].deletion = time
        }
        while owner.pods.count < replicas {
            guard pods.count < SimKubeTrace.podLimit else {
                diagnostics.error(
                    at: object, "more than \(grouped(SimKubeTrace.podLimit)) pods in one trace")
                return
            }
            owner.pods.append(pods.count)
            pods.append(makePod(identity, owner, at: time, event: event))
            owner.made += 1
        }
        owners[identity.key] = owner
    }

    private mutating func makePod(
        _ identity: Identity, _ owner: Owner, at time: Int64, event: Int
    ) -> Pod {
        var pod = Pod(
            name: identity.isPod ? identity.name : "\(identity.name)-\(owner.made)",
            group: identity.key, arrival: time, shape: owner.shape, event: event)
        if let known = lifecycles[identity.key], !known.isEmpty {
            withLifecycle += 1
            pod.lifetime = known[owner.made % known.count]
        }
        return pod
    }

    private mutating func delete(_ object: SourceNode, at time: Int64) {
        guard let identity = identity(object) else { return }
        deleted += 1
        guard let owner = owners.removeValue(forKey: identity.key) else { return }
        for pod in owner.pods { pods[pod].deletion = time }
    }

    private mutating func intern(_ shape: PodShape) -> Int {
        if let index = known[shape] { return index }
        known[shape] = shapes.count
        shapes.append(shape)
        return shapes.count - 1
    }

    // MARK: Objects

    private struct Identity {
        /// `apps/v1.Deployment`.
        var kind: String
        var namespace: String
        var name: String
        var isPod: Bool
        var key: String { "\(kind)|\(namespace)/\(name)" }
    }

    private mutating func identity(_ object: SourceNode) -> Identity? {
        guard let kind = object["kind"]?.text, let version = object["apiVersion"]?.text,
            let name = object["metadata"]?["name"]?.text
        else {
            diagnostics.error(
                at: object, "an object without `apiVersion`, `kind` and `metadata.name`")
            return nil
        }
        guard isObjectName(name) else {
            diagnostics.error(
                at: object["metadata"]?["name"] ?? object, "`\(name)` cannot name an object")
            return nil
        }
        return Identity(
            kind: "\(version).\(kind)",
            namespace: object["metadata"]?["namespace"]?.text ?? "default", name: name,
            isPod: kind == "Pod" && version == "v1")
    }

    /// The template and how many pods are wanted; nil for a kind that has no pods of a known number.
    private mutating func pods(
        of object: SourceNode, _ identity: Identity
    ) -> (template: SourceNode, replicas: Int)? {
        if identity.isPod { return (metadataAndSpec(object), 1) }
        let path: [String]
        let replicas: String
        switch identity.kind {
        case "apps/v1.Deployment", "apps/v1.ReplicaSet", "apps/v1.StatefulSet",
            "v1.ReplicationController":
            (path, replicas) = (["spec", "template"], "replicas")
        case "batch/v1.Job": (path, replicas) = (["spec", "template"], "parallelism")
        case "apps/v1.DaemonSet", "batch/v1.CronJob": return nil
        default:
            guard let known = templatePaths[identity.kind], !known.isEmpty else { return nil }
            (path, replicas) = (known, "replicas")
        }
        var template = object
        for key in path {
            guard let next = template[key] else {
                diagnostics.error(
                    at: template, "`\(identity.name)` has no `\(path.joined(separator: "."))`")
                return nil
            }
            template = next
        }
        guard let wanted = object["spec"]?[replicas], !wanted.isNull else {
            return (metadataAndSpec(template), 1)
        }
        guard let count = wanted.text.flatMap(ScalarValues.integer),
            (0...Int64(SimKubeTrace.replicaLimit)).contains(count)
        else {
            diagnostics.error(
                at: wanted,
                "`\(replicas)` is \(wanted.said), and a whole number from 0 to "
                    + "\(grouped(SimKubeTrace.replicaLimit)) was expected")
            return nil
        }
        return (metadataAndSpec(template), Int(count))
    }

    private func metadataAndSpec(_ node: SourceNode) -> SourceNode {
        SourceNode(
            .mapping((node.entries ?? []).filter { $0.key == "metadata" || $0.key == "spec" }),
            at: node.mark)
    }

    // MARK: Configuration and lifecycles

    private mutating func readConfiguration(_ node: SourceNode?) {
        for entry in node?["trackedObjects"]?.entries ?? [] {
            // Version 1 has one path, version 2 a list of them.
            let one = entry.value["podSpecTemplatePath"].map { [$0] }
            let paths = entry.value["podSpecTemplatePaths"]?.elements ?? one ?? []
            guard let path = paths.first?.text else { continue }
            templatePaths[entry.key] = path.split(separator: "/").map(String.init)
        }
    }

    /// `{[kind, namespace/name]: {hash of the template: [{Running: start} | {Finished: [start, end]}]}}`.
    private mutating func readLifecycles(_ node: SourceNode?) {
        for entry in node?.entries ?? [] {
            var lifetimes: [Int64?] = []
            for template in entry.value.entries ?? [] {
                for pod in template.value.elements ?? [] {
                    guard let finished = pod["Finished"] else {
                        lifetimes.append(nil)
                        continue
                    }
                    let times = (finished.elements ?? []).compactMap {
                        $0.text.flatMap(ScalarValues.integer)
                    }
                    guard times.count == 2, times[0] >= 0, times[1] >= times[0],
                        times[1] <= 1 << 33
                    else {
                        diagnostics.error(
                            at: finished, "a finished pod has a start and an end in Unix seconds")
                        continue
                    }
                    lifetimes.append((times[1] - times[0]) * 1_000_000_000)
                }
            }
            lifecycles[entry.key] = lifetimes
        }
    }

    // MARK: What was done with it

    private mutating func count(unreadKind kind: String) {
        if let place = unread.firstIndex(where: { $0.kind == kind }) {
            unread[place].count += 1
        } else if unread.count < 100 {
            unread.append((kind, 1))
        }
    }

    private mutating func finishReport(_ root: SourceNode, events: Int) {
        report.taken(
            "events",
            "\(grouped(events)), with \(grouped(applied)) objects applied and \(grouped(deleted)) deleted: \(grouped(pods.count)) pods",
            file: file)
        report.guessed("origin", "the first `ts` becomes time 0", file: file)
        if scalings > 0 {
            report.taken(
                "replicas",
                "changed \(grouped(scalings)) times; the youngest pods leave first", file: file)
        }
        if replacements > 0 {
            report.guessed(
                "templates",
                "changed \(grouped(replacements)) times: all pods of the owner are replaced at once",
                file: file)
        }
        if withLifecycle > 0 {
            report.taken(
                "pod_lifecycles", "lifetimes of \(grouped(withLifecycle)) pods, in turn", file: file)
        }
        for kind in unread {
            report.dropped(
                "kind \(kind.kind)",
                "\(grouped(kind.count)) objects: how many pods they have is not known here",
                file: file)
        }
        if let config = root["config"], !config.isNull {
            report.taken(
                "config", "where templates are in \(grouped(templatePaths.count)) kinds", file: file)
        }
        if root["index"].map({ !$0.isNull }) ?? false {
            report.dropped("index", "hashes of the last templates", file: file)
        }
    }
}

private struct SimKubeReader: TraceRecordReader {
    private let trace: SimKubeTrace
    private var position = 0
    private var indices: [PodShapeIndex] = []

    init(_ trace: SimKubeTrace) { self.trace = trace }

    var report: ImportReport { trace.report }

    mutating func next(shapes: inout PodShapeTable) throws(InputError) -> TraceRecord? {
        if position == 0 { indices = trace.shapes.map { shapes.intern($0) } }
        guard position < trace.pods.count else { return nil }
        let pod = trace.pods[position]
        position += 1
        return TraceRecord(
            name: pod.name, arrival: SimTime(nanoseconds: pod.arrival),
            lifetime: pod.lifetime.map { SimDuration(nanoseconds: $0) },
            deletion: pod.deletion.map { SimTime(nanoseconds: $0) },
            shape: indices[pod.shape], group: pod.group, line: pod.event)
    }
}
