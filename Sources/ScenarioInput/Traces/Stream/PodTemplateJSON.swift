package import Primitives
package import WorkloadModel

/// A pod's shape as a pod template in one line of JSON, of which `readPodTemplate` makes the same shape again.
///
/// What a template cannot say is left out: a controller reference. Host ports stand with the first app container.
package func podTemplateJSON(of shape: PodShape, resources: ResourceTable) -> String {
    PodTemplateJSON(resources: resources).template(shape).oneLine
}

private struct PodTemplateJSON {
    let resources: ResourceTable

    func template(_ shape: PodShape) -> JSONValue {
        var metadata: [(String, JSONValue)] = []
        if shape.namespace != "default" { metadata.append(("namespace", .string(shape.namespace))) }
        if !shape.labels.isEmpty { metadata.append(("labels", labels(shape.labels))) }
        var members: [(String, JSONValue)] = []
        if !metadata.isEmpty { members.append(("metadata", .object(metadata))) }
        members.append(("spec", .object(specification(shape))))
        return .object(members)
    }

    private func specification(_ shape: PodShape) -> [(String, JSONValue)] {
        var spec: [(String, JSONValue)] = []
        let inits = shape.containers.filter { $0.kind != .app }
        let apps = shape.containers.filter { $0.kind == .app }
        if !inits.isEmpty { spec.append(("initContainers", .array(inits.map { container($0) }))) }
        let ports = shape.placement?.hostPorts ?? []
        let containers = apps.enumerated().map { index, app in
            container(app, ports: index == 0 ? ports : [])
        }
        spec.append(("containers", .array(containers)))
        if let podLevel = shape.podLevel {
            spec.append(("resources", requirements(podLevel)))
        }
        if !shape.overhead.isEmpty { spec.append(("overhead", amounts(shape.overhead))) }
        if shape.priority != 0 { spec.append(("priority", .bare("\(shape.priority)"))) }
        if !shape.nodeSelector.isEmpty { spec.append(("nodeSelector", labels(shape.nodeSelector))) }
        if !shape.tolerations.isEmpty {
            spec.append(("tolerations", .array(shape.tolerations.map(toleration))))
        }
        if shape.terminationGracePeriodSeconds != 30 {
            spec.append(
                ("terminationGracePeriodSeconds", .bare("\(shape.terminationGracePeriodSeconds)")))
        }
        if shape.schedulerName != "default-scheduler" {
            spec.append(("schedulerName", .string(shape.schedulerName)))
        }
        if let rules = shape.placement { spec += placement(rules) }
        return spec
    }

    // MARK: Containers and resources

    private func container(_ container: ContainerShape, ports: [HostPort] = []) -> JSONValue {
        var members: [(String, JSONValue)] = [("name", .string(container.name))]
        if !container.image.isEmpty { members.append(("image", .string(container.image))) }
        if container.kind == .sidecar { members.append(("restartPolicy", .string("Always"))) }
        if !container.resources.requests.isEmpty || !container.resources.limits.isEmpty {
            members.append(("resources", requirements(container.resources)))
        }
        if !ports.isEmpty { members.append(("ports", .array(ports.map(port)))) }
        return .object(members)
    }

