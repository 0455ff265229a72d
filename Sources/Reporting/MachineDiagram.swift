public import HardwareModel
import Primitives

/// Draws a machine as boxes in boxes, as lstopo does: sockets, NUMA nodes, uncore caches and cores with their CPUs.
///
/// ```
/// 2s1n2c2t · 4 cores, 8 CPUs · 2 NUMA nodes · 128 GiB
/// ┌ Socket 0 ──────────────────────────────────────────────────────────────────┐
/// │ ┌ NUMA node 0 · 64 GiB · 1Gi ×8 ─────────────────────────────────────────┐ │
/// │ │ L3 │ 0-1 2-3                                                           │ │
/// │ └────────────────────────────────────────────────────────────────────────┘ │
/// └────────────────────────────────────────────────────────────────────────────┘
/// ```
///
/// - Parameters:
///   - machine: One that `validate()` found no mistake in.
///   - width: Columns that no line exceeds; at least 40 are used.
///   - colour: Whether to add terminal colours (SGR).
/// - Returns: Lines that each end in a newline.
public func machineDiagram(_ machine: Machine, width: Int = 80, colour: Bool = false) -> String {
    let width = max(40, width)
    let plan = MachineDiagramPlan(machine)
    var lines = plan.heading(width: width)
    lines += plan.boxes(width: width)
    lines += plan.machineDevices(width: width)
    lines += plan.distances(width: width)
    return lines.map { $0.fitted(to: width).text(colour: colour) + "\n" }.joined()
}

/// What goes into which box.
struct MachineDiagramPlan {
    let machine: Machine
    /// By position of the NUMA node: positions of its CPUs, in logical order.
    private let cpusOfNUMANode: [[Int]]
    /// By position of the core: its CPUs in the kernel's list format.
    let coreLabels: [String]
    /// By position of the uncore cache: the NUMA nodes of its CPUs.
    private let numaNodesOfCache: [Set<Int>]
    private let socketsOfNUMANode: [Set<Int>]

    init(_ machine: Machine) {
        self.machine = machine
        var cpusOfNUMANode = [[Int]](repeating: [], count: machine.numaNodes.count)
        var cpusOfCore = [[Int]](repeating: [], count: machine.cores.count)
        var numaNodesOfCache = [Set<Int>](repeating: [], count: machine.uncoreCaches.count)
        var socketsOfNUMANode = [Set<Int>](repeating: [], count: machine.numaNodes.count)
        for (position, cpu) in machine.cpus.enumerated() {
            cpusOfCore[cpu.core].append(cpu.osIndex)
            guard let node = cpu.numaNode else { continue }
            cpusOfNUMANode[node].append(position)
            socketsOfNUMANode[node].insert(cpu.socket)
            if let cache = cpu.uncoreCache { numaNodesOfCache[cache].insert(node) }
        }
        self.cpusOfNUMANode = cpusOfNUMANode
        self.numaNodesOfCache = numaNodesOfCache
        self.socketsOfNUMANode = socketsOfNUMANode
        coreLabels = cpusOfCore.map { listFormat(of: $0.sorted()) }
    }

    /// What the machine is, in one line where it fits.
    func heading(width: Int) -> [MachineDiagramLine] {
        let models = machine.sockets.map { MachineDiagramText.shortModel($0.model) }
        let model = models.first ?? ""
        let isOneModel = !model.isEmpty && models.allSatisfy { $0 == model }
        let name =
            !isOneModel
            ? MachineDiagramText.printable(machine.name)
            : models.count > 1 ? "\(models.count) × \(model)" : model
        let memory =
            machine.totalMemory == 0
            ? "memory not known" : MachineDiagramText.bytes(machine.totalMemory)
        let items =
            [
                MachineDiagramText.count(machine.cores.count, "core") + ", "
                    + MachineDiagramText.count(machine.cpus.count, "CPU"),
                MachineDiagramText.count(machine.numaNodes.count, "NUMA node"), memory,
            ] + MachineDiagramText.hugePages(machine.totalHugePages)
        var lines = [
            MachineDiagramLine(name, .heading).fitted(to: min(width, name.unicodeScalars.count))
        ]
        for item in items {
            if lines[lines.count - 1].width + 3 + item.unicodeScalars.count <= width {
                lines[lines.count - 1].add(" · " + item)
            } else {
                lines.append(MachineDiagramLine(item))
            }
        }
        return lines
    }
}

// MARK: Boxes

