import HardwareModel
import Primitives
import WorkloadModel

/// A run's description as rows.
struct DescriptionRows {
    let run: RunDescription
    let level: RecordLevel

    /// Every table of the description but those of the shapes.
    var buffers: [RowBuffer] {
        [runRow, inputFiles, resources] + machines + nodes + [workloads, targetMix]
    }

    private func buffer(_ table: String, _ write: (inout RowBuffer) -> Void) -> RowBuffer {
        var buffer = RowBuffer(Schema.table(table), capacity: 0)
        write(&buffer)
        return buffer
    }

    private var runRow: RowBuffer {
        buffer("run") { row in
            row.integer(1)
            row.string(run.name)
            row.string(run.description)
            row.string(run.scenarioJSON)
            row.string(String(run.seed))
            row.integer(run.epoch)
            row.string(run.kubeletVersion)
            row.string(level.rawValue)
            row.integer(0)
            row.null()
            row.string(RunStatus.running.rawValue)
            row.null()
            row.null()
            row.string(run.topsimVersion)
            row.integer(Schema.version)
        }
    }

    private var inputFiles: RowBuffer {
        buffer("input_file") { rows in
            for (id, file) in run.inputFiles.enumerated() {
                rows.integer(id)
                rows.string(file.path)
                rows.string(file.sha256)
                rows.integer(file.bytes)
            }
        }
    }

    private var resources: RowBuffer {
        buffer("resource") { rows in
            for (id, name) in run.resources.names.enumerated() {
                rows.integer(id)
                rows.string(name)
                rows.string(ResourceUnit(ofResource: name).rawValue)
            }
        }
    }

    private var workloads: RowBuffer {
        buffer("workload") { rows in
            for (id, workload) in run.workloads.enumerated() {
                rows.integer(id)
                rows.string(workload.name)
                rows.string(workload.namespace)
                rows.string(workload.controller.rawValue)
                rows.integer(workload.replicas)
            }
        }
    }

    private var targetMix: RowBuffer {
        buffer("target_mix") { rows in
            for (member, mix) in run.targetMix.enumerated() {
                rows.integer(member)
                rows.string(mix.workload)
                rows.integer(mix.weight)
            }
        }
    }
}

// MARK: Machines

extension DescriptionRows {
    private var machines: [RowBuffer] {
        [
            buffer("machine") { rows in
                for (id, entry) in run.machines.enumerated() {
                    let machine = entry.machine
                    rows.integer(id)
                    rows.string(entry.name)
                    rows.string(machine.name)
                    rows.integer(machine.sockets.count)
                    rows.integer(machine.numaNodes.count)
                    rows.integer(machine.uncoreCaches.count)
                    rows.integer(machine.cores.count)
                    rows.integer(machine.cpus.count)
                    rows.integer(machine.numaNodes.reduce(0) { $0 + $1.memory })
                }
            },
            buffer("numa_node") { rows in
                for (id, entry) in run.machines.enumerated() {
                    for (position, numaNode) in entry.machine.numaNodes.enumerated() {
                        let cpus = CPUSet(
                            entry.machine.cpus.lazy.filter { $0.numaNode == position }
                                .map(\.osIndex))
                        rows.integer(id)
                        rows.integer(numaNode.osIndex)
                        rows.string(numaNode.kind.rawValue)
                        rows.integer(numaNode.socket.map(Int64.init))
                        rows.list(cpus)
                        rows.integer(cpus.count)
                        rows.integer(numaNode.memory)
                    }
                }
            },
            buffer("numa_distance") { rows in
                for (id, entry) in run.machines.enumerated() {
                    guard let distances = entry.machine.distances else { continue }
                    let osIndices = entry.machine.numaNodes.map(\.osIndex)
                    for from in 0..<min(distances.count, osIndices.count) {
                        for to in 0..<min(distances.count, osIndices.count) {
                            rows.integer(id)
                            rows.integer(osIndices[from])
                            rows.integer(osIndices[to])
                            rows.integer(distances[from, to])
                        }
                    }
                }
            },
            buffer("huge_page_pool") { rows in
                for (id, entry) in run.machines.enumerated() {
                    for numaNode in entry.machine.numaNodes {
                        for pool in numaNode.hugePages {
                            rows.integer(id)
                            rows.integer(numaNode.osIndex)
                            rows.integer(pool.pageSize)
                            rows.integer(pool.count)
                        }
                    }
                }
            },
            buffer("cpu") { rows in
                for (id, entry) in run.machines.enumerated() {
                    for cpu in entry.machine.cpus {
                        let numaNode = cpu.numaNode.map {
                            Int64(entry.machine.numaNodes[$0].osIndex)
                        }
                        rows.integer(id)
                        rows.integer(cpu.osIndex)
                        rows.integer(cpu.core)
                        rows.integer(cpu.uncoreCache.map(Int64.init))
                        rows.integer(numaNode)
                        rows.integer(cpu.die.map(Int64.init))
                        rows.integer(cpu.socket)
                    }
                }
            },
        ]
    }

