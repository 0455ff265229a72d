import WorkloadModel

/// What a cluster's objects do to pods on their way in: classes, ranges, quotas, volumes, budgets.
struct ClusterPolicies: Sendable {
    var priorityClasses: PriorityClasses
    /// By name.
    var runtimeClasses: [String: RuntimeClass] = [:]
    /// By namespace, in the order of the texts.
    var limitRanges: [String: [LimitRange]] = [:]
    var quotas: [String: [ResourceQuota]] = [:]
    /// LimitRanges and ResourceQuotas of one namespace, at most.
    private static let mostOfNamespace = 1000
    var volumes = VolumePlacement()
    var budgets: [PodDisruptionBudget] = []
    var namespaces: [(name: String, labels: [Label])] = []

    init(priorityClasses: PriorityClasses) { self.priorityClasses = priorityClasses }

    mutating func add(_ object: KubernetesObject, diagnostics: inout Diagnostics) {
        switch object.kind {
        case "PriorityClass": addPriorityClass(object, &diagnostics)
        case "RuntimeClass":
            if let read = RuntimeClass.read(object, diagnostics: &diagnostics) {
                runtimeClasses[read.name] = read
            }
        case "LimitRange":
            if let read = LimitRange.read(object, diagnostics: &diagnostics) {
                check(limitRanges[read.namespace]?.count, object, &diagnostics)
                limitRanges[read.namespace, default: []].append(read)
            }
        case "ResourceQuota":
            if let read = ResourceQuota.read(object, diagnostics: &diagnostics) {
                check(quotas[read.namespace]?.count, object, &diagnostics)
                quotas[read.namespace, default: []].append(read)
            }
        case "PodDisruptionBudget":
            if let read = PodDisruptionBudget.read(object, diagnostics: &diagnostics) {
                budgets.append(read)
            }
        case "PersistentVolume": volumes.addVolume(object, diagnostics: &diagnostics)
        case "PersistentVolumeClaim": volumes.addClaim(object, diagnostics: &diagnostics)
        case "StorageClass": volumes.addClass(object, diagnostics: &diagnostics)
        case "Namespace": addNamespace(object, &diagnostics)
        default: break
        }
    }

    private func check(
        _ count: Int?, _ object: KubernetesObject, _ diagnostics: inout Diagnostics
    ) {
        guard let count, count >= ClusterPolicies.mostOfNamespace else { return }
        diagnostics.error(
            at: object.node,
            "more than \(grouped(ClusterPolicies.mostOfNamespace)) \(object.kind)s in one namespace"
        )
    }

    private mutating func addPriorityClass(
        _ object: KubernetesObject, _ diagnostics: inout Diagnostics
    ) {
        var reader = ManifestReader(Diagnostics(), unknownFields: .noted)
        defer { for diagnostic in reader.diagnostics.all { diagnostics.add(diagnostic) } }
        guard
            let fields = reader.fields(
                of: object.node, at: "",
                known: [
                    "apiVersion", "kind", "metadata", "value", "globalDefault", "description",
                    "preemptionPolicy",
                ])
        else { return }
        guard let value = reader.integer("value", of: fields, as: Int32.self) else {
            if fields["value"] == nil { reader.missing("value", of: fields) }
            return
        }
        let policy = reader.text("preemptionPolicy", of: fields) ?? "PreemptLowerPriority"
        if !["PreemptLowerPriority", "Never"].contains(policy) {
            reader.diagnostics.add(
                APIFieldError(
                    .unsupported, "preemptionPolicy",
                    .notOneOf(["Never", "PreemptLowerPriority"]), value: policy,
                    at: fields["preemptionPolicy"] ?? object.node
                ).diagnostic)
        }
        let built = PriorityClass(value: value, mayPreempt: policy != "Never")
        priorityClasses.byName[object.name] = built
        guard reader.boolean("globalDefault", of: fields) == true else { return }
        // Of several the one with the lowest value holds. (k/k plugin/pkg/admission/priority)
        if let other = priorityClasses.globalDefault, other.value <= value { return }
        priorityClasses.globalDefault = built
    }

    private mutating func addNamespace(
        _ object: KubernetesObject, _ diagnostics: inout Diagnostics
    ) {
        var labels: [Label] = []
        for entry in object.node["metadata"]?["labels"]?.entries ?? [] {
            guard let value = entry.value.text else {
                diagnostics.error(
                    at: entry.value,
                    "`metadata.labels[\(entry.key)]`: expected text, found \(entry.value.said)")
                continue
            }
            labels.append(Label(key: entry.key, value: value))
        }
        namespaces.append((object.name, labels))
    }

    // MARK: Pods on their way in

    /// Why a pod is never there.
    struct Refusal: Error {
        var message: String
    }

    /// What the admission plugins make of a pod after API defaulting; what is dropped is told.
    ///
    /// - Throws: the refusal of one of them.
    func admit(
        _ pod: inout PodManifest, namespace: String, told: inout [String]
    ) throws(Refusal) {
        for range in limitRanges[namespace] ?? [] { range.fillIn(&pod.spec) }
        let runtimeName = pod.spec.runtimeClassName
        if !runtimeName.isEmpty {
            if let runtime = runtimeClasses[runtimeName] {
                if let refusal = runtime.apply(to: &pod.spec) { throw Refusal(message: refusal) }
            } else {
                told.append(
                    "the runtime class `\(runtimeName)` is not among the objects: no overhead")
            }
        }
        told += volumes.apply(to: &pod, namespace: namespace)
        if let error = pod.validate().first {
            throw Refusal(message: "after admission, \(error.message)")
        }
        for range in limitRanges[namespace] ?? [] {
            if let refusal = range.refusal(of: pod.spec) {
                throw Refusal(message: "LimitRange \(range.name): \(refusal)")
            }
        }
    }

    /// How many of `count` pods the quotas of a namespace let in, and which quota stops the next one.
    ///
    /// - Throws: when a pod does not say what a quota counts.
    mutating func admitToQuotas(
        _ pod: PodManifest, namespace: String, priorityClass: String, count: Int
    ) throws(Refusal) -> (count: Int, stop: String?) {
        var (room, stop) = (count, String?.none)
        var own = quotas[namespace] ?? []
        let counting = own.indices.filter {
            own[$0].applies(to: pod.spec, priorityClass: priorityClass)
        }
        for index in counting {
            if let unspoken = own[index].unspoken(in: pod.spec) {
                throw Refusal(message: "failed quota: \(own[index].name): \(unspoken)")
            }
            let fitting = own[index].room(for: pod.spec, upTo: count)
            if fitting.count < room {
                (room, stop) = (fitting.count, "\(own[index].name) (\(fitting.stop ?? ""))")
            }
        }
        for index in counting { own[index].take(pod.spec, times: room) }
        if !counting.isEmpty { quotas[namespace] = own }
        return (room, stop)
    }
}
