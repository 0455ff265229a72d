import Foundation
import HardwareModel
import Primitives
import WorkloadModel

extension ScenarioBuilder {
    mutating func buildMachines() {
        for entry in root.map("machines") where !diagnostics.isFull {
            machineNames.append(entry.key)
            machines[entry.key] = .some(buildMachine(entry))
        }
    }

    /// The machine of that name, or of that shape; nil after a mistake was told.
    mutating func machine(named node: SourceNode) -> BuiltMachine? {
        guard let name = node.text else { return nil }
        if let known = machines[name] { return known }
        do throws(MachineShapeError) {
            let shape = try MachineShape(parsing: name)
            do throws(MachineError) {
                return BuiltMachine(
                    machine: try shape.makeMachine(memoryPerNUMANode: 64 << 30), devices: [])
            } catch {
                for mistake in error.mistakes { diagnostics.error(at: node, mistake) }
                return nil
            }
        } catch {
            diagnostics.error(
                at: node, "no machine is called `\(name)`",
                hint: suggestion(for: name, among: machineNames, called: "machines")
                    ?? "describe it under `machines`, or write a shape such as `2s1n16c2t`")
            return nil
        }
    }

    private mutating func buildMachine(_ entry: SourceNode.Entry) -> BuiltMachine? {
        let node = entry.value
        guard var machine = bareMachine(entry) else { return nil }
        machine.name = entry.key
        let fits =
            setMemory(of: &machine, from: node) && setHugePages(of: &machine, from: node)
            && setDistances(of: &machine, from: node)
        guard fits else { return nil }
        let mistakes = machine.validate()
        for mistake in mistakes {
            diagnostics.error(at: entry, "machine `\(entry.key)`: \(mistake)")
        }
        if !mistakes.isEmpty { return nil }
        guard let devices = buildDevices(node.list("devices"), on: machine) else { return nil }
        return BuiltMachine(
            machine: machine, devices: devices, lateDevices: lateDevices(node.list("devices")))
    }

    /// The machine as its shape, file or parts give it; memory and huge pages may come later.
    private mutating func bareMachine(_ entry: SourceNode.Entry) -> Machine? {
        let node = entry.value
        if let shape = node.present("shape") { return machine(ofShape: shape, in: node) }
        if let file = node.present("hwloc") { return machine(ofXML: file, name: entry.key) }
        if let dump = node.present("sysfs") { return machine(ofSysfs: dump) }
        if let file = node.present("machineInfo") { return machine(ofMachineInfo: file) }
        if let file = node.present("lscpu") {
            return machine(ofLscpu: file, numactl: node.present("numactl"))
        }
        if let parts = node.present("inline") { return machine(ofParts: parts, name: entry.key) }
        if let host = node.present("host") {
            guard node.boolean("host") == true else {
                diagnostics.error(
                    at: host, "`host: false` describes no machine", hint: "leave the key out")
                return nil
            }
            return thisComputer(host)
        }
        return nil
    }

    private mutating func machine(ofShape node: SourceNode, in entry: SourceNode) -> Machine? {
        guard let text = node.text else { return nil }
        do throws(MachineShapeError) {
            let shape = try MachineShape(parsing: text)
            do throws(MachineError) {
                return try shape.makeMachine(
                    memoryPerNUMANode: 64 << 30,
                    numbering: entry.choice("numbering", as: CPUNumbering.self) ?? .adjacent)
            } catch {
                for mistake in error.mistakes { diagnostics.error(at: node, mistake) }
            }
        } catch {
            diagnostics.error(at: node, error.description, hint: MachineShapeError.hint)
        }
        return nil
    }

    private mutating func thisComputer(_ node: SourceNode) -> Machine? {
        guard let read = surroundings.hostMachine else {
            diagnostics.error(
                at: node, "this computer cannot be read here",
                hint: "write its topology with `lstopo machine.xml` and name that file")
            return nil
        }
        do {
            return try read()
        } catch {
            diagnostics.error(at: node, "this computer cannot be read: \(error)")
            return nil
        }
    }

    private mutating func machine(ofParts node: SourceNode, name: String) -> Machine? {
        var description = MachineDescription(name: name)
        for part in node.list("numaNodes") {
            description.numaNodes.append(
                .init(
                    osIndex: part.integer("osIndex") ?? 0,
                    kind: part.choice("kind", as: NUMANode.Kind.self) ?? .dram,
                    memory: part.present("memory").flatMap { bytes($0) } ?? 0,
                    hugePages: part.present("hugepages").flatMap { hugePages($0) } ?? [],
                    cpus: part.cpuList("cpus") ?? [], socket: part.integer("socket")))
        }
        for part in node.list("sockets") {
            description.sockets.append(
                .init(
                    osIndex: part.integer("osIndex") ?? 0, model: part.string("model") ?? "",
                    cpus: part.cpuList("cpus") ?? []))
        }
        for part in node.list("dies") {
            description.dies.append(
                .init(osIndex: part.integer("osIndex") ?? 0, cpus: part.cpuList("cpus") ?? []))
        }
        for part in node.list("uncoreCaches") {
            description.uncoreCaches.append(
                .init(
                    size: part.present("size").flatMap { bytes($0) } ?? 0,
                    cpus: part.cpuList("cpus") ?? []))
        }
        for part in node.list("cores") {
            let cpus = part.text.flatMap(ScalarValues.cpuList) ?? part.cpuList("cpus") ?? []
            description.cores.append(.init(osIndex: part.integer("osIndex"), cpus: cpus))
        }
        do throws(MachineError) {
            return try description.makeMachine()
        } catch {
            for mistake in error.mistakes {
                diagnostics.error(at: node, "machine `\(name)`: \(mistake)")
            }
            return nil
        }
    }

