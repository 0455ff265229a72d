import ClusterSimulation
import HardwareModel
import Primitives
import WorkloadModel

/// What the cluster network costs, of a scenario's `network`.
struct ClusterNetwork {
    /// The extended resource of a node's addresses.
    static let addressResource = "topsim/pod-addresses"

    var overheadMilliCPU: Int64 = 0
    var overheadMemory: Int64 = 0
    /// Nil is no limit.
    var addressesPerNode: Int?
    var nodeLabels: [Label] = []
    var attachesNetworks = true

    /// A group whose nodes have addresses to give, if the network counts them.
    func connecting(_ group: NodeGroup) -> NodeGroup {
        guard let count = addressesPerNode else { return group }
        var group = group
        group.devices.append(
            DeviceResource(
                name: ClusterNetwork.addressResource,
                devices: (0..<count).map {
                    PluginDevice(id: "address-\($0)", numaNodes: nil)
                }))
        return group
    }

    /// A pod that pays for its network.
    func connecting(_ shape: PodShape, resources: inout ResourceTable) -> PodShape {
        var shape = shape
        shape.addOverhead(overheadMilliCPU, of: ResourceTable.cpu)
        shape.addOverhead(overheadMemory, of: ResourceTable.memory)
        shape.nonZeroMilliCPU += overheadMilliCPU
        shape.nonZeroMemory += overheadMemory
        if addressesPerNode != nil,
            let first = shape.containers.firstIndex(where: { $0.kind == .app })
        {
            let resource = resources.intern(ClusterNetwork.addressResource)
            shape.containers[first].resources.requests.add(1, of: resource)
            shape.containers[first].resources.limits.add(1, of: resource)
            shape.requests.add(1, of: resource)
            shape.limits.add(1, of: resource)
        }
        for label in nodeLabels where !shape.nodeSelector.contains(label) {
            shape.nodeSelector.append(label)
        }
        return shape
    }
}

extension PodShape {
    /// Overhead counts as a request, and as a limit where there is one. (PodRequests, PodLimits)
    fileprivate mutating func addOverhead(_ amount: Int64, of resource: ResourceIndex) {
        guard amount > 0 else { return }
        overhead.add(amount, of: resource)
        requests.add(amount, of: resource)
        if limits.contains(where: { $0.resource == resource }) { limits.add(amount, of: resource) }
    }
}

extension [ResourceAmount] {
    /// Keeps the order by resource.
    fileprivate mutating func add(_ amount: Int64, of resource: ResourceIndex) {
        if let known = firstIndex(where: { $0.resource == resource }) {
            self[known].amount += amount
        } else {
            let position = firstIndex { $0.resource > resource } ?? count
            insert(ResourceAmount(resource, amount), at: position)
        }
    }
}

extension ScenarioBuilder {
    /// Before nodes and workloads, which it changes.
    mutating func buildNetwork() {
        guard let node = root.present("network") else { return }
        if let overhead = node.present("podOverhead") {
            network.overheadMilliCPU = overhead.present("cpu").flatMap { milliCPU($0) } ?? 0
            network.overheadMemory = overhead.present("memory").flatMap { bytes($0) } ?? 0
        }
        network.addressesPerNode = node.integer("addressesPerNode")
        network.attachesNetworks = node.string("solution") != "default-cni"
        network.nodeLabels = node.map("nodeLabels").compactMap { label in
            label.value.text.map { Label(key: label.key, value: $0) }
        }
    }

    private mutating func milliCPU(_ node: SourceNode) -> Int64? {
        guard let quantity = readQuantity(node, diagnostics: &diagnostics) else { return nil }
        guard quantity.sign >= 0, let units = quantity.units(exponent: -3), units <= 1 << 40 else {
            diagnostics.error(
                at: node, "\(node.said) is no amount of CPU for a pod", hint: "for example `50m`")
            return nil
        }
        return units
    }

    /// What the template's pods ask for, the network's part included.
    mutating func connecting(_ shape: PodShape, _ template: SourceNode) -> PodShape {
        if !network.attachesNetworks,
            let named = template["metadata"]?["annotations"]?["k8s.v1.cni.cncf.io/networks"]
        {
            diagnostics.note(
                at: named, "`network.solution` is `default-cni`, which attaches no second network")
        }
        if template["spec"]?["hostNetwork"]?.text == "true" { return shape }
        return network.connecting(shape, resources: &scenario.resources)
    }
}
