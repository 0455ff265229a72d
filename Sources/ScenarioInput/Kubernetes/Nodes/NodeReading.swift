import WorkloadModel

/// Reads a Node, as `kubectl get node -o yaml` prints it.
///
/// - Parameter needsKind: False for an element of a list that names the kind once for all.
/// - Throws: All mistakes at once, such as a capacity that is no quantity.
public func readNodeObject(
    _ node: SourceNode, needsKind: Bool = true, report: inout ImportReport
) throws(InputError) -> NodeObject {
    let place = ObjectPlace(node, kind: "Node")
    return try readForeignObject(
        node, kind: "Node", apiVersions: ["v1"], needsKind: needsKind, known: ["spec", "status"],
        silent: [], report: &report
    ) { reader, fields, report in
        let metadata = reader.foreignMetadata(fields)
        guard !metadata.name.isEmpty else {
            reader.diagnostics.error(
                at: fields["metadata"] ?? fields.node, "a Node without a name",
                hint: "write `metadata.name`")
            return nil
        }
        var object = NodeObject(name: metadata.name)
        object.file = place.file
        object.line = place.line
        object.labels = metadata.labels.map { Label(key: $0.key, value: $0.value) }
        object.annotations = metadata.annotations.map { Label(key: $0.key, value: $0.value) }
        if let spec = fields["spec"] { reader.specification(spec, of: &object) }
        guard let status = fields["status"] else {
            reader.diagnostics.error(
                at: fields.node, "Node `\(object.name)` has no `status`, so its size is not known",
                hint: "take it from the cluster: `kubectl get node \(object.name) -o yaml`")
            return nil
        }
        reader.status(status, of: &object)
        if reader.diagnostics.hasErrors { return nil }
        raiseCapacity(of: &object, place, &report)
        let amounts = object.capacity.entries.map { "\($0.name)" }.joined(separator: ", ")
        report.taken(
            place.subject, "capacity and allocatable of \(amounts)", file: place.file,
            line: place.line)
        return object
    }
}

/// A kubelet never promises more than there is: where an object does, its allocatable is the capacity.
private func raiseCapacity(
    of object: inout NodeObject, _ place: ObjectPlace, _ report: inout ImportReport
) {
    for entry in object.allocatable.entries {
        let capacity = object.capacity[entry.name] ?? 0
        guard entry.amount > capacity else { continue }
        object.capacity[entry.name] = entry.amount
        report.guessed(
            place.subject,
            "allocatable \(entry.name) (\(entry.amount)) is above capacity (\(capacity)), which no "
                + "kubelet says; allocatable is taken for both", file: place.file,
            line: place.line)
    }
}

extension ManifestReader {
    fileprivate mutating func specification(_ node: SourceNode, of object: inout NodeObject) {
        guard
            let fields = fields(
                of: node, at: "spec", known: ["taints", "unschedulable"],
                silent: ["podCIDR", "podCIDRs", "providerID", "configSource", "externalID"])
        else { return }
        object.isUnschedulable = boolean("unschedulable", of: fields) ?? false
        for (index, element) in list("taints", of: fields).enumerated() {
            let path = "spec.taints[\(index)]"
            guard
                let taint = self.fields(
                    of: element, at: path, known: ["key", "value", "effect"], silent: ["timeAdded"])
            else { continue }
            guard let effect = text("effect", of: taint).flatMap({ TaintEffect(rawValue: $0) })
            else {
                diagnostics.error(
                    at: taint["effect"] ?? element, "`\(path).effect` is no effect of a taint",
                    hint: "effects are `NoSchedule`, `PreferNoSchedule` and `NoExecute`")
                continue
            }
            object.taints.append(
                Taint(
                    key: text("key", of: taint) ?? "", value: text("value", of: taint) ?? "",
                    effect: effect))
        }
    }

    fileprivate mutating func status(_ node: SourceNode, of object: inout NodeObject) {
        guard
            let fields = fields(
                of: node, at: "status",
                known: ["capacity", "allocatable", "conditions", "nodeInfo"],
                silent: [
                    "addresses", "daemonEndpoints", "images", "phase", "volumesInUse",
                    "volumesAttached", "config", "runtimeHandlers", "features", "declaredFeatures",
                ])
        else { return }
        object.capacity = amounts("capacity", of: fields)
        object.allocatable = amounts("allocatable", of: fields)
        for name in ["cpu", "memory"] where object.capacity[name] == nil {
            guard object.allocatable[name] == nil, !diagnostics.hasErrors else { continue }
            diagnostics.error(
                at: fields["capacity"] ?? node,
                "Node `\(object.name)` does not say how much \(name) it has",
                hint: "`status.capacity` has `\(name)`")
        }
        for (index, element) in list("conditions", of: fields).enumerated() {
            let path = "status.conditions[\(index)]"
            guard
                let condition = self.fields(
                    of: element, at: path, known: ["type", "status"],
                    silent: ["lastHeartbeatTime", "lastTransitionTime", "message", "reason"])
            else { continue }
            object.conditions.append(
                NodeObject.Condition(
                    type: text("type", of: condition) ?? "",
                    status: text("status", of: condition) ?? "Unknown"))
        }
        guard let info = fields["nodeInfo"], let entries = entries(of: info, at: "status.nodeInfo")
        else { return }
        let own = ManifestFields(entries: entries, path: "status.nodeInfo", node: info)
        object.info.architecture = text("architecture", of: own) ?? ""
        object.info.operatingSystem = text("operatingSystem", of: own) ?? ""
        object.info.kernelVersion = text("kernelVersion", of: own) ?? ""
        object.info.kubeletVersion = text("kubeletVersion", of: own) ?? ""
        object.info.containerRuntimeVersion = text("containerRuntimeVersion", of: own) ?? ""
        object.info.osImage = text("osImage", of: own) ?? ""
    }
}
