import WorkloadModel

extension PodManifest {
    /// What the API would refuse about this pod's spec after defaulting, all at once.
    ///
    /// Covers what placement depends on: names, resources of containers and pod, overhead, restart policies,
    /// tolerations. An image is not asked for. (k/k pkg/apis/core/validation/validation.go ValidatePodSpec)
    package func validate() -> [APIFieldError] {
        var validation = PodValidation()
        validation.check(spec)
        return validation.errors
    }
}

private struct PodValidation {
    var errors: [APIFieldError] = []

    mutating func add(
        _ kind: APIFieldError.Kind, _ path: String, _ reason: APIFieldError.Reason,
        value: String? = nil, at node: SourceNode
    ) {
        errors.append(APIFieldError(kind, path, reason, value: value, at: node))
    }

    mutating func check(_ spec: PodSpecification) {
        if spec.containers.isEmpty {
            add(.required, "\(spec.path).containers", .missing, at: spec.node)
        }
        var names: Set<String> = []
        for (path, container) in spec.pathsOfContainers {
            check(nameOf: container, at: path, names: &names)
            check(restartPolicyOf: container, at: path)
            check(
                container.resources, at: "\(path).resources",
                of: .container)
        }
        if let resources = spec.resources {
            let path = "\(spec.path).resources"
            check(resources, at: path, of: .pod)
            checkConsistency(of: resources, in: spec, at: path)
        }
        // Overhead is judged as limits are.
        check(
            ResourceRequirements(limits: spec.overhead, node: spec.node),
            at: "\(spec.path).overhead", of: .container)
        let policies = ["Always", "OnFailure", "Never"]
        if !policies.contains(spec.restartPolicy) {
            add(
                .unsupported, "\(spec.path).restartPolicy", .notOneOf(policies),
                value: spec.restartPolicy, at: spec.node)
        }
        for (index, toleration) in spec.tolerations.enumerated() {
            check(toleration, at: "\(spec.path).tolerations[\(index)]")
        }
    }

    private mutating func check(
        nameOf container: ContainerManifest, at path: String, names: inout Set<String>
    ) {
        let name = container.name
        if name.isEmpty {
            add(.required, "\(path).name", .missing, at: container.node)
        } else if !ObjectNames.isDNSLabel(name) {
            add(.invalid, "\(path).name", .notDNSLabel, value: name, at: container.node)
        } else if !names.insert(name).inserted {
            add(.duplicate, "\(path).name", .repeated, value: name, at: container.node)
        }
    }

    private mutating func check(restartPolicyOf container: ContainerManifest, at path: String) {
        guard let policy = container.restartPolicy else { return }
        let policies = ["Always", "Never", "OnFailure"]
        if !policies.contains(policy) {
            add(
                .unsupported, "\(path).restartPolicy", .notOneOf(policies), value: policy,
                at: container.node)
        }
    }

    // MARK: Resources

    /// Whose resources they are: the two may name different ones.
    private enum Level {
        case container, pod
    }

    /// (validateResourceRequirements)
    private mutating func check(
        _ requirements: ResourceRequirements, at path: String, of level: Level
    ) {
        for entry in requirements.limits.entries {
            let entryPath = "\(path).limits[\(entry.name)]"
            checkName(entry, at: entryPath, of: level)
            checkAmount(entry, at: entryPath)
            checkPages(entry, at: entryPath)
        }
        for entry in requirements.requests.entries {
            let entryPath = "\(path).requests[\(entry.name)]"
            checkName(entry, at: entryPath, of: level)
            checkAmount(entry, at: entryPath)
            compare(entry, to: requirements.limits[entry.name], at: path)
            checkPages(entry, at: entryPath)
        }
        let names = (requirements.limits.entries + requirements.requests.entries).map(\.name)
        if names.contains(where: ResourceNames.isHugePages)
            && !names.contains("cpu") && !names.contains("memory")
        {
            add(.forbidden, path, .pagesAlone, at: requirements.node)
        }
    }

    /// (ValidateResourceQuantityValue)
    private mutating func checkAmount(_ entry: ResourceQuantities.Entry, at path: String) {
        let value = entry.quantity.description
        if entry.quantity.sign < 0 {
            add(.invalid, path, .negative, value: value, at: entry.node)
        }
        if ResourceNames.isWhole(entry.name), entry.quantity.milliValue % 1000 != 0 {
            add(.invalid, path, .notWhole, value: value, at: entry.node)
        }
    }

    private mutating func compare(
        _ entry: ResourceQuantities.Entry, to limit: Quantity?, at path: String
    ) {
        let isOvercommittable = ResourceNames.isOvercommittable(entry.name)
        guard let limit else {
            if !isOvercommittable {
                add(.required, "\(path).limits", .limitMissing, at: entry.node)
            }
            return
        }
        let value = entry.quantity.description
        if entry.quantity != limit, !isOvercommittable {
            add(
                .invalid, "\(path).requests",
                .unlikeLimit(resource: entry.name, limit: limit.description), value: value,
                at: entry.node)
        } else if entry.quantity > limit {
            add(
                .invalid, "\(path).requests",
                .aboveLimit(resource: entry.name, limit: limit.description), value: value,
                at: entry.node)
        }
    }

