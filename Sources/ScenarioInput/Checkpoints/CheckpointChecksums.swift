public import NodeManagers
import Primitives

// The kubelet's checksum of a checkpoint is FNV-1a of a dump in Go syntax, types named and maps sorted by key, in
// which the checksum itself is 0. (checkpointmanager/checksum, util/hash)

extension CPUManagerCheckpoint {
    /// The checksum that the kubelet writes with this content.
    public var checksum: UInt32 {
        var dump = GoSyntaxDump()
        dump.write("(*state.CPUManagerCheckpoint){PolicyName:(string)\(policyName)")
        dump.write(" DefaultCPUSet:(string)\(defaultCPUSet)")
        dump.write(" Entries:(map[string]map[string]string)")
        dump.writeMap(entries) { containers, dump in
            dump.writeMap(containers) { cpus, dump in dump.write(cpus) }
        }
        if let podEntries {
            dump.write(" PodEntries:(state.PodCPUAssignments)")
            dump.writeMap(podEntries) { cpus, dump in
                dump.write("{CPUSet:(cpuset.CPUSet){elems:(map[int]struct {})map[")
                dump.writeList(cpus) { "\($0):{}" }
                dump.write("]}}")
            }
        }
        dump.write(" Checksum:(checksum.Checksum)0}")
        return dump.hash
    }
}

extension MemoryManagerCheckpoint {
    /// The checksum that the kubelet writes with this content.
    public var checksum: UInt32 {
        var dump = GoSyntaxDump()
        dump.write("(*state.MemoryManagerCheckpoint){PolicyName:(string)\(policyName)")
        dump.write(" MachineState:(state.NUMANodeMap)map[")
        for (number, node) in machineState.sorted(by: { $0.key < $1.key }).enumerated() {
            if number > 0 { dump.write(" ") }
            dump.write("\(node.key):<*>")
            dump.write(node.value)
        }
        dump.write("] Entries:(state.ContainerMemoryAssignments)")
        dump.writeMap(entries) { containers, dump in
            dump.writeMap(containers) { blocks, dump in dump.write(blocks) }
        }
        if let podEntries {
            dump.write(" PodEntries:(state.PodMemoryAssignments)")
            dump.writeMap(podEntries) { blocks, dump in
                dump.write("{MemoryBlocks:([]state.Block)")
                dump.write(blocks)
                dump.write("}")
            }
        }
        dump.write(" Checksum:(checksum.Checksum)0}")
        return dump.hash
    }
}

extension DeviceManagerCheckpoint {
    /// The checksum that the kubelet writes with this content; it covers the data alone.
    public var checksum: UInt32 {
        var dump = GoSyntaxDump()
        dump.write("(checkpoint.checkpointData){PodDeviceEntries:([]checkpoint.PodDevicesEntry)")
        if let podDeviceEntries {
            dump.write("[")
            for (number, entry) in podDeviceEntries.enumerated() {
                if number > 0 { dump.write(" ") }
                dump.write(entry)
            }
            dump.write("]")
        } else {
            dump.write("<nil>")
        }
        dump.write(" RegisteredDevices:(map[string][]string)")
        dump.writeMap(registeredDevices) { ids, dump in
            dump.write("[")
            dump.writeList(ids) { $0 }
            dump.write("]")
        }
        dump.write("}")
        return dump.hash
    }
}

/// What Go's dump of a value would look like, hashed as it is written.
private struct GoSyntaxDump {
    /// FNV-1a, 32 bits.
    private(set) var hash: UInt32 = 2_166_136_261

    mutating func write(_ text: String) {
        for byte in text.utf8 { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
    }

    mutating func writeMap<Value>(
        _ map: [String: Value], _ writeValue: (Value, inout GoSyntaxDump) -> Void
    ) {
        write("map[")
        for (number, entry) in inByteOrder(map).enumerated() {
            if number > 0 { write(" ") }
            write("\(entry.key):")
            writeValue(entry.value, &self)
        }
        write("]")
    }

    mutating func writeList<Element>(
        _ list: some Sequence<Element>, _ text: (Element) -> String
    ) {
        var isFirst = true
        for element in list {
            if !isFirst { write(" ") }
            isFirst = false
            write(text(element))
        }
    }

    mutating func write(_ node: MemoryManagerCheckpoint.NodeState) {
        write("{NumberOfAssignments:(int)\(node.numberOfAssignments)")
        write(" MemoryMap:(map[v1.ResourceName]*state.MemoryTable)")
        writeMap(node.memoryMap) { table, dump in
            dump.write("<*>{TotalMemSize:(uint64)\(table.total)")
            dump.write(" SystemReserved:(uint64)\(table.systemReserved)")
            dump.write(" Allocatable:(uint64)\(table.allocatable)")
            dump.write(" Reserved:(uint64)\(table.reserved) Free:(uint64)\(table.free)}")
        }
        write(" Cells:([]int)[")
        writeList(node.cells) { "\($0)" }
        write("]}")
    }

    mutating func write(_ blocks: [MemoryManagerCheckpoint.Block]) {
        write("[")
        for (number, block) in blocks.enumerated() {
            write(number > 0 ? " {NUMAAffinity:([]int)[" : "{NUMAAffinity:([]int)[")
            writeList(block.numaAffinity) { "\($0)" }
            write("] Type:(v1.ResourceName)\(block.type) Size:(uint64)\(block.size)}")
        }
        write("]")
    }

    mutating func write(_ entry: DeviceManagerCheckpoint.Entry) {
        write("{PodUID:(string)\(entry.podUID) ContainerName:(string)\(entry.containerName)")
        write(" ResourceName:(string)\(entry.resourceName)")
        write(" DeviceIDs:(checkpoint.DevicesPerNUMA)map[")
        writeList(entry.deviceIDs.sorted { $0.key < $1.key }) {
            "\($0.key):[\($0.value.joined(separator: " "))]"
        }
        write("] AllocResp:([]uint8)[")
        writeList(entry.allocationResponse) { "\($0)" }
        write("]}")
    }
}

/// Entries by the bytes of their keys, as Go sorts them.
func inByteOrder<Value>(_ map: [String: Value]) -> [(key: String, value: Value)] {
    map.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
}
