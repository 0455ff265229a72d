import ScenarioInput
import Testing
import WorkloadModel

/// A running cluster as `kubectl get all,… -A -o json` prints it, in one text.
@Suite struct ListingTests {
    private static func object(
        _ kind: String, _ name: String, version: String = "apps/v1", owner: String = "",
        spec: String = "", status: String = ""
    ) -> String {
        let parts = owner.split(separator: "/")
        let reference =
            parts.count == 2
            ? """
            ,"ownerReferences":[{"apiVersion":"x","kind":"\(parts[0])","name":"\(parts[1])","uid":"u","controller":true}]
            """ : ""
        return """
            {"apiVersion":"\(version)","kind":"\(kind)",
             "metadata":{"name":"\(name)","namespace":"shop","uid":"1","resourceVersion":"7",
              "creationTimestamp":"2026-01-01T00:00:00Z"\(reference)},
             "spec":{\(spec)},"status":{\(status)}}
            """
    }

    private static func pod(
        _ name: String, owner: String = "", node: String = "", phase: String = "Running",
        more: String = ""
    ) -> String {
        let node = node.isEmpty ? "" : "\"nodeName\":\"\(node)\","
        return object(
            "Pod", name, version: "v1", owner: owner,
            spec: """
                \(node)\(more)"priority":0,"restartPolicy":"\(owner.hasPrefix("Job") ? "Never" : "Always")",
                "containers":[{"name":"c","image":"i","resources":{"requests":{"cpu":"500m"}}}]
                """, status: "\"phase\":\"\(phase)\",\"qosClass\":\"Burstable\"")
    }

    private static let template = """
        "template":{"metadata":{"labels":{"app":"web"}},"spec":{"restartPolicy":"POLICY",
         "containers":[{"name":"c","resources":{"requests":{"cpu":"500m"}}}]}}
        """

    private static func template(_ policy: String = "Always") -> String {
        template.replacing("POLICY", with: policy)
    }

    private static let everything: String = {
        let items = [
            pod("web-5d-a", owner: "ReplicaSet/web-5d", node: "node-1"),
            pod("web-5d-b", owner: "ReplicaSet/web-5d", node: "node-2"),
            pod("web-5d-c", owner: "ReplicaSet/web-5d", phase: "Pending"),
            pod("web-5d-d", owner: "ReplicaSet/web-5d", node: "node-2", phase: "Failed"),
            pod("agent-x", owner: "DaemonSet/agent", node: "node-1"),
            pod("db-0", owner: "StatefulSet/db", node: "node-2"),
            pod("lone", node: "node-1"),
            pod("static-node-1", owner: "Node/node-1", node: "node-1"),
            pod("waiting", phase: "Pending"),
            pod("import-1", owner: "Job/import", node: "node-1"),
            pod("import-0", owner: "Job/import", node: "node-1", phase: "Succeeded"),
            pod("foreign", owner: "Rollout/canary", node: "node-2"),
            object("Deployment", "web", spec: "\"replicas\":4,\(template())"),
            object(
                "ReplicaSet", "web-5d", owner: "Deployment/web",
                spec: "\"replicas\":4,\(template())"),
            object(
                "ReplicaSet", "web-4c", owner: "Deployment/web",
                spec: "\"replicas\":0,\(template())"),
            object("ReplicaSet", "orphan", spec: "\"replicas\":0,\(template())"),
            object("DaemonSet", "agent", spec: template()),
            object("StatefulSet", "db", spec: "\"replicas\":1,\(template())"),
            object(
                "Job", "import", version: "batch/v1",
                spec: "\"completions\":6,\"parallelism\":2,\(template("Never"))",
                status: "\"succeeded\":1,\"active\":1"),
            object(
                "Job", "night-1", version: "batch/v1", owner: "CronJob/night",
                spec: template("Never"),
                status: "\"conditions\":[{\"type\":\"Complete\",\"status\":\"True\"}]"),
            object(
                "CronJob", "night", version: "batch/v1",
                spec: "\"schedule\":\"0 2 * * *\",\"timeZone\":\"Europe/Berlin\","
                    + "\"jobTemplate\":{\"spec\":{\(template("Never"))}}"),
            object("Service", "web", version: "v1"),
            object(
                "PodDisruptionBudget", "web", version: "policy/v1",
                spec: "\"maxUnavailable\":\"25%\",\"selector\":{\"matchLabels\":{\"app\":\"web\"}}"),
            #"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop","labels":{"team":"a"}}}"#,
        ]
        return #"{"apiVersion":"v1","kind":"List","metadata":{"resourceVersion":""},"items":["#
            + items.joined(separator: ",\n") + "]}"
    }()

    private func read() throws(InputError) -> KubernetesWorkloads {
        try readKubernetesWorkloads([
            try readKubernetesObjects(Array(Self.everything.utf8), file: "all.json")
        ])
    }

