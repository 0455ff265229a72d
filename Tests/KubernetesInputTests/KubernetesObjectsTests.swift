import ScenarioInput
import Testing
import WorkloadModel

/// Texts as tools print them: which objects are in them, and what is wrong with some.
@Suite struct KubernetesObjectsTests {
    private func read(
        _ text: String, templates: ManifestTemplates = .refused
    ) throws(InputError) -> KubernetesObjects {
        try readKubernetesObjects(Array(text.utf8), file: "all.yaml", templates: templates)
    }

    private static let pod =
        "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: c}]}}"
    private static let jsonPod =
        #"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a"},"spec":{"containers":[{"name":"c"}]}}"#

    @Test(arguments: [
        ("one", pod), ("documents", "---\n\(pod)\n---\n---\n# nothing\n---\n\(pod)\n"),
        ("a byte order mark", "\u{FEFF}\(pod)"),
        ("lines that end in CR LF", "---\r\n\(pod)\r\n---\r\n\(pod)\r\n"),
        ("JSON texts in a row", "\(jsonPod)\n\(jsonPod)\(jsonPod)"),
        ("JSON with tabs", "{\n\t\"kind\": \"Pod\",\n\t\"apiVersion\": \"v1\", \"metadata\": {}}"),
        ("a JSON list", "[\(jsonPod), \(jsonPod)]"),
        ("a list", "apiVersion: v1\nkind: List\nitems:\n- \(pod)\n- \(pod)\n"),
        (
            "a typed list",
            #"{"apiVersion":"v1","kind":"PodList","items":[{"metadata":{"name":"a"}}]}"#
        ),
        (
            "lists in lists",
            "{apiVersion: v1, kind: List, items: [{apiVersion: v1, kind: List, items: [\(pod)]}]}"
        ),
        (
            "a review",
            #"{"kind":"AdmissionReview","request":{"kind":{"group":"","version":"v1","kind":"Pod"},"object":{"spec":{}}}}"#
        ),
        ("watch events", #"{"type":"ADDED","object":\#(jsonPod)}{"type":"BOOKMARK","object":{}}"#),
    ])
    func `pods are found in`(_ what: String, _ text: String) throws {
        let objects = try read(text).objects
        #expect(!objects.isEmpty)
        #expect(objects.allSatisfy { $0.kind == "Pod" && $0.apiVersion == "v1" && $0.line > 0 })
    }

    @Test func `empty documents are counted, and places are those of the text`() throws {
        let text = """
            # Source: upf/templates/empty.yaml
            ---
            ---
            # Source: upf/templates/pod.yaml
            apiVersion: v1
            kind: Pod
            metadata:
              name: upf
              namespace: core
            ---
            null
            ---
            # Source: upf/charts/smf/templates/smf.yaml
            apiVersion: apps/v1
            kind: Deployment
            metadata: {name: smf}
            """
        let found = try read(text)
        #expect(found.emptyDocuments >= 1)
        #expect(found.objects.map(\.title) == ["Pod core/upf", "Deployment smf"])
        #expect(found.objects.map(\.line) == [5, 14])
        #expect(
            found.objects.map(\.chartFile) == [
                "upf/templates/pod.yaml", "upf/charts/smf/templates/smf.yaml",
            ])
    }

