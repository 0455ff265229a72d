import WorkloadModel

/// Reads a Pod, `{apiVersion, kind, metadata, spec}`: types only; nil where nothing can be made of it.
package func readPodManifest(
    _ node: SourceNode, diagnostics: inout Diagnostics
) -> PodManifest? {
    var reader = ManifestReader(diagnostics, unknownFields: .noted)
    defer { diagnostics = reader.diagnostics }
    guard reader.expectObject(node, kind: "Pod", apiVersion: "v1") else { return nil }
    return reader.fields(
        of: node, at: "", known: ["apiVersion", "kind", "metadata", "spec", "status"]
    ).flatMap { reader.pod($0) }
}

extension ManifestReader {
    /// Whether this is an object of `kind`; what it is instead is told.
    mutating func expectObject(_ node: SourceNode, kind: String, apiVersion: String) -> Bool {
        guard let entries = entries(of: node, at: "") else { return false }
        let fields = ManifestFields(entries: entries, path: "", node: node)
        // Another kind has another version: one of the two is told.
        return expect(kind, for: "kind", of: fields)
            && expect(apiVersion, for: "apiVersion", of: fields)
    }

    /// A field that says what the object is: it must be there and right.
    mutating func expect(_ value: String, for key: String, of fields: ManifestFields) -> Bool {
        guard let node = fields[key] else {
            diagnostics.error(
                at: fields.node, "`\(key)` is missing", hint: "write `\(key): \(value)`")
            return false
        }
        if node.text == value { return true }
        wrongType(node, at: fields.path(key), expected: "`\(value)`")
        return false
    }

    /// `{metadata, spec}` of a pod or a pod template.
    mutating func pod(_ fields: ManifestFields) -> PodManifest? {
        var pod = PodManifest()
        if let node = fields["metadata"] { metadata(node, at: fields.path("metadata"), of: &pod) }
        guard let node = fields["spec"] else {
            diagnostics.error(
                at: fields.node, "`\(fields.path("spec"))` is missing",
                hint: "a pod's containers stand under `spec`")
            return nil
        }
        guard let spec = podSpecification(node, at: fields.path("spec")) else { return nil }
        pod.spec = spec
        return pod
    }

    private mutating func metadata(_ node: SourceNode, at path: String, of pod: inout PodManifest) {
        guard
            let fields = fields(
                of: node, at: path, known: ["name", "namespace", "labels", "annotations"],
                silent: PodFields.metadata)
        else { return }
        pod.name = text("name", of: fields) ?? ""
        pod.namespace = text("namespace", of: fields) ?? ""
        pod.labels = labels("labels", of: fields)
        for (key, value, _) in texts("annotations", of: fields) {
            pod.annotations.append(Label(key: key, value: value))
        }
        for label in pod.labels {
            checkLabel(label, of: fields, under: "labels")
        }
    }

    /// Labels ascending by key, so that equal pods are equal.
    private mutating func labels(_ key: String, of fields: ManifestFields) -> [Label] {
        texts(key, of: fields).map { Label(key: $0.key, value: $0.value) }
            .sorted { $0.key < $1.key }
    }

    private mutating func checkLabel(_ label: Label, of fields: ManifestFields, under key: String) {
        let node = fields[key]?[label.key] ?? fields.node
        if !ObjectNames.isQualified(label.key) {
            diagnostics.add(
                APIFieldError(
                    .invalid, fields.path(key), .notQualifiedName, value: label.key, at: node
                ).diagnostic)
        }
        if !ObjectNames.isLabelValue(label.value) {
            diagnostics.add(
                APIFieldError(
                    .invalid, fields.path(key), .notLabelValue, value: label.value, at: node
                ).diagnostic)
        }
    }

    private mutating func podSpecification(
        _ node: SourceNode, at path: String
    ) -> PodSpecification? {
        guard
            let fields = fields(
                of: node, at: path, known: PodFields.specification,
                silent: PodFields.otherSpecification)
        else { return nil }
        var spec = PodSpecification()
        spec.node = node
        spec.path = path
        spec.containers = containers("containers", of: fields)
        spec.initContainers = containers("initContainers", of: fields)
        if let node = fields["resources"] {
            spec.resources = requirements(node, at: fields.path("resources"))
        }
        if let node = fields["overhead"] {
            spec.overhead = quantities(node, at: fields.path("overhead"))
        }
        spec.restartPolicy = text("restartPolicy", of: fields) ?? ""
        spec.priority = integer("priority", of: fields, as: Int32.self)
        spec.priorityClassName = text("priorityClassName", of: fields) ?? ""
        spec.nodeSelector = labels("nodeSelector", of: fields)
        for label in spec.nodeSelector { checkLabel(label, of: fields, under: "nodeSelector") }
        spec.tolerations = tolerations("tolerations", of: fields)
        spec.terminationGracePeriodSeconds = integer(
            "terminationGracePeriodSeconds", of: fields, as: Int64.self)
        spec.schedulerName = text("schedulerName", of: fields) ?? ""
        spec.hostNetwork = boolean("hostNetwork", of: fields) ?? false
        spec.runtimeClassName = text("runtimeClassName", of: fields) ?? ""
        spec.nodeName = text("nodeName", of: fields) ?? ""
        if let node = fields["affinity"] {
            affinity(node, at: fields.path("affinity"), into: &spec.placement)
        }
        spec.placement.topologySpread = places("topologySpreadConstraints", of: fields)
            .compactMap { spreadConstraint($0.node, at: $0.path) }
        spec.placement.schedulingGates = schedulingGates("schedulingGates", of: fields)
        spec.placement.mayPreempt = text("preemptionPolicy", of: fields) != "Never"
        for key in PodFields.notSimulated {
            if let node = fields[key], node.elements?.isEmpty != true,
                node.entries?.isEmpty != true
            {
                diagnostics.note(
                    at: node, "`\(fields.path(key))` is not simulated, taken no notice of")
            }
        }
        return spec
    }

