import HardwareModel
import Primitives

extension SysfsReader {
    private static let pciFolder = "sys/bus/pci/devices"
    /// Devices of one machine that are looked at; a host with every virtual function switched on has a few thousand.
    private static let deviceLimit = 16_384
    /// Where the kernel lists what drivers make of devices, in the order in which a device's names are told.
    private static let classes: KeyValuePairs<String, OSDeviceKind> = [
        "net": .network, "infiniband": .openFabrics, "block": .storage, "nvme": .storage,
        "drm": .gpu, "dax": .memory, "dma": .dma, "accel": .coProcessor, "mic": .coProcessor,
    ]
    /// A name of the OS's, and what it stands for.
    private typealias OSName = (name: String, kind: OSDeviceKind)

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
                    name: osNames.first?.name ?? address, pciBusID: address, pciClass: code >> 8,
                    vendorID: pciNumber(folder + "/vendor"),
                    deviceID: pciNumber(folder + "/device"), numaNodes: try locality(folder),
                    osNames: osNames.map(\.name), osKinds: osNames.map(\.kind),
                    physicalFunction: linkedName(folder + "/physfn").flatMap {
                        isPCIAddress($0[...]) ? $0 : nil
                    },
                    driver: linkedName(folder + "/driver") ?? "", linkSpeed: linkSpeed(folder)))
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

    /// The last name of a link's target, such as `iavf` of `../../../bus/pci/drivers/iavf`, be it in the dump or not.
    private func linkedName(_ path: String) -> String? {
        guard
            let parent = tree.resolve(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)])),
            let name = path.split(separator: "/").last,
            case .link(let target) = tree.entry(at: "\(parent)/\(name)")
        else { return nil }
        return target.split(separator: "/").last.map(String.init)
    }

    /// kB/s of `8.0 GT/s PCIe` on 16 lanes, after line coding, as hwloc counts it: 15,753,846.
    private func linkSpeed(_ folder: String) -> Int {
        let words = (tree.text(folder + "/current_link_speed") ?? "").split(separator: " ")
        // GT/s of the PCIe generations, and what of each a lane carries in kB/s.
        let lanes: KeyValuePairs<String, Int> = [
            "2.5": 250_000, "5": 500_000, "5.0": 500_000, "8": 984_615, "8.0": 984_615,
            "16": 1_969_230, "16.0": 1_969_230, "32": 3_938_461, "32.0": 3_938_461,
            "64": 7_562_500, "64.0": 7_562_500,
        ]
        guard let speed = words.first, let width = tree.number(folder + "/current_link_width"),
            1...64 ~= width, let lane = lanes.first(where: { $0.key == speed })?.value
        else { return 0 }
        return lane * width
    }

    /// Names of /sys/class by the address of the innermost PCI device that each lies in.
    private func namesByAddress() -> [String: [OSName]] {
        var names: [String: [OSName]] = [:]
        for (folder, kind) in Self.classes {
            for name in tree.names(in: "sys/class/\(folder)").prefix(Self.deviceLimit) {
                let link = "sys/class/\(folder)/\(name)"
                guard let place = tree.resolve(link), !place.hasPrefix("sys/class/"),
                    let address = place.split(separator: "/").last(where: { isPCIAddress($0) })
                else { continue }
                names[String(address), default: []].append((name, kind))
            }
        }
        return names
    }

    private func osNames(_ folder: String, _ known: [OSName]) -> [OSName] {
        var names: [OSName] = []
        let own = Self.classes.flatMap { inside, kind in
            tree.names(in: "\(folder)/\(inside)").map { ($0, kind) }
        }
        for name in known + own
        where !names.contains(where: { $0.name == name.name }) && names.count < 64 {
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
