import ClusterSimulation
import Foundation
import HardwareModel
import NodeManagers
import Primitives
import WorkloadModel

extension ScenarioBuilder {
    /// Most nodes of a scenario.
    static let nodeLimit = 1_000_000

    mutating func buildNodeGroups() {
        guard let nodes = root["nodes"], let entries = nodes.entries else { return }
        if entries.isEmpty {
            diagnostics.error(
                at: nodes, "a scenario without a node", hint: "`nodes` has groups by name")
        }
        // Past the mistakes that are shown, nothing is gained by looking for more.
        for entry in entries where !diagnostics.isFull { buildNodeGroup(entry) }
        checkTotals(nodes)
        buildStandingWorkload()
    }

    private mutating func buildNodeGroup(_ entry: SourceNode.Entry) {
        let node = entry.value
        let kubelet = buildKubelet(node.present("kubelet"))
        let labels = node.map("labels").compactMap { label in
            label.value.text.map { Label(key: label.key, value: $0) }
        }
        let taints = node.list("taints").compactMap { taint in
            taint.choice("effect", as: TaintEffect.self).map {
                Taint(
                    key: taint.string("key") ?? "", value: taint.string("value") ?? "", effect: $0)
            }
        }
        func group(_ name: String, count: Int, _ built: BuiltMachine) -> NodeGroup {
            var group = NodeGroup(name: name, count: count, machine: built.machine)
            group.kubelet = kubelet ?? KubeletSettings()
            group.devices = built.devices
            group.deviceChanges = built.lateDevices
            group.labels = labels
            if node.boolean("nodeFeatures") == true {
                group.labels += nodeFeatureLabels(of: built.machine).filter { feature in
                    !labels.contains { $0.key == feature.key }
                }
            }
            group.taints = taints
            return group
        }
        if let name = node.present("machine"), let built = machine(named: name) {
            guard
                let devices = buildDevices(
                    node.list("devices"), on: built.machine, besides: built.devices)
            else { return }
            var one = group(entry.key, count: node.integer("count") ?? 1, built)
            one.devices = devices
            buildNames(of: &one, node)
            if kubelet != nil { buildStanding(of: &one, node) }
            one.deviceChanges += lateDevices(node.list("devices"))
            one.machineName = name.text ?? built.machine.name
            buildChanges(of: &one, node)
            buildVirtualMachines(of: &one, node)
            add(one, at: entry, isConfigured: kubelet != nil)
        } else if let trace = node.present("trace") {
            for recorded in recordedNodes(entry.key, trace) {
                var one = group(
                    "\(entry.key)-\(recorded.suffix)", count: recorded.names.count, recorded.built)
                one.machineName = recorded.machineName
                one.nodeNames = recorded.names
                one.labels += recorded.labels
                buildChanges(of: &one, node)
                add(one, at: entry, isConfigured: kubelet != nil)
            }
        }
    }

    /// The names that the group's nodes have in their cluster.
    private mutating func buildNames(of group: inout NodeGroup, _ node: SourceNode) {
        guard let list = node.present("nodeNames") else { return }
        let names = list.elements?.compactMap(\.text) ?? []
        guard names.count == group.count else {
            diagnostics.error(
                at: list,
                "\(grouped(names.count)) names for the \(grouped(group.count)) nodes of group "
                    + "`\(group.name)`", hint: "`count` says how many nodes there are")
            return
        }
        for name in names where !nodeNames.insert(name).inserted {
            diagnostics.error(at: list, "a second node is called `\(name)`")
            return
        }
        group.nodeNames = names
    }

    /// Takes a group into the scenario once a kubelet would start on its machine.
    private mutating func add(
        _ group: NodeGroup, at entry: SourceNode.Entry, isConfigured: Bool
    ) {
        let group = network.connecting(group)
        let problems = group.machine.kubeletProblems()
        for problem in problems {
            diagnostics.error(at: entry, "node group `\(group.name)`: \(problem)")
        }
        for node in group.machine.numaNodes {
            for pool in node.hugePages {
                _ = scenario.resources.intern(
                    ResourceTable.hugePageResource(ofSize: pool.pageSize))
            }
        }
        for device in group.devices { _ = scenario.resources.intern(device.name) }
        if problems.isEmpty && isConfigured { checkStart(of: group, at: entry) }
        scenario.nodeGroups.append(group)
    }

    private mutating func checkTotals(_ nodes: SourceNode) {
        var count = 0
        var memory: Int64 = 0
        for group in scenario.nodeGroups {
            count += group.count
            let own = group.machine.numaNodes.reduce(0) { $0 + $1.memory }
            let (product, overflow) = own.multipliedReportingOverflow(by: Int64(group.count))
            let (sum, tooLarge) = memory.addingReportingOverflow(overflow ? .max : product)
            memory = tooLarge ? .max : sum
        }
        if count > ScenarioBuilder.nodeLimit {
            diagnostics.error(
                at: nodes,
                "\(grouped(count)) nodes; at most \(grouped(ScenarioBuilder.nodeLimit)) are simulated"
            )
        }
        if memory > 1 << 62 {
            diagnostics.error(at: nodes, "the nodes' memory together is more than 4Ei")
        }
    }
}