    private mutating func containers(
        _ key: String, of fields: ManifestFields
    ) -> [ContainerManifest] {
        list(key, of: fields).enumerated().compactMap { index, node in
            container(node, at: "\(fields.path(key))[\(index)]")
        }
    }

    private mutating func container(_ node: SourceNode, at path: String) -> ContainerManifest? {
        guard
            let fields = fields(
                of: node, at: path,
                known: ["name", "image", "resources", "restartPolicy", "ports"],
                silent: PodFields.container)
        else { return nil }
        var container = ContainerManifest(node: node)
        container.name = text("name", of: fields) ?? ""
        container.restartPolicy = text("restartPolicy", of: fields)
        container.image = text("image", of: fields) ?? ""
        container.resources.node = node
        if let node = fields["resources"] {
            container.resources = requirements(node, at: fields.path("resources"))
        }
        for (index, node) in list("ports", of: fields).enumerated() {
            port(node, at: "\(fields.path("ports"))[\(index)]").map { container.ports.append($0) }
        }
        return container
    }

    private mutating func port(_ node: SourceNode, at path: String) -> ContainerPort? {
        guard
            let fields = fields(
                of: node, at: path, known: ["containerPort", "hostPort", "protocol", "hostIP"],
                silent: ["name"])
        else { return nil }
        let transport = text("protocol", of: fields).flatMap {
            HostPort.TransportProtocol(rawValue: $0)
        }
        return ContainerPort(
            containerPort: integer("containerPort", of: fields, as: Int32.self) ?? 0,
            hostPort: integer("hostPort", of: fields, as: Int32.self) ?? 0,
            hostIP: text("hostIP", of: fields) ?? "", transport: transport ?? .tcp)
    }

    /// `{requests, limits}`.
    mutating func requirements(_ node: SourceNode, at path: String) -> ResourceRequirements {
        var requirements = ResourceRequirements()
        requirements.node = node
        guard
            let fields = fields(
                of: node, at: path, known: ["requests", "limits"], silent: ["claims"])
        else { return requirements }
        if let node = fields["requests"] {
            requirements.requests = quantities(node, at: fields.path("requests"))
        }
        if let node = fields["limits"] {
            requirements.limits = quantities(node, at: fields.path("limits"))
        }
        if let node = fields["claims"], node.elements?.isEmpty != true {
            diagnostics.note(
                at: node, "`\(fields.path("claims"))` is not simulated, taken no notice of")
        }
        return requirements
    }

    /// Quantities by resource name.
    mutating func quantities(_ node: SourceNode, at path: String) -> ResourceQuantities {
        var quantities = ResourceQuantities()
        for entry in entries(of: node, at: path) ?? [] {
            // A null is an empty quantity to the decoder: zero.
            if entry.value.isNull {
                quantities.set(entry.key, to: .zero, at: entry.value)
            } else if let quantity = readQuantity(entry.value, diagnostics: &diagnostics) {
                quantities.set(entry.key, to: quantity, at: entry.value)
            }
        }
        return quantities
    }

    mutating func tolerations(
        _ key: String, of fields: ManifestFields
    ) -> [TolerationManifest] {
        list(key, of: fields).enumerated().compactMap { index, node in
            guard
                let fields = self.fields(
                    of: node, at: "\(fields.path(key))[\(index)]",
                    known: ["key", "operator", "value", "effect", "tolerationSeconds"])
            else { return nil }
            return TolerationManifest(
                key: text("key", of: fields) ?? "", operation: text("operator", of: fields) ?? "",
                value: text("value", of: fields) ?? "", effect: text("effect", of: fields) ?? "",
                seconds: integer("tolerationSeconds", of: fields, as: Int64.self), node: node)
        }
    }
}

/// Field names of Kubernetes 1.36 by what topsim makes of them. (k/k staging api/core/v1/types.go)
enum PodFields {
    static let metadata = [
        "generateName", "selfLink", "uid", "resourceVersion", "generation", "creationTimestamp",
        "deletionTimestamp", "deletionGracePeriodSeconds", "ownerReferences", "finalizers",
        "managedFields",
    ]
    /// What is read, and what matters to placement but is not simulated.
    static let specification =
        [
            "containers", "initContainers", "resources", "overhead", "restartPolicy", "priority",
            "priorityClassName", "nodeSelector", "tolerations", "terminationGracePeriodSeconds",
            "schedulerName", "hostNetwork", "affinity", "topologySpreadConstraints",
            "schedulingGates", "preemptionPolicy", "runtimeClassName", "nodeName",
        ] + notSimulated
    static let notSimulated = ["resourceClaims", "workloadRef", "schedulingGroup"]
    /// What decides nothing about placement.
    static let otherSpecification = [
        "volumes", "ephemeralContainers", "activeDeadlineSeconds", "dnsPolicy",
        "serviceAccountName", "serviceAccount", "automountServiceAccountToken", "hostPID",
        "hostIPC", "shareProcessNamespace", "securityContext", "imagePullSecrets", "hostname",
        "subdomain", "hostAliases", "dnsConfig", "readinessGates", "enableServiceLinks",
        "setHostnameAsFQDN", "os", "hostUsers", "hostnameOverride",
    ]
    static let container = [
        "command", "args", "workingDir", "envFrom", "env", "resizePolicy",
        "restartPolicyRules", "volumeMounts", "volumeDevices", "livenessProbe", "readinessProbe",
        "startupProbe", "lifecycle", "terminationMessagePath", "terminationMessagePolicy",
        "imagePullPolicy", "securityContext", "stdin", "stdinOnce", "tty",
    ]
}
