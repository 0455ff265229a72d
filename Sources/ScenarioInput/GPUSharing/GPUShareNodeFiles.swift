import ClusterScheduler
import ClusterSimulation
import Foundation
import Primitives
import WorkloadModel

/// Numbers GPU models by name, 64 at most, so that sets of them are words.
struct GPUModels {
    static let limit = 64
    private(set) var names: [String] = []

    /// Nil when there are too many.
    mutating func number(of name: String) -> UInt8? {
        if let known = names.firstIndex(of: name) { return UInt8(known) }
        guard names.count < GPUModels.limit else { return nil }
        names.append(name)
        return UInt8(names.count - 1)
    }

    static let tooMany = "more than \(limit) different GPU models"
}

/// Nodes with GPUs from a CSV file in openb's columns.
func readGPUShareNodes(
    csv url: URL, name: String, pods: Int, models: inout GPUModels
) throws(InputError) -> [GPUShareStudy.Node] {
    var nodes: [GPUShareStudy.Node] = []
    for shape in try readOpenbNodes(url: url, name: name) {
        guard shape.gpus <= 64, let model = models.number(of: shape.model) else {
            throw InputError([
                Diagnostic(
                    file: name, line: shape.line,
                    message: shape.gpus > 64
                        ? "more than 64 GPUs on one node" : GPUModels.tooMany)
            ])
        }
        for node in shape.names {
            nodes.append(
                GPUShareStudy.Node(
                    name: node,
                    capacity: GPUShareNodes.Capacity(
                        milliCPU: shape.milliCPU, memory: shape.memoryMiB << 20,
                        gpuCount: shape.gpus, model: model, pods: Int32(pods))))
        }
    }
    return nodes
}

/// Nodes with GPUs from Node objects: allocatable cpu, memory, pods and `alibabacloud.com/gpu-count`, and the label
/// `alibabacloud.com/gpu-card-model`. (github.com/hkust-adsl/kubernetes-scheduler-simulator)
struct GPUNodeObjects {
    static let limits = SourceLimits(bytes: 64 << 20, depth: 100, values: 8_000_000)

    private(set) var nodes: [GPUShareStudy.Node] = []
    private var names: Set<String> = []
    private var models: GPUModels
    private var diagnostics = Diagnostics()
    private let pods: Int

    static func read(
        _ bytes: [UInt8], file: String, pods: Int, models: inout GPUModels
    ) throws(InputError) -> [GPUShareStudy.Node] {
        var objects = GPUNodeObjects(pods: pods, models: models)
        for document in try readSourceDocuments(bytes, file: file, limits: limits)
        where !document.isNull {
            objects.add(document)
        }
        try objects.diagnostics.throwIfErrors()
        models = objects.models
        return objects.nodes
    }

    private init(pods: Int, models: GPUModels) {
        self.pods = pods
        self.models = models
    }

    private mutating func add(_ node: SourceNode) {
        if node["kind"]?.text == "List" || node["kind"]?.text == "NodeList" {
            for item in node.list("items") { add(item) }
            return
        }
        guard node["kind"]?.text == "Node" else {
            return diagnostics.error(
                at: node, "expected a Node, found \(node["kind"]?.said ?? node.said)")
        }
        guard let name = node["metadata"]?.string("name"), isObjectName(name) else {
            return diagnostics.error(at: node, "a Node without a proper `metadata.name`")
        }
        guard names.insert(name).inserted else {
            return diagnostics.error(at: node, "the node `\(name)` is here twice")
        }
        guard let status = node["status"], let amounts = status["allocatable"] ?? status["capacity"]
        else {
            return diagnostics.error(at: node, "the node `\(name)` says no `status.allocatable`")
        }
        let milliCPU = amount("cpu", in: amounts, exponent: -3) ?? 0
        let memory = amount("memory", in: amounts, exponent: 0) ?? 0
        let pods = amount("pods", in: amounts, exponent: 0) ?? Int64(self.pods)
        let gpus = amount("alibabacloud.com/gpu-count", in: amounts, exponent: 0) ?? 0
        let label = node["metadata"]?["labels"]?.string("alibabacloud.com/gpu-card-model") ?? ""
        guard (0...64).contains(gpus) else {
            return diagnostics.error(at: amounts, "\(gpus) GPUs on one node; at most 64 are read")
        }
        guard let model = models.number(of: label) else {
            return diagnostics.error(at: node, GPUModels.tooMany)
        }
        nodes.append(
            GPUShareStudy.Node(
                name: name,
                capacity: GPUShareNodes.Capacity(
                    milliCPU: milliCPU, memory: memory, gpuCount: Int(gpus), model: model,
                    pods: Int32(clamping: pods))))
    }

    private mutating func amount(
        _ key: String, in amounts: SourceNode, exponent: Int
    ) -> Int64? {
        guard let node = amounts.present(key),
            let quantity = readQuantity(node, diagnostics: &diagnostics)
        else { return nil }
        guard quantity.sign >= 0, let units = quantity.units(exponent: exponent), units <= 1 << 50
        else {
            diagnostics.error(at: node, "\(node.said) is no amount that a node can have")
            return nil
        }
        return units
    }
}
