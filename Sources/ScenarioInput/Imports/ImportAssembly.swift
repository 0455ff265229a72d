import Primitives
import HardwareModel
import NodeManagers
import WorkloadModel

/// Puts a scenario together from what the files of an import say.
struct ImportAssembly {
    let request: ScenarioImport
    let material: ImportMaterial
    let name: String
    var result = ImportedScenario()
    var comments: [[String]: [String]] = [:]
    var root: [(key: String, value: SourceNode)] = []
    private var machines: [(key: String, value: SourceNode)] = []
    private var nodes: [(key: String, value: SourceNode)] = []
    private var fileNames: Set<String> = []
    private var nodeTotal = 0

    init(_ request: ScenarioImport, _ material: ImportMaterial, name: String) {
        self.request = request
        self.material = material
        self.name = name
        result.report = material.report
    }

    mutating func scenario() throws(InputError) -> ImportedScenario {
        root = [
            ("apiVersion", ScenarioTree.bare("topsim/v1")),
            ("kind", ScenarioTree.bare("Scenario")),
            ("metadata", ScenarioTree.mapping([("name", ScenarioTree.text(name))])),
        ]
        comments[["apiVersion"]] = [
            "Made by `topsim import`; report.md says what was taken, guessed and dropped."
        ]
        try addNodes()
        let manifests = addManifests()
        let workload = addWorkloads()
        if hasCronJob {
            root.append(("until", ScenarioTree.bare("24h")))
            result.report.guessed(
                "until", "a CronJob goes on for ever; the run ends after 24 hours", file: "")
        }
        root += [
            ("machines", ScenarioTree.mapping(machines)), ("nodes", ScenarioTree.mapping(nodes)),
        ].filter { $0.value.entries?.isEmpty == false }
        addNetworks()
        if !manifests.isEmpty { root.append(("manifests", ScenarioTree.list(manifests))) }
        if !workload.isEmpty { root.append(("workload", ScenarioTree.mapping(workload))) }
        let text = yamlText(of: ScenarioTree.mapping(root), comments: comments)
        result.files.insert(.init(path: "scenario.yaml", content: .bytes(Array(text.utf8))), at: 0)
        return result
    }

    // MARK: Nodes

    private mutating func addNodes() throws(InputError) {
        if !material.nodeSide.nodes.isEmpty {
            try addCluster()
        } else if !material.nodeLists.isEmpty {
            try addNodeLists()
        } else if !material.machines.isEmpty {
            try addMachines()
        } else if request.kind == .cluster {
            throw refusal(
                "no Node is in the files", "`kubectl get nodes,pods -A -o json` prints a cluster")
        } else if !material.traces.isEmpty {
            throw refusal(
                "a recording says nothing about the nodes",
                "say what they are: `--machine 2s1n16c2t --nodes 20`, a file of a machine, or a list "
                    + "of nodes")
        } else {
            try addGuessedNodes()
        }
        result.contents.insert(
            nodeTotal == 0
                ? counted(nodes.count, "list") + " of nodes"
                : "\(counted(nodeTotal, "node")) in \(counted(nodes.count, "group"))", at: 0)
    }

    private func refusal(_ message: String, _ hint: String) -> InputError {
        InputError([
            Diagnostic(file: request.paths.first ?? "import", message: message, hint: hint)
        ])
    }

    private mutating func addCluster() throws(InputError) {
        if request.nodeCount != nil {
            throw refusal(
                "`--nodes` with Nodes that say themselves how many there are",
                "leave one of them out")
        }
        var matching = MachineMatching(material.machines)
        let known = matching.match(material.nodeSide.nodes)
        if !matching.mistakes.isEmpty { throw InputError(matching.mistakes) }
        result.report.append(matching.report)
        let groups = try assembleNodeGroups(
            material.nodeSide, machines: known, report: &result.report)
        for group in groups {
            try add(
                group, count: group.nodeNames.count,
                remark: group.isMachineGuessed
                    ? "The machine is guessed from the Node: see report.md."
                    : "The machine as it was described.")
        }
    }

