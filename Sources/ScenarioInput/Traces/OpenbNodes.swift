import ClusterScheduler
import ClusterSimulation
import Foundation

/// Nodes of an openb node list that are alike, in the order of the file.
struct OpenbNodeShape {
    var milliCPU: Int64
    var memoryMiB: Int64
    var gpus: Int
    var model: String
    var names: [String] = []
    /// Line of the first node.
    var line: Int

    func isLike(_ other: OpenbNodeShape) -> Bool {
        milliCPU == other.milliCPU && memoryMiB == other.memoryMiB && gpus == other.gpus
            && model == other.model
    }

    /// `96c-384g-8g2`: CPUs, GiB of memory (`m` and MiB when it is not whole), GPUs and their model.
    var label: String {
        let cpu = milliCPU % 1000 == 0 ? "\(milliCPU / 1000)c" : "\(milliCPU)m"
        let memory = memoryMiB % 1024 == 0 ? "\(memoryMiB / 1024)g" : "\(memoryMiB)m"
        let letters = model.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        return gpus == 0 ? "\(cpu)-\(memory)" : "\(cpu)-\(memory)-\(gpus)\(letters)"
    }
}

/// Nodes from a CSV file, or from Node objects in YAML or JSON with the labels and resources of openb's own scheduler.
func readOpenbNodeList(_ input: TraceInput) throws(InputError) -> [OpenbNodeShape] {
    var start = try TraceBytes(input)
    let first = try start.next() ?? []
    if startsWithHeader(first[...], naming: ["sn", "cpu_milli"]) || first.isEmpty {
        return try readOpenbNodes(input)
    }
    // A file that is no YAML either is told as the CSV file that it probably is.
    guard
        first.starts(with: "apiVersion".utf8) || first.starts(with: "{".utf8)
            || first.starts(with: "---".utf8) || first.starts(with: "kind".utf8)
    else { return try readOpenbNodes(input) }
    let bytes = try TraceBytes.all(of: input, limit: GPUNodeObjects.limits.bytes)
    var models = GPUModels()
    let nodes = try GPUNodeObjects.read(bytes, file: input.name, pods: 0, models: &models)
    var shapes: [OpenbNodeShape] = []
    for node in nodes {
        let shape = OpenbNodeShape(
            milliCPU: node.capacity.milliCPU, memoryMiB: node.capacity.memory >> 20,
            gpus: node.capacity.gpuCount, model: models.names[Int(node.capacity.model)],
            names: [node.name], line: 1)
        if let known = shapes.firstIndex(where: { $0.isLike(shape) }) {
            shapes[known].names.append(node.name)
        } else {
            shapes.append(shape)
        }
    }
    guard !shapes.isEmpty else {
        throw InputError([Diagnostic(file: input.name, message: "the file names no node")])
    }
    return shapes
}

/// Reads columns `sn, cpu_milli, memory_mib, gpu, model`. (github.com/alibaba/clusterdata, openb)
func readOpenbNodes(url: URL, name: String) throws(InputError) -> [OpenbNodeShape] {
    try readOpenbNodes(TraceInput(name: name, content: .file(url)))
}

private func readOpenbNodes(_ input: TraceInput) throws(InputError) -> [OpenbNodeShape] {
    var file = try CSVFile(input)
    let columns = try CSVColumns(
        of: &file, needed: ["sn", "cpu_milli", "memory_mib", "gpu", "model"])
    var shapes: [OpenbNodeShape] = []
    var known: Set<String> = []
    while let row = try file.next() {
        try columns.check(row)
        var shape = OpenbNodeShape(
            milliCPU: try row.integer(columns["cpu_milli"], "cpu_milli", in: 1...1_000_000_000),
            memoryMiB: try row.integer(columns["memory_mib"], "memory_mib", in: 1...1 << 30),
            gpus: Int(try row.integer(columns["gpu"], "gpu", in: 0...1000)),
            model: row.text(columns["model"]), line: row.line)
        let name = row.text(columns["sn"])
        guard isObjectName(name) else {
            throw row.error(columns["sn"], "`\(name)` cannot name a node")
        }
        guard known.insert(name).inserted else {
            throw row.error(columns["sn"], "the node `\(name)` is here twice")
        }
        guard known.count <= 1_000_000 else {
            throw row.error(columns["sn"], "more than 1,000,000 nodes")
        }
        if let position = shapes.firstIndex(where: { $0.isLike(shape) }) {
            shapes[position].names.append(name)
        } else {
            guard shapes.count < 10_000 else {
                throw row.error(columns["sn"], "more than 10,000 different kinds of nodes")
            }
            shape.names = [name]
            shapes.append(shape)
        }
    }
    guard !shapes.isEmpty else {
        throw InputError([Diagnostic(file: input.name, message: "the file names no node")])
    }
    return shapes
}

/// A DNS subdomain, as Kubernetes names nodes and pods.
func isObjectName(_ text: String) -> Bool {
    guard (1...253).contains(text.utf8.count) else { return false }
    return text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { part in
        guard let first = part.utf8.first, let last = part.utf8.last else { return false }
        return isLowerOrDigit(first) && isLowerOrDigit(last)
            && part.utf8.allSatisfy { isLowerOrDigit($0) || $0 == UInt8(ascii: "-") }
    }
}

private func isLowerOrDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
        || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
}
