import Primitives
import WorkloadModel

/// What the Node objects in a text of YAML or JSON say of their machines: CPUs, memory and huge pages, whole.
///
/// Lists (`kubectl get nodes -o json`) are read, too; other kinds are passed over.
///
/// - Returns: One statement a Node, its source `file#name` where there are several.
/// - Throws: Every quantity that is none, every capacity without CPUs or memory.
public func readNodeStatements(
    bytes: [UInt8], file: String
) throws(InputError) -> [MachineStatement] {
    var reader = NodeStatementReader(file: file)
    for document in try readSourceDocuments(bytes, file: file) { reader.read(document, depth: 0) }
    try reader.diagnostics.throwIfErrors()
    guard reader.nodes.count != 1 else {
        return [reader.statement(reader.nodes[0], source: file)]
    }
    return reader.nodes.map { reader.statement($0, source: "\(file)#\($0.name)") }
}

private struct NodeStatementReader {
    struct Node {
        var name: String
        var facts: [ComparedFact: ComparedValue] = [:]
    }

    let file: String
    var diagnostics = Diagnostics()
    var nodes: [Node] = []

    func statement(_ node: Node, source: String) -> MachineStatement {
        var statement = MachineStatement(source: source)
        for (fact, value) in node.facts { statement.add(fact, value) }
        // A kubelet reports every page size that the kernel has, those without pages as 0.
        statement.complete = [.hugePages, .allocatableHugePages]
        return statement
    }

    mutating func read(_ node: SourceNode, depth: Int) {
        if let items = node["items"]?.elements, depth < 2 {
            for item in items { read(item, depth: depth + 1) }
            return
        }
        guard node["kind"]?.text == "Node", node["apiVersion"]?.text == "v1" else { return }
        let name = node["metadata"]?["name"]?.text ?? "unnamed"
        guard let capacity = node["status"]?["capacity"], capacity.entries != nil else {
            diagnostics.error(at: node, "Node `\(name)` has no `status.capacity`")
            return
        }
        var result = Node(name: name)
        for entry in capacity.entries ?? [] {
            guard let (fact, value) = fact(entry, isAllocatable: false) else { continue }
            result.facts[fact] = value
        }
        for entry in node["status"]?["allocatable"]?.entries ?? [] {
            guard let (fact, value) = fact(entry, isAllocatable: true) else { continue }
            result.facts[fact] = value
        }
        nodes.append(result)
    }

    /// Zero huge pages are as good as none.
    private mutating func fact(
        _ entry: SourceNode.Entry, isAllocatable: Bool
    ) -> (ComparedFact, ComparedValue)? {
        let isPages = ResourceNames.isHugePages(entry.key)
        guard entry.key == "cpu" || entry.key == "memory" || isPages,
            let quantity = readQuantity(entry.value, diagnostics: &diagnostics)
        else { return nil }
        guard let units = quantity.units(exponent: 0), units >= 0 else {
            diagnostics.error(
                at: entry.value,
                "`\(entry.key)` is `\(entry.value.text ?? "")`, and it is 0 or more")
            return nil
        }
        if entry.key == "cpu" {
            // Allocatable may have thousandths; capacity is a count.
            let text =
                quantity.exactUnits(exponent: 0).map(String.init)
                ?? entry.value.text ?? ""
            return (isAllocatable ? .allocatableCPUs : .cpuCount, .text(text))
        }
        let bytes = ComparedValue.bytes(units, unit: 1)
        if entry.key == "memory" { return (isAllocatable ? .allocatableMemory : .memory, bytes) }
        let sizeText = String(entry.key.dropFirst(ResourceNames.hugePagesPrefix.count))
        guard let size = (try? Quantity(sizeText))?.units(exponent: 0), size > 0 else {
            diagnostics.error(
                at: SourceNode(.null, at: entry.keyMark),
                "`\(entry.key)` names no size of a page, such as `hugepages-2Mi`")
            return nil
        }
        if units == 0 { return nil }
        return (
            isAllocatable ? .allocatableHugePages(size: size) : .hugePages(size: size), bytes
        )
    }
}
