public import Primitives
public import WorkloadModel

/// Pods of one shape that an object of a manifest or a listing stands for.
public struct ImportedWorkload: Sendable {
    /// As Kubernetes calls it: `Deployment`.
    public var kind: String
    public var name: String
    public var namespace: String
    public var controller: ControllerKind
    /// Pods; a Job's completions; what is left of them where some run already.
    public var replicas: Int
    public var parallelism: Int?
    public var backoffLimit: Int
    public var cronJob: CronJobRules?
    public var shape: PodShape
    /// The node that a pod of a listing runs on.
    public var node: String?
    /// The name of the object that a pod of a listing belongs to.
    public var owner: String?
    public var file: String
    public var line: Int
}

/// What the objects of one or more texts ask of a cluster.
public struct KubernetesWorkloads: Sendable {
    /// In the order of the texts.
    public internal(set) var workloads: [ImportedWorkload] = []
    public internal(set) var disruptionBudgets: [PodDisruptionBudget] = []
    /// With their labels, in the order of the texts.
    public internal(set) var namespaces: [(name: String, labels: [Label])] = []
    package internal(set) var priorityClasses = PriorityClasses()
    /// What the amounts in shapes are of.
    public internal(set) var resources: ResourceTable
    public internal(set) var report = ImportReport()

    /// Pods that run on nodes when the listing was made.
    public var standing: [ImportedWorkload] { workloads.filter { $0.node != nil } }
}

/// Makes workloads of objects: owners with their replicas, bare pods, and of a listing the pods that run on nodes.
///
/// Pods are completed and judged as by the API server and its admission plugins; a pod that these would refuse is not there,
/// and the report says why. A pod of a listing is not counted again for its owner.
///
/// - Throws: all mistakes of all objects.
public func readKubernetesWorkloads(
    _ texts: [KubernetesObjects], resources: ResourceTable = ResourceTable()
) throws(InputError) -> KubernetesWorkloads {
    try readKubernetesWorkloads(texts, priorityClasses: PriorityClasses(), resources: resources)
}

package func readKubernetesWorkloads(
    _ texts: [KubernetesObjects], priorityClasses: PriorityClasses, resources: ResourceTable
) throws(InputError) -> KubernetesWorkloads {
    var assembly = WorkloadAssembly(texts, priorityClasses, resources)
    assembly.run()
    if !assembly.errors.all.isEmpty { throw InputError(assembly.errors.all) }
    return assembly.result
}

/// Puts workloads together, one object after another.
private struct WorkloadAssembly {
    var objects: [KubernetesObject] = []
    var errors = Diagnostics()
    var result: KubernetesWorkloads
    var policies: ClusterPolicies
    /// Positions in `objects` by kind, namespace and name.
    private var positions: [ObjectKey: Int] = [:]
    /// Pods of a listing that stand for replicas of an object, by its position.
    private var accounted: [Int: Int] = [:]
    /// Pods that run, in the order of the texts.
    private var standing: [(position: Int, root: Int?)] = []

    private struct ObjectKey: Hashable {
        var kind: String
        var namespace: String
        var name: String
    }

    init(
        _ texts: [KubernetesObjects], _ priorityClasses: PriorityClasses,
        _ resources: ResourceTable
    ) {
        result = KubernetesWorkloads(resources: resources)
        policies = ClusterPolicies(priorityClasses: priorityClasses)
        for text in texts {
            result.report.append(text.report)
            for object in text.objects { add(object) }
        }
    }

    /// A later object of the same name replaces an earlier one, as `kubectl apply` does.
    private mutating func add(_ object: KubernetesObject) {
        guard object.treatment == .workload || object.treatment == .policy else { return }
        guard !object.name.isEmpty else {
            return errors.error(
                at: object.node["metadata"] ?? object.node,
                "`metadata.name` of a \(object.kind) is missing",
                hint: "write `metadata: {name: …}`")
        }
        let key = ObjectKey(
            kind: object.kind, namespace: object.effectiveNamespace, name: object.name)
        // Names that the server makes up are not there yet: such objects are all different.
        let isGenerated = object.node["metadata"]?["name"] == nil
        if !isGenerated, let earlier = positions[key] {
            result.report.dropped(
                objects[earlier].title, "line \(object.line) of `\(object.file)` has it again",
                file: objects[earlier].file, line: objects[earlier].line)
            objects[earlier] = object
            return
        }
        if !isGenerated { positions[key] = objects.count }
        objects.append(object)
    }

