import ClusterSimulation
import HardwareModel
import Metrics
import NodeManagers
import Primitives
import Reporting
import ResultsDatabase
import ScenarioInput
import WorkloadModel

/// What follows from a scenario before it runs: every kubelet started once, and the run described.
struct RunSetup {
    let scenario: Scenario
    let description: ResultsDatabase.RunDescription
    let heading: RunHeading
    let expectedPods: ExpectedPods

    /// - Throws: `SimulationError` when a kubelet would not start.
    init(_ loaded: LoadedScenario) throws {
        scenario = loaded.scenario
        var kinds: [NodeModel] = []
        for group in loaded.scenario.nodeGroups {
            do {
                kinds.append(
                    try NodeModel(
                        machine: group.machine, settings: group.kubelet, devices: group.devices,
                        resources: loaded.scenario.resources))
            } catch {
                throw SimulationError.kubeletDoesNotStart(group: group.name, message: error.message)
            }
        }
        description = RunSetup.describe(loaded, kinds: kinds)
        heading = RunHeading(loaded.scenario)
        expectedPods = ExpectedPods(loaded.scenario)
    }

    var level: RecordLevel {
        switch scenario.record.level {
        case .summary: .summary
        case .pods: .pods
        case .full: .full
        }
    }

    /// Of what does not come from a trace.
    var estimate: RecordingEstimate { RecordingEstimate(scenario, pods: expectedPods.byShape) }

    var targetMix: [MixDemand] {
        scenario.record.targetMix.map {
            MixDemand(weight: $0.weight, requests: $0.shape.requests)
        }
    }

    /// When the scenario ends, if it says so.
    var end: SimTime? {
        if case .time(let time) = scenario.until { time } else { nil }
    }

    /// The scenario's name as a file in the current folder.
    var defaultOutput: String {
        let name = scenario.name.unicodeScalars.map { scalar in
            let isPlain = scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)
            return isPlain || "._-".unicodeScalars.contains(scalar) ? Character(scalar) : "-"
        }
        return (name.first == "." || name.isEmpty ? "run" : "") + String(name) + ".sqlite"
    }
}

extension RunSetup {
    /// Says so when the results will be large.
    func warnOfSize() {
        guard estimate.isLarge else { return }
        let size = estimate.text ?? "without end"
        Messages.warn(
            "the run will record \(size)", hint: "record less with `--record summary`")
    }

    private static func describe(
        _ loaded: LoadedScenario, kinds: [NodeModel]
    ) -> ResultsDatabase.RunDescription {
        let scenario = loaded.scenario
        var run = ResultsDatabase.RunDescription(
            name: scenario.name, seed: scenario.seed, topsimVersion: Version.topsim,
            kubeletVersion: Version.kubernetes)
        run.description = scenario.description
        run.scenarioJSON = loaded.canonicalJSON
        run.epoch = scenario.epoch
        run.inputFiles = loaded.files.map {
            ResultsDatabase.InputFile(path: $0.name, sha256: $0.sha256, bytes: $0.size)
        }
        run.resources = scenario.resources
        for (group, kind) in zip(scenario.nodeGroups, kinds) {
            let machine = ResultsDatabase.MachineDescription(
                name: group.machineName, machine: group.machine)
            let known = run.machines.firstIndex(of: machine)
            if known == nil { run.machines.append(machine) }
            var described = describe(
                group, machine: known ?? run.machines.count - 1, kind: kind)
            described.virtualMachines = group.virtualMachines.map { describe($0, in: &run) }
            run.nodeGroups.append(described)
        }
        run.workloads = scenario.workloads.map {
            WorkloadDescription(
                name: $0.name, namespace: $0.namespace, controller: $0.controller,
                replicas: $0.replicas)
        }
        run.targetMix = scenario.record.targetMix.map {
            TargetMixMember(workload: $0.workload, weight: $0.weight)
        }
        return run
    }

    /// A group of virtual machines, its host among the run's machines.
    private static func describe(
        _ layout: VirtualMachineLayout, in run: inout ResultsDatabase.RunDescription
    ) -> VirtualMachineDescription {
        let host = ResultsDatabase.MachineDescription(
            name: layout.settings.hostName, machine: layout.settings.host)
        let known = run.machines.firstIndex(of: host)
        if known == nil { run.machines.append(host) }
        return VirtualMachineDescription(
            host: known ?? run.machines.count - 1, layout: layout)
    }

    private static func describe(
        _ group: NodeGroup, machine: Int, kind: NodeModel
    ) -> NodeGroupDescription {
        var described = NodeGroupDescription(
            name: group.name, machine: machine, nodeNames: (0..<group.count).map(group.nodeName))
        described.cpuManagerPolicy = group.kubelet.cpuManagerPolicy
        described.memoryManagerPolicy = group.kubelet.memoryManagerPolicy
        described.topologyManagerPolicy = group.kubelet.topologyManagerPolicy
        described.topologyManagerScope = group.kubelet.topologyManagerScope
        described.reservedCPUs = group.kubelet.reservedSystemCPUs
        described.resources = kind.capacity.indices.compactMap { resource in
            guard kind.capacity[resource] > 0 else { return nil }
            return NodeResource(
                resource: ResourceIndex(resource), capacity: kind.capacity[resource],
                allocatable: kind.allocatable[resource])
        }
        return described
    }
}
