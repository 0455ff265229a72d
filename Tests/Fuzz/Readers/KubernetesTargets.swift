import HardwareModel
import ScenarioInput
import WorkloadModel

extension InputTarget {
    /// Kubernetes objects, as workloads and as nodes.
    static let kubernetes: [InputTarget] = [
        InputTarget("kubernetes") { bytes in
            let objects = try readKubernetesObjects(bytes, file: "fuzz.yaml")
            let counted = objects.countsByKind.reduce(0) { $0 + $1.count }
            if counted != objects.objects.count {
                return "\(objects.objects.count) objects, of which \(counted) are counted"
            }
            let first = try readKubernetesWorkloads([objects])
            let second = try readKubernetesWorkloads([objects])
            if first.report != second.report { return "two readings with unlike reports" }
            for workload in first.workloads where workload.replicas < 0 {
                return "\(workload.replicas) replicas"
            }
            return nil
        },
        InputTarget("nodes") { bytes in
            var (objects, report) = try readNodeSideObjects(bytes, file: "fuzz.yaml")
            let groups = try assembleNodeGroups(objects, report: &report)
            let named = groups.flatMap(\.nodeNames)
            if named.count != objects.nodes.count {
                return "\(objects.nodes.count) Nodes became \(named.count)"
            }
            for group in groups {
                let mistakes = group.machine.validate()
                if !mistakes.isEmpty { return "a node's machine is invalid: \(mistakes)" }
            }
            return nil
        },
    ]
}