// MARK: Nodes of the openb trace

extension ScenarioBuilder {
    /// Each node shape of the list with the machine that it gets; empty after a mistake was told.
    mutating func openbNodes(_ trace: SourceNode) -> [RecordedNodes] {
        guard let file = trace.present("file"), let path = file.text else { return [] }
        let shapes: [OpenbNodeShape]
        do throws(InputError) {
            shapes = try readOpenbNodeList(
                TraceInput(name: path, content: .file(try locate(file))))
        } catch {
            for diagnostic in error.diagnostics { diagnostics.add(diagnostic) }
            return []
        }
        var groups: [RecordedNodes] = []
        for shape in shapes {
            guard let choice = trace.list("machines").first(where: { fits($0, shape) }) else {
                diagnostics.error(
                    at: trace.present("machines") ?? trace,
                    "no machine for \(grouped(shape.names.count)) nodes of \(said(shape))",
                    hint: "add `{cpu: \(shape.milliCPU / 1000), machine: …}`; the first is in line "
                        + "\(shape.line) of `\(path)`")
                continue
            }
            guard let machineName = choice.present("machine"),
                var built = machine(named: machineName)
            else { continue }
            fit(&built, to: shape, trace, at: choice)
            var labels: [Label] = []
            if !shape.model.isEmpty, let label = trace.string("modelLabel") {
                labels.append(Label(key: label, value: shape.model))
            }
            groups.append(
                RecordedNodes(
                    suffix: shape.label, machineName: machineName.text ?? "", built: built,
                    names: shape.names, labels: labels))
        }
        return groups
    }

    private func said(_ shape: OpenbNodeShape) -> String {
        let gpus = shape.gpus == 0 ? "no GPU" : "\(shape.gpus) GPUs \(shape.model)"
        return "\(shape.milliCPU / 1000) CPUs, \(grouped(Int(shape.memoryMiB))) MiB and \(gpus)"
    }

    private mutating func fits(_ choice: SourceNode, _ shape: OpenbNodeShape) -> Bool {
        if let cpu = choice.integer("cpu"), Int64(cpu) * 1000 != shape.milliCPU { return false }
        if let gpu = choice.integer("gpu"), gpu != shape.gpus { return false }
        if let model = choice.string("model"), model != shape.model { return false }
        if let memory = choice.present("memory") {
            guard bytes(memory) == shape.memoryMiB << 20 else { return false }
        }
        return true
    }

    /// Gives the machine the trace's memory and GPUs.
    private mutating func fit(
        _ built: inout BuiltMachine, to shape: OpenbNodeShape, _ trace: SourceNode,
        at choice: SourceNode
    ) {
        let cpus = built.machine.cpus.count
        if Int64(cpus) * 1000 != shape.milliCPU {
            diagnostics.note(
                at: choice,
                "nodes of \(said(shape)) get a machine of \(cpus) CPUs")
        }
        let withCPUs = Set(built.machine.cpus.compactMap(\.numaNode)).sorted()
        guard !withCPUs.isEmpty else { return }
        if trace.string("memory") == "trace" {
            // An equal part each, in whole MiB; the first ones take what does not divide.
            let count = Int64(withCPUs.count)
            for position in built.machine.numaNodes.indices {
                built.machine.numaNodes[position].hugePages = []
                built.machine.numaNodes[position].memory = 0
            }
            for (number, position) in withCPUs.enumerated() {
                let mebibytes =
                    shape.memoryMiB / count + (Int64(number) < shape.memoryMiB % count ? 1 : 0)
                built.machine.numaNodes[position].memory = mebibytes << 20
            }
        }
        guard shape.gpus > 0, let resource = trace.string("gpuResource") else { return }
        let devices = (0..<shape.gpus).map { number in
            let position = withCPUs[number * withCPUs.count / shape.gpus]
            return PluginDevice(
                id: "gpu-\(number)", numaNodes: [built.machine.numaNodes[position].osIndex])
        }
        built.devices.removeAll { $0.name == resource }
        built.devices.append(DeviceResource(name: resource, devices: devices))
    }

    /// Finds and hashes a file that is read line by line.
    mutating func locate(_ node: SourceNode) throws(InputError) -> URL {
        do throws(FileProblem) {
            return try files.scan(node.text ?? "", limit: 1 << 40) { _ in }
        } catch {
            if error.isKnown { throw InputError([]) }
            throw InputError([
                Diagnostic(
                    file: node.mark.file, line: node.mark.line, column: node.mark.column,
                    message: "`\(node.text ?? "")`: \(error.message)", hint: error.hint)
            ])
        }
    }
}
