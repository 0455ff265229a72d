import WorkloadModel

/// Where volumes let a pod run, as terms of node affinity.
///
/// A claim that is bound ties the pod to its volume's nodes. One that waits for its first consumer is tied to the topologies
/// that its class allows, or, of a class without provisioner, to the nodes of the volumes that would do. How many claims a
/// volume serves, sizes that run out, and limits of volumes on a node are not followed.
/// (k/k pkg/scheduler/framework/plugins/volumebinding, volumezone)
struct VolumePlacement: Sendable {
    struct Volume: Sendable {
        var name: String
        var storageClass: String
        var size: Quantity
        var accessModes: [String]
        /// The claim that it is for, `namespace/name`; nil when it is free.
        var claim: String?
        /// Nil lets it be used anywhere.
        var terms: [NodeSelectorTerm]?
    }

    struct Claim: Sendable {
        var volume: String?
        var storageClass: String?
        var size: Quantity
        var accessModes: [String]
    }

    struct StorageClass: Sendable {
        var name: String
        var provisioner: String
        var waitsForConsumer: Bool
        var isDefault: Bool
        var allowedTerms: [NodeSelectorTerm]?
    }

    var volumes: [Volume] = []
    /// Positions in `volumes`.
    private var volumesByName: [String: Int] = [:]
    private var volumesByClass: [String: [Int]] = [:]
    /// By `namespace/name`.
    var claims: [String: Claim] = [:]
    var classes: [StorageClass] = []

    // MARK: Reading

    mutating func addVolume(_ object: KubernetesObject, diagnostics: inout Diagnostics) {
        var reader = ManifestReader(Diagnostics(), unknownFields: .noted)
        defer { for diagnostic in reader.diagnostics.all { diagnostics.add(diagnostic) } }
        guard let node = object.node["spec"], let entries = reader.entries(of: node, at: "spec")
        else {
            return diagnostics.error(
                at: object.node, "`spec` of a PersistentVolume is missing or no mapping")
        }
        let spec = ManifestFields(entries: entries, path: "spec", node: node)
        var terms: [NodeSelectorTerm]?
        if let node = spec["nodeAffinity"],
            let affinity = reader.fields(of: node, at: "spec.nodeAffinity", known: ["required"]),
            let required = affinity["required"],
            let selector = reader.fields(
                of: required, at: "spec.nodeAffinity.required", known: ["nodeSelectorTerms"])
        {
            terms = reader.places("nodeSelectorTerms", of: selector).compactMap {
                reader.nodeTerm($0.node, at: $0.path)
            }
        }
        for key in ["topology.kubernetes.io/zone", "topology.kubernetes.io/region"] {
            guard let value = object.node["metadata"]?["labels"]?[key]?.text else { continue }
            // Several zones stand with two underscores between them.
            let values = value.split(separator: "_").map(String.init)
            let zone = NodeSelectorTerm(
                matchExpressions: [
                    NodeSelectorRequirement(key: key, operation: .isIn, values: values)
                ])
            terms = VolumePlacement.both(terms, [zone])
        }
        var claim: String?
        if let reference = spec["claimRef"], let name = reference["name"]?.text {
            claim = "\(reference["namespace"]?.text ?? "default")/\(name)"
        }
        let size = spec["capacity"]?["storage"]
        let storageClass = reader.text("storageClassName", of: spec) ?? ""
        volumesByName[object.name] = volumes.count
        volumesByClass[storageClass, default: []].append(volumes.count)
        volumes.append(
            Volume(
                name: object.name, storageClass: storageClass,
                size: size.flatMap { readQuantity($0, diagnostics: &reader.diagnostics) } ?? .zero,
                accessModes: reader.texts(in: "accessModes", of: spec), claim: claim, terms: terms))
    }

    mutating func addClaim(_ object: KubernetesObject, diagnostics: inout Diagnostics) {
        guard let node = object.node["spec"],
            let claim = readClaim(node, at: "spec", diagnostics: &diagnostics)
        else {
            if object.node["spec"] == nil {
                diagnostics.error(
                    at: object.node, "`spec` of a PersistentVolumeClaim is missing")
            }
            return
        }
        let namespace = object.namespace.isEmpty ? "default" : object.namespace
        claims["\(namespace)/\(object.name)"] = claim
    }

    private func readClaim(
        _ node: SourceNode, at path: String, diagnostics: inout Diagnostics
    ) -> Claim? {
        var reader = ManifestReader(Diagnostics(), unknownFields: .noted)
        defer { for diagnostic in reader.diagnostics.all { diagnostics.add(diagnostic) } }
        guard let entries = reader.entries(of: node, at: path) else { return nil }
        let spec = ManifestFields(entries: entries, path: path, node: node)
        let size = spec["resources"]?["requests"]?["storage"]
        return Claim(
            volume: reader.text("volumeName", of: spec),
            storageClass: reader.text("storageClassName", of: spec),
            size: size.flatMap { readQuantity($0, diagnostics: &reader.diagnostics) } ?? .zero,
            accessModes: reader.texts(in: "accessModes", of: spec))
    }