    mutating func run() {
        for object in objects where object.treatment == .policy {
            var own = Diagnostics()
            policies.add(object, diagnostics: &own)
            take(own, of: object)
            if !own.hasErrors {
                result.report.taken(
                    object.title, "it decides about pods", file: object.file, line: object.line)
            }
        }
        accountForListedPods()
        for entry in standing { stand(entry.position, root: entry.root) }
        for position in objects.indices where objects[position].treatment == .workload {
            if objects[position].kind == "Pod", isListed(objects[position]) { continue }
            make(position)
        }
        // In the order of the texts again, running pods among the others.
        result.disruptionBudgets = policies.budgets
        result.namespaces = policies.namespaces
        result.priorityClasses = policies.priorityClasses
    }

    /// Mistakes are errors of the whole; remarks go to the report.
    private mutating func take(_ diagnostics: Diagnostics, of object: KubernetesObject) {
        for diagnostic in diagnostics.all {
            if diagnostic.severity == .error {
                errors.add(diagnostic)
            } else {
                result.report.dropped(
                    object.title, diagnostic.message, file: object.file, line: diagnostic.line)
            }
        }
    }

    // MARK: Listings

    /// A pod of a running cluster, as opposed to one that somebody wrote.
    private func isListed(_ object: KubernetesObject) -> Bool {
        object.node["status"]?["phase"]?.text != nil
            || object.node["spec"]?["nodeName"]?.text?.isEmpty == false
    }

    /// The object that owns this one through any number of others, as far as it is among the objects.
    private func root(of position: Int) -> Int? {
        var found: Int?
        var current = position
        for _ in 0..<8 {
            guard let next = owner(of: objects[current]), objects[next].isOwner else {
                return found
            }
            // A CronJob makes further Jobs; those that are there stand for themselves.
            if objects[next].kind == "CronJob" { return found }
            found = next
            current = next
        }
        return found
    }

    /// The object that a controller reference names; where a listing leaves out what stands between, the one behind it.
    private func owner(of object: KubernetesObject) -> Int? {
        guard let reference = object.controllerReference else { return nil }
        func position(_ kind: String, _ name: String) -> Int? {
            positions[ObjectKey(kind: kind, namespace: object.effectiveNamespace, name: name)]
        }
        if let named = position(reference.kind, reference.name) { return named }
        // A Deployment `web` makes ReplicaSets `web-<hash>`, a DeploymentConfig controllers `web-<number>`.
        guard let dash = reference.name.lastIndex(of: "-") else { return nil }
        let behind = String(reference.name[..<dash])
        switch reference.kind {
        case "ReplicaSet":
            let hash = object.node["metadata"]?["labels"]?["pod-template-hash"]?.text
            let suffix = reference.name[reference.name.index(after: dash)...]
            return hash == nil || hash == String(suffix) ? position("Deployment", behind) : nil
        case "ReplicationController": return position("DeploymentConfig", behind)
        default: return nil
        }
    }

    private mutating func accountForListedPods() {
        for position in objects.indices
        where objects[position].kind == "Pod" && isListed(objects[position]) {
            let object = objects[position]
            func drop(_ reason: String) {
                result.report.dropped(object.title, reason, file: object.file, line: object.line)
            }
            let phase = object.node["status"]?["phase"]?.text ?? "Pending"
            guard ["Pending", "Running", "Unknown"].contains(phase) else {
                if !["Succeeded", "Failed"].contains(phase) {
                    errors.error(
                        at: object.node["status"]?["phase"] ?? object.node,
                        "`status.phase`: `\(phase)` is no phase of a pod",
                        hint: "phases are `Pending`, `Running`, `Succeeded`, `Failed`, `Unknown`")
                } else {
                    drop("it has ended (\(phase))")
                }
                continue
            }
            if object.node["metadata"]?["deletionTimestamp"]?.isNull == false {
                drop("it is being deleted")
                continue
            }
            let root = root(of: position)
            if let root, objects[root].kind == "DaemonSet" {
                drop("its \(objects[root].title) makes it again")
                continue
            }
            let isBound = object.node["spec"]?["nodeName"]?.text?.isEmpty == false
            if !isBound, let root {
                drop("it waits for a node as one of the replicas of \(objects[root].title)")
                continue
            }
            if let root { accounted[root, default: 0] += 1 }
            standing.append((position, root))
        }
    }

    // MARK: Pods that are there