    private mutating func addMachines() throws(InputError) {
        if let named = material.machines.first(where: { $0.node != nil }), let node = named.node {
            throw InputError([
                Diagnostic(
                    file: named.path, message: "no Node is called `\(node)`",
                    hint: "no Node is in the files; leave `\(node)=` out")
            ])
        }
        var names: Set<String> = []
        let making = MachineGroups(material.nodeSide)
        for source in material.machines {
            let base = dnsLabel(shownName(of: source))
            var name = base
            var number = 2
            while !names.insert(name).inserted {
                name = "\(base)-\(number)"
                number += 1
            }
            result.report.append(source.imported.report)
            result.report.taken(
                "machine \(shownName(of: source))", "node group \(name)", file: source.path)
            let group = making.group(name, source, report: &result.report)
            try add(
                group, count: request.nodeCount ?? 1,
                remark: "From \(shownInComment(source.path)).")
        }
        if request.nodeCount == nil {
            result.report.guessed(
                "nodes", "nothing says how many nodes there are; one of each machine", file: "")
        }
    }

    /// The file's name where one machine is in it.
    private func shownName(of source: ImportMaterial.MachineSourceFile) -> String {
        let isAlone = material.machines.count { $0.path == source.path } == 1
        guard isAlone, source.path != "-", !source.isForAll else {
            return source.imported.machine.name
        }
        return stem(of: source.path)
    }

    /// Manifests alone: something must be there for them to run on.
    private mutating func addGuessedNodes() throws(InputError) {
        let shape = "2s1n16c2t"
        let count = request.nodeCount ?? 1
        nodes.append(
            (
                "node",
                ScenarioTree.mapping([
                    ("machine", ScenarioTree.text(shape)),
                    ("count", ScenarioTree.bare("\(count)")),
                ])
            ))
        nodeTotal += count
        comments[["nodes", "node"]] = ["Guessed: nothing says what the nodes are."]
        result.report.guessed(
            "nodes",
            "no file says what the nodes are: \(counted(count, "node")) of shape `\(shape)` with 64Gi a "
                + "NUMA node and no devices; `--machine` and `--nodes` say otherwise", file: "")
    }

    private mutating func add(
        _ group: ImportedNodeGroup, count: Int, remark: String
    ) throws(InputError) {
        let export = try exportMachine(group.machine, as: .hwloc)
        // A machine's name and the order of its CPUs decide nothing.
        let idle = [MachineAspect.name, .cpuOrder].map(\.words)
        for word in export.unsaid where !idle.contains(where: { word.hasPrefix($0) }) {
            result.report.dropped("machine \(group.machine.name)", word, file: "")
        }
        let path = freePath("machines/", group.name, ".xml")
        result.files.append(.init(path: path, content: .bytes(Array(export.text.utf8))))
        machines.append((group.name, ScenarioTree.mapping([("hwloc", ScenarioTree.text(path))])))
        var pairs: [(key: String, value: SourceNode)] = [
            ("machine", ScenarioTree.text(group.name)),
            ("count", ScenarioTree.bare("\(count)")),
        ]
        if group.nodeNames.count == count {
            pairs.append(
                ("nodeNames", ScenarioTree.list(group.nodeNames.map { ScenarioTree.text($0) })))
        }
        let parts: [(key: String, value: SourceNode)] = [
            ("labels", ScenarioTree.labels(group.labels)),
            ("taints", ScenarioTree.taints(group.taints)),
            ("kubelet", ScenarioTree.kubelet(group.kubelet)),
            ("devices", ScenarioTree.devices(group.devices)),
        ]
        pairs += parts.filter {
            $0.value.entries?.isEmpty == false || $0.value.elements?.isEmpty == false
        }
        for device in group.devices {
            let ill = device.devices.count { !$0.isHealthy }
            if ill > 0 {
                result.report.dropped(
                    "node group \(group.name)",
                    "\(ill) of `\(device.name)` that are not healthy", file: "")
            }
        }
        comments[["nodes", group.name]] = [remark]
        nodes.append((group.name, ScenarioTree.mapping(pairs)))
        nodeTotal += count
    }

