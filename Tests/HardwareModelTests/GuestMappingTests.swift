import HardwareModel
import Primitives
import Testing

/// Virtual machines laid on hosts, worked out by hand.
@Suite struct GuestMappingTests {
    static func machine(
        _ shape: String, gibibytes: Int64 = 64, pages: Int64 = 0,
        _ numbering: CPUNumbering = .adjacent
    ) throws -> Machine {
        try MachineShape(parsing: shape).makeMachine(
            memoryPerNUMANode: gibibytes << 30,
            hugePagesPerNUMANode: pages > 0 ? [HugePagePool(pageSize: 1 << 30, count: pages)] : [],
            numbering: numbering)
    }

    /// Two sockets of four cores of two threads; CPU n and n + 8 are siblings.
    static func settings(
        _ change: (inout VirtualMachineSettings) -> Void = { _ in }
    ) throws -> VirtualMachineSettings {
        var settings = VirtualMachineSettings(
            host: try machine("2s1n4c2t", pages: 32, .split), hostName: "metal")
        change(&settings)
        return settings
    }

    static func hostCPUs(_ mapping: GuestMapping) -> [Int] {
        mapping.cpus.map { $0?.hostCPU ?? -1 }
    }

    @Test func `guest NUMA nodes take host NUMA nodes in turn, siblings on siblings`() throws {
        // Each guest has one NUMA node of two cores of two threads, numbered 0,1 and 2,3.
        let settings = try Self.settings { $0.machinesPerHost = 4 }
        let mappings = try settings.makeMappings(guest: Self.machine("1s1n2c2t", gibibytes: 8))
        #expect(
            mappings.map(Self.hostCPUs) == [
                [0, 8, 1, 9], [4, 12, 5, 13], [2, 10, 3, 11], [6, 14, 7, 15],
            ])
        #expect(mappings.map { $0.memoryShares } == [[[1, 0]], [[0, 1]], [[1, 0]], [[0, 1]]])
    }

    @Test func `sequential pinning follows OS indices and splits a guest`() throws {
        let settings = try Self.settings {
            $0.pinning = .sequential
            $0.hostReservedCPUs = [0]
        }
        let mappings = try settings.makeMappings(guest: Self.machine("1s1n4c1t", gibibytes: 8))
        #expect(mappings.map(Self.hostCPUs) == [[1, 2, 3, 4]])
        // CPUs 1 to 3 are on NUMA node 0, 4 is on 1.
        #expect(mappings[0].memoryShares == [[0.75, 0.25]])
        #expect(mappings[0].cpus[3]?.numaNodes == NUMANodeSet([1]))
    }

    @Test func `lists pin as they say`() throws {
        let settings = try Self.settings {
            $0.machinesPerHost = 2
            $0.pinning = .list([[7, 0], [1, 15]])
        }
        let mappings = try settings.makeMappings(guest: Self.machine("1s1n2c1t", gibibytes: 8))
        #expect(mappings.map(Self.hostCPUs) == [[7, 0], [1, 15]])
        #expect(mappings[0].memoryShares == [[0.5, 0.5]])
    }

    @Test func `floating CPUs may run on every NUMA node, or on one`() throws {
        let guest = try Self.machine("2s1n2c1t", gibibytes: 8)
        let whole = try Self.settings { $0.cpuPlacement = .floating }.makeMappings(guest: guest)
        #expect(whole[0].cpus.allSatisfy { $0?.numaNodes == NUMANodeSet([0, 1]) })
        #expect(whole[0].memoryShares == [[0.5, 0.5], [0.5, 0.5]])
        let one = try Self.settings { $0.cpuPlacement = .numaNode }.makeMappings(guest: guest)
        #expect(one[0].cpus.map { $0?.numaNodes.first } == [0, 0, 1, 1])
        #expect(one[0].memoryShares == [[1, 0], [0, 1]])
        #expect(Self.hostCPUs(one[0]) == [-1, -1, -1, -1])
    }

    @Test(
        arguments: [
            (
                "2 hosts too small", "1s1n4c2t", 3, 8,
                "machine 2 of a host needs 8 CPUs of NUMA node 0 of `metal`; 0 are left"
            ),
            (
                "memory", "1s1n2c1t", 1, 33,
                "the guests of a host need 33792 MiB on NUMA node 0 of `metal`, which has 32768 MiB"
            ),
            (
                "memory of two", "1s1n2c1t", 3, 20,
                "the guests of a host need 40960 MiB on NUMA node 0 of `metal`, which has 32768 MiB"
            ),
        ] as [(String, String, Int, Int64, String)])
    func `what does not fit is told`(
        name: String, guest: String, machines: Int, gibibytes: Int64, message: String
    ) throws {
        let settings = try Self.settings { $0.machinesPerHost = machines }
        let machine = try Self.machine(guest, gibibytes: gibibytes)
        let error = #expect(throws: GuestMappingError.self) {
            try settings.makeMappings(guest: machine)
        }
        #expect(error?.mistakes.contains(message) == true, "\(error?.mistakes ?? [])")
    }

    @Test func `huge pages that back a guest are counted by themselves`() throws {
        let guest = try Self.machine("1s1n2c1t", gibibytes: 20)
        let backed = try Self.settings { $0.backingPageSize = 1 << 30 }
        #expect(try backed.makeMappings(guest: guest).count == 1)
        let tooLarge = try Self.settings { $0.backingPageSize = 2 << 20 }
        #expect(throws: GuestMappingError.self) { try tooLarge.makeMappings(guest: guest) }
    }

    @Test func `a host CPU that is reserved, unknown or pinned twice is refused, all at once`()
        throws
    {
        let settings = try Self.settings {
            $0.pinning = .list([[0, 99, 3, 3]])
            $0.hostReservedCPUs = [0]
        }
        let guest = try Self.machine("1s1n4c1t", gibibytes: 8)
        let error = #expect(throws: GuestMappingError.self) {
            try settings.makeMappings(guest: guest)
        }
        #expect(error?.mistakes.count == 3)
    }

    @Test(arguments: 0..<40)
    func `no host CPU is pinned twice and memory is whole`(seed: UInt64) throws {
        var random = RandomStream(seed: seed, name: "guest-mapping")
        let sockets = Int(random.below(4)) + 1
        let host = try Self.machine("\(sockets)s1n8c2t", gibibytes: 512, .split)
        let threads = Int(random.below(2)) + 1
        let nodes = Int(random.below(UInt64(sockets))) + 1
        let guest = try Self.machine("\(nodes)s1n2c\(threads)t", gibibytes: 8)
        var settings = VirtualMachineSettings(host: host, hostName: "metal")
        settings.machinesPerHost = Int(random.below(3)) + 1
        settings.pinning = random.below(2) == 0 ? .sequential : .byNUMANode
        let mappings = try settings.makeMappings(guest: guest)
        let pinned = mappings.flatMap { $0.cpus.compactMap { $0?.hostCPU } }
        #expect(pinned.count == guest.cpus.count * settings.machinesPerHost)
        #expect(Set(pinned).count == pinned.count)
        for mapping in mappings {
            for shares in mapping.memoryShares {
                #expect(abs(shares.reduce(0, +) - 1) < 1e-12)
            }
        }
        guard settings.pinning == .byNUMANode else { return }
        for mapping in mappings {
            // A guest NUMA node lies on one host NUMA node, and its siblings on one core.
            for cpu in guest.cpus {
                for other in guest.cpus where other.core == cpu.core {
                    let cores = [cpu, other].map { guestCPU in
                        mapping.cpus[guestCPU.osIndex]?.hostCPU
                            .flatMap { host.cpu(withOSIndex: $0) }.map { host.cpus[$0].core }
                    }
                    #expect(cores[0] == cores[1] || threads == 1)
                }
            }
            #expect(mapping.memoryShares.allSatisfy { $0.contains(1) })
        }
    }
}
