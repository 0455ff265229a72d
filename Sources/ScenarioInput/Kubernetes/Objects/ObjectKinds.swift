/// What becomes of a kind of object.
package enum ObjectTreatment: Hashable, Sendable {
    /// Pods, or what makes them.
    case workload
    /// It changes pods or where they go.
    case policy
    /// It says what a node is: for the readers of nodes.
    case node
    /// It decides nothing about placement.
    case neutral
    /// It decides about placement, and is not modelled; why.
    case notModelled(String)
    /// Not known here.
    case unknown
}

/// The kinds of objects that clusters are made of. A kind of another group is another kind: a Volcano Job is no Job.
enum ObjectKinds {
    /// Why an object of treatment `node` makes no workload.
    static let forNodes = "for the readers of nodes"

    /// Versions by kind, newest first, of what is read.
    private static let policies: [(kind: String, versions: [String])] = [
        ("PriorityClass", versions("scheduling.k8s.io", "v1", "v1beta1", "v1alpha1")),
        ("RuntimeClass", versions("node.k8s.io", "v1", "v1beta1", "v1alpha1")),
        ("PodDisruptionBudget", versions("policy", "v1", "v1beta1")),
        ("StorageClass", versions("storage.k8s.io", "v1", "v1beta1")),
        ("PersistentVolume", ["v1"]), ("PersistentVolumeClaim", ["v1"]), ("Namespace", ["v1"]),
        ("LimitRange", ["v1"]), ("ResourceQuota", ["v1"]),
    ]

    private static func versions(_ group: String, _ names: String...) -> [String] {
        names.map { "\(group)/\($0)" }
    }

    private static let nodes: [(kind: String, groups: [String])] = [
        ("Node", [""]), ("KubeletConfiguration", ["kubelet.config.k8s.io"]),
        ("KubeletConfig", ["machineconfiguration.openshift.io"]),
        ("MachineConfigPool", ["machineconfiguration.openshift.io"]),
        ("PerformanceProfile", ["performance.openshift.io"]),
        ("KubeSchedulerConfiguration", ["kubescheduler.config.k8s.io"]),
        ("SriovNetworkNodePolicy", ["sriovnetwork.openshift.io"]),
        ("SriovNetworkNodeState", ["sriovnetwork.openshift.io"]),
        ("NetworkAttachmentDefinition", ["k8s.cni.cncf.io"]),
        ("NodeFeature", ["nfd.k8s-sigs.io", "nfd.kubernetes.io"]),
        ("NodeResourceTopology", ["topology.node.k8s.io"]), ("Cluster", ["kind.x-k8s.io"]),
    ]

    private static let neutral: [(kind: String, groups: [String])] = [
        ("Service", [""]), ("ConfigMap", [""]), ("Secret", [""]), ("ServiceAccount", [""]),
        ("Endpoints", [""]), ("Event", ["", "events.k8s.io"]), ("PodTemplate", [""]),
        ("ComponentStatus", [""]), ("Binding", [""]), ("EndpointSlice", ["discovery.k8s.io"]),
        ("Lease", ["coordination.k8s.io"]), ("ControllerRevision", ["apps"]),
        ("Role", rbac), ("RoleBinding", rbac), ("ClusterRole", rbac), ("ClusterRoleBinding", rbac),
        ("Ingress", ["networking.k8s.io", "extensions"]), ("IngressClass", ["networking.k8s.io"]),
        ("NetworkPolicy", ["networking.k8s.io", "extensions"]),
        ("CustomResourceDefinition", ["apiextensions.k8s.io"]),
        ("APIService", ["apiregistration.k8s.io"]),
        ("ValidatingWebhookConfiguration", ["admissionregistration.k8s.io"]),
        ("MutatingWebhookConfiguration", ["admissionregistration.k8s.io"]),
        ("PodSecurityPolicy", ["policy"]), ("CSIDriver", ["storage.k8s.io"]),
        ("VolumeAttachment", ["storage.k8s.io"]),
        ("SecurityContextConstraints", ["security.openshift.io"]),
        ("Route", ["route.openshift.io"]), ("ImageStream", ["image.openshift.io"]),
        ("ServiceMonitor", ["monitoring.coreos.com"]),
    ]
    private static let rbac = ["rbac.authorization.k8s.io"]

    private static let claims = "dynamic resource allocation is not modelled"
    private static let notModelled: [(kind: String, groups: [String], reason: String)] = [
        ("ResourceClaim", ["resource.k8s.io"], claims),
        ("ResourceClaimTemplate", ["resource.k8s.io"], claims),
        ("DeviceClass", ["resource.k8s.io"], claims),
        ("ResourceSlice", ["resource.k8s.io"], claims),
        (
            "HorizontalPodAutoscaler", ["autoscaling"],
            "the number of replicas stays as it is written"
        ),
        ("CSINode", ["storage.k8s.io"], "limits of volumes on a node are not modelled"),
        ("CSIStorageCapacity", ["storage.k8s.io"], "sizes of storage are not modelled"),
    ]

    static func group(of apiVersion: String) -> String {
        guard let slash = apiVersion.firstIndex(of: "/") else { return "" }
        return String(apiVersion[..<slash])
    }

    /// What becomes of an object, and the versions that its kind has where these are known.
    static func treatment(
        _ kind: String, _ apiVersion: String
    ) -> (treatment: ObjectTreatment, versions: [String]) {
        let group = group(of: apiVersion)
        func isOurs(_ versions: [String]) -> Bool {
            versions.contains { ObjectKinds.group(of: $0) == group }
        }
        if kind == "Pod", group.isEmpty { return (.workload, ["v1"]) }
        if let owner = OwnerKind.all.first(where: { $0.name == kind }), isOurs(owner.apiVersions) {
            return (.workload, owner.apiVersions)
        }
        if let policy = policies.first(where: { $0.kind == kind }), isOurs(policy.versions) {
            return (.policy, policy.versions)
        }
        if nodes.contains(where: { $0.kind == kind && $0.groups.contains(group) }) {
            return (.node, [])
        }
        if neutral.contains(where: { $0.kind == kind && $0.groups.contains(group) }) {
            return (.neutral, [])
        }
        if let known = notModelled.first(where: { $0.kind == kind && $0.groups.contains(group) }) {
            return (.notModelled(known.reason), [])
        }
        return (.unknown, [])
    }
}
