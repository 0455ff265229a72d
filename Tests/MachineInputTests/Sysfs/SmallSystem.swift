/// The kernel's files of a small machine that nobody has: 2 sockets, 2 dies in each, 8 cores, 16 CPUs, 3 NUMA nodes.
enum SmallSystem {
    typealias Files = [(path: String, text: String)]

    /// CPUs 0 to 7 are first threads and 8 to 15 their siblings; even cores are on socket 3, odd ones on socket 5.
    static let files: Files = {
        var files: Files = [("sys/devices/system/cpu/online", "0-15")]
        for cpu in 0..<16 {
            let core = cpu % 8
            let socket = core % 2
            let die = core / 4
            let folder = "sys/devices/system/cpu/cpu\(cpu)"
            let mates = (0..<16).filter { $0 % 8 % 2 == socket }
            let dieMates = mates.filter { $0 % 8 / 4 == die }
            files += [
                ("\(folder)/topology/physical_package_id", socket == 0 ? "3" : "5"),
                ("\(folder)/topology/core_id", "\(core / 2)"),
                ("\(folder)/topology/die_id", "\(die)"),
                ("\(folder)/topology/thread_siblings_list", "\(core),\(core + 8)"),
                ("\(folder)/topology/core_siblings", mask(mates)),
                ("\(folder)/cache/index2/level", "2"),
                ("\(folder)/cache/index2/type", "Unified"),
                ("\(folder)/cache/index3/level", "3"),
                ("\(folder)/cache/index3/type", "Unified"),
                ("\(folder)/cache/index3/size", "8192K"),
                ("\(folder)/cache/index3/shared_cpu_map", mask(dieMates)),
            ]
        }
        let node = "sys/devices/system/node"
        files += [
            ("\(node)/online", "0-1,4"),
            ("\(node)/node0/cpulist", "0,2,4,6,8,10,12,14"),
            ("\(node)/node0/meminfo", "Node 0 MemTotal:       8388608 kB\nNode 0 MemFree: 1 kB"),
            ("\(node)/node0/distance", "10 21 17"),
            ("\(node)/node0/hugepages/hugepages-2048kB/nr_hugepages", "512"),
            ("\(node)/node0/hugepages/hugepages-1048576kB/nr_hugepages", "1"),
            ("\(node)/node1/cpumap", mask([1, 3, 5, 7, 9, 11, 13, 15])),
            ("\(node)/node1/meminfo", "Node 1 MemTotal:       4194304 kB"),
            ("\(node)/node1/distance", "21 10 28"),
            ("\(node)/node1/hugepages/hugepages-2048kB/nr_hugepages", "0"),
            ("\(node)/node4/cpulist", ""),
            ("\(node)/node4/meminfo", "Node 4 MemTotal:       1048576 kB"),
            ("\(node)/node4/distance", "17 28 10"),
            ("\(node)/node4/hugepages/hugepages-2048kB/nr_hugepages", "0"),
        ]
        let card = "sys/bus/pci/devices/0000:3b:00.0"
        files += [
            ("\(card)/class", "0x020000"), ("\(card)/vendor", "0x8086"),
            ("\(card)/device", "0x1592"), ("\(card)/numa_node", "1"),
            ("\(card)/sriov_totalvfs", "128"), ("\(card)/net/ens1/mtu", "1500"),
            ("\(card)/net/ens1/type", "1"),
            ("\(card)/current_link_speed", "8.0 GT/s PCIe"),
            ("\(card)/current_link_width", "16"),
            ("sys/bus/pci/devices/0000:00:1f.0/class", "0x060100"),
            ("proc/cpuinfo", "processor\t: 0\nmodel name\t: Imaginary 9000\n"),
            ("proc/cmdline", "root=/dev/sda1 isolcpus=2-7 quiet"),
        ]
        return files
    }()

    /// Files with some replaced, some added, and those without a text left out.
    static func files(changing changes: [String: String?]) -> Files {
        files.filter { changes[$0.path] == nil }
            + changes.sorted { $0.key < $1.key }.compactMap { path, text in
                text.map { (path, $0) }
            }
    }

    /// Hexadecimal words of 32 bits, as the kernel writes them.
    static func mask(_ cpus: [Int]) -> String {
        let bits = cpus.reduce(UInt32(0)) { $0 | 1 << UInt32($1) }
        let digits = String(bits, radix: 16)
        return "00000000," + String(repeating: "0", count: 8 - digits.count) + digits
    }
}
