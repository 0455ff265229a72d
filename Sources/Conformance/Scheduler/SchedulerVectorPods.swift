import NodeManagers
import Primitives
import WorkloadModel

/// Pods of scheduler cases as shapes.
enum SchedulerVectorPods {
    static func shape(
        _ pod: JSONValue, _ resources: ResourceTable
    ) throws(VectorStop) -> PodShape {
        var containers: [ContainerShape] = []
        var ports: [HostPort] = []
        for (list, isInit) in [("initContainers", true), ("containers", false)] {
            for json in pod[list]?.elements ?? [] {
                let isSidecar = isInit && json["restartPolicy"]?.text == "Always"
                let kind: ContainerShape.Kind =
                    isSidecar ? .sidecar : isInit ? .initContainer : .app
                containers.append(
                    ContainerShape(
                        name: "c\(containers.count)", kind: kind,
                        resources: ContainerResources(
                            requests: try amounts(json["req"], resources)),
                        image: json["image"]?.text ?? ""))
                guard kind != .initContainer else { continue }
                ports += try hostPorts(json["ports"])
            }
        }
        var shape = PodShape(qos: .burstable, containers: containers)
        shape.overhead = try amounts(pod["overhead"], resources)
        if let podLevel = pod["podRequests"] {
            shape.podLevel = ContainerResources(requests: try amounts(podLevel, resources))
        }
        shape.namespace = pod["ns"]?.text ?? "default"
        shape.labels = labels(pod["labels"])
        shape.nodeSelector = labels(pod["nodeSelector"])
        shape.priority = Int32(clamping: pod["priority"]?.integer ?? 0)
        shape.tolerations = try tolerations(pod["tolerations"])
        var placement = try SchedulerVectorPlacement.rules(pod)
        placement.hostPorts = ports
        if !placement.isEmpty { shape.placement = placement }
        sumRequests(of: &shape, resources)
        return shape
    }

    /// Fills in what follows from the containers.
    static func sumRequests(of shape: inout PodShape, _ resources: ResourceTable) {
        let totals = PodRequests.total(
            of: shape, .requests, podLevel: shape.podLevel, overhead: true,
            resourceCount: resources.count)
        shape.requests = totals.enumerated().filter { $0.element > 0 }.map {
            ResourceAmount(ResourceIndex($0.offset), $0.element)
        }
        var defaulted = shape
        for index in defaulted.containers.indices {
            var requests = defaulted.containers[index].resources.requests
            for (resource, least) in [
                (ResourceTable.cpu, Int64(100)), (ResourceTable.memory, 200 << 20),
            ] where !requests.contains(where: { $0.resource == resource }) {
                requests.append(ResourceAmount(resource, least))
            }
            defaulted.containers[index].resources.requests = requests
        }
        let scored = PodRequests.total(
            of: defaulted, .requests, podLevel: nil, overhead: true,
            resourceCount: resources.count)
        shape.nonZeroMilliCPU = scored[ResourceTable.cpu.position]
        shape.nonZeroMemory = scored[ResourceTable.memory.position]
    }

    static func amounts(
        _ json: JSONValue?, _ resources: ResourceTable
    ) throws(VectorStop) -> [ResourceAmount] {
        var amounts: [ResourceAmount] = []
        for member in json?.members ?? [] {
            let text = try required(member.value.text, member.name)
            let index = try required(resources.index(of: member.name), member.name)
            amounts.append(ResourceAmount(index, try schedulerAmount(text, of: member.name)))
        }
        return amounts.sorted { $0.resource < $1.resource }
    }

    /// Ascending by key.
    static func labels(_ json: JSONValue?) -> [Label] {
        (json?.members ?? []).map { Label(key: $0.name, value: $0.value.text ?? "") }
            .sorted { $0.key < $1.key }
    }

    static func taints(_ json: JSONValue?) throws(VectorStop) -> [Taint] {
        var taints: [Taint] = []
        for entry in json?.elements ?? [] {
            let effect = TaintEffect(rawValue: entry["effect"]?.text ?? "")
            taints.append(
                Taint(
                    key: try required(entry["key"]?.text, "key"),
                    value: entry["value"]?.text ?? "", effect: try required(effect, "effect")))
        }
        return taints
    }

    static func tolerations(_ json: JSONValue?) throws(VectorStop) -> [Toleration] {
        var tolerations: [Toleration] = []
        for entry in json?.elements ?? [] {
            let isExists = entry["operator"]?.text == "Exists"
            let effect = entry["effect"]?.text ?? ""
            tolerations.append(
                Toleration(
                    key: entry["key"]?.text ?? "",
                    value: isExists ? nil : entry["value"]?.text ?? "",
                    effect: effect.isEmpty
                        ? nil : try required(TaintEffect(rawValue: effect), "effect")))
        }
        return tolerations
    }

    private static func hostPorts(_ json: JSONValue?) throws(VectorStop) -> [HostPort] {
        var ports: [HostPort] = []
        for entry in json?.elements ?? [] {
            guard let port = entry["hostPort"]?.integer, port > 0 else { continue }
            let name = entry["protocol"]?.text ?? "TCP"
            ports.append(
                HostPort(
                    port: Int32(clamping: port), address: entry["hostIP"]?.text ?? "",
                    transport: try required(HostPort.TransportProtocol(rawValue: name), "protocol"))
            )
        }
        return ports
    }
}

/// Any quantity in the unit of its resource, rounded up: milli-CPU for `cpu`, whole units for everything else.
func schedulerAmount(_ text: String, of resource: String) throws(VectorStop) -> Int64 {
    guard let quantity = try? Quantity(text),
        let units = quantity.units(exponent: resource == "cpu" ? -3 : 0)
    else { throw .malformed("`\(text)` is not a quantity") }
    return units
}
