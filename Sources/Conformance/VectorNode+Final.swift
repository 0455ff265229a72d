import NodeManagers
import Primitives
import ScenarioInput

/// How many checksums of checkpoint files were compared with the kubelet's.
public struct ChecksumCounts: Hashable, Sendable {
    public var cpu = 0
    public var memory = 0

    public init() {}
}

extension VectorNode {
    /// Compares what the checkpoint files hold at the end, checksums included where the case has one.
    func checkFinal(_ final: JSONValue) throws(VectorStop) -> ChecksumCounts {
        try checkCPU(final["cpu"] ?? .null)
        try checkMemory(final["memory"] ?? .null)
        if let devices = final["devices"] { try checkDevices(devices) }
        return try checkChecksums(final)
    }

    private func checkChecksums(_ final: JSONValue) throws(VectorStop) -> ChecksumCounts {
        let files = model.checkpoints(of: state, podUID: uid)
        var counts = ChecksumCounts()
        if let cpu = files.cpu, let expected = final["cpu"], let sum = expected["checksum"]?.integer
        {
            // The CPU Manager's file is in the case as it was written, so all of it can be compared.
            try compare("final cpu file", expected: "\(expected)", got: "\(try sorted(cpu.text))")
            try compare("final cpu checksum", expected: sum, got: Int(cpu.checksum))
            counts.cpu += 1
        }
        if let memory = files.memory, let sum = final["memory"]?["checksum"]?.integer {
            try compare("final memory checksum", expected: sum, got: Int(memory.checksum))
            counts.memory += 1
        }
        return counts
    }

    /// A JSON text with the fields of its outermost object in order of name, as cases have them.
    private func sorted(_ text: String) throws(VectorStop) -> JSONValue {
        do throws(JSONError) {
            let json = try JSONParser.parse([UInt8](text.utf8)[...])
            return .object(json.members.sorted { $0.name < $1.name })
        } catch {
            throw .malformed("our own file is not JSON: \(error.message)")
        }
    }

    private func checkCPU(_ json: JSONValue) throws(VectorStop) {
        try compare(
            "final cpu policy", expected: json["policyName"]?.text,
            got: model.settings.cpuManagerPolicy)
        let isStatic = model.settings.cpuManagerPolicy == "static"
        try compare(
            "final pool", expected: json["defaultCpuSet"]?.text,
            got: isStatic ? "\(state.cpu.pool)" : "")
        try compare(
            "final cpu entries", expected: nested(json["entries"]) { $0.text ?? "" },
            got: model.cpuEntries(of: state).map { "\(uid($0.pod)) \($0.container) \($0.cpus)" }
                .sorted())
        try compare(
            "final cpu pod entries",
            expected: (json["podEntries"]?.members ?? []).map {
                "\($0.name) \($0.value["cpuSet"]?.text ?? "")"
            }.sorted(),
            got: model.podCPUEntries(of: state).map { "\(uid($0.pod)) \($0.cpus)" }.sorted())
    }

    private func nested(_ json: JSONValue?, _ text: (JSONValue) -> String) -> [String] {
        (json?.members ?? []).flatMap { pod in
            pod.value.members.map { "\(pod.name) \($0.name) \(text($0.value))" }
        }.sorted()
    }

