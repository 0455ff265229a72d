package import Primitives
package import WorkloadModel

/// Reads a pod template, `{metadata?, spec}`, as a Deployment or a scenario's workload holds it.
///
/// Applies API defaulting and validation; all mistakes go to `diagnostics`, and nil is returned after an error.
package func readPodTemplate(
    _ node: SourceNode, classes: PriorityClasses = PriorityClasses(),
    resources: inout ResourceTable, diagnostics: inout Diagnostics
) -> PodShape? {
    readPodTemplate(
        node, at: "", classes: classes, resources: &resources, diagnostics: &diagnostics)
}

/// The same for a template somewhere in an object, as in `spec.template`, whose owner allows these restart policies.
func readPodTemplate(
    _ node: SourceNode, at path: String, restartPolicies: [String]? = nil,
    classes: PriorityClasses = PriorityClasses(), resources: inout ResourceTable,
    diagnostics: inout Diagnostics
) -> PodShape? {
    var own = Diagnostics()
    let pod = readPodTemplateManifest(
        node, at: path, restartPolicies: restartPolicies, diagnostics: &own)
    pod?.noteWhatManifestsDecide(in: &own)
    let shape = pod.flatMap {
        makeCheckedShape($0, classes, resources: &resources, diagnostics: &own)
    }
    for diagnostic in own.all { diagnostics.add(diagnostic) }
    return own.hasErrors ? nil : shape
}

/// A template's pod as it is written: types, and the restart policies that its owner allows.
func readPodTemplateManifest(
    _ node: SourceNode, at path: String, restartPolicies: [String]?,
    diagnostics own: inout Diagnostics
) -> PodManifest? {
    var reader = ManifestReader(own, unknownFields: .noted)
    let pod = reader.fields(of: node, at: path, known: ["metadata", "spec"])
        .flatMap { reader.pod($0) }
    own = reader.diagnostics
    if let spec = pod?.spec, let restartPolicies {
        // A pod's own default, which Jobs do not allow.
        let policy = spec.restartPolicy.isEmpty ? "Always" : spec.restartPolicy
        if !restartPolicies.contains(policy) {
            own.add(
                APIFieldError(
                    .unsupported, "\(spec.path).restartPolicy", .notOneOf(restartPolicies),
                    value: policy, at: spec.node["restartPolicy"] ?? spec.node
                ).diagnostic)
        }
    }
    return pod
}

extension PodManifest {
    /// Alone, a pod says nothing of its runtime class, and its node is for the scheduler to find.
    fileprivate func noteWhatManifestsDecide(in diagnostics: inout Diagnostics) {
        for (key, value) in [
            ("nodeName", spec.nodeName), ("runtimeClassName", spec.runtimeClassName),
        ] where !value.isEmpty {
            diagnostics.note(
                at: spec.node[key] ?? spec.node,
                "`\(joined(spec.path, key))` is not simulated, taken no notice of")
        }
    }
}

/// Reads a Pod manifest to the end: types, defaults, validation, shape; nil after an error.
package func readPod(
    _ node: SourceNode, resources: inout ResourceTable, diagnostics: inout Diagnostics
) -> (name: String, namespace: String, shape: PodShape)? {
    var own = Diagnostics()
    let pod = readPodManifest(node, diagnostics: &own)
    pod?.noteWhatManifestsDecide(in: &own)
    let shape = pod.flatMap {
        makeCheckedShape($0, PriorityClasses(), resources: &resources, diagnostics: &own)
    }
    for diagnostic in own.all { diagnostics.add(diagnostic) }
    guard let pod, let shape, !own.hasErrors else { return nil }
    return (pod.name, pod.namespace.isEmpty ? "default" : pod.namespace, shape)
}

/// Defaults, validation, shape.
func makeCheckedShape(
    _ pod: PodManifest, _ classes: PriorityClasses, resources: inout ResourceTable,
    diagnostics: inout Diagnostics
) -> PodShape? {
    var pod = pod
    pod.applyDefaults()
    let errors = pod.validate()
    for error in errors { diagnostics.add(error.diagnostic) }
    return makePodShape(pod, classes, resources: &resources, diagnostics: &diagnostics)
}

