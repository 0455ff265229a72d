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

    /// `96c-384g-8g2`: CPUs, GiB of memory (`m` and MiB when it is not whole), GPUs and their model.
    var label: String {
        let cpu = milliCPU % 1000 == 0 ? "\(milliCPU / 1000)c" : "\(milliCPU)m"
        let memory = memoryMiB % 1024 == 0 ? "\(memoryMiB / 1024)g" : "\(memoryMiB)m"
        let letters = model.lowercased().filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        return gpus == 0 ? "\(cpu)-\(memory)" : "\(cpu)-\(memory)-\(gpus)\(letters)"
    }
}

/// Reads columns `sn, cpu_milli, memory_mib, gpu, model`. (github.com/alibaba/clusterdata, openb)
func readOpenbNodes(url: URL, name: String) throws(InputError) -> [OpenbNodeShape] {
    var file = try CSVFile(url: url, name: name)
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
        if let position = shapes.firstIndex(where: {
            $0.milliCPU == shape.milliCPU && $0.memoryMiB == shape.memoryMiB
                && $0.gpus == shape.gpus && $0.model == shape.model
        }) {
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
        throw InputError([Diagnostic(file: name, message: "the file names no node")])
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
