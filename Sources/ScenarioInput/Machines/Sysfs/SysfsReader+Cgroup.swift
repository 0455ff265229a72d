extension SysfsReader {
    /// What the cgroup of the process that made the dump may use; nil is everything.
    struct CgroupLimits {
        var cpus: [Int]?
        var nodes: [Int]?
    }

    /// The limits of cgroup v2, of v1's cpuset controller, or of the older cpuset file system.
    ///
    /// Where hwloc's topology-linux.c looks: a mount point from /proc/mounts, and the process's place below it from
    /// /proc/self/cgroup or /proc/self/cpuset.
    func readCgroup() throws(KernelFileProblem) -> CgroupLimits {
        guard let mounts = tree.text("proc/mounts") ?? tree.text("proc/self/mounts") else {
            return CgroupLimits()
        }
        for line in mounts.split(separator: "\n").prefix(4096) {
            let words = line.split(separator: " ")
            guard words.count >= 4 else { continue }
            let point = String(words[1])
            let options = words[3].split(separator: ",")
            switch words[2] {
            case "cgroup2":
                let controllers = (tree.text(point + "/cgroup.controllers") ?? "")
                    .split(whereSeparator: { $0 == " " || $0 == "\n" })
                guard controllers.contains("cpuset") else { continue }
                return try limits(
                    below: point, "cpuset.cpus.effective", "cpuset.mems.effective")
            case "cgroup" where options.contains("cpuset"):
                return try limits(
                    below: point, "cpuset.cpus", "cpuset.mems")
            case "cpuset":
                return try limits(below: point, "cpus", "mems")
            default: continue
            }
        }
        return CgroupLimits()
    }

    private func limits(
        below point: String, _ cpuName: String, _ nodeName: String
    ) throws(KernelFileProblem) -> CgroupLimits {
        guard let place = cgroupPath() else { return CgroupLimits() }
        let cpus = try list(point + place + "/" + cpuName)
        let nodes = try list(
            point + place + "/" + nodeName, of: "NUMA nodes", below: KernelLists.numaNodeLimit)
        return CgroupLimits(
            cpus: cpus.flatMap { $0.isEmpty ? nil : $0 },
            nodes: nodes.flatMap { $0.isEmpty ? nil : $0 })
    }

    /// `/uid_2008/job_1` of the lines `0::/uid_2008/job_1` and `4:cpuset:/uid_2008/job_1`.
    private func cgroupPath() -> String? {
        let lines = (tree.text("proc/self/cgroup") ?? "").split(separator: "\n")
            .map { $0.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false) }
            .filter { $0.count == 3 }
        let own =
            lines.first { $0[1].split(separator: ",").contains("cpuset") }
            ?? lines.first { $0[0] == "0" && $0[1].isEmpty }
        return own.map { String($0[2]) } ?? tree.text("proc/self/cpuset")
    }
}
