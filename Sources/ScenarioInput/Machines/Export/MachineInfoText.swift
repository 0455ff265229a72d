import HardwareModel

/// A machine as cadvisor's MachineInfo JSON, which is what a kubelet reads of its node.
///
/// An L3 cache that has just the CPUs of its NUMA node stands in the node's `caches`, another one in the
/// `uncore_caches` of its cores, as cadvisor does it. CPUs outside any NUMA node cannot be said.
///
/// Source: cadvisor info/v1/machine.go.
func machineInfoText(of machine: Machine) -> String {
    let said = machine.cpus.filter { $0.numaNode != nil }
    let nodes = machine.numaNodes.indices.map { node(machine, $0) }
    let pools = machine.totalHugePages
    let info: JSONValue = .object([
        ("timestamp", .string("1970-01-01T00:00:00Z")),
        ("vendor_id", .string("")),
        ("num_cores", number(said.count)),
        ("num_physical_cores", number(Set(said.map(\.core)).count)),
        ("num_sockets", number(Set(said.map(\.socket)).count)),
        ("cpu_frequency_khz", number(0)),
        ("memory_capacity", .bare(String(machine.totalMemory))),
        ("swap_capacity", number(0)),
        ("memory_by_type", .object([])),
        ("nvm", .object([])),
        ("hugepages", .array(pools.map(pool))),
        ("machine_id", .string("")), ("system_uuid", .string("")), ("boot_id", .string("")),
        ("filesystems", .array([])),
        ("disk_map", .object([])),
        ("network_devices", .array([])),
        ("topology", .array(nodes)),
        ("cloud_provider", .string("Unknown")),
        ("instance_type", .string("Unknown")),
        ("instance_id", .string("None")),
    ])
    return info.text() + "\n"
}

private func number(_ value: Int) -> JSONValue { .bare(String(value)) }

/// `page_size` is in KiB.
private func pool(_ pool: HugePagePool) -> JSONValue {
    .object([
        ("page_size", .bare(String(pool.pageSize / 1024))),
        ("num_pages", .bare(String(pool.count))),
    ])
}

private func node(_ machine: Machine, _ position: Int) -> JSONValue {
    let node = machine.numaNodes[position]
    let cpus = machine.cpus.indices.filter { machine.cpus[$0].numaNode == position }
    let cachesHere = Set(cpus.compactMap { machine.cpus[$0].uncoreCache }).sorted()
    // The node's own cache: all CPUs of one are all CPUs of the other.
    let own = cachesHere.first { cache in
        cachesHere.count == 1
            && machine.cpus.indices.filter { machine.cpus[$0].uncoreCache == cache } == cpus
    }
    var cores: [(position: Int, threads: [Int])] = []
    for cpu in cpus.map({ machine.cpus[$0] }) {
        if cores.last?.position == cpu.core {
            cores[cores.count - 1].threads.append(cpu.osIndex)
        } else {
            cores.append((cpu.core, [cpu.osIndex]))
        }
    }
    let distances = machine.distances.map { table in
        (0..<table.count).map { number(table[position, $0]) }
    }
    return .object([
        ("node_id", number(node.osIndex)),
        ("memory", .bare(String(node.memory))),
        ("hugepages", .array(node.hugePages.map(pool))),
        (
            "cores",
            .array(
                cores.map { core in
                    let cache = machine.cpus[
                        cpus.first { machine.cpus[$0].core == core.position } ?? 0
                    ].uncoreCache
                    return .object([
                        ("core_id", number(machine.cores[core.position].osIndex)),
                        ("thread_ids", .array(core.threads.map(number))),
                        ("caches", .array([])),
                        (
                            "uncore_caches",
                            .array(
                                cache.filter { $0 != own }.map { [cacheObject(machine, $0)] } ?? [])
                        ),
                        (
                            "socket_id",
                            number(
                                machine.sockets[machine.cores[core.position].socket].osIndex)
                        ),
                    ])
                })
        ),
        ("caches", .array(own.map { [cacheObject(machine, $0)] } ?? [])),
        ("distances", distances.map { .array($0) } ?? .bare("null")),
    ])
}

private func cacheObject(_ machine: Machine, _ position: Int) -> JSONValue {
    .object([
        ("id", number(position)),
        ("size", .bare(String(machine.uncoreCaches[position].size))),
        ("type", .string("Unified")),
        ("level", number(3)),
    ])
}

extension Optional {
    /// The value when it passes, else nil.
    fileprivate func filter(_ isWanted: (Wrapped) -> Bool) -> Wrapped? {
        flatMap { isWanted($0) ? $0 : nil }
    }
}
