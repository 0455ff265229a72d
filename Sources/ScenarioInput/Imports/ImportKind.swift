/// What an import is made from.
public enum ImportKind: String, CaseIterable, Sendable {
    /// Descriptions of machines, in any format of `MachineFormats`.
    case machine
    /// Node objects with what is known of their machines, kubelets, devices and pods.
    case cluster
    /// Objects that ask for room.
    case manifests
    /// A recording of pods, with lists of nodes where there are.
    case trace
    /// Each file is told by its contents.
    case auto
}

/// What one file of an import is, told by its contents.
enum ImportFileKind: Hashable {
    case machine
    case objects
    /// A recording of pods in this format of `TraceFormats`.
    case trace(String)
    /// A list of nodes beside a recording, in this format of node traces.
    case nodeList(String)

    /// What the user's word allows this file to be.
    func isAllowed(in kind: ImportKind) -> Bool {
        switch (kind, self) {
        case (.auto, _), (.machine, .machine), (.trace, .trace), (.trace, .nodeList): true
        case (.cluster, .machine), (.cluster, .objects), (.manifests, .objects): true
        default: false
        }
    }

    var words: String {
        switch self {
        case .machine: "a machine"
        case .objects: "Kubernetes objects"
        case .trace(let format): "a recording of format `\(format)`"
        case .nodeList(let format): "a list of nodes of format `\(format)`"
        }
    }

    /// - Parameters:
    ///   - start: How the file starts, unpacked where gzip packed it.
    ///   - file: The same as it lies on the disk.
    ///   - kind: What the user says; NodeResourceTopology objects are machines as well.
    init?(start: ArraySlice<UInt8>, file: MachineFile, wanted kind: ImportKind) {
        if let list = ImportFileKind.nodeList(start, name: file.name) {
            self = .nodeList(list)
        } else if kind != .machine, ImportFileKind.looksLikeObjects(start, file) {
            self = .objects
        } else if MachineFormats.format(of: file) != nil {
            self = .machine
        } else if let format = TraceFormats.recognised(start) {
            self = .trace(format.name)
        } else if file.name.hasSuffix(".swf") || file.name.hasSuffix(".swf.gz") {
            self = .trace("swf")
        } else {
            return nil
        }
    }

    private static func nodeList(_ start: ArraySlice<UInt8>, name: String) -> String? {
        let line = start.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        let header = String(decoding: line.prefix(1000), as: UTF8.self)
        let columns = Set(header.split(separator: ",").map { $0.filter { !$0.isWhitespace } })
        if columns.isSuperset(of: ["sn", "cpu_milli", "memory_mib", "gpu"]) {
            return "openb-nodes"
        }
        if columns.isSuperset(of: ["CPU1", "RAM1", "CPU2", "RAM2"]) { return "huawei-machines" }
        if name.hasSuffix(".machines") || name.hasSuffix(".machines.gz") { return "swf-machines" }
        return nil
    }

    /// Objects say their kind, but for a device plugin's file and a fragment of a kubelet's configuration.
    private static func looksLikeObjects(
        _ start: ArraySlice<UInt8>, _ file: MachineFile
    ) -> Bool {
        let keys = file.outermostKeys
        if !keys.isEmpty {
            // A recording of SimKube has objects inside, and says so by its own keys.
            return keys.contains("kind") || keys.contains("resourceList") || keys.contains("claim")
                || keys.contains("object") && keys.contains("type")
        }
        let head = String(decoding: start, as: UTF8.self)
        guard !head.contains("trackedObjects") else { return false }
        let words = ["apiVersion:", "kind:", "- apiVersion:", "- kind:", "kubelet:", "items:"]
        return head.split(whereSeparator: \.isNewline).contains { line in
            words.contains { line.hasPrefix($0) }
        }
    }
}
