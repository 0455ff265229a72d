import NodeManagers
package import Primitives
package import Records

extension Simulation {
    /// Laws that a node's own state breaks, in words; empty when all hold. For tests and for `topsim check`.
    package func brokenLaws() -> [String] {
        var broken: [String] = []
        for node in 0..<nodes.count {
            let index = NodeIndex(node)
            for law in nodes.model(of: index).invariantViolations(of: nodes.states[node]) {
                broken.append("at \(time.nanoseconds) ns node \(node): \(law)")
            }
        }
        return broken
    }

    /// Pods that run on a node, ascending.
    package func runningPods(on node: NodeIndex) -> [PodIndex] {
        pods.liveSlots.filter {
            pods[$0].phase == .running && pods[$0].node == node.rawValue
        }.map { pods[$0].pod }.sorted()
    }

    /// Exclusive CPUs and devices that the pods of a node hold by the node's own state.
    package func held(on node: NodeIndex) -> (cpus: CPUSet, devices: Set<DevicePlacement>) {
        var cpus = CPUSet()
        var devices: Set<DevicePlacement> = []
        for pod in runningPods(on: node) {
            for container in nodes.placements(of: pod, on: node) {
                cpus.formUnion(container.cpus)
                devices.formUnion(container.devices)
            }
        }
        return (cpus, devices)
    }
}
