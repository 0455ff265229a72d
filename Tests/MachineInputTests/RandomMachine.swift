import HardwareModel

/// Machines of many shapes, each made from a seed.
enum RandomMachine {
    /// A machine with memory, pages, distances, kinds of memory and devices at random; of an irregular one some CPUs
    /// are offline and some NUMA nodes are memory alone.
    static func make(seed: UInt64, isRegular: Bool) throws -> Machine {
        var random = SeededRandom(seed: seed)
        func pick<Value>(_ values: [Value]) -> Value { values[random.below(values.count)] }
        let shape =
            pick(["1s", "2s", "3s", "4s"]) + pick(["", "2d", "1d"]) + pick(["1n", "2n", "3n"])
            + pick(["1l", "2l"]) + pick(["1c", "2c", "4c"]) + pick(["1t", "2t"])
        // A level may also lie around the sockets.
        let text = random.below(6) == 0 ? "2n2s1l\(pick(["1c", "3c"]))2t" : shape
        var machine = try MachineShape(parsing: text).makeMachine(
            name: "node-\(seed)", memoryPerNUMANode: 8 << 30,
            numbering: pick(CPUNumbering.allCases), uncoreCacheSize: Int64(pick([1, 32, 97])) << 20)
        for socket in machine.sockets.indices {
            machine.sockets[socket].osIndex = socket * pick([1, 1, 36]) + socket
            machine.sockets[socket].model = pick(["", "Example & Sons <2> \"GHz\"", "Xeon 9"])
        }
        if random.below(3) == 0 {
            for core in machine.cores.indices { machine.cores[core].osIndex = core % 7 * 3 }
        }
        if !isRegular { disturb(&machine, &random) }
        addDevices(&machine, &random)
        return machine
    }

    private static func disturb(_ machine: inout Machine, _ random: inout SeededRandom) {
        for node in machine.numaNodes.indices {
            machine.numaNodes[node].memory =
                Int64(1 + random.below(64)) << 30
                + Int64(
                    random.below(4096))
            if random.below(2) == 0 {
                machine.numaNodes[node].hugePages = [
                    HugePagePool(pageSize: 2 << 20, count: Int64(random.below(200))),
                    HugePagePool(pageSize: 1 << 30, count: 0),
                ]
            }
        }
        // Memory alone, in a socket or in none, numbered behind or before the others.
        for _ in 0..<random.below(3) {
            let socket = random.below(machine.sockets.count + 1)
            machine.numaNodes.append(
                NUMANode(
                    osIndex: machine.numaNodes.count + random.below(2) * 60,
                    kind: NUMANode.Kind.allCases[random.below(5)],
                    memory: Int64(random.below(9)) << 30,
                    socket: socket < machine.sockets.count ? socket : nil))
            if machine.numaNodes.last?.osIndex != machine.numaNodes.count - 1 { break }
        }
        let count = machine.numaNodes.count
        machine.distances =
            random.below(3) == 0
            ? nil
            : NUMADistances(
                count: count,
                values: (0..<count * count).map {
                    $0 % (count + 1) == 0 ? 10 : 11 + random.below(60)
                })
        // Siblings go offline, and no core loses all of its CPUs.
        for _ in 0..<random.below(4) {
            let position = random.below(machine.cpus.count)
            let core = machine.cpus[position].core
            if machine.cpus.count(where: { $0.core == core }) > 1 {
                machine.cpus.remove(at: position)
            }
        }
    }

    private static func addDevices(_ machine: inout Machine, _ random: inout SeededRandom) {
        let kinds = OSDeviceKind.allCases
        for number in 0..<random.below(8) {
            let bus = String(16 + number, radix: 16)
            let nodes = machine.numaNodes.map(\.osIndex).filter { _ in random.below(3) == 0 }
            let names = (0..<random.below(3)).map { "name\(number)_\($0)" }
            let address = "000\(random.below(2)):\(bus):00.\(random.below(8))"
            machine.devices.append(
                Device(
                    name: names.first ?? address, pciBusID: address,
                    pciClass: 0x0200 + random.below(9), vendorID: random.below(65_536),
                    deviceID: random.below(65_536), numaNodes: nodes, osNames: names,
                    osKinds: names.map { _ in kinds[random.below(kinds.count)] },
                    physicalFunction: random.below(2) == 0 ? "0000:10:00.0" : nil,
                    driver: random.below(2) == 0 ? "iavf" : "",
                    linkSpeed: random.below(40_000_000)))
        }
        if random.below(2) == 0 {
            machine.devices.append(
                Device(
                    name: "sda", numaNodes: [machine.numaNodes[0].osIndex], osNames: ["sda"],
                    osKinds: [.storage]))
        }
    }
}