    private mutating func stand(_ position: Int, root: Int?) {
        let object = objects[position]
        guard let draft = readDraft(object), var pod = completed(draft.pod, object) else { return }
        let reference = object.controllerReference
        let node = pod.spec.nodeName
        // One that somebody wrote with its node has not been through admission yet.
        if object.node["status"]?["phase"] == nil, !admit(&pod, object) { return }
        // What it cost to come in was paid: only quotas count it.
        if let room = try? policies.admitToQuotas(
            pod, namespace: object.effectiveNamespace, priorityClass: pod.spec.priorityClassName,
            count: 1), room.count == 0
        {
            result.report.guessed(
                object.title, "it runs although the quota \(room.stop ?? "") is used up",
                file: object.file, line: object.line)
        }
        if !node.isEmpty { pod.pin(to: node) }
        guard let shape = shape(of: pod, object) else { return }
        let owner = root.map { objects[$0] }
        result.workloads.append(
            ImportedWorkload(
                kind: "Pod", name: object.name, namespace: object.effectiveNamespace,
                controller: ControllerKind.ofListedPod(owner?.kind ?? reference?.kind),
                replicas: 1, parallelism: nil, backoffLimit: 6, cronJob: nil, shape: shape,
                node: node.isEmpty ? nil : node, owner: owner?.name ?? reference?.name,
                file: object.file, line: object.line))
        result.report.taken(
            object.title, node.isEmpty ? "waits for a node" : "runs on \(node)", file: object.file,
            line: object.line)
    }

    // MARK: Owners and pods that are not there yet

    private mutating func make(_ position: Int) {
        let object = objects[position]
        if let owner = root(of: position) {
            return result.report.dropped(
                object.title, "\(objects[owner].title) makes it", file: object.file,
                line: object.line)
        }
        guard let draft = readDraft(object), var pod = completed(draft.pod, object) else { return }
        var told: [String] = []
        var wanted = draft.completions ?? draft.replicas
        if let reason = object.reasonToRest {
            return result.report.dropped(
                object.title, reason, file: object.file, line: object.line)
        }
        wanted -= (accounted[position] ?? 0) + object.succeededCompletions
        if draft.completions != nil, draft.replicas == 0 {
            return result.report.dropped(
                object.title, "its parallelism is 0", file: object.file, line: object.line)
        }
        do throws(ClusterPolicies.Refusal) {
            told += placeClaims(of: object, &pod)
            try policies.admit(
                &pod, namespace: object.effectiveNamespace, told: &told)
            let admitted = try quotaRoom(for: pod, draft, object, wanted, &told)
            wanted = admitted
        } catch {
            return result.report.dropped(
                object.title, "its pods would be refused: \(error.message)", file: object.file,
                line: object.line)
        }
        for reason in told {
            result.report.dropped(object.title, reason, file: object.file, line: object.line)
        }
        guard wanted > 0 || draft.controller == .daemonSet else {
            return result.report.taken(
                object.title,
                accounted[position] == nil ? "no pod is wanted" : "all of its pods run already",
                file: object.file, line: object.line)
        }
        if !pod.spec.nodeName.isEmpty { pod.pin(to: pod.spec.nodeName) }
        guard let shape = shape(of: pod, object) else { return }
        result.workloads.append(
            ImportedWorkload(
                kind: object.kind, name: object.name, namespace: object.effectiveNamespace,
                controller: draft.controller, replicas: max(1, wanted),
                parallelism: draft.completions == nil ? nil : max(1, draft.replicas),
                backoffLimit: draft.backoffLimit, cronJob: draft.cronJob, shape: shape, node: nil,
                owner: nil, file: object.file, line: object.line))
        result.report.taken(
            object.title, draft.controller == .daemonSet ? "a pod a node" : "\(wanted) pods",
            file: object.file, line: object.line)
    }

    /// Whether a pod comes through the admission plugins; what they drop or refuse is told.
    private mutating func admit(_ pod: inout PodManifest, _ object: KubernetesObject) -> Bool {
        var told: [String] = []
        var isAdmitted = true
        do throws(ClusterPolicies.Refusal) {
            try policies.admit(&pod, namespace: object.effectiveNamespace, told: &told)
        } catch {
            told = ["it would be refused: \(error.message)"]
            isAdmitted = false
        }
        for reason in told {
            result.report.dropped(object.title, reason, file: object.file, line: object.line)
        }
        return isAdmitted
    }

