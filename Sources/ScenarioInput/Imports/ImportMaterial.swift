import HardwareModel

/// Everything that the files of an import say, before anything is made of it.
struct ImportMaterial {
    /// A described machine, with the names by which a node may be meant.
    struct MachineSourceFile {
        /// As the user named it.
        var path: String
        var imported: ImportedMachine
        /// The node that `--machine NODE=FILE` names.
        var node: String?
        /// `--machine FILE`: for nodes that nothing else describes.
        var isForAll = false

        /// The machine's own name and the file's, endings taken off one by one.
        var names: Set<String> {
            var names = nameVariants(of: path)
            names.insert(imported.machine.name)
            return names
        }
    }

    struct ObjectText {
        var path: String
        var bytes: [UInt8]
        var objects: KubernetesObjects
        /// Workloads of it, networks connected; nil when no object of it asks for room.
        var workloads: KubernetesWorkloads?
    }

    struct Recording {
        var path: String
        var format: String
        /// Of standard input only: files are copied.
        var bytes: [UInt8]?
        /// An openb list whose lines are an order and no times.
        var isWithoutTimes = false
    }

    var machines: [MachineSourceFile] = []
    var texts: [ObjectText] = []
    var nodeSide = NodeSideObjects()
    /// NetworkAttachmentDefinitions as they were written.
    var networks: [SourceNode] = []
    var traces: [Recording] = []
    var nodeLists: [Recording] = []
    var report = ImportReport()
}

/// `worker1.internal.tar.gz` → itself, `worker1.internal.tar`, `worker1.internal` and `worker1`.
func nameVariants(of path: String) -> Set<String> {
    let path = path.split(separator: "#").first.map(String.init) ?? path
    var name = path.split(separator: "/").last.map(String.init) ?? path
    var names: Set<String> = [name]
    while let dot = name.lastIndex(of: "."), dot != name.startIndex {
        name = String(name[..<dot])
        names.insert(name)
    }
    return names
}
