import WorkloadModel

/// A LimitRange: what pods of a namespace are given and what they must keep to. (core/v1; plugin/pkg/admission/limitranger)
struct LimitRange: Sendable {
    struct Item: Sendable {
        var appliesTo: Kind
        var minimum: ResourceQuantities
        var maximum: ResourceQuantities
        var defaultLimits: ResourceQuantities
        var defaultRequests: ResourceQuantities
        var ratios: ResourceQuantities
    }

    enum Kind: String, Sendable {
        case container = "Container"
        case pod = "Pod"
        /// Of claims and images, which are not pods.
        case other
    }

    var name: String
    var namespace: String
    var items: [Item]

    /// Nil after an error.
    static func read(_ object: KubernetesObject, diagnostics: inout Diagnostics) -> LimitRange? {
        var reader = ManifestReader(Diagnostics(), unknownFields: .noted)
        defer { for diagnostic in reader.diagnostics.all { diagnostics.add(diagnostic) } }
        guard
            let fields = reader.fields(
                of: object.node, at: "", known: ["apiVersion", "kind", "metadata", "spec"]),
            let node = fields["spec"],
            let spec = reader.fields(of: node, at: "spec", known: ["limits"])
        else {
            if !reader.diagnostics.hasErrors {
                reader.diagnostics.error(at: object.node, "`spec` of a LimitRange is missing")
            }
            return nil
        }
        var items: [Item] = []
        for place in reader.places("limits", of: spec) {
            if let item = item(place.node, place.path, &reader) { items.append(item) }
        }
        guard !reader.diagnostics.hasErrors else { return nil }
        return LimitRange(
            name: object.name, namespace: object.namespace.isEmpty ? "default" : object.namespace,
            items: items)
    }

    private static func item(
        _ node: SourceNode, _ path: String, _ reader: inout ManifestReader
    ) -> Item? {
        guard
            let fields = reader.fields(
                of: node, at: path,
                known: [
                    "type", "min", "max", "default", "defaultRequest", "maxLimitRequestRatio",
                ])
        else { return nil }
        guard let type = reader.text("type", of: fields), !type.isEmpty else {
            if fields["type"] == nil { reader.missing("type", of: fields) }
            return nil
        }
        func amounts(_ key: String, _ reader: inout ManifestReader) -> ResourceQuantities {
            fields[key].map { reader.quantities($0, at: fields.path(key)) } ?? ResourceQuantities()
        }
        var item = Item(
            appliesTo: Kind(rawValue: type) ?? .other, minimum: amounts("min", &reader),
            maximum: amounts("max", &reader), defaultLimits: amounts("default", &reader),
            defaultRequests: amounts("defaultRequest", &reader),
            ratios: amounts("maxLimitRequestRatio", &reader))
        // What the API fills in. (SetDefaults_LimitRangeItem)
        if item.appliesTo == .container {
            item.defaultLimits.fill(from: item.maximum) { _ in true }
            item.defaultRequests.fill(from: item.defaultLimits) { _ in true }
            item.defaultRequests.fill(from: item.minimum) { _ in true }
        }
        for entry in item.minimum.entries {
            if let most = item.maximum[entry.name], entry.quantity > most {
                reader.diagnostics.error(
                    at: entry.node,
                    "`\(path).min[\(entry.name)]`: `\(entry.quantity)` is above the maximum `\(most)`"
                )
            }
        }
        return item
    }

    // MARK: Admission

    /// Gives containers what they did not say.
    func fillIn(_ spec: inout PodSpecification) {
        for item in items where item.appliesTo == .container {
            for index in spec.containers.indices { fillIn(&spec.containers[index], item) }
            for index in spec.initContainers.indices { fillIn(&spec.initContainers[index], item) }
        }
    }

    private func fillIn(_ container: inout ContainerManifest, _ item: Item) {
        container.resources.limits.fill(from: item.defaultLimits) { _ in true }
        container.resources.requests.fill(from: item.defaultRequests) { _ in true }
    }

    /// Why a pod is refused, in the API server's words; nil when it is not. (PodValidateLimitFunc)
    func refusal(of spec: PodSpecification) -> String? {
        for item in items {
            switch item.appliesTo {
            case .container:
                for container in spec.containers + spec.initContainers {
                    if let refusal = refusal(
                        container.resources.requests, container.resources.limits, item)
                    {
                        return refusal
                    }
                }
            case .pod:
                var alone = spec
                alone.overhead = ResourceQuantities()
                if let refusal = refusal(alone.effectiveRequests, alone.effectiveLimits, item) {
                    return refusal
                }
            case .other: break
            }
        }
        return nil
    }

    private func refusal(
        _ requests: ResourceQuantities, _ limits: ResourceQuantities, _ item: Item
    ) -> String? {
        let per = "per \(item.appliesTo.rawValue)"
        for entry in item.minimum.entries {
            let rule = "minimum \(entry.name) usage \(per) is \(entry.quantity)"
            guard let request = requests[entry.name] else {
                return rule + ".  No request is specified"
            }
            if request < entry.quantity { return rule + ", but request is \(request)" }
            if let limit = limits[entry.name], limit < entry.quantity {
                return rule + ", but limit is \(limit)"
            }
        }
        for entry in item.maximum.entries {
            let rule = "maximum \(entry.name) usage \(per) is \(entry.quantity)"
            guard let limit = limits[entry.name] else {
                return rule + ".  No limit is specified"
            }
            if limit > entry.quantity { return rule + ", but limit is \(limit)" }
            if let request = requests[entry.name], request > entry.quantity {
                return rule + ", but request is \(request)"
            }
        }
        for entry in item.ratios.entries {
            let rule = "\(entry.name) max limit to request ratio \(per) is \(entry.quantity)"
            guard let request = requests[entry.name], request.sign > 0 else {
                return rule + ", but no request is specified or request is 0"
            }
            guard let limit = limits[entry.name], limit.sign > 0 else {
                return rule + ", but no limit is specified or limit is 0"
            }
            // Compared without a division: limit × 1000 against request × thousandths of the ratio.
            let left = Int128(limit.milliValue) * 1000
            if left > Int128(request.milliValue) * Int128(entry.quantity.milliValue) {
                return rule
                    + ", but provided ratio is above it (limit \(limit), request \(request))"
            }
        }
        return nil
    }
}
