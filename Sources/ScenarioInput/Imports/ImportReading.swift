import Foundation
import Primitives
import HardwareModel
import WorkloadModel

/// Reads the files of an import one after another, and keeps all mistakes.
struct ImportReading {
    let request: ScenarioImport
    var material = ImportMaterial()
    var mistakes: [Diagnostic] = []
    private var hasReadInput = false
    /// Enough of a file to tell what it is.
    private static let startLimit = 4 << 20

    init(_ request: ScenarioImport) { self.request = request }

    mutating func readAll() {
        for path in request.paths { read(path) }
        for text in request.machines { readMachineOption(text) }
        readWorkloads()
    }

    private mutating func mistake(_ file: String, _ message: String, hint: String? = nil) {
        mistakes.append(Diagnostic(file: file, message: message, hint: hint))
    }

    // MARK: One file

    private mutating func read(_ path: String) {
        do throws(InputError) {
            if path == "-" {
                guard !hasReadInput else {
                    return mistake(path, "standard input is read once")
                }
                hasReadInput = true
                let bytes = try readWhole(path)
                let start = bytes.prefix(1 << 16)
                let kind = try tell(path, start: start, bytes: bytes)
                return try take(kind, path, start, bytes: bytes)
            }
            if isFolder(path) {
                guard [.auto, .machine, .cluster].contains(request.kind) else {
                    return mistake(path, "a folder, where a file was expected")
                }
                return try take(.machine, path, [], bytes: nil)
            }
            let file = withoutPart(path)
            let (start, raw) = try starts(of: file)
            try take(try tell(file, start: start, bytes: raw), path, start, bytes: nil)
        } catch {
            mistakes += error.diagnostics
        }
    }

    /// What the file is, where the user's word allows that.
    private func tell(
        _ path: String, start: ArraySlice<UInt8>, bytes: [UInt8]
    ) throws(InputError) -> ImportFileKind {
        func refuse(_ message: String, _ hint: String) -> InputError {
            InputError([Diagnostic(file: path, message: message, hint: hint)])
        }
        let file = MachineFile(name: path, bytes: bytes)
        var told = ImportFileKind(start: start, file: file, wanted: request.kind)
        if case .trace = told, let format = request.traceFormat { told = .trace(format) }
        if told == nil, request.kind == .trace, let format = request.traceFormat {
            told = .trace(format)
        }
        // Objects may come without a word that tells them; their reader says what is wrong.
        if told == nil, request.kind == .manifests { told = .objects }
        guard let told else {
            if !bytes.contains(where: { $0 > 0x20 }) {
                throw refuse("the file is empty", "nothing can be made of it")
            }
            throw refuse(
                request.kind == .trace
                    ? "the format of the recording cannot be told" : "nobody knows what this is",
                request.kind == .trace
                    ? "say `--trace-format`: formats are "
                        + TraceFormats.all.map(\.name).joined(separator: ", ")
                    : "machines (`topsim import --help` lists the formats), Kubernetes objects and "
                        + "recordings of pods are read")
        }
        guard told.isAllowed(in: request.kind) else {
            throw refuse(
                "\(told.words), and `\(request.kind.rawValue)` was asked for",
                "`topsim import auto` takes files of all kinds")
        }
        return told
    }

    private mutating func take(
        _ kind: ImportFileKind, _ path: String, _ start: ArraySlice<UInt8>, bytes: [UInt8]?
    ) throws(InputError) {
        switch kind {
        case .machine: try takeMachines(path, bytes)
        case .objects:
            if let bytes {
                try takeObjects(path, bytes)
            } else {
                try takeObjects(path, try readWhole(path))
            }
        case .trace(let format):
            let hasTimes = String(decoding: start.prefix(1000), as: UTF8.self)
                .prefix { !$0.isNewline }.contains("creation_time")
            material.traces.append(
                .init(
                    path: path, format: format, bytes: bytes,
                    isWithoutTimes: format == "openb" && !hasTimes))
        case .nodeList(let format):
            material.nodeLists.append(.init(path: path, format: format, bytes: bytes))
        }
    }

