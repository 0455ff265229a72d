import HardwareModel
import Primitives

extension DescriptionRows {
    /// The node groups that are virtual machines, and where their CPUs lie.
    var virtualMachines: [RowBuffer] {
        var machines = RowBuffer(Schema.table("virtual_machine"))
        var cpus = RowBuffer(Schema.table("virtual_cpu"))
        for (id, group) in run.nodeGroups.enumerated() {
            guard let virtual = group.virtualMachines else { continue }
            machines.row { row, text in
                row.integer(id)
                row.integer(virtual.host)
                row.integer(virtual.layout.settings.machinesPerHost)
                row.text(text.string(virtual.layout.settings.cpuPlacement.rawValue))
                row.text(text.string(virtual.layout.settings.memoryPlacement.rawValue))
                row.integer(virtual.layout.settings.backingPageSize)
                row.text(text.string(virtual.layout.settings.deviceAttachment.rawValue))
            }
            for (slot, mapping) in virtual.layout.mappings.enumerated() {
                for (cpu, place) in mapping.cpus.enumerated() {
                    guard let place else { continue }
                    cpus.row { row, text in
                        row.integer(id)
                        row.integer(slot)
                        row.integer(cpu)
                        row.integer(place.hostCPU.map(Int64.init))
                        row.text(text.list(place.numaNodes))
                    }
                }
            }
        }
        return [machines, cpus]
    }
}