extension MachineDiagramPlan {
    /// Most lines of boxes before equal ones are told in a line of their own.
    private static let lineLimit = 120

    /// Sockets with what is in them, then NUMA nodes that lie in no single socket.
    func boxes(width: Int) -> [MachineDiagramLine] {
        var boxes: [MachineDiagramBox] = []
        for socket in machine.sockets.indices {
            if let box = socketBox(socket) { boxes.append(box) }
        }
        let outside = machine.numaNodes.indices.filter { home(ofNUMANode: $0) == nil }
        let (outer, memory) = (
            withCPUs(outside).map(numaNodeBox), memoryOnly(outside).map(numaNodeBox)
        )
        let limit = boxes.count > 4 ? 4 : 1
        let lines =
            MachineDiagramBox.flow(boxes, width: width, columnLimit: limit)
            + MachineDiagramBox.flow(outer, width: width)
            + MachineDiagramBox.flow(memory, width: width)
        guard lines.count > Self.lineLimit else { return lines }
        return collapsed(boxes, width: width, columnLimit: limit)
            + collapsed(outer, width: width, columnLimit: 4)
            + collapsed(memory, width: width, columnLimit: 4)
    }

    /// First two of each run of equal boxes and the last one, with a line for those between.
    private func collapsed(
        _ boxes: [MachineDiagramBox], width: Int, columnLimit: Int
    ) -> [MachineDiagramLine] {
        var lines: [MachineDiagramLine] = []
        for run in MachineDiagramBox.collapsed(boxes) {
            guard run.count > 4 else {
                lines += MachineDiagramBox.flow(run, width: width, columnLimit: columnLimit)
                continue
            }
            let between = run[2..<(run.count - 1)]
            lines += MachineDiagramBox.flow(
                Array(run[..<2]), width: width, columnLimit: columnLimit)
            let list = listFormat(of: between.map(\.osIndex).sorted())
            lines.append(
                MachineDiagramLine("  ⋮ \(between.count) more like these: \(run[0].kind)s \(list)"))
            lines += MachineDiagramBox.flow(
                Array(run.suffix(1)), width: width, columnLimit: columnLimit)
        }
        return lines
    }

    /// The socket that a NUMA node is drawn in; nil when it spans several or is in none.
    private func home(ofNUMANode node: Int) -> Int? {
        let sockets = socketsOfNUMANode[node]
        return sockets.isEmpty
            ? machine.numaNodes[node].socket : sockets.count == 1 ? sockets.first : nil
    }

    private func withCPUs(_ nodes: [Int]) -> [Int] { nodes.filter { !cpusOfNUMANode[$0].isEmpty } }

    private func memoryOnly(_ nodes: [Int]) -> [Int] { nodes.filter { cpusOfNUMANode[$0].isEmpty } }

    /// A socket; nil when all that it has is drawn inside NUMA nodes that span sockets.
    private func socketBox(_ socket: Int) -> MachineDiagramBox? {
        let nodes = machine.numaNodes.indices.filter { home(ofNUMANode: $0) == socket }
        let homeless = machine.cpus.indices.filter {
            machine.cpus[$0].socket == socket && machine.cpus[$0].numaNode == nil
        }
        guard !nodes.isEmpty || !homeless.isEmpty else { return nil }
        let (inner, memory) = (withCPUs(nodes).map(numaNodeBox), memoryOnly(nodes).map(numaNodeBox))
        let homelessRows = cpuRows(homeless).map { row in
            var row = row
            row.label = "no NUMA node" + (row.label.isEmpty ? "" : " " + row.label)
            return row
        }
        let rows = homelessRows + deviceRows(devices(ofSocket: socket))
        let osIndex = machine.sockets[socket].osIndex
        let cache = wholeCache(ofSocket: socket)
        return MachineDiagramBox(
            title: ["Socket \(osIndex)"] + (cache.map { [cacheName($0)] } ?? []),
            titleStyle: .socket,
            signature: (inner + memory).map(\.signature).joined(separator: "/")
                + "+\(homeless.count)",
            kind: "socket", osIndex: osIndex,
            content: { columns, _ in
                MachineDiagramBox.flow(inner, width: columns)
                    + MachineDiagramBox.flow(memory, width: columns)
                    + MachineDiagramRow.draw(rows, columns: columns)
            },
            leastContent: max(
                (inner + memory).map(\.leastWidth).max() ?? 0, homeless.isEmpty ? 0 : 24))
    }