    // MARK: Machines

    private mutating func takeMachines(_ path: String, _ bytes: [UInt8]?) throws(InputError) {
        let machines: [ImportedMachine]
        if let bytes {
            let file = MachineFile(name: path, bytes: bytes)
            guard let format = MachineFormats.format(of: file) else { return }
            machines = try format.read(file)
        } else {
            machines = try MachineSource().readMachines(path)
        }
        for machine in machines { add(machine, path) }
    }

    private mutating func add(
        _ imported: ImportedMachine, _ path: String, node: String? = nil, isForAll: Bool = false
    ) {
        var wrong = imported.machine.validate()
        if wrong.isEmpty { wrong = imported.machine.kubeletProblems() }
        for problem in wrong { mistake(path, problem) }
        guard wrong.isEmpty else { return }
        material.machines.append(
            .init(path: path, imported: imported, node: node, isForAll: isForAll))
    }

    /// `NODE=FILE`, or a machine as `MachineSource` reads it.
    private mutating func readMachineOption(_ text: String) {
        var (node, name) = (String?.none, text)
        if let equals = text.firstIndex(of: "="), equals != text.startIndex,
            text[..<equals].allSatisfy({ $0.isLetter || $0.isNumber || "-.".contains($0) })
        {
            node = String(text[..<equals])
            name = String(text[text.index(after: equals)...])
        }
        do throws(InputError) {
            let source = MachineSource(hostMachine: request.hostMachine)
            let isFile = FileManager.default.fileExists(atPath: withoutPart(name))
            let imported: ImportedMachine =
                isFile ? try source.readFile(name) : ImportedMachine(machine: try source.load(name))
            add(imported, name, node: node, isForAll: node == nil)
        } catch {
            mistakes += error.diagnostics
        }
    }

    // MARK: Objects

    private mutating func takeObjects(_ path: String, _ bytes: [UInt8]) throws(InputError) {
        if let (side, report) = unnamedObjects(path, bytes) {
            material.nodeSide = material.nodeSide.joined(with: side)
            material.report.append(report)
            return
        }
        var text = ImportMaterial.ObjectText(
            path: path, bytes: bytes,
            objects: try readKubernetesObjects(bytes, file: path, templates: request.templates))
        var kindsOfNodes: Set<String> = []
        for object in text.objects.objects {
            if object.kind == "NetworkAttachmentDefinition" {
                material.networks.append(object.node)
            }
            guard object.treatment != .workload, object.treatment != .policy else { continue }
            if material.nodeSide.take(object.node, report: &material.report) {
                kindsOfNodes.insert(object.kind)
                continue
            }
            guard object.treatment == .node, object.kind != "NetworkAttachmentDefinition" else {
                continue
            }
            material.report.dropped(
                object.title, "nothing in a scenario is made of it", file: path, line: object.line)
        }
        text.objects.dropNotes(ofKinds: kindsOfNodes)
        // Kubelet configurations of one file are one; those of another file are another.
        try material.nodeSide.finish(file: path, report: &material.report)
        material.texts.append(text)
    }

    /// A device plugin's file and the like, objects that do not say what they are; nil for all others.
    private func unnamedObjects(
        _ path: String, _ bytes: [UInt8]
    ) -> (NodeSideObjects, ImportReport)? {
        guard bytes.count < 1 << 20,
            let documents = try? readObjectDocuments(bytes, file: path),
            documents.contains(where: { $0.entries != nil && $0["kind"] == nil }),
            let (objects, report) = try? readNodeSideObjects(bytes, file: path),
            !(objects.pools.isEmpty && objects.kubelets.isEmpty && objects.nodes.isEmpty)
        else { return nil }
        return (objects, report)
    }

