import NodeManagers
import Primitives
import ScenarioInput
import Testing

/// Checkpoint files as texts: written, read back, and refused.
@Suite struct CheckpointTextTests {
    // MARK: Random contents

    private struct RandomContents {
        var random: RandomStream

        init(seed: UInt64) { random = RandomStream(seed: seed, name: "checkpoint-texts") }

        mutating func below(_ bound: Int) -> Int { Int(random.below(UInt64(bound))) }

        /// Names as the API server lets through, and some that only a hostile file has.
        mutating func name() -> String {
            let letters = Array("abc-012.<>&\"\\\n\t\u{1}\u{2028}é/:[]{} ")
            let plain = below(3) > 0
            return String(
                (0..<1 + below(8)).map { _ in
                    plain ? letters[below(7)] : letters[below(letters.count)]
                })
        }

        mutating func cpus() -> CPUSet {
            CPUSet((0..<below(12)).map { _ in below(3) > 0 ? below(32) : below(1024) })
        }

        mutating func count() -> Int { below(4) }

        mutating func cpu(gate: Bool) -> CPUManagerCheckpoint {
            var file = CPUManagerCheckpoint(policyName: "static", defaultCPUSet: "\(cpus())")
            for _ in 0..<count() {
                var containers: [String: String] = [:]
                for _ in 0..<1 + count() { containers[name()] = "\(cpus())" }
                file.entries[name()] = containers
            }
            guard gate else { return file }
            var shares: [String: CPUSet] = [:]
            for _ in 0..<count() { shares[name()] = cpus() }
            file.podEntries = shares
            return file
        }

        mutating func blocks() -> [MemoryManagerCheckpoint.Block] {
            (0..<count()).map { _ in
                MemoryManagerCheckpoint.Block(
                    numaAffinity: (0..<1 + count()).map { _ in below(64) },
                    type: below(2) == 0 ? "memory" : "hugepages-\(name())", size: random.next())
            }
        }

        mutating func memory(gate: Bool) -> MemoryManagerCheckpoint {
            var file = MemoryManagerCheckpoint(policyName: "Static")
            for node in 0..<[0, 1, 3, 12][below(4)] {
                var map: [String: MemoryManagerCheckpoint.Table] = [:]
                for type in ["memory", "hugepages-2Mi", name()] {
                    map[type] = MemoryManagerCheckpoint.Table(
                        total: random.next(), systemReserved: random.next(),
                        allocatable: random.next(), reserved: random.next(), free: random.next())
                }
                file.machineState[node] = MemoryManagerCheckpoint.NodeState(
                    numberOfAssignments: below(100), memoryMap: map,
                    cells: (0..<1 + count()).map { _ in below(64) })
            }
            for _ in 0..<count() {
                var containers: [String: [MemoryManagerCheckpoint.Block]] = [:]
                for _ in 0..<1 + count() { containers[name()] = blocks() }
                file.entries[name()] = containers
            }
            guard gate else { return file }
            var shares: [String: [MemoryManagerCheckpoint.Block]] = [:]
            for _ in 0..<count() { shares[name()] = blocks() }
            file.podEntries = shares
            return file
        }

        mutating func devices() -> DeviceManagerCheckpoint {
            var file = DeviceManagerCheckpoint()
            if below(4) > 0 {
                file.podDeviceEntries = (0..<count()).map { _ in
                    var ids: [Int64: [String]] = [:]
                    for _ in 0..<1 + count() {
                        ids[Int64(below(16) - 1)] = (0..<count()).map { _ in name() }
                    }
                    var entry = DeviceManagerCheckpoint.Entry(
                        podUID: name(), containerName: name(), resourceName: name(),
                        deviceIDs: ids)
                    entry.allocationResponse = (0..<below(9)).map { _ in UInt8(below(256)) }
                    return entry
                }
            }
            for _ in 0..<count() {
                file.registeredDevices[name()] = (0..<count()).map { _ in name() }
            }
            return file
        }
    }

