package import Primitives
package import WorkloadModel

/// A Deployment, ReplicaSet, StatefulSet, DaemonSet, Job, CronJob or bare Pod: whose pods, how many, of which shape.
package struct OwnerManifest: Sendable {
    package var kind: ControllerKind
    package var name: String
    package var namespace: String
    /// Pods that are to run at one time: `replicas`, a Job's `parallelism`, 1 for a Pod; a DaemonSet's is 1 a node.
    package var replicas: Int
    /// Pods that must succeed for a Job to be complete; nil for other kinds.
    package var completions: Int?
    /// `backoffLimit` of a Job.
    package var backoffLimit: Int
    /// When a CronJob starts Jobs; nil for other kinds.
    package var cronJob: CronJobRules?
    package var shape: PodShape
}

/// Reads a workload's object to the end: types, defaults, validation, shape; nil after an error.
///
/// (k/k staging api/apps/v1/types.go, api/batch/v1/types.go and their defaults)
package func readOwnerManifest(
    _ node: SourceNode, resources: inout ResourceTable, diagnostics: inout Diagnostics
) -> OwnerManifest? {
    var own = Diagnostics()
    let draft = OwnerDraft.read(node, diagnostics: &own)
    let shape = draft.flatMap {
        makeCheckedShape($0.pod, PriorityClasses(), resources: &resources, diagnostics: &own)
    }
    for diagnostic in own.all { diagnostics.add(diagnostic) }
    guard let draft, let shape, !own.hasErrors else { return nil }
    return OwnerManifest(
        kind: draft.controller, name: draft.name,
        namespace: draft.namespace.isEmpty ? "default" : draft.namespace, replicas: draft.replicas,
        completions: draft.completions, backoffLimit: draft.backoffLimit, cronJob: draft.cronJob,
        shape: shape)
}

/// A workload's object as it is written: its numbers, and its pod before admission and defaults.
struct OwnerDraft: Sendable {
    /// As Kubernetes calls it.
    var kind: String
    var controller: ControllerKind
    var name: String
    /// Empty where nothing is said.
    var namespace: String
    var replicas: Int
    var completions: Int?
    var backoffLimit: Int
    var cronJob: CronJobRules?
    var pod: PodManifest
    var node: SourceNode

    /// Types only; nil after an error.
    static func read(_ node: SourceNode, diagnostics: inout Diagnostics) -> OwnerDraft? {
        if node["kind"]?.text == "Pod" {
            guard let pod = readPodManifest(node, diagnostics: &diagnostics),
                !diagnostics.hasErrors
            else { return nil }
            return OwnerDraft(
                kind: "Pod", controller: .none, name: pod.name, namespace: pod.namespace,
                replicas: 1, completions: nil, backoffLimit: 6, pod: pod, node: node)
        }
        guard let kind = OwnerKind.all.first(where: { $0.name == node["kind"]?.text }) else {
            let names = ["Pod"] + OwnerKind.all.map(\.name)
            diagnostics.error(
                at: node["kind"] ?? node,
                "expected a workload, found \(node["kind"]?.said ?? "an object without `kind`")",
                hint: "kinds are " + names.map { "`\($0)`" }.joined(separator: ", "))
            return nil
        }
        return kind.read(node, diagnostics: &diagnostics)
    }
}

/// A kind of owner, with the names that its spec knows.
struct OwnerKind: Sendable {
    var name: String
    /// Newest first; older ones have the same fields as far as they matter here.
    var apiVersions: [String]
    var controller: ControllerKind
    /// Fields that decide nothing here.
    var otherFields: [String]
    var restartPolicies = ["Always"]

    private static let apps = ["apps/v1", "apps/v1beta2", "apps/v1beta1", "extensions/v1beta1"]

