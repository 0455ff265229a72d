import ClusterSimulation
import HardwareModel
import Lint
import Primitives
import WorkloadModel

extension LintReader {
    /// Workloads and node groups of a scenario that was read without a mistake; `root` has their places.
    mutating func addScenario(_ root: SourceNode, _ scenario: Scenario) {
        for entry in root["workload"]?.entries ?? [] { addWorkload(entry) }
        let entries = root["nodes"]?.entries ?? []
        for group in scenario.nodeGroups {
            // Groups of a trace are called after their entry, a dash and the shape of their nodes.
            let entry =
                entries.first { $0.key == group.name }
                ?? entries.filter { group.name.hasPrefix($0.key + "-") }
                .max { $0.key.count < $1.key.count }
            if let entry { addGroup(group, entry, root) }
        }
    }

    private mutating func addWorkload(_ entry: SourceNode.Entry) {
        let node = entry.value
        guard let template = node["template"], template.entries != nil else {
            report.dropped(
                "workload \(entry.key)", "pods of a trace are not checked", file: file,
                line: entry.keyMark.line)
            return
        }
        var pod = PodFacts(subject: "workload \(entry.key)", place: place(entry.keyMark))
        pod.namespace = node["namespace"]?.text ?? "default"
        let owners = node["arrivals"]?["count"]?.text.flatMap(Int.init) ?? 1
        pod.replicas =
            node["controller"]?.text == "DaemonSet"
            ? nil
            : min((node["replicas"]?.text.flatMap(Int.init) ?? 1) * max(1, owners), 1 << 40)
        pod.isTransient =
            (node["lifetime"]?.text ?? "forever") != "forever" || node["lifetime"]?.entries != nil
        fill(&pod, from: template)
        if let word = node["class"], let text = word.text {
            pod.classWord = text
            pod.classPlace = place(word)
        }
        if let word = node["traffic"], let text = word.text {
            pod.trafficWord = text
            pod.trafficPlace = place(word)
        }
        facts.pods.append(pod)
    }

    private mutating func addGroup(
        _ group: NodeGroup, _ entry: SourceNode.Entry, _ root: SourceNode
    ) {
        var node = NodeFacts(subject: "node group \(group.name)", place: place(entry.keyMark))
        node.isNode = true
        node.count = group.count
        node.labels = group.labels
        node.taints = group.taints
        var facts = KubeletFacts(place: place(entry.keyMark))
        if let written = entry.value["kubelet"], written.entries != nil {
            facts = kubelet(written)
        }
        node.kubelet = facts
        let machine = group.machine
        let reserved = facts.reservedSystemCPUs
        node.cores = machine.cores.indices.map { core in
            machine.cpus.filter { $0.core == core }.map(\.osIndex).sorted()
        }
        var sums: [String: Int64] = [:]
        for (position, numaNode) in machine.numaNodes.enumerated() {
            let cpus = machine.cpus.filter {
                $0.numaNode == position && !reserved.contains($0.osIndex)
            }
            var zone = ["cpu": Int64(cpus.count) * 1000]
            for pool in numaNode.hugePages {
                let name = ResourceTable.hugePageResource(ofSize: pool.pageSize)
                zone[name] = pool.pageSize * pool.count
            }
            for (name, amount) in zone { sums[name, default: 0] += amount }
            node.zones.append(zone)
        }
        for device in group.devices { sums[device.name] = Int64(device.devices.count) }
        node.resources = sums
        node.namesDevices = true
        let lists = [
            root["machines"]?[group.machineName]?["devices"], entry.value["devices"],
        ]
        node.devicesWithoutTopology = lists.flatMap { $0?.elements ?? [] }
            .filter { $0["excludeTopology"]?.text == "true" }
            .compactMap { $0["resource"]?.text }
        self.facts.nodes.append(node)
    }
}
