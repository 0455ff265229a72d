import HardwareModel
import Primitives
import ScenarioInput
import Testing

/// cadvisor's MachineInfo, whole and damaged.
struct MachineInfoTests {
    /// Two sockets of two cores; core ids repeat, one socket has two L3 caches.
    static let text = """
        {"num_cores": 8, "num_physical_cores": 2, "num_sockets": 2, "memory_capacity": 3000,
         "hugepages": null, "network_devices": [{"name": "eth0"}], "disk_map": {},
         "topology": [
          {"node_id": 0, "memory": 1000, "hugepages": [{"page_size": 2048, "num_pages": 3}],
           "distances": [10, 21],
           "cores": [
            {"core_id": 0, "thread_ids": [0, 4], "socket_id": 0, "uncore_caches": null,
             "caches": [{"id": 0, "size": 32768, "type": "Data", "level": 1}]},
            {"core_id": 1, "thread_ids": [1, 5], "socket_id": 0, "uncore_caches": null, "caches": null}],
           "caches": [{"id": 0, "size": 4096, "type": "Unified", "level": 3}]},
          {"node_id": 1, "memory": 2000, "hugepages": null, "distances": [21, 10],
           "cores": [
            {"core_id": 0, "thread_ids": [2, 6], "socket_id": 1,
             "uncore_caches": [{"id": 7, "size": 512, "type": "Unified", "level": 3}]},
            {"core_id": 1, "thread_ids": [3, 7], "socket_id": 1,
             "uncore_caches": [{"id": 9, "size": 512, "type": "Unified", "level": 3}]}],
           "caches": null}]}
        """

    private func read(_ text: String) throws(InputError) -> ImportedMachine {
        try readMachineInfo(bytes: Array(text.utf8), file: "host.machineinfo.json")
    }

