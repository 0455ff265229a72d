/// Machines of Huawei's trace that are alike, with what is free on each NUMA node.
struct HuaweiMachineShape: Hashable {
    struct Node: Hashable {
        var cpus: Int
        var gibibytes: Int64
    }

    /// One or two; nodes without free CPUs or memory are left out.
    var nodes: [Node]
    var rack: Int?

    /// `60x202-60x202-r7`: CPUs and GiB of each NUMA node, and the rack.
    var label: String {
        let parts = nodes.map { "\($0.cpus)x\($0.gibibytes)" }.joined(separator: "-")
        return rack.map { "\(parts)-r\($0)" } ?? parts
    }
}

/// The machines of `PM_res.csv`, equal ones of one rack together; positions are numbers of lines, from 0.
struct HuaweiMachines {
    static let limit = 1_000_000
    static let columns = ["CPU1", "RAM1", "CPU2", "RAM2"]

    private(set) var shapes: [(shape: HuaweiMachineShape, positions: [Int])] = []
    private(set) var report = ImportReport()

    /// - Parameter racks: the rack of each host, in the order of their file.
    /// - Throws: up to 100 mistakes with their lines.
    init(_ input: TraceInput, racks: [Int]?) throws(InputError) {
        var file = try CSVFile(input)
        let columns = try CSVColumns(of: &file, needed: HuaweiMachines.columns)
        var places: [HuaweiMachineShape: Int] = [:]
        var mistakes: [Diagnostic] = []
        var position = 0
        var single = 0
        while mistakes.count < Diagnostics.limit {
            do throws(InputError) {
                guard let row = try file.next() else { break }
                var shape = try HuaweiMachines.shape(row, columns)
                if shape.nodes.count == 1 { single += 1 }
                guard position < HuaweiMachines.limit else {
                    throw row.error(0, "more than \(grouped(HuaweiMachines.limit)) machines")
                }
                if let racks {
                    guard position < racks.count else {
                        throw row.error(
                            0, "more machines than hosts with a rack, \(grouped(racks.count))")
                    }
                    shape.rack = racks[position]
                }
                if let place = places[shape] {
                    shapes[place].positions.append(position)
                } else {
                    places[shape] = shapes.count
                    shapes.append((shape, [position]))
                }
                position += 1
            } catch {
                mistakes += error.diagnostics
            }
        }
        if !mistakes.isEmpty { throw InputError(mistakes) }
        guard position > 0 else {
            throw InputError([Diagnostic(file: input.name, message: "the file names no machine")])
        }
        report.taken(
            "columns", "free CPUs and GiB of each NUMA node of \(grouped(position)) machines",
            file: input.name)
        if single > 0 {
            report.taken(
                "\(grouped(single)) machines", "have one usable NUMA node", file: input.name)
        }
        report.guessed(
            "machine shape",
            "what is free is the machine, each CPU a core of its own; what is taken is not known",
            file: input.name)
        if racks != nil {
            report.guessed(
                "racks", "line n is host n: the authors do not say which is which", file: input.name
            )
            report.guessed(
                "fault domains", "racks are dealt to them in turn by their number", file: input.name
            )
        }
    }

    private static func shape(
        _ row: CSVRow, _ columns: CSVColumns
    ) throws(InputError) -> HuaweiMachineShape {
        try columns.check(row)
        var nodes: [HuaweiMachineShape.Node] = []
        for (cpu, memory) in [("CPU1", "RAM1"), ("CPU2", "RAM2")] {
            let node = HuaweiMachineShape.Node(
                cpus: Int(try row.integer(columns[cpu], cpu, in: 0...512)),
                gibibytes: try row.integer(columns[memory], memory, in: 0...1_000_000))
            if node.cpus > 0, node.gibibytes > 0 { nodes.append(node) }
        }
        guard !nodes.isEmpty else {
            throw row.error(0, "a machine on which nothing is free")
        }
        return HuaweiMachineShape(nodes: nodes)
    }
}

/// The rack of each host, in the order of the file: columns `host_id, rack_id`.
func readHuaweiRacks(_ input: TraceInput) throws(InputError) -> [Int] {
    var file = try CSVFile(input)
    let columns = try CSVColumns(of: &file, needed: ["host_id", "rack_id"])
    var racks: [Int] = []
    var mistakes: [Diagnostic] = []
    while mistakes.count < Diagnostics.limit {
        do throws(InputError) {
            guard let row = try file.next() else { break }
            try columns.check(row)
            racks.append(
                Int(try row.integer(columns["rack_id"], "rack_id", in: 0...1_000_000_000)))
            guard racks.count <= HuaweiMachines.limit else {
                throw row.error(0, "more than \(grouped(HuaweiMachines.limit)) hosts")
            }
        } catch {
            mistakes += error.diagnostics
            if racks.count > HuaweiMachines.limit { break }
        }
    }
    if !mistakes.isEmpty { throw InputError(mistakes) }
    return racks
}
