import Foundation
import HostTopology

/// A tree of the kernel's files that a test invents, removed when the test is done.
final class FakeSystem {
    let root: URL
    var path: String { root.path }

    init() throws {
        root = FileManager.default.temporaryDirectory.appending(
            path: "topsim-sys-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: root) }

    func write(_ path: String, _ text: String) throws {
        let url = root.appending(path: path)
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data((text + "\n").utf8).write(to: url)
    }

    func cpu(_ cpu: Int, socket: Int, core: Int, die: Int = 0, siblings: String, l3: String? = nil)
        throws
    {
        let folder = "sys/devices/system/cpu/cpu\(cpu)"
        try write("\(folder)/topology/physical_package_id", "\(socket)")
        try write("\(folder)/topology/core_id", "\(core)")
        try write("\(folder)/topology/die_id", "\(die)")
        try write("\(folder)/topology/thread_siblings_list", siblings)
        if let l3 {
            try write("\(folder)/cache/index3/level", "3")
            try write("\(folder)/cache/index3/type", "Unified")
            try write("\(folder)/cache/index3/size", "16384K")
            try write("\(folder)/cache/index3/shared_cpu_list", l3)
        }
    }

    func node(_ node: Int, cpus: String, kilobytes: Int, distance: String, pages: [Int: Int] = [:])
        throws
    {
        let folder = "sys/devices/system/node/node\(node)"
        try write("\(folder)/cpulist", cpus)
        try write(
            "\(folder)/meminfo",
            "Node \(node) MemTotal:       \(kilobytes) kB\nNode \(node) MemFree:        1 kB")
        try write("\(folder)/distance", distance)
        for (size, count) in pages {
            try write("\(folder)/hugepages/hugepages-\(size)kB/nr_hugepages", "\(count)")
        }
    }

    func pci(_ address: String, code: String, node: Int, net: String? = nil) throws {
        let folder = "sys/bus/pci/devices/\(address)"
        try write("\(folder)/class", code)
        try write("\(folder)/vendor", "0x8086")
        try write("\(folder)/device", "0x1592")
        try write("\(folder)/numa_node", "\(node)")
        if let net { try write("\(folder)/net/\(net)/mtu", "1500") }
    }
}

/// A libnuma that says what a test tells it to.
struct FakeNUMALibrary: NUMALibrary {
    var isAvailable = true
    var memory: [Int: Int64] = [:]
    var distances: [[Int]: Int] = [:]

    func memory(ofNode node: Int) -> Int64? { memory[node] }
    func distance(from: Int, to: Int) -> Int? { distances[[from, to]] }
}