    private var nodes: [RowBuffer] {
        var nodeID = 0
        return [
            buffer("node_group") { rows in
                for (id, group) in run.nodeGroups.enumerated() {
                    rows.integer(id)
                    rows.string(group.name)
                    rows.integer(group.machine)
                    rows.integer(group.nodeNames.count)
                    rows.string(group.cpuManagerPolicy)
                    rows.string(group.memoryManagerPolicy)
                    rows.string(group.topologyManagerPolicy)
                    rows.string(group.topologyManagerScope)
                    rows.list(group.reservedCPUs)
                    rows.string(group.kubeletJSON)
                }
            },
            buffer("node_group_resource") { rows in
                for (id, group) in run.nodeGroups.enumerated() {
                    for resource in group.resources {
                        rows.integer(id)
                        rows.integer(resource.resource.rawValue)
                        rows.integer(resource.capacity)
                        rows.integer(resource.allocatable)
                    }
                }
            },
            buffer("node") { rows in
                for (id, group) in run.nodeGroups.enumerated() {
                    for name in group.nodeNames {
                        rows.integer(nodeID)
                        rows.string(name)
                        rows.integer(id)
                        nodeID += 1
                    }
                }
            },
        ]
    }
}

// MARK: Shapes

extension DescriptionRows {
    /// The tables of `shapes`, the first of which has the index `first`.
    static func buffers(shapes: some Sequence<PodShape>, from first: Int) -> [RowBuffer] {
        var shapeRows = RowBuffer(Schema.table("pod_shape"), capacity: 0)
        var requestRows = RowBuffer(Schema.table("pod_shape_request"), capacity: 0)
        var containerRows = RowBuffer(Schema.table("container_shape"), capacity: 0)
        var containerRequestRows = RowBuffer(Schema.table("container_request"), capacity: 0)
        for (offset, shape) in shapes.enumerated() {
            let id = first + offset
            shapeRows.integer(id)
            shapeRows.string(shape.qos.rawValue)
            shapeRows.integer(shape.priority)
            shapeRows.integer(shape.containers.count)
            shapeRows.integer(shape.request(ResourceTable.cpu))
            shapeRows.integer(shape.request(ResourceTable.memory))
            for request in shape.requests {
                requestRows.integer(id)
                requestRows.integer(request.resource.rawValue)
                requestRows.integer(request.amount)
            }
            for (position, container) in shape.containers.enumerated() {
                containerRows.integer(id)
                containerRows.integer(position)
                containerRows.string(container.name)
                containerRows.string(container.kind.rawValue)
                for resource in container.resources.namedResources {
                    containerRequestRows.integer(id)
                    containerRequestRows.integer(position)
                    containerRequestRows.integer(resource.rawValue)
                    containerRequestRows.integer(container.resources.request(resource))
                    containerRequestRows.integer(container.resources.limit(resource))
                }
            }
        }
        return [shapeRows, requestRows, containerRows, containerRequestRows]
    }
}

extension ContainerResources {
    /// Every resource that it requests or limits, ascending.
    fileprivate var namedResources: [ResourceIndex] {
        Set((requests + limits).map(\.resource)).sorted()
    }
}
