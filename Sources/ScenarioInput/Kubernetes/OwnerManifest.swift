package import Primitives
package import WorkloadModel

/// A Deployment, ReplicaSet, StatefulSet, DaemonSet, Job or bare Pod: whose pods, how many, of which shape.
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
    package var shape: PodShape
}

/// Reads a workload's object to the end: types, defaults, validation, shape; nil after an error.
///
/// (k/k staging api/apps/v1/types.go, api/batch/v1/types.go and their defaults)
package func readOwnerManifest(
    _ node: SourceNode, resources: inout ResourceTable, diagnostics: inout Diagnostics
) -> OwnerManifest? {
    if node["kind"]?.text == "Pod" {
        guard let pod = readPod(node, resources: &resources, diagnostics: &diagnostics) else {
            return nil
        }
        return OwnerManifest(
            kind: .none, name: pod.name, namespace: pod.namespace, replicas: 1, completions: nil,
            backoffLimit: 6, shape: pod.shape)
    }
    guard let kind = OwnerKind.all.first(where: { $0.name == node["kind"]?.text }) else {
        let names = ["Pod"] + OwnerKind.all.map(\.name)
        diagnostics.error(
            at: node["kind"] ?? node,
            "expected a workload, found \(node["kind"]?.said ?? "an object without `kind`")",
            hint: "kinds are " + names.map { "`\($0)`" }.joined(separator: ", "))
        return nil
    }
    return kind.read(node, resources: &resources, diagnostics: &diagnostics)
}

/// A kind of owner, with the names that its spec knows.
private struct OwnerKind: Sendable {
    var name: String
    var apiVersion: String
    var controller: ControllerKind
    /// Fields that decide nothing here.
    var otherFields: [String]
    var restartPolicies = ["Always"]

    static let all: [OwnerKind] = [
        OwnerKind(
            name: "Deployment", apiVersion: "apps/v1", controller: .deployment,
            otherFields: [
                "selector", "strategy", "minReadySeconds", "revisionHistoryLimit", "paused",
                "progressDeadlineSeconds",
            ]),
        OwnerKind(
            name: "ReplicaSet", apiVersion: "apps/v1", controller: .replicaSet,
            otherFields: ["selector", "minReadySeconds"]),
        OwnerKind(
            name: "StatefulSet", apiVersion: "apps/v1", controller: .statefulSet,
            otherFields: [
                "selector", "volumeClaimTemplates", "serviceName", "podManagementPolicy",
                "updateStrategy", "revisionHistoryLimit", "minReadySeconds",
                "persistentVolumeClaimRetentionPolicy", "ordinals",
            ]),
        OwnerKind(
            name: "DaemonSet", apiVersion: "apps/v1", controller: .daemonSet,
            otherFields: [
                "selector", "updateStrategy", "minReadySeconds", "revisionHistoryLimit",
            ]),
        OwnerKind(
            name: "Job", apiVersion: "batch/v1", controller: .job,
            otherFields: [
                "activeDeadlineSeconds", "podFailurePolicy", "successPolicy",
                "backoffLimitPerIndex", "maxFailedIndexes", "selector", "manualSelector",
                "ttlSecondsAfterFinished", "completionMode", "suspend", "podReplacementPolicy",
                "managedBy",
            ], restartPolicies: ["OnFailure", "Never"]),
    ]

    /// The fields that say how many pods there are.
    private var numbers: [String] {
        switch controller {
        case .job: ["parallelism", "completions", "backoffLimit"]
        case .daemonSet: []
        default: ["replicas"]
        }
    }

    func read(
        _ node: SourceNode, resources: inout ResourceTable, diagnostics: inout Diagnostics
    ) -> OwnerManifest? {
        var reader = ManifestReader(Diagnostics(), unknownFields: .noted)
        var shape: PodShape?
        var values: [String: Int] = [:]
        if reader.expectObject(node, kind: name, apiVersion: apiVersion),
            let object = reader.fields(
                of: node, at: "", known: ["apiVersion", "kind", "metadata", "spec", "status"])
        {
            let known = numbers + ["template"]
            let spec = object["spec"].flatMap {
                reader.fields(of: $0, at: "spec", known: known, silent: otherFields)
            }
            for number in numbers {
                guard let spec, let node = spec[number] else { continue }
                let value = reader.integer(node, at: spec.path(number), as: Int32.self)
                if let value, value < 0 {
                    reader.diagnostics.error(at: node, "`\(spec.path(number))` is negative")
                }
                values[number] = value.map { Int($0) }
            }
            if let spec, let template = spec["template"] {
                shape = readPodTemplate(
                    template, at: "spec.template", restartPolicies: restartPolicies,
                    resources: &resources, diagnostics: &reader.diagnostics)
            } else {
                reader.diagnostics.error(
                    at: object["spec"] ?? node, "`spec.template` is missing",
                    hint: "the pods' own metadata and spec stand under it")
            }
        }
        for diagnostic in reader.diagnostics.all { diagnostics.add(diagnostic) }
        guard let shape, !reader.diagnostics.hasErrors else { return nil }
        return OwnerManifest(
            kind: controller, name: node["metadata"]?["name"]?.text ?? "",
            namespace: node["metadata"]?["namespace"]?.text ?? "default",
            replicas: values["replicas"] ?? values["parallelism"] ?? 1,
            completions: controller == .job
                ? values["completions"] ?? values["parallelism"] ?? 1 : nil,
            backoffLimit: values["backoffLimit"] ?? 6, shape: shape)
    }
}