    private mutating func quotaRoom(
        for pod: PodManifest, _ draft: OwnerDraft, _ object: KubernetesObject, _ wanted: Int,
        _ told: inout [String]
    ) throws(ClusterPolicies.Refusal) -> Int {
        // A Job's pods are there `parallelism` at a time.
        let together =
            draft.completions == nil ? max(0, wanted) : min(max(0, wanted), max(1, draft.replicas))
        let isCounted = draft.controller != .daemonSet && draft.cronJob == nil
        let (room, stop) = try policies.admitToQuotas(
            pod, namespace: object.effectiveNamespace,
            priorityClass: pod.spec.priorityClassName, count: isCounted ? together : 0)
        if room < together, isCounted {
            told.append(
                "\(together - room) of \(together) pods would be refused by the quota "
                    + (stop ?? ""))
            return draft.completions == nil ? room : room == 0 ? 0 : wanted
        }
        return wanted
    }

    /// The claims that a StatefulSet makes for each replica.
    private mutating func placeClaims(
        of object: KubernetesObject, _ pod: inout PodManifest
    ) -> [String] {
        let templates = object.node["spec"]?["volumeClaimTemplates"]?.elements ?? []
        guard object.kind == "StatefulSet", !templates.isEmpty else { return [] }
        return policies.volumes.applyTemplates(
            templates, to: &pod, owner: object.name, namespace: object.effectiveNamespace)
    }

    // MARK: One object

    private mutating func readDraft(_ object: KubernetesObject) -> OwnerDraft? {
        var own = Diagnostics()
        let draft = OwnerDraft.read(object.node, diagnostics: &own)
        take(own, of: object)
        return own.hasErrors ? nil : draft
    }

    /// A pod after API defaulting; what the API refuses is a mistake.
    private mutating func completed(_ pod: PodManifest, _ object: KubernetesObject) -> PodManifest?
    {
        var pod = pod
        pod.applyDefaults()
        let problems = pod.validate()
        for problem in problems { errors.add(problem.diagnostic) }
        return problems.isEmpty ? pod : nil
    }

    private mutating func shape(of pod: PodManifest, _ object: KubernetesObject) -> PodShape? {
        var own = Diagnostics()
        var pod = pod
        pod.namespace = object.effectiveNamespace
        let shape = makePodShape(
            pod, policies.priorityClasses, resources: &result.resources, diagnostics: &own)
        take(own, of: object)
        return shape
    }
}

extension KubernetesObject {
    /// The namespace that an object without one is put into.
    var effectiveNamespace: String { namespace.isEmpty ? "default" : namespace }

    /// It makes pods, or what makes them.
    fileprivate var isOwner: Bool { treatment == .workload && kind != "Pod" }

    /// The owner that controls it.
    var controllerReference: (kind: String, name: String)? {
        let references = node["metadata"]?["ownerReferences"]?.elements ?? []
        guard let reference = references.first(where: { $0["controller"]?.text == "true" }),
            let kind = reference["kind"]?.text, let name = reference["name"]?.text
        else { return nil }
        return (kind, name)
    }

    /// Why an owner makes no pods any more.
    fileprivate var reasonToRest: String? {
        guard kind == "Job" else { return nil }
        if node["spec"]?["suspend"]?.text == "true" { return "it is suspended" }
        for condition in node["status"]?["conditions"]?.elements ?? []
        where condition["status"]?.text == "True" {
            if let type = condition["type"]?.text, ["Complete", "Failed"].contains(type) {
                return "it has ended (\(type))"
            }
        }
        return nil
    }

    /// Completions that a Job of a listing has behind it.
    fileprivate var succeededCompletions: Int {
        guard kind == "Job", let text = node["status"]?["succeeded"]?.text else { return 0 }
        return max(0, Int(text) ?? 0)
    }
}

extension ControllerKind {
    /// What follows when a running pod of a listing is lost, by the kind of its owner.
    fileprivate static func ofListedPod(_ kind: String?) -> ControllerKind {
        switch kind {
        case "ReplicaSet", "ReplicationController", "Deployment", "DeploymentConfig": .replicaSet
        case "StatefulSet": .statefulSet
        case "Job": .job
        default: .none
        }
    }
}

extension PodManifest {
    /// Ties a pod to its node: taints and rules of its own placement are behind it, others' rules still meet it.
    fileprivate mutating func pin(to node: String) {
        spec.placement.requiredNodeTerms = [
            NodeSelectorTerm(
                matchFields: [
                    NodeSelectorRequirement(key: "metadata.name", operation: .isIn, values: [node])
                ])
        ]
        spec.placement.podAffinity.required = []
        spec.placement.topologySpread = []
        spec.placement.schedulingGates = []
        spec.nodeSelector = []
        spec.tolerations.append(
            TolerationManifest(operation: "Exists", node: spec.node))
    }
}
