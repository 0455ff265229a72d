import HardwareModel
import Primitives

/// A machine as a NodeResourceTopology object (topology.node.k8s.io/v1alpha2), as an exporter on an empty node with
/// nothing reserved would publish it.
///
/// One zone a NUMA node. `capacity` of memory is all of the node's; huge pages are taken off what can be allocated, as
/// the kubelet does it.
func nodeTopologyText(of machine: Machine) -> String {
    var text = """
        apiVersion: topology.node.k8s.io/v1alpha2
        kind: NodeResourceTopology
        metadata:
          name: \(CanonicalJSON.quoted(objectName(machine.name)))
        zones:

        """
    if machine.numaNodes.isEmpty { text = text.replacing("zones:\n", with: "zones: []\n") }
    for (position, node) in machine.numaNodes.enumerated() {
        text += "- name: node-\(node.osIndex)\n  type: Node\n"
        if let distances = machine.distances {
            text += "  costs:\n"
            for (to, other) in machine.numaNodes.enumerated() {
                text += "  - name: node-\(other.osIndex)\n    value: \(distances[position, to])\n"
            }
        }
        text += "  resources:\n"
        for resource in resources(of: node, cpus: cpuCount(machine, position)) {
            text += """
                  - name: \(resource.name)
                    capacity: \(resource.capacity)
                    allocatable: \(resource.allocatable)
                    available: \(resource.allocatable)

                """
        }
    }
    return text
}

private func cpuCount(_ machine: Machine, _ position: Int) -> Int {
    machine.cpus.count { $0.numaNode == position }
}

private func resources(
    of node: NUMANode, cpus: Int
) -> [(name: String, capacity: String, allocatable: String)] {
    var resources = [("cpu", String(cpus), String(cpus))]
    resources.append(("memory", String(node.memory), String(node.conventionalMemory)))
    for pool in node.hugePages {
        let bytes = String(pool.pageSize * pool.count)
        resources.append((ResourceTable.hugePageResource(ofSize: pool.pageSize), bytes, bytes))
    }
    return resources
}

/// A name that Kubernetes takes: lower-case letters, digits, `-` and `.`, at most 253 of them.
func objectName(_ name: String) -> String {
    let characters = name.lowercased().unicodeScalars.map { scalar -> Character in
        switch scalar {
        case "a"..."z", "0"..."9", "-", ".": Character(scalar)
        default: "-"
        }
    }
    let front = characters.prefix(253).drop { !isAlphanumeric($0) }
    let last = front.lastIndex(where: isAlphanumeric)
    return last.map { String(front[...$0]) } ?? "machine"
}

private func isAlphanumeric(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber)
}