    mutating func addClass(_ object: KubernetesObject, diagnostics: inout Diagnostics) {
        var reader = ManifestReader(Diagnostics(), unknownFields: .noted)
        defer { for diagnostic in reader.diagnostics.all { diagnostics.add(diagnostic) } }
        guard let entries = reader.entries(of: object.node, at: "") else { return }
        let fields = ManifestFields(entries: entries, path: "", node: object.node)
        var terms: [NodeSelectorTerm] = []
        for place in reader.places("allowedTopologies", of: fields) {
            guard
                let term = reader.fields(
                    of: place.node, at: place.path, known: ["matchLabelExpressions"])
            else { continue }
            var made = NodeSelectorTerm()
            for place in reader.places("matchLabelExpressions", of: term) {
                guard
                    let fields = reader.fields(
                        of: place.node, at: place.path, known: ["key", "values"])
                else { continue }
                made.matchExpressions.append(
                    NodeSelectorRequirement(
                        key: reader.text("key", of: fields) ?? "", operation: .isIn,
                        values: reader.texts(in: "values", of: fields)))
            }
            terms.append(made)
        }
        let mark = object.node["metadata"]?["annotations"]?[
            "storageclass.kubernetes.io/is-default-class"]
        classes.append(
            StorageClass(
                name: object.name, provisioner: reader.text("provisioner", of: fields) ?? "",
                waitsForConsumer: reader.text("volumeBindingMode", of: fields)
                    == "WaitForFirstConsumer",
                isDefault: mark?.text == "true", allowedTerms: terms.isEmpty ? nil : terms))
    }

    // MARK: Placing

    /// Adds what the volumes of a pod demand to its required node affinity; returns what was dropped, and why.
    func apply(to pod: inout PodManifest, namespace: String) -> [String] {
        var dropped: [String] = []
        for volume in pod.spec.node["volumes"]?.elements ?? [] {
            let name = volume["name"]?.text ?? ""
            let claim: Claim
            if let source = volume["persistentVolumeClaim"] {
                let claimName = source["claimName"]?.text ?? ""
                guard let known = claims["\(namespace)/\(claimName)"] else {
                    dropped.append(
                        "volume `\(name)`: the claim `\(claimName)` is not among the objects")
                    continue
                }
                claim = known
            } else if let template = volume["ephemeral"]?["volumeClaimTemplate"]?["spec"] {
                var diagnostics = Diagnostics()
                guard let made = readClaim(template, at: "", diagnostics: &diagnostics) else {
                    dropped.append("volume `\(name)`: its claim template cannot be read")
                    continue
                }
                claim = made
            } else {
                continue
            }
            switch terms(of: claim, namespace) {
            case .terms(let terms):
                pod.spec.placement.requiredNodeTerms = VolumePlacement.both(
                    pod.spec.placement.requiredNodeTerms, terms)
            case .anywhere: break
            case .unknown(let why): dropped.append("volume `\(name)`: \(why)")
            }
        }
        return dropped
    }

    /// The same for the claims that a StatefulSet makes for each of its pods.
    func applyTemplates(
        _ templates: [SourceNode], to pod: inout PodManifest, owner: String, namespace: String
    ) -> [String] {
        var dropped: [String] = []
        for template in templates {
            let name = template["metadata"]?["name"]?.text ?? ""
            var diagnostics = Diagnostics()
            guard let node = template["spec"],
                let claim = readClaim(node, at: "", diagnostics: &diagnostics)
            else {
                dropped.append("claim template `\(name)`: it cannot be read")
                continue
            }
            if claims["\(namespace)/\(name)-\(owner)-0"] != nil {
                dropped.append(
                    "claim template `\(name)`: its claims tie single replicas to volumes")
                continue
            }
            switch terms(of: claim, namespace) {
            case .terms(let terms):
                pod.spec.placement.requiredNodeTerms = VolumePlacement.both(
                    pod.spec.placement.requiredNodeTerms, terms)
            case .anywhere: break
            case .unknown(let why): dropped.append("claim template `\(name)`: \(why)")
            }
        }
        return dropped
    }

    private enum Answer {
        case anywhere
        case terms([NodeSelectorTerm])
        case unknown(String)
    }

    private func terms(of claim: Claim, _ namespace: String) -> Answer {
        if let name = claim.volume, !name.isEmpty {
            guard let volume = volumesByName[name].map({ volumes[$0] }) else {
                return .unknown("the volume `\(name)` is not among the objects")
            }
            return volume.terms.map { .terms($0) } ?? .anywhere
        }
        let name = claim.storageClass ?? classes.first(where: \.isDefault)?.name ?? ""
        let candidates = (volumesByClass[name] ?? []).map { volumes[$0] }.filter { volume in
            volume.claim == nil && volume.size >= claim.size
                && claim.accessModes.allSatisfy { volume.accessModes.contains($0) }
        }
        let storage = classes.first { $0.name == name }
        if let storage, !storage.waitsForConsumer {
            return .unknown("bound at once to a volume that nobody knows yet")
        }
        let isProvisioned = storage.map {
            !$0.provisioner.isEmpty && $0.provisioner != "kubernetes.io/no-provisioner"
        }
        if let storage, isProvisioned == true {
            return storage.allowedTerms.map { .terms($0) } ?? .anywhere
        }
        if candidates.isEmpty {
            return .unknown(
                storage == nil
                    ? "the storage class `\(name)` is not among the objects"
                    : "no free volume of class `\(name)` would do, and the pod would wait")
        }
        if candidates.contains(where: { $0.terms == nil }) { return .anywhere }
        return .terms(candidates.flatMap { $0.terms ?? [] })
    }

    /// Terms that hold when one of each list does; at most 1,000 of them.
    static func both(
        _ first: [NodeSelectorTerm]?, _ second: [NodeSelectorTerm]
    ) -> [NodeSelectorTerm] {
        guard let first else { return second }
        var terms: [NodeSelectorTerm] = []
        for left in first {
            for right in second where terms.count < 1000 {
                // An empty term matches no node, and so does its product.
                let isEmpty = [left, right].contains {
                    $0.matchExpressions.isEmpty && $0.matchFields.isEmpty
                }
                if isEmpty { continue }
                terms.append(
                    NodeSelectorTerm(
                        matchExpressions: left.matchExpressions + right.matchExpressions,
                        matchFields: left.matchFields + right.matchFields))
            }
        }
        return terms
    }
}