    static let all: [OwnerKind] = [
        OwnerKind(
            name: "Deployment", apiVersions: apps, controller: .deployment,
            otherFields: [
                "selector", "strategy", "minReadySeconds", "revisionHistoryLimit", "paused",
                "progressDeadlineSeconds",
            ]),
        OwnerKind(
            name: "ReplicaSet", apiVersions: apps, controller: .replicaSet,
            otherFields: ["selector", "minReadySeconds"]),
        OwnerKind(
            name: "StatefulSet", apiVersions: apps, controller: .statefulSet,
            otherFields: [
                "selector", "volumeClaimTemplates", "serviceName", "podManagementPolicy",
                "updateStrategy", "revisionHistoryLimit", "minReadySeconds",
                "persistentVolumeClaimRetentionPolicy", "ordinals",
            ]),
        OwnerKind(
            name: "DaemonSet", apiVersions: apps, controller: .daemonSet,
            otherFields: [
                "selector", "updateStrategy", "minReadySeconds", "revisionHistoryLimit",
                "templateGeneration",
            ]),
        OwnerKind(
            name: "Job", apiVersions: ["batch/v1"], controller: .job,
            otherFields: jobFields, restartPolicies: ["OnFailure", "Never"]),
        OwnerKind(
            name: "CronJob", apiVersions: ["batch/v1", "batch/v1beta1"], controller: .job,
            otherFields: jobFields, restartPolicies: ["OnFailure", "Never"]),
        OwnerKind(
            name: "ReplicationController", apiVersions: ["v1"], controller: .replicaSet,
            otherFields: ["selector", "minReadySeconds"]),
        OwnerKind(
            name: "DeploymentConfig", apiVersions: ["apps.openshift.io/v1", "v1"],
            controller: .deployment,
            otherFields: [
                "selector", "strategy", "minReadySeconds", "revisionHistoryLimit", "paused",
                "triggers", "test",
            ]),
    ]

    private static let jobFields = [
        "activeDeadlineSeconds", "podFailurePolicy", "successPolicy", "backoffLimitPerIndex",
        "maxFailedIndexes", "selector", "manualSelector", "ttlSecondsAfterFinished",
        "completionMode", "suspend", "podReplacementPolicy", "managedBy",
    ]

    /// The fields that say how many pods there are.
    private var numbers: [String] {
        switch controller {
        case .job: ["parallelism", "completions", "backoffLimit"]
        case .daemonSet: []
        default: ["replicas"]
        }
    }

    func read(_ node: SourceNode, diagnostics: inout Diagnostics) -> OwnerDraft? {
        var reader = ManifestReader(Diagnostics(), unknownFields: .noted)
        let version = node["apiVersion"]?.text ?? ""
        let expected = apiVersions.contains(version) ? version : apiVersions[0]
        var draft: OwnerDraft?
        if reader.expectObject(node, kind: name, apiVersion: expected),
            let object = reader.fields(
                of: node, at: "", known: ["apiVersion", "kind", "metadata", "spec", "status"])
        {
            draft = name == "CronJob" ? cronJob(object, &reader) : owner(object, "spec", &reader)
        }
        let hasErrors = reader.diagnostics.hasErrors
        for diagnostic in reader.diagnostics.all { diagnostics.add(diagnostic) }
        return hasErrors ? nil : draft
    }

    /// `{metadata, spec}` at `spec`'s path, whose object says who it is.
    private func owner(
        _ object: ManifestFields, _ path: String, _ reader: inout ManifestReader
    ) -> OwnerDraft? {
        let spec = object["spec"].flatMap {
            reader.fields(
                of: $0, at: path, known: numbers + ["template"], silent: otherFields)
        }
        var values: [String: Int] = [:]
        for number in numbers {
            guard let spec, let node = spec[number] else { continue }
            let value = reader.integer(node, at: spec.path(number), as: Int32.self)
            if let value, value < 0 {
                reader.diagnostics.error(at: node, "`\(spec.path(number))` is negative")
            }
            values[number] = value.map { Int($0) }
        }
        guard let spec, let template = spec["template"] else {
            reader.diagnostics.error(
                at: object["spec"] ?? object.node, "`\(path).template` is missing",
                hint: "the pods' own metadata and spec stand under it")
            return nil
        }
        guard
            let pod = readPodTemplateManifest(
                template, at: "\(path).template", restartPolicies: restartPolicies,
                diagnostics: &reader.diagnostics)
        else { return nil }
        let metadata = object["metadata"]
        return OwnerDraft(
            kind: name, controller: controller, name: metadata?["name"]?.text ?? "",
            namespace: metadata?["namespace"]?.text ?? "",
            replicas: values["replicas"] ?? values["parallelism"] ?? 1,
            completions: controller == .job
                ? values["completions"] ?? values["parallelism"] ?? 1 : nil,
            backoffLimit: values["backoffLimit"] ?? 6, pod: pod, node: object.node)
    }