    private func numaNodeBox(_ position: Int) -> MachineDiagramBox {
        let node = machine.numaNodes[position]
        let cpus = cpusOfNUMANode[position]
        var title = ["NUMA node \(node.osIndex)"]
        if node.kind != .dram { title.append(kindName(node.kind)) }
        if machine.totalMemory > 0 { title.append(MachineDiagramText.bytes(node.memory)) }
        title += MachineDiagramText.hugePages(node.hugePages)
        let devices = deviceRows(devices(ofNUMANode: position))
        var rows = cpus.isEmpty ? [MachineDiagramRow(items: ["no CPUs"])] : cpuRows(cpus)
        if !cpus.isEmpty, !devices.isEmpty, rows.count == 1, rows[0].label.isEmpty {
            rows[0].label = "cores"
        }
        let shape = rows.map { "\($0.label):\($0.items.count)" }.joined(separator: ",")
        // A node over several sockets with a row or two each reads well; with more they get boxes of their own.
        let sockets = socketsOfNUMANode[position].sorted()
        let inner = rows.count > sockets.count && sockets.count > 1 ? sockets : []
        let boxes = inner.map { socketPart($0, cpus) }
        rows = (boxes.isEmpty ? rows : []) + devices
        return MachineDiagramBox(
            title: title, titleStyle: cpus.isEmpty ? .memoryOnly : .numaNode,
            signature: "\(title.dropFirst().first ?? "") \(shape)", kind: "NUMA node",
            osIndex: node.osIndex,
            content: { columns, untold in
                let told = untold.isEmpty ? [] : [MachineDiagramRow(items: untold)]
                return MachineDiagramRow.draw(told, columns: columns)
                    + MachineDiagramBox.flow(boxes, width: columns, columnLimit: 1)
                    + MachineDiagramRow.draw(rows, columns: columns)
            },
            leastContent: max(
                MachineDiagramRow.leastColumns(rows), boxes.map(\.leastWidth).max() ?? 0))
    }

    /// What one socket has of a NUMA node that spans several.
    private func socketPart(_ socket: Int, _ cpus: [Int]) -> MachineDiagramBox {
        let rows = cpuRows(cpus.filter { machine.cpus[$0].socket == socket })
        let osIndex = machine.sockets[socket].osIndex
        return MachineDiagramBox(
            title: ["Socket \(osIndex)"], titleStyle: .socket, signature: "", kind: "socket",
            osIndex: osIndex,
            content: { columns, _ in MachineDiagramRow.draw(rows, columns: columns) },
            leastContent: MachineDiagramRow.leastColumns(rows))
    }

    private func kindName(_ kind: NUMANode.Kind) -> String {
        switch kind {
        case .dram: "DRAM"
        case .hbm: "HBM"
        case .gpu: "GPU memory"
        case .specificPurpose: "specific-purpose"
        case .persistent: "persistent"
        }
    }
}

// MARK: Rows

extension MachineDiagramPlan {
    /// A row for each uncore cache, and for each die and socket where there are several.
    private func cpuRows(_ cpus: [Int]) -> [MachineDiagramRow] {
        struct Place: Hashable {
            var socket: Int?
            var die: Int?
            var cache: Int?
        }
        let hasSockets = Set(cpus.map { machine.cpus[$0].socket }).count > 1
        let hasDies = Set(cpus.map { machine.cpus[$0].die }).count > 1
        var rows: [(place: Place, cores: [Int])] = []
        for cpu in cpus.map({ machine.cpus[$0] }) {
            let cache = cpu.uncoreCache.flatMap {
                wholeCache(ofSocket: cpu.socket) == $0 ? nil : $0
            }
            let place = Place(
                socket: hasSockets ? cpu.socket : nil, die: hasDies ? cpu.die : nil, cache: cache)
            if rows.last?.place != place { rows.append((place, [])) }
            if rows[rows.count - 1].cores.last != cpu.core {
                rows[rows.count - 1].cores.append(cpu.core)
            }
        }
        return rows.map { place, cores in
            var label: [String] = []
            if let socket = place.socket {
                label.append("Socket \(machine.sockets[socket].osIndex)")
            }
            if let die = place.die { label.append("Die \(machine.dies[die].osIndex)") }
            if let cache = place.cache {
                let isPart = numaNodesOfCache[cache].count > 1
                label.append((isPart ? "part of " : "") + cacheName(cache))
            }
            return MachineDiagramRow(
                label: label.joined(separator: " "), style: .cache,
                items: cores.map { coreLabels[$0] }, noun: "core")
        }
    }

