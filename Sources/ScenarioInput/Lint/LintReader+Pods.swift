import Lint
import WorkloadModel

extension LintReader {
    /// The pods of an object; `template` has their metadata and spec.
    mutating func addPod(_ template: SourceNode?, of object: SourceNode, kind: String) {
        guard let template, template["spec"]?.entries != nil else {
            diagnostics.error(
                at: object, "\(kind) `\(name(of: object))` has no pod",
                hint: "its `spec` is missing, or is no mapping")
            return
        }
        let namespace =
            object["metadata"]?["namespace"]?.text ?? template["metadata"]?["namespace"]?.text
            ?? "default"
        var pod = PodFacts(
            subject: "\(kind) \(namespace)/\(name(of: object))", place: place(object))
        pod.namespace = namespace
        switch kind {
        case "DaemonSet": pod.replicas = nil
        case "Job", "CronJob":
            pod.isTransient = true
            pod.replicas = count(object["spec"]?["parallelism"])
        case "Pod", "PodTemplate": break
        default: pod.replicas = count(object["spec"]?["replicas"])
        }
        fill(&pod, from: template)
        pod.isPlaced = object["status"]?["phase"] != nil
        facts.pods.append(pod)
    }

    private func count(_ node: SourceNode?) -> Int {
        min(max(0, node?.text.flatMap(Int.init) ?? 1), 10_000_000)
    }

    /// What the template says.
    mutating func fill(_ pod: inout PodFacts, from template: SourceNode) {
        let metadata = template["metadata"]
        if let word = said(WorkloadClass.labelKey, in: metadata) {
            pod.classWord = word.text
            pod.classPlace = word.place
        }
        if let word = said(TrafficKind.labelKey, in: metadata) {
            pod.trafficWord = word.text
            pod.trafficPlace = word.place
        }
        guard let spec = template["spec"] else { return }
        for container in spec["initContainers"]?.elements ?? [] {
            let isSidecar = container["restartPolicy"]?.text == "Always"
            pod.containers.append(self.container(container, isSidecar ? .sidecar : .initContainer))
        }
        for container in spec["containers"]?.elements ?? [] {
            pod.containers.append(self.container(container, .app))
        }
        if spec["resources"]?.entries != nil { pod.podLevel = resources(spec["resources"]) }
        pod.nodeName = spec["nodeName"]?.text
        pod.nodeSelector = (spec["nodeSelector"]?.entries ?? []).compactMap { entry in
            entry.value.text.map { Label(key: entry.key, value: $0) }
        }
        let affinity = spec["affinity"]
        let required = affinity?["nodeAffinity"]?["requiredDuringSchedulingIgnoredDuringExecution"]
        pod.affinityTerms = (required?["nodeSelectorTerms"]?.elements ?? []).map { term in
            (term["matchExpressions"]?.elements ?? []).map { expression in
                NodeRequirement(
                    key: expression["key"]?.text ?? "",
                    operation: expression["operator"]?.text ?? "",
                    values: (expression["values"]?.elements ?? []).compactMap(\.text))
            }
        }
        pod.isKeptApart =
            !(affinity?["podAntiAffinity"]?.entries ?? []).isEmpty
            || !(spec["topologySpreadConstraints"]?.elements ?? []).isEmpty
        pod.tolerations = (spec["tolerations"]?.elements ?? []).map { toleration in
            Toleration(
                key: toleration["key"]?.text ?? "",
                value: toleration["operator"]?.text == "Exists"
                    ? nil : toleration["value"]?.text ?? "",
                effect: toleration["effect"]?.text.flatMap(TaintEffect.init(rawValue:)))
        }
        for volume in spec["volumes"]?.elements ?? [] {
            guard let path = volume["hostPath"]?["path"] else { continue }
            pod.hostPaths.append((path.text ?? "", place(path)))
        }
        let annotation = metadata?["annotations"]?["k8s.v1.cni.cncf.io/networks"]
        if let annotation { pod.networks = networks(annotation, namespace: pod.namespace) }
    }

    /// A label's value, or else an annotation's.
    private func said(
        _ key: String, in metadata: SourceNode?
    ) -> (text: String, place: LintPlace)? {
        let node = metadata?["labels"]?[key] ?? metadata?["annotations"]?[key]
        return node.flatMap { node in node.text.map { ($0, place(node)) } }
    }

    private mutating func container(
        _ node: SourceNode, _ kind: ContainerShape.Kind
    ) -> ContainerFacts {
        ContainerFacts(
            name: node["name"]?.text ?? "", kind: kind, place: place(node),
            resources: resources(node["resources"]))
    }

    private mutating func resources(_ node: SourceNode?) -> ResourceFacts {
        ResourceFacts(requests: amounts(node?["requests"]), limits: amounts(node?["limits"]))
    }

    /// Both forms of the annotation: `a, other/b@net1`, or a JSON list of objects.
    private mutating func networks(_ node: SourceNode, namespace: String) -> [NetworkChoice] {
        guard let text = node.text else { return [] }
        let place = place(node)
        if let first = text.first(where: { !$0.isWhitespace }), first == "[" || first == "{" {
            let list = try? readSourceDocuments(text, file: file).first
            guard let elements = list?.elements else {
                diagnostics.error(
                    at: node, "the networks annotation is no JSON list",
                    hint: "write `a, b`, or `[{\"name\": \"a\"}]`")
                return []
            }
            return elements.compactMap { element in
                element["name"]?.text.map {
                    NetworkChoice(
                        namespace: element["namespace"]?.text ?? namespace, name: $0, place: place)
                }
            }
        }
        return text.split(separator: ",").prefix(1000).compactMap { part in
            let words = part.filter { !$0.isWhitespace }.prefix { $0 != "@" }
                .split(separator: "/")
            guard let name = words.last else { return nil }
            return NetworkChoice(
                namespace: words.count > 1 ? String(words[0]) : namespace, name: String(name),
                place: place)
        }
    }
}
