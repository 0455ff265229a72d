import ClusterScheduler
import ClusterSimulation
import HardwareModel
import NodeManagers
import Reporting

extension RunHeading {
    init(_ scenario: Scenario) {
        func total(_ count: (Machine) -> Int) -> Int64 {
            scenario.nodeGroups.reduce(0) { $0 + Int64($1.count) * Int64(count($1.machine)) }
        }
        var kubelets: [String] = []
        for group in scenario.nodeGroups {
            let line = RunHeading.line(of: group.kubelet)
            if !kubelets.contains(line) { kubelets.append(line) }
        }
        self.init(
            scenario: scenario.name, seed: scenario.seed,
            nodes: scenario.nodeGroups.reduce(0) { $0 + Int64($1.count) },
            cpus: total { $0.cpus.count }, numaNodes: total { $0.numaNodes.count },
            kubelets: kubelets, scheduler: scenario.scheduler.scoringStrategy)
    }

    /// `static CPUs (full-pcpus-only), Static memory, single-numa-node by pod`
    private static func line(of kubelet: KubeletSettings) -> String {
        let options = kubelet.cpuManagerPolicyOptions.filter { $0.value == "true" }.keys.sorted()
        var cpus = "\(kubelet.cpuManagerPolicy) CPUs"
        if !options.isEmpty { cpus += " (\(options.joined(separator: ", ")))" }
        var topology = kubelet.topologyManagerPolicy
        topology += topology == "none" ? " topology" : " by \(kubelet.topologyManagerScope)"
        let fixes = UpstreamFix.allCases.filter { kubelet.fixes.contains($0.option) }
        let fixed =
            fixes.isEmpty ? "" : "; without \(fixes.map(\.rawValue).joined(separator: ", "))"
        return "\(cpus), \(kubelet.memoryManagerPolicy) memory, \(topology)\(fixed)"
    }
}
