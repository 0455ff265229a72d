import HardwareModel
import Primitives

/// What one source says of a machine, fact by fact; a fact that is not here is not stated by it.
public struct MachineStatement: Sendable {
    /// What the report calls the source, such as a file's name.
    public var source: String
    public internal(set) var facts: [ComparedFact: ComparedValue] = [:]
    /// Families of which the source states every member: one that is missing is not there.
    var complete: Set<ComparedFact.Family> = []

    init(source: String) { self.source = source }
}

extension MachineStatement {
    /// What a machine says, without what its source did not.
    public init(of imported: ImportedMachine, source: String) {
        self.init(source: source)
        let machine = imported.machine
        func states(_ kind: MachineFactKind) -> Bool { !imported.unstated.contains(kind) }
        func cpus(_ belongs: (CPU) -> Bool) -> [Int] {
            machine.cpus.filter(belongs).map(\.osIndex).sorted()
        }
        if states(.cpus) {
            add(.cpuCount, .text(String(machine.cpus.count)))
            add(.cpus, .text(listFormat(of: cpus { _ in true })))
        }
        if states(.numaNodes) {
            add(.numaNodes, .text(listFormat(of: machine.numaNodes.map(\.osIndex).sorted())))
            for (position, node) in machine.numaNodes.enumerated() {
                add(
                    .numaNodeCPUs(node.osIndex),
                    .text(listFormat(of: cpus { $0.numaNode == position })))
            }
            complete.insert(.numaNodeCPUs)
        }
        if states(.sockets) {
            add(.sockets, .text(listFormat(of: machine.sockets.map(\.osIndex).sorted())))
            for (position, socket) in machine.sockets.enumerated() {
                add(
                    .socketCPUs(socket.osIndex),
                    .text(listFormat(of: cpus { $0.socket == position }))
                )
            }
            complete.insert(.socketCPUs)
        }
        if states(.dies) {
            add(.dies, groups(machine.dies.indices.map { die in cpus { $0.die == die } }))
        }
        if states(.cores) {
            add(.coreCount, .text(String(machine.cores.count)))
            add(.cores, groups(machine.cores.indices.map { core in cpus { $0.core == core } }))
        }
        if states(.uncoreCaches) { addCaches(machine, cpus) }
        if states(.memory) { addMemory(machine, unit: imported.memoryUnit) }
        if states(.hugePages) { addHugePages(machine) }
        if states(.distances), let distances = machine.distances, machine.numaNodes.count > 1 {
            for from in machine.numaNodes.indices {
                let row = machine.numaNodes.indices.map { String(distances[from, $0]) }
                add(
                    .distances(machine.numaNodes[from].osIndex),
                    .text(row.joined(separator: " ")))
            }
        }
        if states(.devices) { addDevices(machine) }
    }

    mutating func add(_ fact: ComparedFact, _ value: ComparedValue) { facts[fact] = value }

    private func groups(_ sets: [[Int]]) -> ComparedValue {
        .groups(
            sets.sorted { $0.lexicographicallyPrecedes($1) }.map { listFormat(of: $0) })
    }

    private mutating func addCaches(_ machine: Machine, _ cpus: ((CPU) -> Bool) -> [Int]) {
        let sets = machine.uncoreCaches.indices.map { cache in cpus { $0.uncoreCache == cache } }
        add(.uncoreCaches, groups(sets))
        let sizes = machine.uncoreCaches.map(\.size)
        guard !sizes.isEmpty, sizes.allSatisfy({ $0 > 0 }) else { return }
        let order = sets.indices.sorted { sets[$0].lexicographicallyPrecedes(sets[$1]) }
        add(.uncoreCacheSizes, .groups(order.map { String(sizes[$0]) }))
    }

    private mutating func addMemory(_ machine: Machine, unit: Int64) {
        // A sum of rounded numbers is off by up to a unit for each.
        let total = machine.numaNodes.reduce(Int64(0)) { $0 &+ $1.memory }
        if unit == 1 { add(.memory, .bytes(total, unit: 1)) }
        for node in machine.numaNodes {
            add(.numaNodeMemory(node.osIndex), .bytes(node.memory, unit: unit))
        }
        complete.insert(.numaNodeMemory)
    }

    private mutating func addHugePages(_ machine: Machine) {
        for node in machine.numaNodes {
            for pool in node.hugePages where pool.count > 0 {
                add(
                    .numaNodeHugePages(node.osIndex, size: pool.pageSize),
                    .bytes(pool.pageSize &* pool.count, unit: 1))
            }
        }
        for pool in machine.totalHugePages where pool.count > 0 {
            add(.hugePages(size: pool.pageSize), .bytes(pool.pageSize &* pool.count, unit: 1))
        }
        complete.formUnion([.hugePages, .numaNodeHugePages])
    }

    /// Readers keep different classes of devices, so one that is missing says nothing.
    private mutating func addDevices(_ machine: Machine) {
        for device in machine.devices {
            guard let address = device.pciBusID else { continue }
            let code = device.pciClass.map { hex($0) } ?? "-"
            let ids =
                "\(device.vendorID.map { hex($0) } ?? "-"):\(device.deviceID.map { hex($0) } ?? "-")"
            let place =
                device.numaNodes.isEmpty
                ? "no one NUMA node" : "NUMA node \(listFormat(of: device.numaNodes.sorted()))"
            add(.device(address), .text("class \(code), \(ids), \(place)"))
        }
    }

    private func hex(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// What the source says of a fact that some source states; nil when it does not say.
    func value(of fact: ComparedFact) -> ComparedValue? {
        if let value = facts[fact] { return value }
        guard complete.contains(fact.family) else { return nil }
        switch fact.family {
        case .hugePages, .numaNodeHugePages, .allocatableHugePages: return .bytes(0, unit: 1)
        default: return .text("not there")
        }
    }
}