    private func cacheName(_ cache: Int) -> String {
        let size = machine.uncoreCaches[cache].size
        return size > 0 ? "L3 " + MachineDiagramText.bytes(size) : "L3"
    }

    /// The cache that all CPUs of a socket share, over several NUMA nodes: it is told once, with the socket.
    private func wholeCache(ofSocket socket: Int) -> Int? {
        guard let cache = machine.cpus.first(where: { $0.socket == socket })?.uncoreCache,
            numaNodesOfCache[cache].count > 1,
            machine.cpus.allSatisfy({ ($0.socket == socket) == ($0.uncoreCache == cache) })
        else { return nil }
        return cache
    }

    /// Devices by their names, and those without a name counted by vendor and device.
    private func deviceRows(_ devices: [Device]) -> [MachineDiagramRow] {
        if devices.isEmpty { return [] }
        var items: [String] = []
        var unnamed: [(id: String, count: Int)] = []
        for device in devices {
            if let vendor = device.vendorID, let model = device.deviceID, device.osNames.isEmpty {
                let id = hex(vendor) + ":" + hex(model)
                if let known = unnamed.firstIndex(where: { $0.id == id }) {
                    unnamed[known].count += 1
                } else {
                    unnamed.append((id, 1))
                }
            } else {
                items.append(MachineDiagramText.printable(device.name))
            }
        }
        items += unnamed.map { $0.count == 1 ? $0.id : "\($0.count) × \($0.id)" }
        return [
            MachineDiagramRow(
                label: "devices", style: .device, items: items, noun: "device", gap: 2)
        ]
    }

    private func hex(_ value: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// Where a device is drawn.
    private enum DevicePlace: Equatable {
        case numaNode(Int)
        case socket(Int)
        case machine
    }

    /// A device is near several NUMA nodes when its bridge hangs on a socket, or on memory of two kinds: then it
    /// is drawn with the one that has CPUs, or with the socket.
    private func place(of device: Device) -> DevicePlace {
        let near = device.numaNodes.compactMap { machine.numaNode(withOSIndex: $0) }
        let withCPUs = near.filter { !cpusOfNUMANode[$0].isEmpty }
        if near.count == 1 { return .numaNode(near[0]) }
        if withCPUs.count == 1 { return .numaNode(withCPUs[0]) }
        let sockets = Set(near.map { home(ofNUMANode: $0) })
        if sockets.count == 1, let socket = sockets.first ?? nil { return .socket(socket) }
        return .machine
    }

    private func devices(ofNUMANode node: Int) -> [Device] {
        machine.devices.filter { place(of: $0) == .numaNode(node) }
    }

    private func devices(ofSocket socket: Int) -> [Device] {
        machine.devices.filter { place(of: $0) == .socket(socket) }
    }

    /// Devices that are near no part in particular.
    func machineDevices(width: Int) -> [MachineDiagramLine] {
        MachineDiagramRow.draw(
            deviceRows(machine.devices.filter { place(of: $0) == .machine }), columns: width)
    }

    /// The table of distances where it fits, else its range.
    func distances(width: Int) -> [MachineDiagramLine] {
        guard let distances = machine.distances, distances.count > 1 else { return [] }
        let names = machine.numaNodes.map { "\($0.osIndex)" }
        let cell = max(
            names.map(\.count).max() ?? 1, distances.values.map { "\($0)".count }.max() ?? 1)
        func row(_ name: String, _ values: [String], _ style: MachineDiagramLine.Style)
            -> MachineDiagramLine
        {
            var line = MachineDiagramLine(MachineDiagramRow.padded(name, left: 9), .numaNode)
            for value in values {
                line.add("  " + MachineDiagramRow.padded(value, left: cell), style)
            }
            return line
        }
        guard distances.count <= 8, 9 + (cell + 2) * distances.count <= width else {
            let count = distances.count
            let local = (0..<count).map { distances[$0, $0] }
            let remote = distances.values.indices.filter { $0 / count != $0 % count }
                .map { distances.values[$0] }
            func range(_ values: [Int]) -> String {
                let (low, high) = (values.min() ?? 0, values.max() ?? 0)
                return low == high ? "\(low)" : "\(low) to \(high)"
            }
            return [
                MachineDiagramLine(
                    "distances: \(range(local)) local, \(range(remote)) between NUMA nodes")
            ]
        }
        return [row("distance", names, .numaNode)]
            + (0..<distances.count).map { from in
                row(names[from], (0..<distances.count).map { "\(distances[from, $0])" }, .plain)
            }
    }
}