    private func port(_ port: HostPort) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("containerPort", .bare("\(port.port)")), ("hostPort", .bare("\(port.port)")),
        ]
        if port.transport != .tcp { members.append(("protocol", .string(port.transport.rawValue))) }
        if port.address != "0.0.0.0" { members.append(("hostIP", .string(port.address))) }
        return .object(members)
    }

    private func requirements(_ container: ContainerResources) -> JSONValue {
        var members: [(String, JSONValue)] = []
        if !container.requests.isEmpty { members.append(("requests", amounts(container.requests))) }
        if !container.limits.isEmpty { members.append(("limits", amounts(container.limits))) }
        return .object(members)
    }

    private func amounts(_ amounts: [ResourceAmount]) -> JSONValue {
        .object(
            amounts.map {
                (resources[$0.resource], .string(quantityText($0, resources: resources)))
            })
    }

    // MARK: Placement

    private func placement(_ rules: PlacementRules) -> [(String, JSONValue)] {
        var members: [(String, JSONValue)] = []
        var affinity: [(String, JSONValue)] = []
        if rules.requiredNodeTerms != nil || !rules.preferredNodeTerms.isEmpty {
            affinity.append(("nodeAffinity", nodeAffinity(rules)))
        }
        if !rules.podAffinity.isEmpty {
            affinity.append(("podAffinity", podRules(rules.podAffinity)))
        }
        if !rules.podAntiAffinity.isEmpty {
            affinity.append(("podAntiAffinity", podRules(rules.podAntiAffinity)))
        }
        if !affinity.isEmpty { members.append(("affinity", .object(affinity))) }
        if !rules.topologySpread.isEmpty {
            members.append(("topologySpreadConstraints", .array(rules.topologySpread.map(spread))))
        }
        if !rules.schedulingGates.isEmpty {
            let gates = rules.schedulingGates.map { JSONValue.object([("name", .string($0))]) }
            members.append(("schedulingGates", .array(gates)))
        }
        if !rules.mayPreempt { members.append(("preemptionPolicy", .string("Never"))) }
        return members
    }

    private static let required = "requiredDuringSchedulingIgnoredDuringExecution"
    private static let preferred = "preferredDuringSchedulingIgnoredDuringExecution"

    private func nodeAffinity(_ rules: PlacementRules) -> JSONValue {
        var members: [(String, JSONValue)] = []
        if let terms = rules.requiredNodeTerms {
            let terms = JSONValue.array(terms.map(nodeTerm))
            members.append((PodTemplateJSON.required, .object([("nodeSelectorTerms", terms)])))
        }
        if !rules.preferredNodeTerms.isEmpty {
            let terms = rules.preferredNodeTerms.map {
                JSONValue.object([
                    ("weight", .bare("\($0.weight)")), ("preference", nodeTerm($0.term)),
                ])
            }
            members.append((PodTemplateJSON.preferred, .array(terms)))
        }
        return .object(members)
    }

    private func nodeTerm(_ term: NodeSelectorTerm) -> JSONValue {
        var members: [(String, JSONValue)] = []
        func add(_ key: String, _ requirements: [NodeSelectorRequirement]) {
            guard !requirements.isEmpty else { return }
            let values = requirements.map {
                expression($0.key, $0.operation.rawValue, $0.values)
            }
            members.append((key, .array(values)))
        }
        add("matchExpressions", term.matchExpressions)
        add("matchFields", term.matchFields)
        return .object(members)
    }

    private func podRules(_ rules: PodAffinityRules) -> JSONValue {
        var members: [(String, JSONValue)] = []
        if !rules.required.isEmpty {
            members.append((PodTemplateJSON.required, .array(rules.required.map(podTerm))))
        }
        if !rules.preferred.isEmpty {
            let terms = rules.preferred.map {
                JSONValue.object([
                    ("weight", .bare("\($0.weight)")), ("podAffinityTerm", podTerm($0.term)),
                ])
            }
            members.append((PodTemplateJSON.preferred, .array(terms)))
        }
        return .object(members)
    }

    private func podTerm(_ term: PodAffinityTerm) -> JSONValue {
        var members: [(String, JSONValue)] = []
        if let given = term.labelSelector { members.append(("labelSelector", selector(given))) }
        members.append(("topologyKey", .string(term.topologyKey)))
        if !term.namespaces.isEmpty { members.append(("namespaces", .strings(term.namespaces))) }
        if let given = term.namespaceSelector {
            members.append(("namespaceSelector", selector(given)))
        }
        if !term.matchLabelKeys.isEmpty {
            members.append(("matchLabelKeys", .strings(term.matchLabelKeys)))
        }
        if !term.mismatchLabelKeys.isEmpty {
            members.append(("mismatchLabelKeys", .strings(term.mismatchLabelKeys)))
        }
        return .object(members)
    }

    private func spread(_ constraint: TopologySpreadConstraint) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("maxSkew", .bare("\(constraint.maxSkew)")),
            ("topologyKey", .string(constraint.topologyKey)),
            ("whenUnsatisfiable", .string(constraint.whenUnsatisfiable.rawValue)),
        ]
        if let given = constraint.labelSelector {
            members.append(("labelSelector", selector(given)))
        }
        if let count = constraint.minDomains { members.append(("minDomains", .bare("\(count)"))) }
        if constraint.nodeAffinityPolicy != .honor {
            members.append(("nodeAffinityPolicy", .string(constraint.nodeAffinityPolicy.rawValue)))
        }
        if constraint.nodeTaintsPolicy != .ignore {
            members.append(("nodeTaintsPolicy", .string(constraint.nodeTaintsPolicy.rawValue)))
        }
        if !constraint.matchLabelKeys.isEmpty {
            members.append(("matchLabelKeys", .strings(constraint.matchLabelKeys)))
        }
        return .object(members)
    }

    private func toleration(_ toleration: Toleration) -> JSONValue {
        var members: [(String, JSONValue)] = []
        if !toleration.key.isEmpty { members.append(("key", .string(toleration.key))) }
        if let value = toleration.value {
            members.append(("operator", .string("Equal")))
            members.append(("value", .string(value)))
        } else {
            members.append(("operator", .string("Exists")))
        }
        if let effect = toleration.effect { members.append(("effect", .string(effect.rawValue))) }
        return .object(members)
    }

    // MARK: Labels

    private func labels(_ labels: [Label]) -> JSONValue {
        .object(labels.map { ($0.key, .string($0.value)) })
    }

    private func selector(_ selector: LabelSelector) -> JSONValue {
        var members: [(String, JSONValue)] = []
        if !selector.matchLabels.isEmpty {
            members.append(("matchLabels", labels(selector.matchLabels)))
        }
        if !selector.matchExpressions.isEmpty {
            let values = selector.matchExpressions.map {
                expression($0.key, $0.operation.rawValue, $0.values)
            }
            members.append(("matchExpressions", .array(values)))
        }
        return .object(members)
    }

    private func expression(_ key: String, _ operation: String, _ values: [String]) -> JSONValue {
        var members: [(String, JSONValue)] = [
            ("key", .string(key)), ("operator", .string(operation)),
        ]
        if !values.isEmpty { members.append(("values", .strings(values))) }
        return .object(members)
    }
}

/// An amount as Kubernetes prints it: `1500m`, `8Gi`, `3`.
package func quantityText(_ amount: ResourceAmount, resources: ResourceTable) -> String {
    if amount.resource == ResourceTable.cpu { return Quantity(milli: amount.amount).description }
    let isBytes =
        amount.resource == ResourceTable.memory
        || amount.resource == ResourceTable.ephemeralStorage
        || resources.hugePageSize(amount.resource) != nil
    return Quantity(units: amount.amount, format: isBytes ? .binarySI : .decimalSI).description
}

/// The shape whose sums and class follow from its containers anew; nil where Kubernetes would refuse it.
package func rebuiltShape(_ shape: PodShape, resources: ResourceTable) -> PodShape? {
    var table = resources
    var diagnostics = Diagnostics()
    let text = podTemplateJSON(of: shape, resources: resources)
    guard let node = try? readJSONSource(Array(text.utf8), file: "-"),
        var rebuilt = readPodTemplate(node, resources: &table, diagnostics: &diagnostics)
    else { return nil }
    if let controller = shape.placement?.controller {
        var placement = rebuilt.placement ?? PlacementRules()
        placement.controller = controller
        rebuilt.placement = placement
    }
    return rebuilt
}
