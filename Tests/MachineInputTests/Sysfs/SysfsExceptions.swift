/// A fact in which the kernel's own word and hwloc's reading of it differ, and why ours is the kernel's.
struct SysfsException: Sendable {
    enum Source: Sendable { case derived, expected }

    /// What must hold of each device that differs: what ours and theirs are, and what all NUMA nodes are.
    typealias DeviceRule = @Sendable (_ ours: [Int], _ theirs: [Int], _ all: [Int]) -> Bool

    var dump: String
    var sources: [Source] = [.derived, .expected]
    var cause: String
    /// What our reading has instead, by the facts that differ.
    var ours: [TopologyFacts.Fact: String] = [:]
    /// Nil: no device differs.
    var devices: DeviceRule?

    static let all: [SysfsException] =
        [
            SysfsException(
                dump: "hwloc_nvidiagpunumanodes",
                cause: """
                    The memory of six GPUs is NUMA nodes 250 to 255 to the kernel, and so to cadvisor; hwloc hides them \
                    unless HWLOC_KEEP_NVIDIA_GPU_NUMA_NODES is set.
                    """,
                ours: [
                    .numaNodes: "0; 250; 251; 252; 253; 254; 255; 8",
                    .numaCPUs:
                        "0: 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15; 250: ; 251: ; 252: ; 253: ; "
                        + "254: ; 255: ; 8: 88,89,90,91,92,93,94,95,96,97,98,99,100,101,102,103",
                    .memory:
                        "0: 132955242496; 250: 16106127360; 251: 16106127360; 252: 16106127360; "
                        + "253: 16106127360; 254: 16106127360; 255: 16106127360; 8: 137166848000",
                    .hugePages: "0: ; 250: ; 251: ; 252: ; 253: ; 254: ; 255: ; 8: ",
                    .distances: "10 40 80 80 80 80 80 80; 40 10 80 80 80 80 80 80; "
                        + "80 80 10 80 80 80 80 80; 80 80 80 10 80 80 80 80; 80 80 80 80 10 80 80 80; "
                        + "80 80 80 80 80 10 80 80; 80 80 80 80 80 80 10 80; 80 80 80 80 80 80 80 10",
                ]),
            SysfsException(
                dump: "pao_bm_worker2",
                cause:
                    "The only NUMA node has no meminfo of its own; /proc/meminfo, which hwloc leaves, has it.",
                ours: [.memory: "0: 16808828928"]),
            SysfsException(
                dump: "hwloc_40intel64-2g2n4c+pcilocality", sources: [.expected],
                cause:
                    "hwloc's test sets the places of PCI buses by hand, and groups of NUMA nodes come of it.",
                ours: [
                    .logicalOrder: "0,4,8,12,16,20,24,28,32,36,1,5,9,13,17,21,25,29,33,37,"
                        + "2,6,10,14,18,22,26,30,34,38,3,7,11,15,19,23,27,31,35,39"
                ],
                devices: { ours, theirs, all in
                    [[0, 2], [1, 3]].contains(theirs) && (ours == all || ours == [2])
                }),
            SysfsException(
                dump: "hwloc_40intel64-2g2n4c+pcilocality", sources: [.derived],
                cause:
                    "numa_node of 0000:43:00.0 says 2, and local_cpus, which hwloc reads, all CPUs.",
                devices: { ours, theirs, all in ours == [2] && theirs == all }),
        ]
        + ["nto_bm_worker1", "nto_bm_master", "ghw_linux-amd64-8581cf3a529e5d8b97ea876eade2f60d"]
        .map {
            SysfsException(
                dump: $0,
                cause: "The dump has numa_node and local_cpulist, and hwloc reads only local_cpus.",
                devices: { ours, theirs, all in ours.count == 1 && theirs == all })
        }
}
