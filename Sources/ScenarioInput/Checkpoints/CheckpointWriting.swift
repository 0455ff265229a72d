public import NodeManagers

extension CPUManagerCheckpoint {
    /// The file `cpu_manager_state`, byte for byte as the kubelet writes it.
    public var text: String {
        var json = GoJSON()
        json.object {
            $0.member("policyName") { $0.string(policyName) }
            $0.member("defaultCpuSet") { $0.string(defaultCPUSet) }
            if !entries.isEmpty {
                $0.member("entries") {
                    $0.map(entries) { containers, json in
                        json.map(containers) { cpus, json in json.string(cpus) }
                    }
                }
            }
            if let podEntries, !podEntries.isEmpty {
                $0.member("podEntries") {
                    $0.map(podEntries) { cpus, json in
                        json.object { $0.member("cpuSet") { $0.string("\(cpus)") } }
                    }
                }
            }
            $0.member("checksum") { $0.bare("\(checksum)") }
        }
        return json.text
    }
}

extension MemoryManagerCheckpoint {
    /// The file `memory_manager_state`, byte for byte as the kubelet writes it.
    public var text: String {
        var json = GoJSON()
        json.object {
            $0.member("policyName") { $0.string(policyName) }
            $0.member("machineState") {
                $0.map(keyedByText(machineState)) { node, json in node.write(to: &json) }
            }
            if !entries.isEmpty {
                $0.member("entries") {
                    $0.map(entries) { containers, json in
                        json.map(containers) { blocks, json in
                            json.array(blocks) { $0.write(to: &$1) }
                        }
                    }
                }
            }
            if let podEntries, !podEntries.isEmpty {
                $0.member("podEntries") {
                    $0.map(podEntries) { blocks, json in
                        json.object {
                            $0.member("memoryBlocks") {
                                $0.array(blocks) { $0.write(to: &$1) }
                            }
                        }
                    }
                }
            }
            $0.member("checksum") { $0.bare("\(checksum)") }
        }
        return json.text
    }
}

extension MemoryManagerCheckpoint.NodeState {
    fileprivate func write(to json: inout GoJSON) {
        json.object {
            $0.member("numberOfAssignments") { $0.bare("\(numberOfAssignments)") }
            $0.member("memoryMap") {
                $0.map(memoryMap) { table, json in
                    json.object {
                        $0.member("total") { $0.bare("\(table.total)") }
                        $0.member("systemReserved") { $0.bare("\(table.systemReserved)") }
                        $0.member("allocatable") { $0.bare("\(table.allocatable)") }
                        $0.member("reserved") { $0.bare("\(table.reserved)") }
                        $0.member("free") { $0.bare("\(table.free)") }
                    }
                }
            }
            $0.member("cells") { $0.array(cells) { $1.bare("\($0)") } }
        }
    }
}

extension MemoryManagerCheckpoint.Block {
    fileprivate func write(to json: inout GoJSON) {
        json.object {
            $0.member("numaAffinity") { $0.array(numaAffinity) { $1.bare("\($0)") } }
            $0.member("type") { $0.string(type) }
            $0.member("size") { $0.bare("\(size)") }
        }
    }
}

extension DeviceManagerCheckpoint {
    /// The file `device-plugins/kubelet_internal_checkpoint`, as the kubelet writes it; there the order of entries and
    /// of ids is any, here it is that of the value.
    public var text: String {
        var json = GoJSON()
        json.object {
            $0.member("Data") {
                $0.object {
                    $0.member("PodDeviceEntries") {
                        guard let podDeviceEntries else { return $0.bare("null") }
                        $0.array(podDeviceEntries) { $0.write(to: &$1) }
                    }
                    $0.member("RegisteredDevices") {
                        $0.map(registeredDevices) { ids, json in
                            json.array(ids) { $1.string($0) }
                        }
                    }
                }
            }
            $0.member("Checksum") { $0.bare("\(checksum)") }
        }
        return json.text
    }
}

extension DeviceManagerCheckpoint.Entry {
    fileprivate func write(to json: inout GoJSON) {
        json.object {
            $0.member("PodUID") { $0.string(podUID) }
            $0.member("ContainerName") { $0.string(containerName) }
            $0.member("ResourceName") { $0.string(resourceName) }
            $0.member("DeviceIDs") {
                $0.map(keyedByText(deviceIDs)) { ids, json in
                    json.array(ids) { $1.string($0) }
                }
            }
            $0.member("AllocResp") { $0.string(Base64.text(of: allocationResponse)) }
        }
    }
}

/// Go's JSON encoder sorts number keys as texts: "10" before "2".
private func keyedByText<Value>(_ map: [some BinaryInteger: Value]) -> [String: Value] {
    var result: [String: Value] = [:]
    for (key, value) in map { result["\(key)"] = value }
    return result
}

/// JSON on one line, escaped as Go's encoder escapes.
private struct GoJSON {
    private(set) var text = ""
    /// A member or element stands before the next one.
    private var needsComma = false

    mutating func object(_ body: (inout GoJSON) -> Void) {
        open("{")
        body(&self)
        close("}")
    }

    mutating func member(_ name: String, _ value: (inout GoJSON) -> Void) {
        separate()
        writeQuoted(name)
        text += ":"
        value(&self)
        needsComma = true
    }

    mutating func map<Value>(
        _ map: [String: Value], _ value: (Value, inout GoJSON) -> Void
    ) {
        open("{")
        for entry in inByteOrder(map) { member(entry.key) { value(entry.value, &$0) } }
        close("}")
    }

    mutating func array<Element>(
        _ elements: [Element], _ value: (Element, inout GoJSON) -> Void
    ) {
        open("[")
        for element in elements {
            separate()
            value(element, &self)
            needsComma = true
        }
        close("]")
    }

    mutating func string(_ value: String) { writeQuoted(value) }

    mutating func bare(_ value: String) { text += value }

    private mutating func open(_ bracket: String) {
        text += bracket
        needsComma = false
    }

    private mutating func close(_ bracket: String) {
        text += bracket
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { text += "," }
        needsComma = false
    }

    private mutating func writeQuoted(_ value: String) {
        text += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case "\u{8}": text += "\\b"
            case "\u{c}": text += "\\f"
            case "<", ">", "&", "\u{2028}", "\u{2029}", "\u{0}"..<" ":
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
