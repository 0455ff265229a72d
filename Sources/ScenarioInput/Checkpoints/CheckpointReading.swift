public import NodeManagers
import Primitives

// Strict where the kubelet is lenient: a field that is missing, of another type or beyond its range is an error, and
// all of them are told at once. A field that the kubelet does not know is passed over, as there. The checksum is
// looked at when all else is well, and told in the kubelet's words.

extension CPUManagerCheckpoint {
    /// Reads a file `cpu_manager_state`.
    ///
    /// - Parameters:
    ///   - file: What messages call it.
    ///   - podLevelResourceManagers: The gate of the kubelet that reads it, which decides what the checksum covers;
    ///     nil accepts a file of either.
    public init(
        reading bytes: some Collection<UInt8>, file: String,
        podLevelResourceManagers gate: Bool? = nil
    ) throws(InputError) {
        let root = try readJSONSource(bytes, file: file)
        var reader = CheckpointReader()
        let fields = reader.fields(
            of: root, required: ["policyName", "defaultCpuSet", "checksum"],
            optional: gate == false ? ["entries"] : ["entries", "podEntries"])
        self.init(
            policyName: reader.text(fields["policyName"]),
            defaultCPUSet: reader.text(fields["defaultCpuSet"]))
        if let node = fields["defaultCpuSet"] {
            _ = reader.cpus(node) { "could not parse default cpu set \"\($0)\"" }
        }
        for pod in reader.members(fields["entries"]) {
            guard pod.value.entries != nil else {
                reader.error(
                    at: pod.value, "`entries` has \(pod.value.said), not a pod's containers",
                    hint:
                        "the kubelet's first format went by container ids, which mean nothing here"
                )
                continue
            }
            var containers: [String: String] = [:]
            for container in reader.members(pod.value) {
                containers[container.key] = reader.text(container.value)
                _ = reader.cpus(container.value) {
                    "could not parse cpuset \"\($0)\" for container \"\(container.key)\" in pod"
                        + " \"\(pod.key)\""
                }
            }
            entries[pod.key] = containers
        }
        if gate != false {
            var shares: [String: CPUSet] = [:]
            for pod in reader.members(fields["podEntries"]) {
                let share = reader.fields(of: pod.value, required: ["cpuSet"])
                guard let node = share["cpuSet"] else { continue }
                shares[pod.key] = reader.cpus(node) {
                    "could not parse cpuset \"\($0)\" of pod \"\(pod.key)\""
                }
            }
            podEntries = shares
        }
        let written = reader.unsigned(fields["checksum"])
        try reader.diagnostics.throwIfErrors()
        try check(
            written, gate: gate, at: root, CheckpointRefusal.cpu(CheckpointRefusal.corrupted))
    }
}

extension MemoryManagerCheckpoint {
    /// Reads a file `memory_manager_state`; parameters are those of `CPUManagerCheckpoint.init(reading:)`.
    public init(
        reading bytes: some Collection<UInt8>, file: String,
        podLevelResourceManagers gate: Bool? = nil
    ) throws(InputError) {
        let root = try readJSONSource(bytes, file: file)
        var reader = CheckpointReader()
        let fields = reader.fields(
            of: root, required: ["policyName", "machineState", "checksum"],
            optional: gate == false ? ["entries"] : ["entries", "podEntries"])
        self.init(policyName: reader.text(fields["policyName"]))
        for node in reader.members(fields["machineState"]) {
            guard let osIndex = reader.numaNode(node.key, at: node.value) else { continue }
            machineState[osIndex] = reader.nodeState(node.value)
        }
        for pod in reader.members(fields["entries"]) {
            var containers: [String: [Block]] = [:]
            for container in reader.members(pod.value) {
                containers[container.key] = reader.blocks(container.value)
            }
            entries[pod.key] = containers
        }
        if gate != false {
            var shares: [String: [Block]] = [:]
            for pod in reader.members(fields["podEntries"]) {
                let share = reader.fields(of: pod.value, required: ["memoryBlocks"])
                shares[pod.key] = share["memoryBlocks"].map { reader.blocks($0) } ?? []
            }
            podEntries = shares
        }
        let written = reader.unsigned(fields["checksum"])
        try reader.diagnostics.throwIfErrors()
        try check(
            written, gate: gate, at: root, CheckpointRefusal.memory(CheckpointRefusal.corrupted))
    }
}

