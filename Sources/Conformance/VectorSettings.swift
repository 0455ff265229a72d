import HardwareModel
import NodeManagers
import Primitives

/// Kubelet settings and device plugins of node-admission cases.
enum VectorSettings {
    /// `settings` with `override` applied.
    static func settings(
        _ json: JSONValue, override: JSONValue?, gates: JSONValue?
    ) throws(VectorStop) -> KubeletSettings {
        func value(_ name: String) -> JSONValue? { override?[name] ?? json[name] }
        func options(_ name: String) -> [String: String] {
            var options: [String: String] = [:]
            for member in value(name)?.members ?? [] {
                options[member.name] = member.value.optionText
            }
            return options
        }
        func quantities(_ json: JSONValue?) throws(VectorStop) -> [String: Int64] {
            var result: [String: Int64] = [:]
            for member in json?.members ?? [] {
                result[member.name] = try amount(member.value.text ?? "", of: member.name)
            }
            return result
        }
        var settings = KubeletSettings()
        settings.cpuManagerPolicy = value("cpuManagerPolicy")?.text ?? "none"
        settings.cpuManagerPolicyOptions = options("cpuManagerPolicyOptions")
        settings.memoryManagerPolicy = value("memoryManagerPolicy")?.text ?? "None"
        settings.topologyManagerPolicy = value("topologyManagerPolicy")?.text ?? "none"
        settings.topologyManagerScope = value("topologyManagerScope")?.text ?? "container"
        settings.topologyManagerPolicyOptions = options("topologyManagerPolicyOptions")
        settings.kubeReserved = try quantities(value("kubeReserved"))
        settings.systemReserved = try quantities(value("systemReserved"))
        settings.reservedSystemCPUs = try cpuSet(value("reservedSystemCPUs")?.text ?? "")
        let eviction = value("evictionHardMemory")?.text ?? ""
        settings.evictionHardMemory = .bytes(
            eviction.isEmpty ? 0 : try amount(eviction, of: "memory"))
        for entry in value("reservedMemory")?.elements ?? [] {
            let numaNode = try required(entry["numaNode"]?.integer, "numaNode")
            settings.reservedMemory.append(
                ReservedMemory(
                    numaNode: try within(0..<1024, numaNode, "numaNode"),
                    limits: try quantities(entry["limits"])))
        }
        for gate in gates?.members ?? [] {
            settings.featureGates[gate.name] = gate.value.boolean
        }
        return settings
    }

    static func devices(_ json: JSONValue?) throws(VectorStop) -> [DeviceResource] {
        var plugins: [DeviceResource] = []
        for plugin in json?.elements ?? [] {
            let preference = DeviceResource.PreferredAllocation(
                rawValue: plugin["preferred"]?.text ?? "none")
            plugins.append(
                DeviceResource(
                    name: try required(plugin["resource"]?.text, "resource"),
                    devices: try (plugin["devices"]?.elements ?? []).map(device(_:)),
                    preferredAllocation: try required(preference, "preferred")))
        }
        return plugins
    }

    /// One device of a plugin; without `numa` its place is unknown.
    static func device(_ json: JSONValue) throws(VectorStop) -> PluginDevice {
        var numaNodes: [Int]?
        if let nodes = json["numa"], !nodes.isNull {
            numaNodes = try nodes.elements.map { (node) throws(VectorStop) in
                try within(0..<64, try required(node.integer, "numa"), "numa")
            }
        }
        return PluginDevice(
            id: try required(json["id"]?.text, "id"), numaNodes: numaNodes,
            isHealthy: json["healthy"]?.boolean ?? true)
    }
}

/// `number`, if it is one that can be counted with.
func within(_ range: Range<Int>, _ number: Int, _ name: String) throws(VectorStop) -> Int {
    guard range.contains(number) else {
        throw .malformed(
            "`\(name)`: expected a number from \(range.lowerBound) to \(range.upperBound - 1), "
                + "found \(number)")
    }
    return number
}
