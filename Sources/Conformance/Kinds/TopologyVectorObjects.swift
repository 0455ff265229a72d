import ClusterScheduler
import Primitives
import WorkloadModel

/// Objects of NodeResourceTopologyMatch cases, as the plugin's own values.
enum TopologyVectorObjects {
    static func quantity(_ json: JSONValue?, _ name: String) throws(VectorStop) -> Quantity {
        let text = try required(json?.text, name)
        do throws(QuantityError) {
            return try Quantity(text)
        } catch {
            throw .malformed("`\(text)`: \(error.explanation)")
        }
    }

    /// A NodeResourceTopology object; nil for null.
    static func object(_ json: JSONValue) throws(VectorStop) -> NodeTopologyObject? {
        if json.isNull { return nil }
        var object = NodeTopologyObject()
        object.resourceVersion = json["metadata"]?["resourceVersion"]?.text ?? ""
        for member in json["metadata"]?["annotations"]?.members ?? [] {
            object.annotations.append(
                NodeTopologyObject.Attribute(
                    name: member.name, value: member.value.text ?? ""))
        }
        object.topologyPolicies = (json["topologyPolicies"]?.elements ?? []).compactMap(\.text)
        for attribute in json["attributes"]?.elements ?? [] {
            object.attributes.append(
                NodeTopologyObject.Attribute(
                    name: try required(attribute["name"]?.text, "attributes.name"),
                    value: attribute["value"]?.text ?? ""))
        }
        for zone in json["zones"]?.elements ?? [] { object.zones.append(try self.zone(zone)) }
        return object
    }

    private static func zone(_ json: JSONValue) throws(VectorStop) -> NodeTopologyObject.Zone {
        var resources: [(name: String, available: Quantity)] = []
        for resource in json["resources"]?.elements ?? [] {
            resources.append(
                (
                    try required(resource["name"]?.text, "resources.name"),
                    try quantity(resource["available"], "available")
                ))
        }
        var costs: [(name: String, value: Int)] = []
        for cost in json["costs"]?.elements ?? [] {
            costs.append(
                (
                    try required(cost["name"]?.text, "costs.name"),
                    try required(cost["value"]?.integer, "costs.value")
                ))
        }
        return NodeTopologyObject.Zone(
            name: try required(json["name"]?.text, "zones.name"), type: json["type"]?.text ?? "",
            resources: resources, costs: costs)
    }

    /// What a node's allocatable lists; nil where there is no Node object.
    static func names(
        _ node: JSONValue?, _ resources: inout ResourceTable
    ) -> AllocatableNames? {
        guard let node, !node.isNull else { return nil }
        let listed = (node["allocatable"]?.members ?? []).map { resources.intern($0.name) }
        return AllocatableNames(listed)
    }

    static func weights(_ json: JSONValue?, _ resources: inout ResourceTable) -> ResourceWeights {
        var weights = ResourceWeights()
        for entry in json?.elements ?? [] {
            guard let name = entry["name"]?.text, let weight = entry["weight"]?.integer else {
                continue
            }
            weights.set(Int64(weight), for: resources.intern(name))
        }
        return weights
    }
}

/// How a case's quantities are held: exactly, or as whole numbers where all of them are.
struct VectorAmounts<Amount: ZoneAmount> {
    let amount: (Quantity, ResourceTraits) -> Amount?

    /// Nil where an amount cannot be held so.
    func topology(
        _ object: NodeTopologyObject, version: Int = 0, _ resources: inout ResourceTable
    ) -> PublishedTopology<Amount>? {
        PublishedTopology(object, version: version, resources: &resources, amount: amount)
    }
}

extension VectorAmounts<Quantity> {
    static var exact: VectorAmounts { VectorAmounts { quantity, _ in quantity } }
}

extension VectorAmounts<CompactAmount> {
    static var compact: VectorAmounts {
        VectorAmounts { quantity, traits in
            quantity.exactUnits(exponent: traits.isCPU ? -3 : 0).map { CompactAmount($0) }
        }
    }
}

// MARK: Pods

extension TopologyVectorObjects {
    static func qosClass(_ pod: JSONValue) throws(VectorStop) -> QoSClass {
        if let text = pod["status"]?["qosClass"]?.text, !text.isEmpty {
            return try required(QoSClass(rawValue: text), "status.qosClass")
        }
        let spec = pod["spec"]
        var parts: [QoSResources] = []
        if let podLevel = spec?["resources"], !podLevel.isNull {
            parts = [try qosResources(podLevel)]
        } else {
            for list in ["initContainers", "containers"] {
                for container in spec?[list]?.elements ?? [] {
                    parts.append(try qosResources(container["resources"]))
                }
            }
        }
        return QoSClass(parts)
    }

    private static func qosResources(_ json: JSONValue?) throws(VectorStop) -> QoSResources {
        func amount(_ list: String, _ name: String) throws(VectorStop) -> Quantity {
            guard let value = json?[list]?[name] else { return .zero }
            return try quantity(value, name)
        }
        return QoSResources(
            cpuRequest: try amount("requests", "cpu"), cpuLimit: try amount("limits", "cpu"),
            memoryRequest: try amount("requests", "memory"),
            memoryLimit: try amount("limits", "memory"))
    }

    /// The pod as the plugin reads it; nil where an amount cannot be held so.
    static func pod<Amount: ZoneAmount>(
        _ json: JSONValue, _ amounts: VectorAmounts<Amount>, _ resources: inout ResourceTable
    ) throws(VectorStop) -> TopologyPod<Amount>? {
        var containers: [TopologyPod<Amount>.Container] = []
        for (list, standard) in [
            ("initContainers", ContainerShape.Kind.initContainer), ("containers", .app),
        ] {
            for container in json["spec"]?[list]?.elements ?? [] {
                let isSidecar =
                    standard == .initContainer && container["restartPolicy"]?.text == "Always"
                let requests = try requests(
                    container["resources"]?["requests"], amounts, &resources)
                guard let requests else { return nil }
                containers.append(
                    TopologyPod.Container(
                        kind: isSidecar ? .sidecar : standard, requests: requests))
            }
        }
        guard let overhead = try requests(json["spec"]?["overhead"], amounts, &resources) else {
            return nil
        }
        return TopologyPod(
            qos: try qosClass(json), containers: containers, overhead: overhead)
    }

    private static func requests<Amount: ZoneAmount>(
        _ json: JSONValue?, _ amounts: VectorAmounts<Amount>, _ resources: inout ResourceTable
    ) throws(VectorStop) -> [TopologyPod<Amount>.Request]? {
        var list: [TopologyPod<Amount>.Request] = []
        for member in json?.members ?? [] {
            let traits = ResourceTraits(member.name)
            guard let amount = amounts.amount(try quantity(member.value, member.name), traits)
            else { return nil }
            list.append(
                TopologyPod.Request(resources.intern(member.name), traits, amount))
        }
        return list.sorted { $0.resource < $1.resource }
    }
}
