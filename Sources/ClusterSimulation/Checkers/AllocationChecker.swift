import NodeManagers
package import Primitives
package import Records
import WorkloadModel

/// Judges a run by its records alone: nothing is handed out twice, and everything comes back.
///
/// Admissions and releases are put in the order of the run's sequence and played through an empty cluster. It sees what a
/// reader of the database sees, so it serves for replays as well.
package final class AllocationChecker: RecordSink {
    package let wantsPlacements = true
    package let wantsNodeSamples = false

    private let scenario: Scenario
    private var placements: [PodIndex: PlacementRecord] = [:]
    private var steps: [Step] = []

    private struct Step {
        var sequence: Int64
        var pod: PodIndex
        var isRelease: Bool
    }

    package init(_ scenario: Scenario) { self.scenario = scenario }

    package func placed(_ placement: PlacementRecord) { placements[placement.pod] = placement }

    package func ended(_ pod: PodRecord) {
        if pod.admissionSequence > 0 {
            steps.append(Step(sequence: pod.admissionSequence, pod: pod.pod, isRelease: false))
        }
        if pod.releaseSequence > 0 {
            steps.append(Step(sequence: pod.releaseSequence, pod: pod.pod, isRelease: true))
        }
    }

    package func rejected(_ rejection: RejectionRecord) {}
    package func sampled(_ sample: NodeSample) {}
    package func sampled(_ sample: ClusterSample) {}

    /// Plays the run and returns every broken law, in words, and what is still taken on each node at the end.
    package func judge() -> (violations: [String], final: [NodeIndex: TakenOnNode]) {
        var violations: [String] = []
        var nodes: [NodeIndex: TakenOnNode] = [:]
        steps.sort { $0.sequence < $1.sequence }
        for (expected, step) in steps.enumerated() where step.sequence != Int64(expected + 1) {
            violations.append("decision \(expected + 1) is missing or doubled")
            break
        }
        for step in steps {
            guard let placement = placements[step.pod] else {
                violations.append("pod \(step.pod.rawValue) was admitted without a placement")
                continue
            }
            var node = nodes[placement.node] ?? TakenOnNode()
            if step.isRelease {
                node.release(step.pod)
            } else {
                // A node that came later, or was upgraded, may reserve others: of those only what is shared is judged.
                let reserved =
                    scenario.lifecycle.changesNodes
                    ? CPUSet() : scenario.group(of: placement.node).alwaysReservedCPUs
                violations += node.take(placement, reserved: reserved).map {
                    "node \(placement.node.rawValue), pod \(step.pod.rawValue), decision "
                        + "\(step.sequence): \($0)"
                }
            }
            nodes[placement.node] = node
        }
        return (violations, nodes)
    }
}

/// What the pods of one node hold, as their placements tell.
package struct TakenOnNode: Equatable {
    package private(set) var cpus = CPUSet()
    package private(set) var devices: Set<DevicePlacement> = []
    private var pods: [PodIndex: PodHolding] = [:]

    private struct PodHolding: Equatable {
        var cpus = CPUSet()
        var devices: Set<DevicePlacement> = []
    }

    package init() {}

    /// Pods that hold something, ascending.
    package var holders: [PodIndex] { pods.keys.sorted() }

    mutating func take(_ placement: PlacementRecord, reserved: CPUSet) -> [String] {
        var problems: [String] = []
        var pod = PodHolding()
        for container in placement.containers {
            if !container.cpus.isDisjoint(with: cpus) {
                problems.append(
                    "CPUs \(container.cpus.intersection(cpus)) of container \(container.name) belong "
                        + "to another pod")
            }
            if !container.cpus.isDisjoint(with: reserved) {
                problems.append(
                    "container \(container.name) holds reserved CPUs "
                        + "\(container.cpus.intersection(reserved))")
            }
            pod.cpus.formUnion(container.cpus)
            for device in container.devices {
                if devices.contains(device) {
                    problems.append("device \(device.id) belongs to another pod")
                }
                pod.devices.insert(device)
            }
        }
        if pods[placement.pod] != nil { problems.append("admitted twice") }
        cpus.formUnion(pod.cpus)
        devices.formUnion(pod.devices)
        pods[placement.pod] = pod
        return problems
    }

    mutating func release(_ pod: PodIndex) {
        guard let holding = pods.removeValue(forKey: pod) else { return }
        cpus.subtract(holding.cpus)
        devices.subtract(holding.devices)
    }
}

extension NodeGroup {
    /// CPUs that no pod may have at any time: a restart may reserve others.
    fileprivate var alwaysReservedCPUs: CPUSet {
        kubeletRestarts.reduce(kubelet.reservedSystemCPUs) { reserved, restart in
            restart.settings.map { reserved.intersection($0.reservedSystemCPUs) } ?? reserved
        }
    }
}

extension Scenario {
    /// The group that a node belongs to.
    package func group(of node: NodeIndex) -> NodeGroup {
        var position = node.position
        for group in nodeGroups {
            if position < group.count { return group }
            position -= group.count
        }
        preconditionFailure("no such node in the scenario")
    }
}
