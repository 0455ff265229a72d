import WorkloadModel

// R0011, R0027 to R0035: nodes, alone and as the place of a pod.

extension LintRun {
    /// R0027, R0028, R0029, R0035: nodes that a pod may land on and should not.
    mutating func checkNodes(of pod: PodFacts, _ judged: JudgedClass) {
        let nodes = eligible.filter { $0.kubelet != nil }
        let idle = nodes.filter { $0.kubelet?.cpuManagerPolicy == "none" }
        if !idle.isEmpty {
            add(
                RA2Codes.cpuManagerNone, pod.subject, at: pod.place,
                "\(judged.shown) needs exclusive CPUs, and \(enumerated(idle.map(\.subject))), where it may land, gives none",
                hint: "set `cpuManagerPolicy: static` there, or select other nodes")
        }
        guard judged.workloadClass.isDataplane else { return }
        // One thing at a time: nodes without a CPU Manager are wrong as a whole.
        let busy = nodes.filter { $0.kubelet?.cpuManagerPolicy != "none" }
        let weak = busy.filter {
            ["none", "best-effort"].contains($0.kubelet?.topologyManagerPolicy ?? "none")
        }
        if let first = weak.first {
            add(
                RA2Codes.topologyPolicyTooWeak, pod.subject, at: pod.place,
                "\(judged.shown) must be aligned, and \(enumerated(weak.map(\.subject))) has the topology policy "
                    + "`\(first.kubelet?.topologyManagerPolicy ?? "none")`",
                hint: "set `topologyManagerPolicy` to `single-numa-node` or `restricted`")
        }
        let forgetful = busy.filter { $0.kubelet?.memoryManagerPolicy == "None" }
        if !forgetful.isEmpty, !pod.hugePages.isEmpty {
            add(
                RA2Codes.memoryManagerNone, pod.subject, at: pod.place,
                "it asks for huge pages, and \(enumerated(forgetful.map(\.subject))) places none "
                    + "(`memoryManagerPolicy: None`)",
                hint: "set `memoryManagerPolicy: Static` and `reservedMemory`")
        }
        let sharing = busy.filter {
            !($0.kubelet?.fullPCPUsOnly ?? false) && ($0.threadsPerCore ?? 1) > 1
        }
        if !sharing.isEmpty {
            add(
                RA2Codes.coresShared, pod.subject, at: pod.place,
                "\(enumerated(sharing.map(\.subject))) has several threads a core and may give them to different pods",
                hint: "set the CPU Manager's option `full-pcpus-only`")
        }
    }

    /// R0011, against the largest NUMA node of all that the pod may land on.
    mutating func checkSize(_ pod: PodFacts, _ judged: JudgedClass?) {
        let nodes = eligible.filter { $0.isNode || !$0.zones.isEmpty }
        guard !nodes.isEmpty, nodes.allSatisfy({ !$0.zones.isEmpty }) else { return }
        let isStrict = nodes.allSatisfy {
            $0.kubelet?.topologyManagerPolicy == "single-numa-node"
        }
        guard (judged?.workloadClass.isDataplane ?? false) || (isStrict && pod.isGuaranteed) else {
            return
        }
        let isWhole = nodes.allSatisfy { $0.kubelet?.isPodScope ?? false }
        for resource in ["cpu"] + pod.hugePages {
            // Container scope aligns one at a time: the largest container must fit.
            let largest = pod.containers.map { $0.resources.request(resource) }.max() ?? 0
            let asked = isWhole ? max(largest, pod.request(resource)) : largest
            let held = nodes.flatMap(\.zones).map { $0[resource] ?? 0 }.max() ?? 0
            // A size that nobody has is R0010.
            guard asked > held, held > 0 else { continue }
            add(
                RA2Codes.largerThanNUMANode, pod.subject, at: pod.place,
                "\(isWhole ? "the pod" : "a container") asks for \(shown(asked, of: resource)) of `\(resource)`, and the largest NUMA node holds "
                    + shown(held, of: resource),
                hint: "make it smaller, or split it")
        }
    }

