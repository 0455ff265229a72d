import ClusterSimulation
import Foundation
import HardwareModel
import NodeManagers
import Primitives
import WorkloadModel

/// Turns a completed tree into a `Scenario`, and goes on after each mistake to tell the next.
///
/// The order of keys, types and ranges was judged by `KeyCheck`; here is what one value says about another.
struct ScenarioBuilder {
    let root: SourceNode
    var files: InputFiles
    let surroundings: ScenarioSurroundings
    var diagnostics: Diagnostics
    var scenario = Scenario(name: "")
    /// By name; nil for one that has mistakes.
    var machines: [String: BuiltMachine?] = [:]
    var priorityClasses = PriorityClasses()
    var network = ClusterNetwork()
    /// What readers of other people's files took, guessed and dropped.
    var imports = ImportReport()
    /// Nodes by name, and names of workloads, once manifests ask for them.
    var nodeIndices: [String: NodeIndex]?
    /// Names that node groups give their nodes.
    var nodeNames: Set<String> = []
    var manifestNames: Set<String> = []
    var nameNumbers: [String: Int] = [:]
    var knownOwners: Set<String> = []
    /// Gates and fixes of every kubelet.
    var featureGates: [SourceNode.Entry] = []
    var fixes: UpstreamFixes = []
    /// Names under `machines` in the order of the file.
    var machineNames: [String] = []
    /// Networks that pods' annotations name.
    var networks = NetworkAttachmentTable()

    /// A machine and what its device plugins offer.
    struct BuiltMachine {
        var machine: Machine
        var devices: [DeviceResource]
        /// Plugins that register later, and when.
        var lateDevices: [DeviceChange] = []
    }

    init(
        root: SourceNode, files: InputFiles, surroundings: ScenarioSurroundings,
        diagnostics: Diagnostics
    ) {
        self.root = root
        self.files = files
        self.surroundings = surroundings
        self.diagnostics = diagnostics
    }

    mutating func build() {
        scenario.name = root["metadata"]?.string("name") ?? ""
        scenario.description = root["metadata"]?.string("description") ?? ""
        scenario.seed = root.string("seed").flatMap(ScalarValues.seed) ?? 0
        scenario.epoch = root.string("epoch").flatMap(ScalarValues.unixSeconds) ?? 0
        buildKubernetes()
        buildEnd()
        buildMachines()
        buildNetwork()
        buildNodeGroups()
        buildScheduler()
        buildNetworks()
        buildTimings()
        buildPriorityClasses()
        buildManifests()
        buildWorkloads()
        buildDisruptionBudgets()
        buildLifecycle()
        buildRecord()
    }

    private mutating func buildEnd() {
        guard let node = root.present("until"), let duration = node.duration else { return }
        if duration == .zero {
            diagnostics.error(at: node, "a run that ends at once", hint: "for example `until: 24h`")
        }
        scenario.until = .time(SimTime.zero + duration)
    }

    private mutating func buildTimings() {
        guard let node = root["timings"] else { return }
        scenario.timings.watch = node.duration("watch") ?? scenario.timings.watch
        scenario.timings.schedulingCycle =
            node.duration("schedulingCycle") ?? scenario.timings.schedulingCycle
        scenario.timings.nodeExamined =
            node.duration("nodeExamined") ?? scenario.timings.nodeExamined
        scenario.timings.bind = node.duration("bind") ?? scenario.timings.bind
        scenario.timings.admission = node.duration("admission") ?? scenario.timings.admission
        scenario.timings.statusUpdate =
            node.duration("statusUpdate") ?? scenario.timings.statusUpdate
        scenario.timings.controllerQPS =
            node.integer("controllerQPS").map(Int64.init) ?? scenario.timings.controllerQPS
        scenario.timings.controllerBurst =
            node.integer("controllerBurst").map(Int64.init) ?? scenario.timings.controllerBurst
        scenario.timings.controllerWrite =
            node.duration("controllerWrite") ?? scenario.timings.controllerWrite
        scenario.timings.terminatedPodGCThreshold =
            node.integer("terminatedPodGCThreshold").map(Int64.init)
            ?? scenario.timings.terminatedPodGCThreshold
    }

    /// After the workloads, whose names the mix uses.
    private mutating func buildRecord() {
        guard let node = root["record"] else { return }
        scenario.record.level = node.choice("level", as: RecordSettings.Level.self) ?? .pods
        if let every = node.present("sampleEvery"), let duration = every.duration {
            scenario.record.sampleEvery = duration
            if duration == .zero {
                diagnostics.error(at: every, "samples without time between them")
            }
        }
        for entry in node.map("targetMix") {
            guard let weight = entry.value.text.flatMap(ScalarValues.integer) else { continue }
            guard let workload = scenario.workloads.first(where: { $0.name == entry.key }) else {
                let names = root.map("workload").map(\.key)
                // One that has mistakes of its own is not missing.
                if !names.contains(entry.key) {
                    diagnostics.error(
                        at: entry, "no workload is called `\(entry.key)`",
                        hint: suggestion(for: entry.key, among: names, called: "workloads"))
                }
                continue
            }
            guard case .generated(let shape, _, _) = workload.source else {
                diagnostics.error(
                    at: entry, "`\(entry.key)` is a trace, which has no shape of its own",
                    hint: "the mix is made of workloads with a `template`")
                continue
            }
            scenario.record.targetMix.append(
                MixMember(workload: entry.key, weight: Int(weight), shape: shape))
        }
    }
}
