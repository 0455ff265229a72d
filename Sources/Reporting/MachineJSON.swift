public import HardwareModel
import Primitives

/// A machine for programs: one JSON object whose keys always come in the same order, ending in a newline.
///
/// Sockets, dies and NUMA nodes are named by OS index and CPUs by the kernel's list format (`0-3,8`); `core` and
/// `uncoreCache` of a CPU are positions in `cores` and `uncoreCaches`. Sizes are bytes.
public func machineJSON(_ machine: Machine) -> String {
    let parts = MachineParts(machine)
    let json: JSONValue = [
        "name": .string(machine.name),
        "counts": [
            "sockets": integer(machine.sockets.count), "dies": integer(machine.dies.count),
            "numaNodes": integer(machine.numaNodes.count),
            "uncoreCaches": integer(machine.uncoreCaches.count),
            "cores": integer(machine.cores.count), "cpus": integer(machine.cpus.count),
        ],
        "memoryBytes": .integer(machine.totalMemory),
        "hugePages": pools(machine.totalHugePages),
        "sockets": parts.sockets, "dies": parts.dies, "numaNodes": parts.numaNodes,
        "distances": distances(machine.distances), "uncoreCaches": parts.uncoreCaches,
        "cores": parts.cores, "cpus": parts.cpus,
        "devices": .array(machine.devices.map(device)),
    ]
    return json.text + "\n"
}

private func integer(_ value: Int?) -> JSONValue { value.map { .integer(Int64($0)) } ?? .null }

private func pools(_ pools: [HugePagePool]) -> JSONValue {
    .array(
        pools.map { ["pageSizeBytes": .integer($0.pageSize), "count": .integer($0.count)] })
}

/// Rows and columns in the order of `numaNodes`.
private func distances(_ distances: NUMADistances?) -> JSONValue {
    guard let distances else { return .null }
    let positions = 0..<distances.count
    return .array(positions.map { from in .array(positions.map { integer(distances[from, $0]) }) })
}

private func device(_ device: Device) -> JSONValue {
    [
        "name": .string(device.name), "osNames": .array(device.osNames.map { .string($0) }),
        "pciBusID": device.pciBusID.map { .string($0) } ?? .null,
        "pciClass": integer(device.pciClass), "vendorID": integer(device.vendorID),
        "deviceID": integer(device.deviceID),
        "numaNodes": .array(device.numaNodes.map { integer($0) }),
    ]
}

private struct MachineParts {
    let machine: Machine

    init(_ machine: Machine) { self.machine = machine }

    private func cpus(where belongs: (CPU) -> Bool) -> JSONValue {
        .string(listFormat(of: machine.cpus.filter(belongs).map(\.osIndex).sorted()))
    }

    private func socket(_ position: Int?) -> JSONValue {
        integer(position.map { machine.sockets[$0].osIndex })
    }

    var sockets: JSONValue {
        .array(
            machine.sockets.enumerated().map { position, socket in
                [
                    "osIndex": integer(socket.osIndex), "model": .string(socket.model),
                    "cpus": cpus { $0.socket == position },
                ]
            })
    }

    var dies: JSONValue {
        .array(
            machine.dies.enumerated().map { position, die in
                [
                    "osIndex": integer(die.osIndex), "socket": socket(die.socket),
                    "cpus": cpus { $0.die == position },
                ]
            })
    }

    var numaNodes: JSONValue {
        .array(
            machine.numaNodes.enumerated().map { position, node in
                [
                    "osIndex": integer(node.osIndex), "kind": .string(node.kind.rawValue),
                    "socket": socket(node.socket), "memoryBytes": .integer(node.memory),
                    "hugePages": pools(node.hugePages), "cpus": cpus { $0.numaNode == position },
                ]
            })
    }

    var uncoreCaches: JSONValue {
        .array(
            machine.uncoreCaches.enumerated().map { position, cache in
                ["sizeBytes": .integer(cache.size), "cpus": cpus { $0.uncoreCache == position }]
            })
    }

    var cores: JSONValue {
        .array(
            machine.cores.enumerated().map { position, core in
                [
                    "osIndex": integer(core.osIndex), "socket": socket(core.socket),
                    "cpus": cpus { $0.core == position },
                ]
            })
    }

    var cpus: JSONValue {
        .array(
            machine.cpus.map { cpu in
                [
                    "osIndex": integer(cpu.osIndex), "core": integer(cpu.core),
                    "socket": socket(cpu.socket),
                    "die": integer(cpu.die.map { machine.dies[$0].osIndex }),
                    "numaNode": integer(cpu.numaNode.map { machine.numaNodes[$0].osIndex }),
                    "uncoreCache": integer(cpu.uncoreCache),
                ]
            })
    }
}