    /// R0030, R0031, R0033, R0034.
    mutating func check(_ node: NodeFacts) {
        guard let kubelet = node.kubelet else { return }
        if kubelet.memoryManagerPolicy == "Static" { checkReservedMemory(node, kubelet) }
        if kubelet.cpuManagerPolicy == "static", kubelet.reservedSystemCPUs.isEmpty,
            (kubelet.kubeReserved["cpu"] ?? 0) + (kubelet.systemReserved["cpu"] ?? 0) == 0
        {
            add(
                RA2Codes.nothingReserved, node.subject, at: kubelet.place(of: "cpuManagerPolicy"),
                "the CPU Manager is static and no CPU is reserved",
                hint: "set `reservedSystemCPUs`")
        }
        if ["restricted", "single-numa-node"].contains(kubelet.topologyManagerPolicy),
            kubelet.cpuManagerPolicy == "none"
        {
            add(
                RA2Codes.topologyWithoutHints, node.subject,
                at: kubelet.place(of: "topologyManagerPolicy"),
                "the topology policy is `\(kubelet.topologyManagerPolicy)`, and the CPU Manager is off",
                hint: "set `cpuManagerPolicy: static`")
        }
        let split = node.cores.filter { core in
            let reserved = core.count { kubelet.reservedSystemCPUs.contains($0) }
            return reserved > 0 && reserved < core.count
        }
        if let core = split.first {
            let others = core.filter { !kubelet.reservedSystemCPUs.contains($0) }
            add(
                RA2Codes.reservedSplitsCores, node.subject,
                at: kubelet.place(of: "reservedSystemCPUs"),
                "\(split.count) core\(split.count == 1 ? " is" : "s are") reserved in part: CPU "
                    + "\(others.map(String.init).joined(separator: ",")) is the sibling of a reserved one",
                hint: "reserve both threads of a core")
        }
    }

    private mutating func checkReservedMemory(_ node: NodeFacts, _ kubelet: KubeletFacts) {
        guard let eviction = kubelet.evictionHardMemory else { return }
        let reserved = adding(
            adding(kubelet.kubeReserved["memory"] ?? 0, kubelet.systemReserved["memory"] ?? 0),
            eviction)
        let given = kubelet.reservedMemory?["memory"] ?? 0
        guard given != reserved else { return }
        add(
            RA2Codes.reservedMemorySum, node.subject, at: kubelet.place(of: "reservedMemory"),
            "`reservedMemory` adds up to \(shown(given, of: "memory")), and the kubelet reserves "
                + "\(shown(reserved, of: "memory"))",
            hint: "its entries for `memory` must be kubeReserved + systemReserved + evictionHard")
    }

    /// R0039: nodes for dataplane pods on which others may run. Agents, one a node, are meant to.
    mutating func checkNeighbours(_ judged: [JudgedClass?]) {
        let pairs = zip(facts.pods, judged)
        for node in facts.nodes where node.isNode {
            guard let kubelet = node.kubelet, kubelet.cpuManagerPolicy == "static",
                ["restricted", "single-numa-node"].contains(kubelet.topologyManagerPolicy),
                pairs.contains(where: { pod, judged in
                    (judged?.workloadClass.isDataplane ?? false) && node.isEligible(for: pod)
                })
            else { continue }
            let others = pairs.filter { pod, judged in
                judged == nil && pod.replicas != nil && node.isEligible(for: pod)
            }
            guard !others.isEmpty else { continue }
            add(
                RA2Codes.nodesOpen, node.subject, at: node.place,
                "dataplane pods run here, and \(enumerated(others.map(\.0.subject))) may land beside them",
                hint: "taint the nodes, and let dataplane pods tolerate it")
        }
    }

    /// R0032.
    mutating func check(_ partition: CPUPartitionFacts) {
        func told(_ cpus: Set<Int>) -> String {
            enumerated(cpus.sorted().map(String.init))
        }
        let both = partition.reserved.intersection(partition.isolated)
        if !both.isEmpty {
            add(
                RA2Codes.isolatedNotTheRest, partition.subject, at: partition.place,
                "CPU \(told(both)) is reserved and isolated at once",
                hint: "take it out of one list")
        }
        let all = partition.reserved.union(partition.isolated).union(partition.others)
        guard let last = all.max() else { return }
        let missing = Set(0...last).subtracting(all)
        guard !missing.isEmpty else { return }
        add(
            RA2Codes.isolatedNotTheRest, partition.subject, at: partition.place,
            "CPU \(told(missing)) is neither reserved nor isolated",
            hint: "pods would run there without isolation: put it into one list")
    }
}
