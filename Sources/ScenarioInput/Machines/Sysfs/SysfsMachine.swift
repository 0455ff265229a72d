public import Foundation
import HardwareModel

/// Largest packed sysfs dump that is read, in bytes.
public let sysfsArchiveSizeLimit = 64 << 20

/// Reads the machines in an archive of /sys and /proc (tar, plain or packed by gzip, bzip2 or xz): one for each
/// folder in it that holds `sys`.
///
/// Files stay in memory, links are followed inside each such folder only, and sizes are checked as the bytes come.
///
/// - Parameters:
///   - bytes: The archive, which nobody needs to trust.
///   - file: How the user named it; a machine's name is made from it, or is its folder's path where there are several.
/// - Throws: One error for an archive that is damaged, too large or leaves its folder; for a machine that contradicts
///   itself, every contradiction.
public func readSysfsArchive(bytes: [UInt8], file: String) throws(InputError)
    -> [ImportedMachine]
{
    guard bytes.count <= sysfsArchiveSizeLimit else {
        throw sysfsError(
            file,
            "the file has \(grouped(bytes.count)) bytes, and the limit is "
                + grouped(sysfsArchiveSizeLimit), nil)
    }
    let archive: ArchiveTree
    do throws(ArchiveProblem) {
        archive = try readArchive(bytes) { SysfsFileNames.isWanted($0) }
    } catch {
        throw sysfsError(file, error.message, error.hint)
    }
    guard !archive.machineRoots.isEmpty else {
        throw sysfsError(
            file, "the archive has no folder `sys/devices/system/cpu`, so no machine is in it",
            "`hwloc-gather-topology NAME` and `oc adm must-gather` make such archives")
    }
    guard archive.machineRoots.count <= 1000 else {
        throw sysfsError(file, "the archive has more than 1,000 machines", nil)
    }
    let name = MachineFile(name: file, bytes: []).machineName(without: SysfsFileNames.endings)
    var machines: [ImportedMachine] = []
    for root in archive.machineRoots {
        machines.append(
            try readSysfs(
                ArchiveFolder(archive, root: root), file: file,
                name: archive.machineRoots.count == 1 ? name : root))
    }
    return machines
}

/// Reads the machines in a folder: the folder that holds `sys`, `/` included, or one that holds such folders.
///
/// - Parameters:
///   - folder: The folder itself, one up to two levels above, or `sys` itself.
///   - file: How the user named it, for messages.
public func readSysfsFolder(_ folder: URL, file: String) throws(InputError) -> [ImportedMachine] {
    try readSysfsFolderNotingFiles(folder, file: file).machines
}

/// Also all bytes that were read, so that they can be digested.
func readSysfsFolderNotingFiles(
    _ folder: URL, file: String
) throws(InputError) -> (machines: [ImportedMachine], bytes: [UInt8]) {
    let roots = machineFolders(in: folder)
    guard !roots.isEmpty else {
        throw sysfsError(
            file, "the folder has no `sys/devices/system/cpu`, so no machine is in it",
            "name the folder that holds `sys`, or a file")
    }
    let name = MachineFile(name: file, bytes: []).machineName(without: [])
    var machines: [ImportedMachine] = []
    var bytes: [UInt8] = []
    for root in roots {
        let tree = DiskFolder(root.url)
        machines.append(
            try readSysfs(tree, file: file, name: roots.count == 1 ? name : root.name))
        bytes += tree.digestedBytes
    }
    return (machines, bytes)
}

private func readSysfs(
    _ tree: any FileTree, file: String, name: String
) throws(InputError) -> ImportedMachine {
    var reader = SysfsReader(tree: tree, file: file, name: name)
    do throws(KernelFileProblem) { try reader.read() } catch {
        throw sysfsError(file, "\(error.path): \(error.message)", nil)
    }
    let (machine, mistakes) = reader.description.assemble()
    if !mistakes.isEmpty {
        throw InputError(
            mistakes.map { Diagnostic(file: file, message: "the kernel contradicts itself: \($0)") }
        )
    }
    return ImportedMachine(machine: machine, report: reader.report, unstated: reader.unstated)
}

private func machineFolders(in folder: URL) -> [(url: URL, name: String)] {
    func holdsMachine(_ url: URL) -> Bool {
        DiskFolder(url).isFolder("sys/devices/system/cpu")
    }
    func folders(in url: URL) -> [URL] {
        let tree = DiskFolder(url)
        // A home folder is no dump: whoever names one wants an answer soon.
        return tree.names(ofFolder: "").prefix(1000).filter { tree.entry(at: $0) == .folder }
            .map { url.appending(path: $0) }
    }
    if holdsMachine(folder) { return [(folder, folder.lastPathComponent)] }
    if folder.lastPathComponent == "sys", holdsMachine(folder.deletingLastPathComponent()) {
        return [(folder.deletingLastPathComponent(), "sys")]
    }
    let children = folders(in: folder)
    let inChildren = children.filter { holdsMachine($0) }
    if !inChildren.isEmpty { return inChildren.map { ($0, $0.lastPathComponent) } }
    return children.flatMap { child in
        folders(in: child).filter { holdsMachine($0) }.map {
            ($0, "\(child.lastPathComponent)/\($0.lastPathComponent)")
        }
    }
}

private func sysfsError(_ file: String, _ message: String, _ hint: String?) -> InputError {
    InputError([Diagnostic(file: file, message: message, hint: hint)])
}

/// The last names of the files that a machine is read from, so that the rest of an archive takes no memory.
enum SysfsFileNames {
    static let endings = [
        ".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".tbz2", ".tbz", ".txz", ".tar",
    ]

    private static let wanted: Set<String> = [
        // /sys/devices/system/cpu
        "online", "physical_package_id", "core_id", "die_id", "book_id", "core_cpus",
        "core_cpus_list", "thread_siblings", "thread_siblings_list", "package_cpus",
        "package_cpus_list", "core_siblings", "core_siblings_list", "cluster_cpus",
        "cluster_cpus_list", "level", "type", "size", "shared_cpu_list", "shared_cpu_map",
        // /sys/devices/system/node
        "cpulist", "cpumap", "meminfo", "distance", "nr_hugepages",
        // /sys/bus/pci/devices, /sys/bus/dax
        "class", "vendor", "device", "numa_node", "local_cpulist", "local_cpus", "sriov_totalvfs",
        "current_link_speed", "current_link_width",
        "target_node", "cpus",
        // /proc
        "cpuinfo", "cmdline", "mounts", "cgroup", "cpuset", "numa_status",
        // Cgroups
        "cgroup.controllers", "cpuset.cpus", "cpuset.mems", "cpuset.cpus.effective",
        "cpuset.mems.effective", "mems",
    ]

    static func isWanted(_ name: String) -> Bool { wanted.contains(name) }
}
