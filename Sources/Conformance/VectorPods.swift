import NodeManagers
import Primitives
import WorkloadModel

/// A decimal or binary Kubernetes quantity as a whole number of `scale`-ths, rounded up; nil when it is none.
func quantity(_ text: String, scale: Int64 = 1) -> Int64? {
    let digits = text.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    let suffix = String(text.dropFirst(digits.count))
    let binary: [String: Int64] = [
        "Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30, "Ti": 1 << 40, "Pi": 1 << 50, "Ei": 1 << 60,
    ]
    let decimal: [String: Int64] = [
        "": 1, "k": 1000, "M": 1_000_000, "G": 1_000_000_000, "T": 1_000_000_000_000,
        "P": 1_000_000_000_000_000,
    ]
    let parts = digits.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = Int64(parts[0]) else { return nil }
    var numerator = whole
    var denominator: Int64 = 1
    if parts.count == 2 {
        guard let fraction = Int64(parts[1]), parts[1].count <= 9 else { return nil }
        for _ in parts[1] { denominator *= 10 }
        let (product, overflow) = whole.multipliedReportingOverflow(by: denominator)
        let (sum, carry) = product.addingReportingOverflow(fraction)
        guard !overflow, !carry else { return nil }
        numerator = sum
    }
    if suffix == "m" {
        denominator *= 1000
    } else if let factor = binary[suffix] ?? decimal[suffix] {
        let (product, overflow) = numerator.multipliedReportingOverflow(by: factor)
        guard !overflow else { return nil }
        numerator = product
    } else {
        return nil
    }
    let (scaled, overflow) = numerator.multipliedReportingOverflow(by: scale)
    guard !overflow else { return nil }
    let (quotient, remainder) = scaled.quotientAndRemainder(dividingBy: denominator)
    return quotient + (remainder > 0 ? 1 : 0)
}

/// A quantity in the unit of its resource: milli-CPU for `cpu`, whole units for everything else.
func amount(_ text: String, of resource: String) throws(VectorStop) -> Int64 {
    guard let value = quantity(text, scale: resource == "cpu" ? 1000 : 1) else {
        throw .malformed("`\(text)` is not a quantity")
    }
    // Room for sums.
    guard value.magnitude <= 1 << 58 else {
        throw .malformed("`\(text)` of \(resource) is more than can be counted with")
    }
    return value
}

/// Pods of node-admission cases as shapes.
enum VectorPods {
    static func shape(
        _ pod: JSONValue, _ resources: ResourceTable
    ) throws(VectorStop) -> PodShape {
        var early: [ContainerShape] = []
        var apps: [ContainerShape] = []
        for json in pod["containers"]?.elements ?? [] {
            let name = try required(json["name"]?.text, "name")
            var amounts = try containerResources(json, resources)
            if let both = json["both"] {
                amounts.requests = try list(both, resources)
                amounts.limits = amounts.requests
            }
            switch json["kind"]?.text {
            case "init":
                early.append(
                    ContainerShape(name: name, kind: .initContainer, resources: amounts))
            case "sidecar":
                early.append(ContainerShape(name: name, kind: .sidecar, resources: amounts))
            default: apps.append(ContainerShape(name: name, kind: .app, resources: amounts))
            }
        }
        var shape = PodShape(qos: .bestEffort, containers: early + apps)
        if let podLevel = pod["resources"] {
            shape.podLevel = try containerResources(podLevel, resources)
        }
        shape.qos = PodRequests.qosClass(of: shape, podLevel: shape.podLevel)
        return shape
    }

    private static func containerResources(
        _ json: JSONValue, _ resources: ResourceTable
    ) throws(VectorStop) -> ContainerResources {
        ContainerResources(
            requests: try list(json["requests"], resources),
            limits: try list(json["limits"], resources))
    }

    private static func list(
        _ json: JSONValue?, _ resources: ResourceTable
    ) throws(VectorStop) -> [ResourceAmount] {
        var amounts: [ResourceAmount] = []
        for member in json?.members ?? [] {
            let text = try required(member.value.text, member.name)
            let index = try required(resources.index(of: member.name), member.name)
            amounts.append(ResourceAmount(index, try amount(text, of: member.name)))
        }
        return amounts.sorted { $0.resource < $1.resource }
    }

    /// Every resource that a case names.
    static func resources(_ json: JSONValue) -> ResourceTable {
        var table = ResourceTable()
        for size in [Int64(2) << 20, 1 << 30] {
            _ = table.intern(ResourceTable.hugePageResource(ofSize: size))
        }
        for device in json["devices"]?.elements ?? [] {
            if let name = device["resource"]?.text { _ = table.intern(name) }
        }
        for operation in json["ops"]?.elements ?? [] {
            let pod = operation["pod"]
            for container in [pod?["resources"]].compactMap({ $0 })
                + (pod?["containers"]?.elements ?? [])
            {
                for part in ["both", "requests", "limits"] {
                    for member in container[part]?.members ?? [] { _ = table.intern(member.name) }
                }
            }
        }
        return table
    }
}