    @Test func `pods that run are tied to their nodes`() throws {
        let standing = try read().standing
        #expect(
            standing.map {
                "\($0.name) \($0.node ?? "") \($0.controller.rawValue) \($0.owner ?? "")"
            }
                == [
                    "web-5d-a node-1 Deployment web", "web-5d-b node-2 Deployment web",
                    "db-0 node-2 StatefulSet db", "lone node-1 Pod ",
                    "static-node-1 node-1 Pod node-1", "import-1 node-1 Job import",
                    "foreign node-2 Pod canary",
                ].map { $0.replacing("Deployment", with: "ReplicaSet") })
        for pod in standing {
            let terms = pod.shape.placement?.requiredNodeTerms ?? []
            #expect(terms.flatMap(\.matchFields).flatMap(\.values) == [pod.node])
            #expect(pod.shape.tolerations.contains { $0.key.isEmpty && $0.value == nil })
        }
    }

    @Test func `owners make what is left, and nothing twice`() throws {
        let others = try read().workloads.filter { $0.node == nil }
        #expect(
            others.map { "\($0.kind) \($0.name) \($0.replicas)" } == [
                // Four less the two that run; the one that waits is one of them.
                "Pod waiting 1", "Deployment web 2", "DaemonSet agent 1",
                // Six completions less one behind it and one that runs.
                "Job import 4", "CronJob night 1",
            ])
        #expect(others.first { $0.kind == "Job" }?.parallelism == 2)
        #expect(others.first { $0.kind == "CronJob" }?.cronJob?.isSuspended == false)
    }

    @Test func `every object is taken, guessed or dropped with a reason`() throws {
        let all = try read()
        let objects = try readKubernetesObjects(Array(Self.everything.utf8), file: "all.json")
            .objects
        for object in objects {
            let notes = all.report.notes.filter {
                $0.subject == object.title || $0.subject == "1 \(object.kind)"
            }
            #expect(!notes.isEmpty, "\(object.title)")
            #expect(notes.allSatisfy { !$0.reason.isEmpty })
        }
        let dropped = all.report.notes.filter { $0.outcome == .dropped }
        #expect(
            dropped.map { "\($0.subject): \($0.reason)" } == [
                "1 Service: decides nothing about placement",
                "Pod shop/web-5d-c: it waits for a node as one of the replicas of Deployment shop/web",
                "Pod shop/web-5d-d: it has ended (Failed)",
                "Pod shop/agent-x: its DaemonSet shop/agent makes it again",
                "Pod shop/import-0: it has ended (Succeeded)",
                "ReplicaSet shop/web-5d: Deployment shop/web makes it",
                "ReplicaSet shop/web-4c: Deployment shop/web makes it",
                "Job shop/night-1: it has ended (Complete)",
            ])
        #expect(all.disruptionBudgets.map(\.limit) == [.maxUnavailable(.percent(25))])
        #expect(all.namespaces.first?.labels == [Label(key: "team", value: "a")])
    }

    @Test func `a text that is read twice gives the same`() throws {
        let (first, second) = (try read(), try read())
        #expect(first.report == second.report)
        #expect(first.workloads.map(\.shape) == second.workloads.map(\.shape))
    }

    @Test func `an object of the same name replaces the one before`() throws {
        let text =
            Self.object("Deployment", "web", spec: "\"replicas\":4,\(Self.template())") + "\n"
            + Self.object("Deployment", "web", spec: "\"replicas\":7,\(Self.template())")
        let all = try readKubernetesWorkloads([
            try readKubernetesObjects(Array(text.utf8), file: "a.json")
        ])
        #expect(all.workloads.map(\.replicas) == [7])
        #expect(all.report.count(of: .dropped) == 1)
    }

    @Test func `a listing without ReplicaSets counts its pods for their Deployments all the same`()
        throws
    {
        let texts = [
            Self.pod("web-5d-a", owner: "ReplicaSet/web-5d", node: "node-1"),
            Self.pod("web-5d-b", owner: "ReplicaSet/web-5d", phase: "Pending"),
            // Another Deployment's, which is not listed.
            Self.pod("web-app-7f-a", owner: "ReplicaSet/web-app-7f", node: "node-1"),
            Self.object("Deployment", "web", spec: "\"replicas\":3,\(Self.template())"),
        ]
        let all = try readKubernetesWorkloads([
            try readKubernetesObjects(Array(texts.joined().utf8), file: "a.json")
        ])
        #expect(
            all.workloads.map { "\($0.kind) \($0.name) \($0.replicas)" } == [
                "Pod web-5d-a 1", "Pod web-app-7f-a 1", "Deployment web 2",
            ])
    }

    @Test func `owners that own each other end in a note, not in a loop`() throws {
        let texts = [
            Self.object("Deployment", "a", owner: "Deployment/b", spec: Self.template()),
            Self.object("Deployment", "b", owner: "Deployment/a", spec: Self.template()),
        ]
        let all = try readKubernetesWorkloads([
            try readKubernetesObjects(Array(texts.joined().utf8), file: "a.json")
        ])
        #expect(all.workloads.isEmpty)
        #expect(all.report.count(of: .dropped) == 2)
    }
}