    @Test func `later watch events replace earlier ones`() throws {
        let changed = Self.jsonPod.replacing(#""name":"c""#, with: #""name":"d""#)
        let found = try read(
            """
            {"type":"ADDED","object":\(Self.jsonPod)}
            {"type":"MODIFIED","object":\(changed)}
            {"type":"ADDED","object":\(Self.jsonPod.replacing(#""name":"a""#, with: #""name":"b""#))}
            {"type":"DELETED","object":\(Self.jsonPod.replacing(#""name":"a""#, with: #""name":"b""#))}
            """)
        #expect(found.objects.map(\.name) == ["a"])
        let containers = found.objects.first?.node["spec"]?["containers"]?.elements
        #expect(containers?.first?["name"]?.text == "d")
    }

    @Test func `a key that is there twice counts as its last value`() throws {
        let text = """
            apiVersion: v1
            kind: Pod
            metadata:
              name: a
              labels: {x: first}
              labels:
                x: second
            spec:
              containers:
              - name: c
                resources:
                  limits: {cpu: 1}
                resources:
                  limits: {cpu: 2}
            """
        let found = try read(text)
        let object = try #require(found.objects.first)
        #expect(object.node["metadata"]?["labels"]?["x"]?.text == "second")
        let limits = object.node["spec"]?["containers"]?.elements?.first?["resources"]?["limits"]
        #expect(limits?["cpu"]?.text == "2")
        #expect(found.report.notes.map(\.line) == [5, 11])
        #expect(found.report.notes.allSatisfy { $0.outcome == .guessed })
    }

    @Test func `templates are read when they are to be`() throws {
        let text = """
            apiVersion: v1
            kind: Pod
            metadata: {name: "{{ name }}", namespace: "{{ a }}-{{ b }}"}
            spec:
              containers:
            {% for c in containers %}
              - name: c
            {% endfor %}
            """
        #expect(throws: InputError.self) { try read(text) }
        let found = try read(text, templates: .tolerated)
        #expect(found.objects.map(\.title) == ["Pod template-template/template"])
    }

    @Test func `kinds that lead to nothing are noted once each`() throws {
        let text = """
            {apiVersion: v1, kind: Service, metadata: {name: a}}
            ---
            {apiVersion: v1, kind: Service, metadata: {name: b}}
            ---
            {apiVersion: batch.volcano.sh/v1alpha1, kind: Job, metadata: {name: j}}
            ---
            {apiVersion: resource.k8s.io/v1, kind: ResourceClaim, metadata: {name: r}}
            ---
            {apiVersion: v1, kind: Node, metadata: {name: n}}
            """
        let notes = try read(text).report.notes
        #expect(
            notes.map { "\($0.line) \($0.subject): \($0.reason)" } == [
                "1 2 of kind Service: decides nothing about placement",
                "5 1 Job: an unknown kind of `batch.volcano.sh/v1alpha1`, skipped",
                "7 1 ResourceClaim: dynamic resource allocation is not modelled",
                "9 1 Node: for the readers of nodes",
            ])
        #expect(notes.allSatisfy { $0.outcome == .dropped })
    }

    // MARK: Mistakes

    private static let deployment = """
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: web}
        spec:
          replicas: REPLICAS
          template:
            spec:
              containers:
              - {name: c, resources: {limits: {cpu: CPU}}}
        """

    private static func web(replicas: String = "2", cpu: String = "1") -> String {
        deployment.replacing("REPLICAS", with: replicas).replacing("CPU", with: cpu)
    }

    private static func cronJob(_ spec: String) -> String {
        """
        apiVersion: batch/v1
        kind: CronJob
        metadata: {name: report}
        spec:
          \(spec)
          jobTemplate:
            spec:
              template: {spec: {restartPolicy: Never, containers: [{name: c}]}}
        """
    }