extension DeviceManagerCheckpoint {
    /// Reads a file `device-plugins/kubelet_internal_checkpoint`.
    ///
    /// - Parameter file: What messages call it.
    public init(
        reading bytes: some Collection<UInt8>, file: String
    ) throws(InputError) {
        self.init()
        let root = try readJSONSource(bytes, file: file)
        var reader = CheckpointReader()
        let fields = reader.fields(of: root, required: ["Data", "Checksum"], optional: ["BootID"])
        if let data = fields["Data"] {
            let parts = reader.fields(
                of: data, required: ["PodDeviceEntries", "RegisteredDevices"])
            if let list = parts["PodDeviceEntries"], !list.isNull {
                podDeviceEntries = reader.elements(list).map { reader.deviceEntry($0) }
            }
            for resource in reader.members(parts["RegisteredDevices"]) {
                registeredDevices[resource.key] = reader.texts(resource.value)
            }
        }
        let written = reader.unsigned(fields["Checksum"])
        try reader.diagnostics.throwIfErrors()
        guard written == UInt64(checksum) else {
            throw CheckpointReader.corrupted(
                root, CheckpointRefusal.corrupted, written, checksum,
                "; a kubelet goes on as if there were no file")
        }
    }
}

/// Takes values of one type out of JSON and collects what is wrong with them.
struct CheckpointReader {
    var diagnostics = Diagnostics()

    static func corrupted(
        _ root: SourceNode, _ message: String, _ written: UInt64, _ found: UInt32,
        _ consequence: String = ""
    ) -> InputError {
        InputError([
            Diagnostic(
                file: root.mark.file, line: root.mark.line, column: root.mark.column,
                message: message,
                hint: "the file's checksum is \(written), that of its content is"
                    + " \(found)\(consequence)")
        ])
    }

    mutating func error(at node: SourceNode, _ message: String, hint: String? = nil) {
        diagnostics.error(at: node, message, hint: hint)
    }

    /// The fields of an object; what is neither required nor optional is passed over with a note.
    mutating func fields(
        of node: SourceNode, required: [String], optional: [String] = []
    ) -> [String: SourceNode] {
        guard let entries = node.entries else {
            error(
                at: node,
                "expected an object with \(required.map { "`\($0)`" }.joined(separator: ", ")),"
                    + " found \(node.said)")
            return [:]
        }
        var fields: [String: SourceNode] = [:]
        for entry in entries {
            fields[entry.key] = entry.value
            if !required.contains(entry.key), !optional.contains(entry.key) {
                diagnostics.note(
                    at: entry.value, "`\(entry.key)` means nothing to this kubelet")
            }
        }
        for name in required where fields[name] == nil {
            error(at: node, "`\(name)` is missing")
        }
        return fields
    }

    /// The members of a map; none for a map that is not there.
    mutating func members(_ node: SourceNode?) -> [SourceNode.Entry] {
        guard let node else { return [] }
        guard let entries = node.entries else {
            error(at: node, "expected an object, found \(node.said)")
            return []
        }
        return entries
    }

    mutating func elements(_ node: SourceNode) -> [SourceNode] {
        guard let elements = node.elements else {
            error(at: node, "expected a list, found \(node.said)")
            return []
        }
        return elements
    }

    mutating func text(_ node: SourceNode?) -> String {
        guard let node else { return "" }
        guard case .scalar(let text, true) = node.value else {
            error(at: node, "expected a text in quotes, found \(node.said)")
            return ""
        }
        return text
    }

    mutating func texts(_ node: SourceNode) -> [String] { elements(node).map { text($0) } }