    @Test
    func `a machine is what the kubelet sees`() throws {
        let imported = try read(Self.text)
        let machine = imported.machine
        #expect(machine.name == "host")
        #expect(machine.sockets.map(\.osIndex) == [0, 1])
        #expect(machine.cores.map(\.osIndex) == [0, 1, 0, 1])
        #expect(
            machine.cores.indices.map { machine.cpus(ofCore: $0).description } == [
                "0,4", "1,5", "2,6", "3,7",
            ])
        #expect(machine.numaNodes.map(\.memory) == [1000, 2000])
        #expect(machine.numaNodes[0].hugePages == [HugePagePool(pageSize: 2 << 20, count: 3)])
        #expect(machine.distances?.values == [10, 21, 21, 10])
        #expect(machine.uncoreCaches.map(\.size) == [4096, 512, 512])
        #expect(machine.cpus(ofUncoreCache: 0).description == "0-1,4-5")
        #expect(machine.cpus(ofUncoreCache: 2).description == "3,7")
        #expect(imported.unstated == [.dies, .devices])
        #expect(imported.report.notes.map(\.subject) == ["machine", "`network_devices`"])
    }

    @Test
    func `numbers that contradict the topology are dropped by name`() throws {
        let text = Self.text.replacing("\"num_cores\": 8", with: "\"num_cores\": 80")
            .replacing("\"memory_capacity\": 3000", with: "\"memory_capacity\": 4000")
        let subjects = try read(text).report.notes.filter { $0.outcome == .dropped }.map(\.subject)
        #expect(subjects == ["`network_devices`", "`num_cores`", "`memory_capacity`"])
    }

    @Test
    func `it is told from other JSON by its keys`() {
        let file = MachineFile(name: "x", bytes: Array(Self.text.utf8))
        #expect(MachineFormats.format(of: file)?.name == "cadvisor's MachineInfo")
        let other = MachineFile(name: "x", bytes: Array("{\"topology\": {\"nodes\": []}}".utf8))
        #expect(MachineFormats.format(of: other)?.name != "cadvisor's MachineInfo")
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        var name: String
        /// Replaced in the text, and by what; the whole text when empty.
        var old: String
        var new: String
        var says: [String]
        var testDescription: String { name }
    }

    @Test(arguments: [
        Mistake(
            name: "no JSON", old: "", new: "topology",
            says: ["expected a JSON value, found `topology`"]),
        Mistake(
            name: "a list", old: "", new: "[1]",
            says: ["expected MachineInfo, an object, found a list"]),
        Mistake(
            name: "other JSON", old: "", new: "{\"a\": 1}",
            says: ["the object has no `topology`, so it is not cadvisor's MachineInfo"]),
        Mistake(
            name: "a null topology", old: "", new: "{\"topology\": null}",
            says: ["`topology` is empty, so the machine has no CPU"]),
        Mistake(
            name: "a topology of text", old: "", new: "{\"topology\": \"x\"}",
            says: ["`topology` is a list, and this is `x`"]),
        Mistake(
            name: "a node of text", old: "", new: "{\"topology\": [\"x\"]}",
            says: ["expected a NUMA node, an object, found `x`"]),
        Mistake(
            name: "a quoted node", old: "\"node_id\": 0", new: "\"node_id\": \"0\"",
            says: ["`node_id` is a whole number, and this is `0`"]),
        Mistake(
            name: "a negative node", old: "\"node_id\": 0", new: "\"node_id\": -3",
            says: ["`node_id` is -3, and it is 0 to 1023"]),
        Mistake(
            name: "no node", old: "\"node_id\": 0,", new: "", says: ["`node_id` is missing"]),
        Mistake(
            name: "an absurd CPU", old: "[0, 4]", new: "[0, 4294967295]",
            says: ["`thread_ids` is 4294967295, and it is 0 to 8191"]),
        Mistake(
            name: "a CPU past 64 bits", old: "[0, 4]", new: "[99999999999999999999]",
            says: ["`thread_ids` is a whole number, and this is `99999999999999999999`"]),
        Mistake(
            name: "a core without CPUs", old: "[0, 4]", new: "[]",
            says: ["a core without `thread_ids`, so without CPUs"]),
        Mistake(
            name: "threads of an object", old: "[0, 4]", new: "{}",
            says: [
                "`thread_ids` is a list, and this is a mapping",
                "a core without `thread_ids`, so without CPUs",
            ]),
        Mistake(
            name: "a core without a socket", old: "\"thread_ids\": [0, 4], \"socket_id\": 0,",
            new: "\"thread_ids\": [0, 4],", says: ["`socket_id` is missing"]),
        Mistake(
            name: "a CPU in two cores", old: "[1, 5]", new: "[1, 4]",
            says: [
                "CPU 4 is in both core", "socket 0 names CPU 4 more than once",
            ]),
        Mistake(
            name: "a page of nothing", old: "\"page_size\": 2048", new: "\"page_size\": 0",
            says: ["`page_size` is 0, and it is 1 to 9007199254740991"]),
        Mistake(
            name: "negative pages", old: "\"num_pages\": 3", new: "\"num_pages\": -3",
            says: ["`num_pages` is -3, and it is 0 to 1099511627776"]),
        Mistake(
            name: "memory of text", old: "\"memory\": 1000", new: "\"memory\": \"1 GiB\"",
            says: ["`memory` is a whole number, and this is `1 GiB`"]),
        Mistake(
            name: "deep", old: "", new: String(repeating: "[", count: 100),
            says: ["more than 32 levels of lists and mappings"]),
    ])
    func `a text that cadvisor does not write is refused`(_ mistake: Mistake) {
        let text =
            mistake.old.isEmpty ? mistake.new : Self.text.replacing(mistake.old, with: mistake.new)
        #expect(text != Self.text)
        let error = #expect(throws: InputError.self) { try read(text) }
        let messages = error?.diagnostics.map(\.message) ?? []
        if mistake.name == "a CPU in two cores" {
            #expect(!messages.isEmpty)
        } else {
            #expect(messages == mistake.says)
        }
        #expect(error?.diagnostics.allSatisfy { $0.file == "host.machineinfo.json" } == true)
    }
}