/// A defaulted pod as the simulation sees it; nil when an amount is beyond Int64 in its own unit, which is told.
package func makePodShape(
    _ pod: PodManifest, _ classes: PriorityClasses = PriorityClasses(),
    resources: inout ResourceTable, diagnostics: inout Diagnostics
) -> PodShape? {
    let spec = pod.spec
    var amounts = ResourceAmounts(resources: resources, diagnostics: diagnostics)
    defer {
        resources = amounts.resources
        diagnostics = amounts.diagnostics
    }
    var containers: [ContainerShape] = []
    for container in spec.initContainers {
        containers.append(
            ContainerShape(
                name: container.name, kind: container.isRestartable ? .sidecar : .initContainer,
                resources: amounts.resources(of: container.resources), image: container.image))
    }
    for container in spec.containers {
        containers.append(
            ContainerShape(
                name: container.name, kind: .app,
                resources: amounts.resources(of: container.resources), image: container.image))
    }
    var shape = PodShape(qos: spec.qos, containers: containers)
    shape.requests = amounts.amounts(of: spec.effectiveRequests).filter { $0.amount != 0 }
    shape.limits = amounts.amounts(of: spec.effectiveLimits).filter { $0.amount != 0 }
    for amount in amounts.amounts(of: spec.scoredRequests) {
        if amount.resource == ResourceTable.cpu { shape.nonZeroMilliCPU = amount.amount }
        if amount.resource == ResourceTable.memory { shape.nonZeroMemory = amount.amount }
    }
    if let podLevel = spec.resources, !podLevel.requests.isEmpty || !podLevel.limits.isEmpty {
        shape.podLevel = amounts.resources(of: podLevel)
    }
    shape.overhead = amounts.amounts(of: spec.overhead)
    let priorityClass = spec.priorityClass(in: classes)
    shape.priority = spec.priority ?? priorityClass?.value ?? 0
    shape.nodeSelector = spec.nodeSelector
    shape.tolerations = spec.tolerations.map(\.toleration)
    shape.terminationGracePeriodSeconds = spec.terminationGracePeriodSeconds ?? 30
    shape.labels = pod.labels
    if !pod.namespace.isEmpty { shape.namespace = pod.namespace }
    if !spec.schedulerName.isEmpty { shape.schedulerName = spec.schedulerName }
    var placement = spec.placement
    placement.hostPorts = spec.hostPorts
    if priorityClass?.mayPreempt == false { placement.mayPreempt = false }
    if !placement.isEmpty { shape.placement = placement }
    amounts.noteWhatIsNotSimulated(spec, classes)
    return amounts.hasOverflow ? nil : shape
}

/// Turns quantities into whole amounts of interned resources.
private struct ResourceAmounts {
    var resources: ResourceTable
    var diagnostics: Diagnostics
    var hasOverflow = false
    private var told: Set<SourceMark> = []

    init(resources: ResourceTable, diagnostics: Diagnostics) {
        self.resources = resources
        self.diagnostics = diagnostics
    }

    mutating func resources(of requirements: ResourceRequirements) -> ContainerResources {
        ContainerResources(
            requests: amounts(of: requirements.requests), limits: amounts(of: requirements.limits))
    }

    /// Ascending by resource; milli-CPU for cpu, bytes or units for the rest, rounded up.
    mutating func amounts(of quantities: ResourceQuantities) -> [ResourceAmount] {
        var amounts: [ResourceAmount] = []
        for entry in quantities.entries {
            let resource = resources.intern(entry.name)
            let exponent = resource == ResourceTable.cpu ? -3 : 0
            guard let units = entry.quantity.units(exponent: exponent),
                units.magnitude < 1 << 60
            else {
                hasOverflow = true
                if told.insert(entry.node.mark).inserted {
                    diagnostics.error(
                        at: entry.node, "`\(entry.quantity)` of \(entry.name) is too much",
                        hint: "less than 2⁶⁰ bytes, milli-CPUs or units can be simulated")
                }
                continue
            }
            amounts.append(ResourceAmount(resource, units))
        }
        return amounts.sorted { $0.resource < $1.resource }
    }

    mutating func noteWhatIsNotSimulated(
        _ spec: PodSpecification, _ classes: PriorityClasses
    ) {
        if !spec.priorityClassName.isEmpty, spec.priority == nil,
            classes.byName[spec.priorityClassName] == nil
        {
            diagnostics.note(
                at: spec.node,
                "priority class `\(spec.priorityClassName)` is unknown and counts as priority 0",
                hint: "list it under `priorityClasses`, or give its number as `priority`")
        }
    }
}

extension PodSpecification {
    /// Of containers that run side by side; an init container's ports are free again before others start.
    var hostPorts: [HostPort] {
        (initContainers.filter(\.isRestartable) + containers).flatMap { container in
            container.ports.filter { $0.hostPort > 0 }.map {
                HostPort(port: $0.hostPort, address: $0.hostIP, transport: $0.transport)
            }
        }
    }

    /// The class that it names, or the one for pods that name none. (the Priority admission plugin)
    func priorityClass(in classes: PriorityClasses) -> PriorityClass? {
        priorityClassName.isEmpty
            ? classes.globalDefault : classes.byName[priorityClassName]
    }
}

extension TolerationManifest {
    var toleration: Toleration {
        var toleration = Toleration(
            key: key, value: operation == "Exists" ? nil : value,
            effect: TaintEffect(rawValue: effect))
        toleration.tolerationSeconds = seconds
        return toleration
    }
}