    /// Huge pages come whole. (IsHugePageResourceValueDivisible)
    private mutating func checkPages(_ entry: ResourceQuantities.Entry, at path: String) {
        guard ResourceNames.isHugePages(entry.name) else { return }
        let size = entry.name.dropFirst(ResourceNames.hugePagesPrefix.count)
        if let page = try? Quantity(size), page.sign > 0, page.milliValue % 1000 == 0,
            page.value != 0, entry.quantity.value % page.value == 0
        {
            return
        }
        let value = entry.quantity.description
        add(
            .invalid, path, .notPagesOf(resource: entry.name, quantity: value), value: value,
            at: entry.node)
    }

    /// Pod-level values cover what the containers ask for. (validatePodResourceConsistency)
    private mutating func checkConsistency(
        of resources: ResourceRequirements, in spec: PodSpecification, at path: String
    ) {
        for sum in spec.aggregateRequests.entries {
            guard let own = resources.requests.entry(sum.name), own.quantity < sum.quantity else {
                continue
            }
            add(
                .invalid, "\(path).requests[\(sum.name)]",
                .belowAggregateRequests(sum.quantity.description),
                value: own.quantity.description, at: own.node)
        }
        for sum in spec.aggregateLimits.entries where ResourceNames.isHugePages(sum.name) {
            guard let own = resources.limits.entry(sum.name), own.quantity < sum.quantity else {
                continue
            }
            add(
                .invalid, "\(path).limits[\(sum.name)]",
                .belowAggregateLimits(sum.quantity.description), value: own.quantity.description,
                at: own.node)
        }
        for (index, container) in spec.containers.enumerated() {
            for limit in container.resources.limits.entries {
                guard let own = resources.limits[limit.name], limit.quantity > own else { continue }
                // The API names this path under the pod's resources.
                add(
                    .invalid, "\(path).containers[\(index)][\(limit.name)].limits",
                    .abovePodLimit(own.description), value: limit.quantity.description,
                    at: limit.node)
            }
        }
    }

    // MARK: Names of resources

    private mutating func checkName(
        _ entry: ResourceQuantities.Entry, at path: String, of level: Level
    ) {
        let isStandard = checkResourceName(entry, at: path)
        switch level {
        case .container: checkContainerResourceName(entry, at: path)
        case .pod:
            if isStandard, !ResourceNames.isForPods(entry.name) {
                add(
                    .unsupported, path, .notOneOf(["cpu", "hugepages-", "memory"]),
                    value: entry.name, at: entry.node)
            }
        }
    }

    /// Tells whether nothing was wrong. (validateResourceName)
    private mutating func checkResourceName(
        _ entry: ResourceQuantities.Entry, at path: String
    ) -> Bool {
        if !ObjectNames.isQualified(entry.name) {
            add(.invalid, path, .notQualifiedName, value: entry.name, at: entry.node)
            return false
        }
        if !entry.name.contains("/") && !ResourceNames.isStandard(entry.name) {
            add(.invalid, path, .notStandardResource, value: entry.name, at: entry.node)
            return false
        }
        return true
    }

    /// (validateContainerResourceName)
    private mutating func checkContainerResourceName(
        _ entry: ResourceQuantities.Entry, at path: String
    ) {
        if !entry.name.contains("/") {
            if !ResourceNames.isForContainers(entry.name) {
                add(.invalid, path, .notContainerResource, value: entry.name, at: entry.node)
            }
        } else if !ResourceNames.isNative(entry.name), !ResourceNames.isExtended(entry.name) {
            add(.invalid, path, .notExtendedResource, value: entry.name, at: entry.node)
        }
    }

    // MARK: Tolerations

    /// (ValidateTolerations)
    private mutating func check(_ toleration: TolerationManifest, at path: String) {
        let node = toleration.node
        if !toleration.key.isEmpty, !ObjectNames.isQualified(toleration.key) {
            add(.invalid, "\(path).key", .notQualifiedName, value: toleration.key, at: node)
        }
        if toleration.key.isEmpty, toleration.operation != "Exists" {
            add(
                .invalid, "\(path).operator",
                .rule("operator must be `Exists` when `key` is empty"),
                value: toleration.operation, at: node)
        }
        if toleration.seconds != nil, toleration.effect != "NoExecute" {
            add(
                .invalid, "\(path).effect",
                .rule("effect must be `NoExecute` when `tolerationSeconds` is given"),
                value: toleration.effect, at: node)
        }
        switch toleration.operation {
        case "", "Equal":
            if !ObjectNames.isLabelValue(toleration.value) {
                add(.invalid, "\(path).operator", .notLabelValue, value: toleration.value, at: node)
            }
        case "Exists":
            if !toleration.value.isEmpty {
                add(
                    .invalid, "\(path).operator",
                    .rule("value must be empty when the operator is `Exists`"),
                    value: toleration.value, at: node)
            }
        default:
            add(
                .unsupported, "\(path).operator", .notOneOf(["Equal", "Exists"]),
                value: toleration.operation, at: node)
        }
        let effects = TaintEffect.allCases.map(\.rawValue)
        if !toleration.effect.isEmpty, !effects.contains(toleration.effect) {
            add(
                .unsupported, "\(path).effect", .notOneOf(effects), value: toleration.effect,
                at: node)
        }
    }
}