    mutating func bytes(_ node: SourceNode) -> Int64? {
        readBytes(node, diagnostics: &diagnostics)
    }
}

// MARK: Memory, huge pages and distances beside a shape or a file

extension ScenarioBuilder {
    private mutating func setMemory(of machine: inout Machine, from node: SourceNode) -> Bool {
        guard let memory = node.present("memoryPerNUMANode") else { return true }
        guard let elements = memory.elements else {
            guard let bytes = bytes(memory) else { return false }
            let withCPUs = Set(machine.cpus.compactMap(\.numaNode))
            for position in machine.numaNodes.indices where withCPUs.contains(position) {
                machine.numaNodes[position].memory = bytes
            }
            return true
        }
        guard hasOneEach(elements, memory, machine) else { return false }
        var isComplete = true
        for (position, element) in elements.enumerated() {
            guard let bytes = bytes(element) else {
                isComplete = false
                continue
            }
            machine.numaNodes[position].memory = bytes
        }
        return isComplete
    }

    private mutating func setHugePages(of machine: inout Machine, from node: SourceNode) -> Bool {
        guard let pools = node.present("hugepagesPerNUMANode") else { return true }
        guard let elements = pools.elements else {
            guard let pools = hugePages(pools) else { return false }
            let withCPUs = Set(machine.cpus.compactMap(\.numaNode))
            for position in machine.numaNodes.indices where withCPUs.contains(position) {
                machine.numaNodes[position].hugePages = pools
            }
            return true
        }
        guard hasOneEach(elements, pools, machine) else { return false }
        var isComplete = true
        for (position, element) in elements.enumerated() {
            guard let pools = hugePages(element) else {
                isComplete = false
                continue
            }
            machine.numaNodes[position].hugePages = pools
        }
        return isComplete
    }

    private mutating func hasOneEach(
        _ elements: [SourceNode], _ node: SourceNode, _ machine: Machine
    ) -> Bool {
        if elements.count == machine.numaNodes.count { return true }
        diagnostics.error(
            at: node,
            "\(elements.count) values for \(machine.numaNodes.count) NUMA nodes",
            hint: "one value for each, in the order of their OS indices, or one for all")
        return false
    }

    /// Pools by page size, ascending; nil after a mistake was told.
    mutating func hugePages(_ node: SourceNode) -> [HugePagePool]? {
        guard let entries = node.entries else { return nil }
        var pools: [HugePagePool] = []
        for entry in entries {
            guard let count = entry.value.text.flatMap(ScalarValues.integer), count >= 0 else {
                return nil
            }
            let key = SourceNode(.scalar(entry.key, isQuoted: true), at: entry.keyMark)
            guard let size = bytes(key) else { return nil }
            guard size >= 4096, size & (size - 1) == 0 else {
                diagnostics.error(
                    at: key, "`\(entry.key)` is no size of a huge page",
                    hint: "sizes are powers of two such as `2Mi` and `1Gi`")
                return nil
            }
            guard count <= (1 << 50) / size else {
                diagnostics.error(
                    at: entry.value,
                    "\(grouped(Int(count))) huge pages of \(entry.key) are too many")
                return nil
            }
            guard !pools.contains(where: { $0.pageSize == size }) else {
                diagnostics.error(at: key, "the page size `\(entry.key)` is here twice")
                return nil
            }
            pools.append(HugePagePool(pageSize: size, count: count))
        }
        return pools.sorted { $0.pageSize < $1.pageSize }
    }

    private mutating func setDistances(of machine: inout Machine, from node: SourceNode) -> Bool {
        guard let table = node.present("distances"), let rows = table.elements else { return true }
        let count = machine.numaNodes.count
        let values = rows.flatMap { row in
            (row.elements ?? []).map { $0.text.flatMap(ScalarValues.integer).map { Int($0) } ?? 0 }
        }
        guard rows.count == count, rows.allSatisfy({ $0.elements?.count == count }) else {
            diagnostics.error(
                at: table,
                "a table of distances between \(count) NUMA nodes has \(count) rows of \(count) values"
            )
            return false
        }
        machine.distances = NUMADistances(count: count, values: values)
        return true
    }
}