    // MARK: Lists of nodes

    private mutating func addNodeLists() throws(InputError) {
        for source in material.machines {
            let export = try exportMachine(source.imported.machine, as: .hwloc)
            let key = dnsLabel(shownName(of: source))
            let path = freePath("machines/", key, ".xml")
            result.files.append(.init(path: path, content: .bytes(Array(export.text.utf8))))
            machines.append((key, ScenarioTree.mapping([("hwloc", ScenarioTree.text(path))])))
        }
        for list in material.nodeLists {
            let key = freeKey(list.path, among: nodes.map(\.key))
            var trace: [(key: String, value: SourceNode)] = [
                ("format", ScenarioTree.bare(list.format)),
                ("file", ScenarioTree.text(copy(list, into: "traces/"))),
            ]
            var pairs: [(key: String, value: SourceNode)] = []
            if list.format != "huawei-machines", !machines.isEmpty {
                // The first machine that a shape fits; without conditions the first one is everybody's.
                let choice = ScenarioTree.mapping([("machine", ScenarioTree.text(machines[0].key))])
                trace.append(("machines", ScenarioTree.list([choice])))
                result.report.guessed(
                    list.path, "every node of the list is the machine `\(machines[0].key)`",
                    file: list.path)
            } else if list.format == "openb-nodes" {
                throw InputError([
                    Diagnostic(
                        file: list.path, message: "the list does not say what the machines are",
                        hint: "name one: `--machine 2s1n24c2t`")
                ])
            }
            if list.format == "huawei-machines" {
                pairs.append(("kubelet", huaweiKubelet))
                result.report.guessed(
                    list.path,
                    "the kubelets are of policy `single-numa-node` and keep CPU 0 and 100Mi back",
                    file: list.path)
            }
            pairs.insert(("trace", ScenarioTree.mapping(trace)), at: 0)
            result.report.taken(
                list.path, "nodes of format `\(list.format)`", file: list.path)
            nodes.append((key, ScenarioTree.mapping(pairs)))
        }
    }

    /// What holds a VM to its NUMA nodes: docs/reference/traces.md.
    private var huaweiKubelet: SourceNode {
        var settings = KubeletSettings()
        settings.cpuManagerPolicy = "static"
        settings.reservedSystemCPUs.insert(0)
        settings.memoryManagerPolicy = "Static"
        settings.reservedMemory = [ReservedMemory(numaNode: 0, limits: ["memory": 100 << 20])]
        settings.topologyManagerPolicy = "single-numa-node"
        settings.maxPods = 1000
        return ScenarioTree.kubelet(settings)
    }

    // MARK: Names

    /// A path in the folder that nothing has yet, made of letters that no shell or YAML minds.
    mutating func freePath(_ folder: String, _ base: String, _ ending: String) -> String {
        let plain = String(
            base.unicodeScalars.prefix(80).map { scalar -> Character in
                let isPlain =
                    scalar.isASCII
                    && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
                    || "-_.".unicodeScalars.contains(scalar)
                return isPlain ? Character(scalar) : "-"
            }.drop { $0 == "." || $0 == "-" })
        let stem = plain.isEmpty ? "file" : plain
        var path = folder + stem + ending
        var number = 2
        while !fileNames.insert(path).inserted {
            path = "\(folder)\(stem)-\(number)\(ending)"
            number += 1
        }
        return path
    }

    func counted(_ count: Int, _ word: String) -> String {
        "\(grouped(count)) \(word)\(count == 1 ? "" : "s")"
    }

    private func shownInComment(_ path: String) -> String {
        let line = path.split(whereSeparator: \.isNewline).joined(separator: " ")
        return line == "-" ? "standard input" : "`\(line)`"
    }
}