    private func cronJob(
        _ object: ManifestFields, _ reader: inout ManifestReader
    ) -> OwnerDraft? {
        guard
            let spec = object["spec"].flatMap({
                reader.fields(
                    of: $0, at: "spec",
                    known: [
                        "schedule", "timeZone", "startingDeadlineSeconds", "concurrencyPolicy",
                        "suspend", "successfulJobsHistoryLimit", "failedJobsHistoryLimit",
                        "jobTemplate",
                    ])
            })
        else {
            reader.missing("spec", of: object)
            return nil
        }
        let rules = cronJobRules(spec, &reader)
        guard
            let template = spec["jobTemplate"].flatMap({
                reader.fields(of: $0, at: "spec.jobTemplate", known: ["metadata", "spec"])
            })
        else {
            reader.missing("jobTemplate", of: spec)
            return nil
        }
        guard var draft = owner(template, "spec.jobTemplate.spec", &reader), let rules else {
            return nil
        }
        draft.name = object["metadata"]?["name"]?.text ?? ""
        draft.namespace = object["metadata"]?["namespace"]?.text ?? ""
        draft.node = object.node
        draft.cronJob = rules
        return draft
    }

    /// (k/k pkg/apis/batch/validation ValidateCronJobSpec)
    private func cronJobRules(
        _ spec: ManifestFields, _ reader: inout ManifestReader
    ) -> CronJobRules? {
        guard let place = spec["schedule"], let text = reader.text("schedule", of: spec) else {
            if spec["schedule"] == nil { reader.missing("schedule", of: spec) }
            return nil
        }
        let zone = reader.text("timeZone", of: spec)
        if zone != nil, text.contains("TZ") {
            reader.diagnostics.error(
                at: place, "`spec.schedule`: a time zone here and under `timeZone`",
                hint: "leave `TZ=` out")
            return nil
        }
        var rules: CronJobRules
        do throws(CronError) {
            rules = CronJobRules(schedule: try CronSchedule(text, timeZone: zone ?? "Etc/UTC"))
        } catch {
            let isZone = if case .unknownZone = error { true } else { false }
            let key = isZone && zone != nil ? "timeZone" : "schedule"
            reader.diagnostics.error(
                at: spec[key] ?? place, "`\(spec.path(key))`: \(error)",
                hint: isZone
                    ? "a name of the IANA database such as `Europe/Berlin`"
                    : "minute, hour, day of the month, month, day of the week: `30 4 * * 1-5`")
            return nil
        }
        rules.startingDeadlineSeconds = count("startingDeadlineSeconds", of: spec, &reader)
        if spec["concurrencyPolicy"] != nil {
            rules.concurrency =
                reader.word("concurrencyPolicy", of: spec, as: CronJobRules.Concurrency.self)
                ?? .allow
        }
        rules.isSuspended = reader.boolean("suspend", of: spec) ?? false
        rules.successfulJobsHistoryLimit =
            count("successfulJobsHistoryLimit", of: spec, &reader).map { Int($0) } ?? 3
        rules.failedJobsHistoryLimit =
            count("failedJobsHistoryLimit", of: spec, &reader).map { Int($0) } ?? 1
        return rules
    }

    /// A whole number that is not negative.
    private func count(
        _ key: String, of spec: ManifestFields, _ reader: inout ManifestReader
    ) -> Int64? {
        guard let node = spec[key],
            let value = reader.integer(node, at: spec.path(key), as: Int32.self)
        else { return nil }
        if value < 0 { reader.diagnostics.error(at: node, "`\(spec.path(key))` is negative") }
        return Int64(max(0, value))
    }
}
