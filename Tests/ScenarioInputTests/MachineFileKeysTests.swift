import ClusterSimulation
import Foundation
import HardwareModel
import Primitives
import ScenarioInput
import TestSupport
import Testing

/// `sysfs`, `machineInfo`, `lscpu` and `numactl` in a scenario.
struct MachineFileKeysTests {
    private func read(_ machine: String, in folder: URL) throws -> LoadedScenario {
        let text = """
            apiVersion: topsim/v1
            kind: Scenario
            metadata: {name: files}
            until: 1h
            machines: {m: {\(machine)}}
            nodes: {worker: {count: 1, machine: m}}
            workload:
              web:
                template: {spec: {containers: [{name: c, image: i}]}}
                arrivals: {process: poisson, rate: 1/h, count: 1}
            """
        return try readScenario(
            text: text, file: "files.yaml", folder: folder.path,
            surroundings: ScenarioSurroundings(environment: [:]))
    }

    /// Two CPUs of one core, in each of the ways of writing that down.
    private func folder() throws -> ScratchFolder {
        let folder = try ScratchFolder()
        func write(_ path: String, _ text: String) throws {
            let url = folder.url.appending(path: path)
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data((text + "\n").utf8).write(to: url)
        }
        for name in ["dump", "top/a", "top/b"] {
            let system = "\(name)/sys/devices/system"
            for cpu in 0..<2 {
                try write("\(system)/cpu/cpu\(cpu)/topology/core_id", "0")
                try write("\(system)/cpu/cpu\(cpu)/topology/physical_package_id", "0")
                try write("\(system)/cpu/cpu\(cpu)/topology/core_cpus_list", "0-1")
            }
            try write("\(system)/node/node0/cpulist", "0-1")
            try write("\(system)/node/node0/meminfo", "Node 0 MemTotal: 1048576 kB")
            try write("\(system)/node/node0/hugepages/hugepages-2048kB/nr_hugepages", "3")
        }
        for (archive, inside) in [("dump.tar", "dump"), ("two.tar.gz", "top")] {
            let tar = Process()
            tar.executableURL = URL(filePath: "/usr/bin/env")
            tar.arguments = ["tar", "-caf", archive, inside]
            tar.currentDirectoryURL = folder.url
            try tar.run()
            tar.waitUntilExit()
        }
        try write(
            "info.json",
            """
            {"num_cores": 2, "topology": [{"node_id": 0, "memory": 1073741824,
              "hugepages": [{"page_size": 2048, "num_pages": 3}],
              "cores": [{"core_id": 0, "thread_ids": [0, 1], "socket_id": 0}]}]}
            """)
        try write("lscpu.txt", "# CPU,Core,Socket,Node\n0,0,0,0\n1,0,0,0")
        try write("numactl.txt", "available: 1 nodes (0)\nnode 0 cpus: 0 1\nnode 0 size: 1024 MB")
        return folder
    }

    @Test(arguments: [
        ("sysfs: dump", 3), ("sysfs: dump.tar", 3), ("sysfs: two.tar.gz#b", 3),
        ("sysfs: two.tar.gz#top/a", 3), ("machineInfo: info.json", 3),
        ("lscpu: lscpu.txt, memoryPerNUMANode: 1Gi", 0),
        ("lscpu: lscpu.txt, numactl: numactl.txt", 0),
    ])
    func `a machine comes from a file of each kind`(key: String, pages: Int64) throws {
        let folder = try folder()
        let loaded = try read(key, in: folder.url)
        let machine = try #require(loaded.scenario.nodeGroups.first).machine
        #expect(machine.name == "m")
        #expect(machine.cpuSet.description == "0-1")
        #expect(machine.cores.count == 1)
        #expect(machine.totalMemory == 1 << 30)
        #expect(machine.totalHugePages.map(\.count) == (pages == 0 ? [] : [pages]))
        // Whatever was read stands in the scenario's list of files.
        #expect(loaded.files.count == (key.contains("numactl") ? 3 : 2))
        // A guess is told.
        let guesses = loaded.notes.filter { $0.message.hasPrefix("huge pages: ") }
        #expect(guesses.count == (pages == 0 ? 1 : 0))
    }

    @Test
    func `a folder's sum changes with what was read of it`() throws {
        let folder = try folder()
        let before = try read("sysfs: dump", in: folder.url).files[1]
        #expect(before.name == "dump")
        #expect(try read("sysfs: dump", in: folder.url).files[1].sha256 == before.sha256)
        try Data("Node 0 MemTotal: 2097152 kB\n".utf8).write(
            to: folder.url.appending(path: "dump/sys/devices/system/node/node0/meminfo"))
        #expect(try read("sysfs: dump", in: folder.url).files[1].sha256 != before.sha256)
    }

    @Test(arguments: [
        ("sysfs: nothing.tar", "`nothing.tar`: no such file"),
        ("sysfs: two.tar.gz", "2 machines are in `two.tar.gz`, and one is wanted"),
        ("sysfs: two.tar.gz#c", "no machine `c` is in `two.tar.gz`"),
        ("sysfs: info.json", "no tar archive, or a damaged one"),
        ("machineInfo: lscpu.txt", "expected a JSON value, found `#`"),
        ("lscpu: lscpu.txt, numactl: none.txt", "`none.txt`: no such file"),
        ("sysfs: dump, shape: 1s2c", "`sysfs` and `shape` exclude each other in a machine"),
    ])
    func `a file that is no such machine is one error`(key: String, says: String) throws {
        let folder = try folder()
        let error = #expect(throws: InputError.self) { try read(key, in: folder.url) }
        let errors = error?.diagnostics.filter { $0.severity == .error }.map(\.message) ?? []
        #expect(errors == [says])
    }
}
