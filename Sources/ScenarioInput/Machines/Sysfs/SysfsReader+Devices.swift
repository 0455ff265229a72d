import HardwareModel
import Primitives

extension SysfsReader {
    private static let pciFolder = "sys/bus/pci/devices"
    /// Devices of one machine that are looked at; a host with every virtual function switched on has a few thousand.
    private static let deviceLimit = 16_384
    /// Where the kernel lists what drivers make of devices, in the order in which a device's names are told.
    private static let classes = ["net", "infiniband", "block", "nvme", "drm", "dax", "accel"]

    /// PCI devices that a pod may ask for, with their NUMA nodes and the OS's names for them.
    mutating func readDevices() throws(KernelFileProblem) {
        guard tree.isFolder(Self.pciFolder) else {
            unstated.insert(.devices)
            return
        }
        let addresses = tree.names(in: Self.pciFolder)
        guard addresses.count <= Self.deviceLimit else {
            throw KernelFileProblem(
                path: Self.pciFolder,
                message: "\(addresses.count) PCI devices, and the limit is \(Self.deviceLimit)")
        }
        let names = namesByAddress()
        var others = 0
        var virtualFunctions = 0
        for address in addresses {
            let folder = "\(Self.pciFolder)/\(address)"
            guard let code = pciNumber(folder + "/class"), Self.isWanted(classCode: code >> 8)
            else {
                others += 1
                continue
            }
            if let total = tree.number(folder + "/sriov_totalvfs"), total > 0 {
                virtualFunctions += 1
            }
            let osNames = osNames(folder, names[address] ?? [])
            description.devices.append(
                Device(
                    name: osNames.first ?? address, pciBusID: address, pciClass: code >> 8,
                    vendorID: pciNumber(folder + "/vendor"),
                    deviceID: pciNumber(folder + "/device"), numaNodes: try locality(folder),
                    osNames: osNames))
        }
        if others > 0 {
            dropped(
                "\(others) PCI devices",
                "they are bridges, counters, USB and the like, which no pod asks for")
        }
        if virtualFunctions > 0 {
            dropped(
                "sriov_totalvfs of \(virtualFunctions) PCI devices",
                "a machine has the virtual functions that exist, each a device of its own, and not those that "
                    + "could be made")
        }
    }

    /// hwloc's important classes (pci-common.c) and signal processors; without the counters that CPUs show as such.
    private static func isWanted(classCode: Int) -> Bool {
        switch classCode {
        case 0x0C04, 0x0C06, 0x0502: true
        case 0x1101: false
        default: [0x01, 0x02, 0x03, 0x0B, 0x11, 0x12].contains(classCode >> 8)
        }
    }

    private func pciNumber(_ path: String) -> Int? {
        tree.number(path).flatMap { (0..<1 << 24).contains($0) ? $0 : nil }
    }

    /// OS indices of the NUMA nodes that a device is local to; none when unknown or the whole machine.
    ///
    /// A device without numa_node is local to the nodes of its local CPUs, as hwloc has it.
    private func locality(_ folder: String) throws(KernelFileProblem) -> [Int] {
        if let node = tree.number(folder + "/numa_node"),
            description.numaNodes.contains(where: { $0.osIndex == node })
        {
            return [node]
        }
        var near = try list(folder + "/local_cpulist")
        if near == nil, let mask = tree.text(folder + "/local_cpus") {
            near = try KernelLists.mask(
                mask, of: "CPUs", below: KernelLists.cpuLimit, at: folder + "/local_cpus")
        }
        let local = Set(present(near ?? []))
        if local.isEmpty || local.count == cpus.count { return [] }
        return description.numaNodes.filter { node in
            node.cpus.contains { local.contains($0) }
        }.map(\.osIndex)
    }

    /// Names of /sys/class by the address of the innermost PCI device that each lies in.
    private func namesByAddress() -> [String: [String]] {
        var names: [String: [String]] = [:]
        for kind in Self.classes {
            for name in tree.names(in: "sys/class/\(kind)").prefix(Self.deviceLimit) {
                let link = "sys/class/\(kind)/\(name)"
                guard let place = tree.resolve(link), !place.hasPrefix("sys/class/"),
                    let address = place.split(separator: "/").last(where: { isPCIAddress($0) })
                else { continue }
                names[String(address), default: []].append(name)
            }
        }
        return names
    }

    private func osNames(_ folder: String, _ known: [String]) -> [String] {
        var names: [String] = []
        for name in known + Self.classes.flatMap({ tree.names(in: "\(folder)/\($0)") })
        where !names.contains(name) && names.count < 64 {
            names.append(name)
        }
        return names
    }

    /// `0000:51:00.0`, with a longer domain on some VMs.
    private func isPCIAddress(_ text: Substring) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0].count >= 4, parts[1].count == 2 else { return false }
        let function = parts[2].split(separator: ".")
        return function.count == 2 && function[0].count == 2
            && (parts[0] + parts[1]).allSatisfy(\.isHexDigit)
    }
}

// MARK: What a machine has no place for

extension SysfsReader {
    mutating func noteWhatElseThereIs() {
        noteClusters()
        noteHybridCores()
        noteKernelLine()
        report.taken(
            "machine",
            "\(cpus.count) CPUs in \(description.cores.count) cores, \(description.sockets.count) sockets and "
                + "\(description.numaNodes.count) NUMA nodes",
            file: file)
    }

    private mutating func noteClusters() {
        guard let first = cpus.first,
            let cluster = try? cpuSet("\(Self.cpuFolder)/cpu\(first)/topology", ["cluster_cpus"])
        else { return }
        let members = present(cluster)
        let core = description.cores.first { $0.cpus.contains(first) }?.cpus.count ?? 1
        let socket = description.sockets.first { $0.cpus.contains(first) }?.cpus.count ?? 1
        if members.count > core, members.count < socket {
            dropped(
                "clusters of \(members.count) CPUs",
                "a machine has nothing between a core and its L3 cache, and the kubelet does not look at clusters"
            )
        }
        if tree.text("\(Self.cpuFolder)/cpu\(first)/topology/book_id") != nil {
            dropped("books and drawers", "a machine has nothing above its sockets")
        }
    }

    private mutating func noteHybridCores() {
        let threads = Set(description.cores.map(\.cpus.count))
        let atoms = tree.text("sys/devices/cpu_atom/cpus")
        if atoms != nil || threads.count > 1 {
            let which = atoms.map { "CPUs \($0) are the efficient ones" } ?? "cores differ in CPUs"
            dropped(
                "kinds of cores",
                "\(which), and a machine's cores are alike but for their number of CPUs")
        }
    }

    /// What the kernel was told of CPUs and pages: the kubelet has settings of its own for that.
    private mutating func noteKernelLine() {
        let words = (tree.text("proc/cmdline") ?? "").split(separator: " ").prefix(512)
        for key in ["isolcpus", "nohz_full", "nosmt", "systemd.cpu_affinity"] {
            guard let word = words.last(where: { $0 == key || $0.hasPrefix(key + "=") }) else {
                continue
            }
            dropped(
                "`\(word.prefix(100))` of the kernel's command line",
                "what a kubelet keeps for the system is said in its own configuration, as reservedSystemCPUs"
            )
        }
    }
}