    /// Text, line, what the message says; the hint must be there.
    private static let mistakes: [(String, Int, String)] = [
        ("just words", 1, "expected a Kubernetes object, found `just words`"),
        ("metadata: {name: a}", 1, "found a mapping of `metadata` without `kind`"),
        ("kind: Pod\nmetadata: {name: a}", 1, "`apiVersion` of a Pod is missing"),
        ("apiVersion: apps/v9\nkind: Deployment", 1, "expected `apps/v1` or"),
        ("apiVersion: v1\nkind: List\nitems: 3", 3, "expected a list, found `3`"),
        (
            "apiVersion: v1\nkind: Pod\nspec: {containers: []}", 1,
            "`metadata.name` of a Pod is missing"
        ),
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: []}", 4,
            "`spec.containers`: is missing"
        ),
        (web(replicas: "\"2\""), 5, "`spec.replicas`: expected a whole number, found `2`"),
        (web(replicas: "-1"), 5, "`spec.replicas` is negative"),
        (web(cpu: "2 cores"), 9, "`2 cores` is not a quantity"),
        (
            web().replacing("kind: Deployment", with: "kind: StatefulSet")
                .replacing("  template:", with: "  templates:"), 5, "`spec.template` is missing"
        ),
        (cronJob("schedule: '61 * * * *'"), 5, "61 in `61` is above the field's maximum, 59"),
        (
            cronJob("schedule: '@daily'\n  timeZone: Mars/Base"), 6,
            "`spec.timeZone`: unknown time zone `Mars/Base`"
        ),
        (cronJob("concurrencyPolicy: Allow"), 5, "`spec.schedule`: is missing"),
        (
            cronJob("schedule: '@daily'\n  concurrencyPolicy: Never"), 6,
            "`Never` is not among the values that Kubernetes knows"
        ),
        (
            "apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: p}\nvalue: high",
            4, "`value`: expected a whole number, found `high`"
        ),
        (
            """
            apiVersion: v1
            kind: LimitRange
            metadata: {name: l}
            spec: {limits: [{type: Container, min: {cpu: 2}, max: {cpu: 1}}]}
            """, 4, "`2` is above the maximum `1`"
        ),
        (
            """
            apiVersion: v1
            kind: ResourceQuota
            metadata: {name: q}
            spec: {hard: {cpu: 1}, scopes: [Best]}
            """, 4, "`Best` is not among the values that Kubernetes knows"
        ),
        (
            """
            apiVersion: policy/v1
            kind: PodDisruptionBudget
            metadata: {name: b}
            spec: {minAvailable: half}
            """, 4, "expected a number of pods such as `2` or `50%`, found `half`"
        ),
        (
            """
            apiVersion: v1
            kind: Pod
            metadata: {name: a}
            spec: {nodeName: n, containers: [{name: c}]}
            status: {phase: Sleeping}
            """, 5, "`Sleeping` is no phase of a pod"
        ),
        (#"{"kind": "AdmissionReview", "response": {}}"#, 1, "without `request.object`"),
        ("{\"kind\": \"Pod\",\n \"spec\": [1, 2}", 2, "expected `,` or `]`"),
    ]

    @Test(arguments: mistakes)
    func `a mistake is told once, with its place`(
        _ text: String, _ line: Int, _ message: String
    ) throws {
        let error = try #require(throws: InputError.self) {
            try readKubernetesWorkloads([try read(text)])
        }
        let errors = error.diagnostics.filter { $0.severity == .error }
        #expect(errors.count == 1, "\(errors.map(\.message))")
        let first = try #require(errors.first)
        #expect(first.message.contains(message), "\(first.message)")
        #expect(first.line == line)
        #expect(first.file == "all.yaml")
    }

    @Test func `all mistakes of a text are told`() throws {
        let other = Self.web(replicas: "-2").replacing("name: web", with: "name: api")
        let error = try #require(throws: InputError.self) {
            try readKubernetesWorkloads([try read("\(Self.web(cpu: "x"))\n---\n\(other)")])
        }
        #expect(error.diagnostics.count == 2)
    }

    // MARK: Hostile texts

    @Test func `lists without end, and bytes at random, end in an answer`() throws {
        let deep = String(repeating: "[", count: 5000)
        #expect(throws: InputError.self) { try read(deep) }
        var nested = Self.jsonPod
        for _ in 0..<20 {
            nested = #"{"apiVersion":"v1","kind":"List","items":[\#(nested)]}"#
        }
        #expect(throws: InputError.self) { try read(nested) }
        var state: UInt64 = 42
        let base = Array((Self.web() + "\n---\n" + Self.cronJob("schedule: '@daily'")).utf8)
        for _ in 0..<400 {
            var bytes = base
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 20)
            }
            if let objects = try? readKubernetesObjects(bytes, file: "x", templates: .tolerated) {
                _ = try? readKubernetesWorkloads([objects])
            }
        }
    }

    @Test func `a text beyond the limit is refused before it is read`() throws {
        let limits = SourceLimits(bytes: 100, depth: 10, values: 1000)
        #expect(throws: InputError.self) {
            try readKubernetesObjects(
                Array(repeating: UInt8(ascii: "#"), count: 101), file: "x", limits: limits)
        }
        #expect(throws: InputError.self) {
            try readKubernetesObjects(
                Array(("{" + String(repeating: " ", count: 200)).utf8), file: "x", limits: limits)
        }
    }
}