    mutating func unsigned(_ node: SourceNode?) -> UInt64 {
        guard let node else { return 0 }
        guard case .scalar(let text, false) = node.value, let number = UInt64(text) else {
            error(at: node, "expected a whole number from 0, found \(node.said)")
            return 0
        }
        return number
    }

    mutating func integer(_ node: SourceNode?) -> Int {
        guard let node else { return 0 }
        guard case .scalar(let text, false) = node.value, let number = Int(text) else {
            error(at: node, "expected a whole number, found \(node.said)")
            return 0
        }
        return number
    }

    /// CPUs in list format; `message` is what the kubelet says of a text that is none.
    mutating func cpus(_ node: SourceNode, _ message: (String) -> String) -> CPUSet {
        guard case .scalar(let text, true) = node.value else { return CPUSet() }
        do throws(CPUListError) {
            return try CPUSet(parsing: text)
        } catch {
            self.error(at: node, message(text), hint: "\(error)")
            return CPUSet()
        }
    }

    mutating func numaNode(_ key: String, at node: SourceNode) -> Int? {
        guard let osIndex = Int(key), osIndex >= 0, "\(osIndex)" == key else {
            error(at: node, "expected the number of a NUMA node, found `\(key)`")
            return nil
        }
        return osIndex
    }

    mutating func nodeState(_ node: SourceNode) -> MemoryManagerCheckpoint.NodeState {
        let fields = fields(
            of: node, required: ["numberOfAssignments", "memoryMap", "cells"])
        var map: [String: MemoryManagerCheckpoint.Table] = [:]
        for type in members(fields["memoryMap"]) {
            let table = self.fields(
                of: type.value,
                required: ["total", "systemReserved", "allocatable", "reserved", "free"])
            map[type.key] = MemoryManagerCheckpoint.Table(
                total: unsigned(table["total"]), systemReserved: unsigned(table["systemReserved"]),
                allocatable: unsigned(table["allocatable"]),
                reserved: unsigned(table["reserved"]), free: unsigned(table["free"]))
        }
        return MemoryManagerCheckpoint.NodeState(
            numberOfAssignments: integer(fields["numberOfAssignments"]), memoryMap: map,
            cells: fields["cells"].map { elements($0).map { integer($0) } } ?? [])
    }

    /// Blocks of one container; `null` is none.
    mutating func blocks(_ node: SourceNode) -> [MemoryManagerCheckpoint.Block] {
        if node.isNull { return [] }
        return elements(node).map { element in
            let fields = fields(of: element, required: ["numaAffinity", "type", "size"])
            return MemoryManagerCheckpoint.Block(
                numaAffinity: fields["numaAffinity"].map { elements($0).map { integer($0) } } ?? [],
                type: text(fields["type"]), size: unsigned(fields["size"]))
        }
    }

    mutating func deviceEntry(_ node: SourceNode) -> DeviceManagerCheckpoint.Entry {
        let fields = fields(
            of: node,
            required: ["PodUID", "ContainerName", "ResourceName", "DeviceIDs", "AllocResp"])
        var ids: [Int64: [String]] = [:]
        if let list = fields["DeviceIDs"], list.elements != nil {
            error(
                at: list, "expected devices by NUMA node, found a list",
                hint: "kubelets before 1.20 wrote no NUMA nodes; such files are not read")
        } else {
            for group in members(fields["DeviceIDs"]) {
                guard let numaNode = Int64(group.key), "\(numaNode)" == group.key else {
                    error(
                        at: group.value,
                        "expected the number of a NUMA node or -1, found `\(group.key)`")
                    continue
                }
                ids[numaNode] = texts(group.value)
            }
        }
        var entry = DeviceManagerCheckpoint.Entry(
            podUID: text(fields["PodUID"]), containerName: text(fields["ContainerName"]),
            resourceName: text(fields["ResourceName"]), deviceIDs: ids)
        if let response = fields["AllocResp"], !response.isNull {
            if let bytes = Base64.bytes(of: text(response)) {
                entry.allocationResponse = bytes
            } else {
                error(at: response, "`AllocResp` is not base 64")
            }
        }
        return entry
    }
}
