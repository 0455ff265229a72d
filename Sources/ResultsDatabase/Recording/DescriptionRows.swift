import HardwareModel
import Primitives
import WorkloadModel

/// A run's description as rows.
struct DescriptionRows {
    let run: RunDescription
    let level: RecordLevel

    /// Every table of the description but those of the shapes.
    var buffers: [RowBuffer] {
        [runRow, inputFiles, resources] + machines + nodes + virtualMachines
            + [workloads, targetMix]
    }

    private func buffer(_ table: String, _ write: (inout RowBuffer) -> Void) -> RowBuffer {
        var buffer = RowBuffer(Schema.table(table))
        write(&buffer)
        return buffer
    }

    private var runRow: RowBuffer {
        buffer("run") { rows in
            rows.row { row, text in
                row.integer(1)
                row.text(text.string(run.name))
                row.text(text.string(run.description))
                row.text(text.string(run.scenarioJSON))
                row.text(text.string(String(run.seed)))
                row.integer(run.epoch)
                row.text(text.string(run.kubeletVersion))
                row.text(text.string(level.rawValue))
                row.integer(0)
                row.null()
                row.text(text.string(RunStatus.running.rawValue))
                row.null()
                row.null()
                row.text(text.string(run.topsimVersion))
                row.integer(Schema.version)
            }
        }
    }

    private var inputFiles: RowBuffer {
        buffer("input_file") { rows in
            for (id, file) in run.inputFiles.enumerated() {
                rows.row { row, text in
                    row.integer(id)
                    row.text(text.string(file.path))
                    row.text(text.string(file.sha256))
                    row.integer(file.bytes)
                }
            }
        }
    }

    private var resources: RowBuffer {
        buffer("resource") { rows in
            for (id, name) in run.resources.names.enumerated() {
                rows.row { row, text in
                    row.integer(id)
                    row.text(text.string(name))
                    row.text(text.string(ResourceUnit(ofResource: name).rawValue))
                }
            }
        }
    }

    private var workloads: RowBuffer {
        buffer("workload") { rows in
            for (id, workload) in run.workloads.enumerated() {
                rows.row { row, text in
                    row.integer(id)
                    row.text(text.string(workload.name))
                    row.text(text.string(workload.namespace))
                    row.text(text.string(workload.controller.rawValue))
                    row.integer(workload.replicas)
                }
            }
        }
    }

    private var targetMix: RowBuffer {
        buffer("target_mix") { rows in
            for (member, mix) in run.targetMix.enumerated() {
                rows.row { row, text in
                    row.integer(member)
                    row.text(text.string(mix.workload))
                    row.integer(mix.weight)
                }
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
                    rows.row { row, text in
                        row.integer(id)
                        row.text(text.string(entry.name))
                        row.text(text.string(machine.name))
                        row.integer(machine.sockets.count)
                        row.integer(machine.numaNodes.count)
                        row.integer(machine.uncoreCaches.count)
                        row.integer(machine.cores.count)
                        row.integer(machine.cpus.count)
                        row.integer(machine.numaNodes.reduce(0) { $0 + $1.memory })
                    }
                }
            },
            buffer("numa_node") { rows in
                for (id, entry) in run.machines.enumerated() {
                    for (position, numaNode) in entry.machine.numaNodes.enumerated() {
                        let cpus = CPUSet(
                            entry.machine.cpus.lazy.filter { $0.numaNode == position }
                                .map(\.osIndex))
                        rows.row { row, text in
                            row.integer(id)
                            row.integer(numaNode.osIndex)
                            row.text(text.string(numaNode.kind.rawValue))
                            row.integer(numaNode.socket.map(Int64.init))
                            row.text(text.list(cpus))
                            row.integer(cpus.count)
                            row.integer(numaNode.memory)
                        }
                    }
                }
            },
            buffer("numa_distance") { rows in
                for (id, entry) in run.machines.enumerated() {
                    guard let distances = entry.machine.distances else { continue }
                    let osIndices = entry.machine.numaNodes.map(\.osIndex)
                    for from in 0..<min(distances.count, osIndices.count) {
                        for to in 0..<min(distances.count, osIndices.count) {
                            rows.row { row, _ in
                                row.integer(id)
                                row.integer(osIndices[from])
                                row.integer(osIndices[to])
                                row.integer(distances[from, to])
                            }
                        }
                    }
                }
            },
            buffer("huge_page_pool") { rows in
                for (id, entry) in run.machines.enumerated() {
                    for numaNode in entry.machine.numaNodes {
                        for pool in numaNode.hugePages {
                            rows.row { row, _ in
                                row.integer(id)
                                row.integer(numaNode.osIndex)
                                row.integer(pool.pageSize)
                                row.integer(pool.count)
                            }
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
                        rows.row { row, _ in
                            row.integer(id)
                            row.integer(cpu.osIndex)
                            row.integer(cpu.core)
                            row.integer(cpu.uncoreCache.map(Int64.init))
                            row.integer(numaNode)
                            row.integer(cpu.die.map(Int64.init))
                            row.integer(cpu.socket)
                        }
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
                    rows.row { row, text in
                        row.integer(id)
                        row.text(text.string(group.name))
                        row.integer(group.machine)
                        row.integer(group.nodeNames.count)
                        row.text(text.string(group.cpuManagerPolicy))
                        row.text(text.string(group.memoryManagerPolicy))
                        row.text(text.string(group.topologyManagerPolicy))
                        row.text(text.string(group.topologyManagerScope))
                        row.text(text.list(group.reservedCPUs))
                        row.text(text.string(group.kubeletJSON))
                    }
                }
            },
            buffer("node_group_resource") { rows in
                for (id, group) in run.nodeGroups.enumerated() {
                    for resource in group.resources {
                        rows.row { row, _ in
                            row.integer(id)
                            row.integer(resource.resource.rawValue)
                            row.integer(resource.capacity)
                            row.integer(resource.allocatable)
                        }
                    }
                }
            },
            buffer("node") { rows in
                for (id, group) in run.nodeGroups.enumerated() {
                    for name in group.nodeNames {
                        rows.row { row, text in
                            row.integer(nodeID)
                            row.text(text.string(name))
                            row.integer(id)
                        }
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
        var shapeRows = RowBuffer(Schema.table("pod_shape"))
        var requestRows = RowBuffer(Schema.table("pod_shape_request"))
        var containerRows = RowBuffer(Schema.table("container_shape"))
        var containerRequestRows = RowBuffer(Schema.table("container_request"))
        for (offset, shape) in shapes.enumerated() {
            let id = first + offset
            shapeRows.row { row, text in
                row.integer(id)
                row.text(text.string(shape.qos.rawValue))
                row.integer(shape.priority)
                row.integer(shape.containers.count)
                row.integer(shape.request(ResourceTable.cpu))
                row.integer(shape.request(ResourceTable.memory))
            }
            for request in shape.requests {
                requestRows.row { row, _ in
                    row.integer(id)
                    row.integer(request.resource.rawValue)
                    row.integer(request.amount)
                }
            }
            for (position, container) in shape.containers.enumerated() {
                containerRows.row { row, text in
                    row.integer(id)
                    row.integer(position)
                    row.text(text.string(container.name))
                    row.text(text.string(container.kind.rawValue))
                }
                for resource in container.resources.namedResources {
                    containerRequestRows.row { row, _ in
                        row.integer(id)
                        row.integer(position)
                        row.integer(resource.rawValue)
                        row.integer(container.resources.request(resource))
                        row.integer(container.resources.limit(resource))
                    }
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