    /// Every text's workloads, once the networks of all are known.
    private mutating func readWorkloads() {
        var networks = NetworkAttachmentTable(material.nodeSide.networks)
        var classes = PriorityClasses()
        var resources = ResourceTable()
        for index in material.texts.indices {
            let text = material.texts[index]
            let asks = text.objects.objects.contains {
                $0.treatment == .workload || $0.treatment == .policy
            }
            guard asks else {
                material.report.append(text.objects.report)
                continue
            }
            do throws(InputError) {
                var objects = text.objects
                try connectNetworks(&objects, to: &networks, report: &material.report)
                let workloads = try readKubernetesWorkloads(
                    [objects], priorityClasses: classes, resources: resources)
                material.report.append(workloads.report)
                classes = workloads.priorityClasses
                resources = workloads.resources
                material.texts[index].workloads = workloads
            } catch {
                mistakes += error.diagnostics
            }
        }
    }
}

// MARK: Files

extension ImportReading {
    private func withoutPart(_ path: String) -> String {
        guard let hash = path.lastIndex(of: "#"), hash != path.startIndex,
            !FileManager.default.fileExists(atPath: path)
        else { return path }
        return String(path[..<hash])
    }

    private func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(
            atPath: withoutPart(path), isDirectory: &isFolder)
        return exists && isFolder.boolValue
    }

    private func readWhole(_ path: String) throws(InputError) -> [UInt8] {
        var files = InputFiles(
            folder: URL(filePath: FileManager.default.currentDirectoryPath), environment: [:])
        do throws(FileProblem) {
            return try files.readScenarioFile(path, limit: SourceLimits.listing.bytes)
        } catch {
            throw InputError([Diagnostic(file: path, message: error.message, hint: error.hint)])
        }
    }

    /// How a file starts: unpacked where gzip packed it, and as it lies on the disk.
    private func starts(
        of path: String
    ) throws(InputError) -> (unpacked: ArraySlice<UInt8>, raw: [UInt8]) {
        let url = URL(filePath: path)
        do throws(FileProblem) {
            let handle = try openForReading(url, name: path)
            defer { try? handle.close() }
            let data = try? handle.read(upToCount: ImportReading.startLimit)
            let raw = data.map { Array($0) } ?? []
            guard GzipFile.isGzip(raw) else { return (raw.prefix(1 << 16), raw) }
            var unpacked = try unpackedStart(url, path)
            if unpacked.isEmpty { unpacked = raw[..<0] }
            return (unpacked, raw)
        } catch {
            throw InputError([Diagnostic(file: path, message: error.message, hint: error.hint)])
        }
    }

    private func unpackedStart(
        _ url: URL, _ path: String
    ) throws(FileProblem) -> ArraySlice<UInt8> {
        do throws(InputError) {
            var source = try TraceBytes(TraceInput(name: path, content: .file(url)))
            return (try source.next() ?? [])[...]
        } catch {
            throw FileProblem(message: error.diagnostics.first?.message ?? "cannot be unpacked")
        }
    }
}

extension NodeSideObjects {
    /// Both, this first.
    fileprivate func joined(with other: NodeSideObjects) -> NodeSideObjects {
        var result = self
        result.nodes += other.nodes
        result.zones += other.zones
        result.kubelets += other.kubelets
        result.profiles += other.profiles
        result.pools += other.pools
        result.networks += other.networks
        result.features += other.features
        return result
    }
}

extension KubernetesObjects {
    /// Takes back what was said of objects that the readers of nodes took.
    fileprivate mutating func dropNotes(ofKinds kinds: Set<String>) {
        var kept = ImportReport()
        for note in report.notes where note.reason != ObjectKinds.forNodes {
            let isTaken = kinds.contains { kind in
                note.reason.hasPrefix("an unknown kind") && note.subject.hasSuffix(" \(kind)")
            }
            if !isTaken { kept.add(note) }
        }
        report = kept
    }
}