    private func checkMemory(_ json: JSONValue) throws(VectorStop) {
        try compare(
            "final memory policy", expected: json["policyName"]?.text,
            got: model.settings.memoryManagerPolicy)
        func text(_ blocks: [NodeModel.MemoryEntry.Block]) -> String {
            blocks.map { block in
                let nodes = model.layout.osSet(block.nodes).map(String.init).joined(separator: ",")
                let type = model.resources[model.memoryTypes.resources[block.type]]
                return "[\"\(type)\",[\(nodes)],\(block.bytes)]"
            }.sorted().joined(separator: " ")
        }
        func expected(_ json: JSONValue) -> String {
            json.elements.map(\.description).sorted().joined(separator: " ")
        }
        try compare(
            "final memory entries", expected: nested(json["entries"], expected),
            got: model.memoryEntries(of: state).map {
                "\(uid($0.pod)) \($0.container) \(text($0.blocks))"
            }.sorted())
        try compare(
            "final memory pod entries",
            expected: (json["podEntries"]?.members ?? []).map {
                "\($0.name) \(expected($0.value))"
            }.sorted(),
            got: model.podMemoryEntries(of: state).map { "\(uid($0.pod)) \(text($0.blocks))" }
                .sorted())
        for node in json["machineState"]?.members ?? [] {
            guard let position = Int(node.name).flatMap(model.layout.position) else {
                throw .malformed("`machineState` names an unknown NUMA node")
            }
            let what = "final NUMA node \(node.name)"
            try compare(
                "\(what) assignments", expected: node.value["assignments"]?.integer,
                got: Int(state.memory.nodes[position].assignments))
            try compare(
                "\(what) cells", expected: node.value["cells"]?.elements.compactMap(\.integer),
                got: Array(model.layout.osSet(state.memory.nodes[position].cells)))
            for table in node.value["memory"]?.members ?? [] {
                guard let resource = model.resources.index(of: table.name),
                    let type = model.memoryTypes.position(of: resource)
                else { throw .malformed("an unknown memory type") }
                let index = position * model.memoryTypes.count + type
                let totals = model.memoryPolicy.totals[index]
                try compare(
                    "\(what) \(table.name)",
                    expected: table.value.elements.compactMap(\.integer).map(Int64.init),
                    got: [
                        totals.total, totals.systemReserved, totals.allocatable,
                        state.memory.tables[index].reserved, state.memory.tables[index].free,
                    ])
            }
        }
    }

    private func checkDevices(_ json: JSONValue) throws(VectorStop) {
        guard let checkpoint = state.deviceCheckpoint else { return }
        let isUnstable = self.json["deviceIdsUnstable"]?.boolean == true
        let kinds = model.deviceManager.catalog.kinds
        var got: [String] = []
        for entry in checkpoint.entries {
            for kind in kinds {
                var byNode: [Int: [String]] = [:]
                for (index, id) in kind.ids.enumerated() {
                    let word = entry.devices[kind.words.lowerBound + index / 64]
                    guard word >> UInt64(index % 64) & 1 != 0 else { continue }
                    let nodes = kind.nodes[index] ?? .none
                    for node in nodes.isEmpty ? [-1] : Array(model.layout.osSet(nodes)) {
                        byNode[node, default: []].append(id)
                    }
                }
                guard !byNode.isEmpty else { continue }
                let nodes = byNode.keys.sorted().map { node in
                    "\(node):\(isUnstable ? "\(byNode[node]!.count)" : byNode[node]!.joined(separator: ","))"
                }
                got.append(
                    "\(uid(entry.pod)) \(entry.name) \(kind.name) \(nodes.joined(separator: " "))")
            }
        }
        let expected = (json["podDeviceEntries"]?.elements ?? []).map { entry -> String in
            let parts = entry.elements
            guard parts.count == 4 else { return "\(entry)" }
            let nodes = parts[3].members.sorted { (Int($0.name) ?? 0) < (Int($1.name) ?? 0) }.map {
                let ids =
                    $0.value.integer.map(String.init)
                    ?? $0.value.elements.compactMap(\.text).joined(separator: ",")
                return "\($0.name):\(ids)"
            }
            return
                "\(parts[0].text ?? "") \(parts[1].text ?? "") \(parts[2].text ?? "") \(nodes.joined(separator: " "))"
        }
        try compare("final device entries", expected: expected.sorted(), got: got.sorted())
        var registered: [String] = []
        for (position, kind) in kinds.enumerated() where checkpoint.registered[position] {
            let ids = kind.ids.indices.filter { index in
                checkpoint.healthy[kind.words.lowerBound + index / 64] >> UInt64(index % 64) & 1
                    != 0
            }
            registered.append("\(kind.name) \(ids.map { kind.ids[$0] }.joined(separator: ","))")
        }
        try compare(
            "final registered devices",
            expected: (json["registeredDevices"]?.members ?? []).map {
                "\($0.name) \($0.value.elements.compactMap(\.text).joined(separator: ","))"
            }.sorted(),
            got: registered.sorted())
    }
}