    @Test(arguments: Array(1...300) as [UInt64])
    func `what is written is read back equal, and written again it has the same bytes`(
        _ seed: UInt64
    ) throws {
        var contents = RandomContents(seed: seed)
        let gate = seed % 2 == 0
        let cpu = contents.cpu(gate: gate)
        let memory = contents.memory(gate: gate)
        let devices = contents.devices()
        let readCPU = try CPUManagerCheckpoint(
            reading: cpu.text.utf8, file: "cpu", podLevelResourceManagers: gate)
        #expect(readCPU == cpu)
        #expect(readCPU.text == cpu.text)
        let readMemory = try MemoryManagerCheckpoint(
            reading: memory.text.utf8, file: "memory", podLevelResourceManagers: gate)
        #expect(readMemory == memory)
        #expect(readMemory.text == memory.text)
        let readDevices = try DeviceManagerCheckpoint(reading: devices.text.utf8, file: "devices")
        #expect(readDevices == devices)
        #expect(readDevices.text == devices.text)
    }

    /// A damaged text may still say the same, such as `\u003E` for `\u003e`.
    @Test(arguments: Array(1...20) as [UInt64])
    func `no byte can be damaged so that a file says something else`(_ seed: UInt64) {
        var contents = RandomContents(seed: seed &+ 1000)
        let cpu = contents.cpu(gate: true)
        let memory = contents.memory(gate: true)
        let devices = contents.devices()
        func damage(_ text: String, every stride: Int, _ check: ([UInt8]) -> Bool) {
            let bytes = Array(text.utf8)
            for position in bytes.indices where contents.below(stride) == 0 {
                var damaged = bytes
                damaged[position] = UInt8(0x20 + contents.below(0x5f))
                #expect(
                    check(damaged),
                    "seed \(seed), byte \(position): \(String(decoding: damaged, as: UTF8.self))")
            }
        }
        damage(cpu.text, every: 1) { bytes in
            let read = try? CPUManagerCheckpoint(
                reading: bytes, file: "-", podLevelResourceManagers: true)
            return read == nil || read == cpu
        }
        damage(memory.text, every: 8) { bytes in
            let read = try? MemoryManagerCheckpoint(
                reading: bytes, file: "-", podLevelResourceManagers: true)
            return read == nil || read == memory
        }
        damage(devices.text, every: 1) { bytes in
            let read = try? DeviceManagerCheckpoint(reading: bytes, file: "-")
            return read == nil || read == devices
        }
    }

    // MARK: The kubelet's format

    @Test
    func `the checksum of the README's example is the kubelet's`() {
        var file = CPUManagerCheckpoint(policyName: "static", defaultCPUSet: "0-1")
        file.entries = ["uid-p0": ["b": "4", "c0": "2-3"]]
        #expect(file.checksum == 1_370_196_730)
    }

    @Test
    func `NUMA nodes stand in order of their texts, and are hashed in order of their numbers`() {
        var file = MemoryManagerCheckpoint(policyName: "Static")
        for node in [2, 10] {
            file.machineState[node] = MemoryManagerCheckpoint.NodeState(
                numberOfAssignments: 0, memoryMap: [:], cells: [node])
        }
        #expect(
            file.text == #"{"policyName":"Static","machineState":{"10":{"numberOfAssignments":0,"#
                + #""memoryMap":{},"cells":[10]},"2":{"numberOfAssignments":0,"memoryMap":{},"#
                + #""cells":[2]}},"checksum":"# + "\(file.checksum)}")
        let dump =
            "(*state.MemoryManagerCheckpoint){PolicyName:(string)Static MachineState:"
            + "(state.NUMANodeMap)map[2:<*>{NumberOfAssignments:(int)0 MemoryMap:"
            + "(map[v1.ResourceName]*state.MemoryTable)map[] Cells:([]int)[2]} 10:<*>"
            + "{NumberOfAssignments:(int)0 MemoryMap:(map[v1.ResourceName]*state.MemoryTable)map[]"
            + " Cells:([]int)[10]}] Entries:(state.ContainerMemoryAssignments)map[]"
            + " Checksum:(checksum.Checksum)0}"
        var hash: UInt32 = 0x811C_9DC5
        for byte in dump.utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        #expect(file.checksum == hash)
    }

    @Test
    func `characters are escaped as Go escapes them`() {
        let file = CPUManagerCheckpoint(
            policyName: "<&>\u{2028}\u{1}\u{8}\n\"\\é", defaultCPUSet: "")
        #expect(
            file.text.hasPrefix(
                #"{"policyName":"\u003c\u0026\u003e\u2028\u0001\b\n\"\\é","defaultCpuSet":"""#))
    }

    // MARK: The gate PodLevelResourceManagers

    @Test
    func `a kubelet with the gate takes over a file without it, the other way round it is corrupt`()
        throws
    {
        var old = CPUManagerCheckpoint(policyName: "static", defaultCPUSet: "0-3")
        old.entries = ["uid": ["c": "4"]]
        let taken = try CPUManagerCheckpoint(
            reading: old.text.utf8, file: "-", podLevelResourceManagers: true)
        #expect(taken.entries == old.entries && taken.podEntries == [:])
        var new = old
        new.podEntries = [:]
        #expect(new.text != old.text)
        let error = #expect(throws: InputError.self) {
            try CPUManagerCheckpoint(
                reading: new.text.utf8, file: "-", podLevelResourceManagers: false)
        }
        #expect(
            error?.diagnostics.map(\.message) == [
                "could not restore state from checkpoint: checkpoint is corrupted, please drain"
                    + " this node and delete the CPU manager checkpoint file"
                    + " \"/var/lib/kubelet/cpu_manager_state\" before restarting Kubelet"
            ])
        let any = try CPUManagerCheckpoint(reading: new.text.utf8, file: "-")
        #expect(any == new)
    }

    @Test(arguments: [nil, false, true])
    func `a checksum of 0 is a file of the oldest kind`(_ gate: Bool?) throws {
        let cpu = try CPUManagerCheckpoint(
            reading: #"{"policyName":"none","defaultCpuSet":"","checksum":0}"#.utf8, file: "-",
            podLevelResourceManagers: gate)
        #expect(cpu.policyName == "none" && (cpu.podEntries != nil) == (gate == true))
        let memory = try MemoryManagerCheckpoint(
            reading: #"{"policyName":"None","machineState":{},"checksum":0}"#.utf8, file: "-",
            podLevelResourceManagers: gate)
        #expect(memory.policyName == "None" && (memory.podEntries != nil) == (gate == true))
    }

    // MARK: Mistakes

    private func messages(_ body: () throws -> Void) -> [String] {
        let error = #expect(throws: InputError.self, performing: body)
        return error?.diagnostics.filter { $0.severity == .error }.map(\.message) ?? []
    }

    @Test
    func `all mistakes of a file are told at once`() {
        let cpu = messages {
            _ = try CPUManagerCheckpoint(
                reading: (#"{"defaultCpuSet":"0-x","entries":{"a":"0-1","b":{"c":"3-1"}},"#
                    + #""checksum":-1}"#).utf8, file: "-")
        }
        #expect(
            cpu == [
                "`policyName` is missing", "could not parse default cpu set \"0-x\"",
                "`entries` has `0-1`, not a pod's containers",
                "could not parse cpuset \"3-1\" for container \"c\" in pod \"b\"",
                "expected a whole number from 0, found `-1`",
            ])
        let devices = messages {
            _ = try DeviceManagerCheckpoint(
                reading: (#"{"Data":{"PodDeviceEntries":[{"PodUID":"u","ContainerName":"c","#
                    + #""ResourceName":"r","DeviceIDs":["a"],"AllocResp":"?"}],"#
                    + #""RegisteredDevices":{"r":null}},"Checksum":1}"#).utf8, file: "-")
        }
        #expect(
            devices == [
                "expected devices by NUMA node, found a list", "`AllocResp` is not base 64",
                "expected a list, found nothing",
            ])
    }

    @Test(arguments: [
        String(repeating: "[", count: 100_000), String(repeating: " ", count: 5 << 20),
        "{\"policyName\":\"a\",\"policyName\":\"b\"}", "", "{", "null", "[]", "\u{0}",
        #"{"policyName":"static","defaultCpuSet":"0-99999999999","checksum":1}"#,
        #"{"policyName":"static","machineState":{"-1":{}},"checksum":1}"#,
        #"{"Data":{"PodDeviceEntries":[null],"RegisteredDevices":{}},"Checksum":1e99}"#,
    ])
    func `a hostile text is an error, and quickly`(_ text: String) {
        #expect(throws: InputError.self) {
            try CPUManagerCheckpoint(reading: text.utf8, file: "-")
        }
        #expect(throws: InputError.self) {
            try MemoryManagerCheckpoint(reading: text.utf8, file: "-")
        }
        #expect(throws: InputError.self) {
            try DeviceManagerCheckpoint(reading: text.utf8, file: "-")
        }
    }
}
