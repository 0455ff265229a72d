import Primitives
import ScenarioInput
import Testing
import WorkloadModel

struct PodTemplateTests {
    /// A template with these containers and other fields of the spec.
    private func read(
        _ containers: String, _ others: String = "", metadata: String = "{}"
    ) throws -> (shape: PodShape?, resources: ResourceTable, told: [Diagnostic]) {
        let text =
            #"{"metadata": \#(metadata), "spec": {"containers": [\#(containers)]\#(others)}}"#
        var resources = ResourceTable()
        var diagnostics = Diagnostics()
        let node = try readJSONSource(text.utf8, file: "pod.json")
        let shape = readPodTemplate(node, resources: &resources, diagnostics: &diagnostics)
        return (shape, resources, diagnostics.all)
    }

    private func requests(_ shape: PodShape, _ resources: ResourceTable) -> [String] {
        shape.requests.map { "\(resources[$0.resource])=\($0.amount)" }
    }

    @Test func `a DPDK pod becomes a shape`() throws {
        let (shape, resources, told) = try read(
            #"""
            {"name": "dpdk", "image": "upf", "resources": {"limits":
             {"cpu": 12, "memory": "16Gi", "hugepages-1Gi": "8Gi", "intel.com/sriov_vfs": "2"}}}
            """#,
            #"""
            , "nodeSelector": {"zone": "edge", "node-role": "upf"}, "priority": 7,
            "terminationGracePeriodSeconds": 5, "tolerations":
            [{"key": "dedicated", "operator": "Exists", "effect": "NoSchedule"}, {"key": "a", "value": "b"}]
            """#, metadata: #"{"labels": {"app": "upf"}, "name": "x"}"#)
        let pod = try #require(shape)
        #expect(told.isEmpty)
        #expect(pod.qos == .guaranteed)
        let asked = [
            "cpu=12000", "memory=17179869184", "hugepages-1Gi=8589934592", "intel.com/sriov_vfs=2",
        ]
        #expect(requests(pod, resources) == asked)
        #expect(pod.limits == pod.requests)
        #expect(pod.containers.map(\.name) == ["dpdk"])
        #expect(pod.containers[0].resources.requests == pod.requests)
        #expect(pod.podLevel == nil)
        #expect(pod.priority == 7)
        #expect(pod.terminationGracePeriodSeconds == 5)
        #expect(pod.nodeSelector.map(\.key) == ["node-role", "zone"])
        #expect(pod.labels == [Label(key: "app", value: "upf")])
        let tolerations = [
            Toleration(key: "dedicated", value: nil, effect: .noSchedule),
            Toleration(key: "a", value: "b", effect: nil),
        ]
        #expect(pod.tolerations == tolerations)
    }

    @Test func `init containers peak, sidecars stay, overhead is added`() throws {
        let (shape, resources, _) = try read(
            #"{"name": "a", "resources": {"requests": {"cpu": "1", "example.com/nic": "0"}, "limits": {"example.com/nic": "0"}}}"#,
            #"""
            , "initContainers": [
              {"name": "i0", "resources": {"requests": {"cpu": "4"}}},
              {"name": "s0", "restartPolicy": "Always", "resources": {"requests": {"cpu": "2"}}},
              {"name": "i1", "resources": {"requests": {"cpu": "3500m", "memory": "1Ki"}}}],
            "overhead": {"cpu": "250m"}
            """#)
        let pod = try #require(shape)
        // While i1 runs: 2 of s0 + 3.5. Later: 1 + 2.
        #expect(requests(pod, resources) == ["cpu=5750", "memory=1024"])
        let kinds: [ContainerShape.Kind] = [.initContainer, .sidecar, .initContainer, .app]
        #expect(pod.containers.map(\.kind) == kinds)
        #expect(pod.containers[3].resources.requests.map(\.amount) == [1000, 0])
        // s0 without memory counts as 200 MiB, and so do i0 and a; i1 gives its own.
        #expect(pod.nonZeroMilliCPU == 5750)
        #expect(pod.nonZeroMemory == 400 << 20)
    }

    @Test func `pod-level resources decide over the containers'`() throws {
        let (shape, resources, _) = try read(
            #"{"name": "a", "resources": {"limits": {"cpu": "1", "hugepages-2Mi": "4Mi"}}}"#,
            #", "resources": {"limits": {"cpu": "3", "memory": "1Gi"}, "requests": {"memory": "1Gi"}}"#
        )
        let pod = try #require(shape)
        // The pod's cpu request follows from the containers', its huge pages from their limit.
        #expect(
            requests(pod, resources) == ["cpu=1000", "memory=1073741824", "hugepages-2Mi=4194304"])
        #expect(pod.qos == .burstable)
        #expect(pod.podLevel?.limit(ResourceTable.cpu) == 3000)
        #expect(pod.nonZeroMilliCPU == 1000)
        #expect(pod.nonZeroMemory == 200 << 20)
    }

    @Test(arguments: [
        ("{}", "", QoSClass.bestEffort),
        (#"{"limits": {"cpu": "1", "memory": "1Gi"}}"#, "", .guaranteed),
        (#"{"limits": {"cpu": "1"}}"#, "", .burstable),
        (#"{"requests": {"cpu": "1"}, "limits": {"cpu": "2", "memory": "1Gi"}}"#, "", .burstable),
        (#"{"limits": {"example.com/nic": "1"}}"#, "", .bestEffort),
        (#"{"limits": {"cpu": "0", "memory": "0"}}"#, "", .bestEffort),
        (
            #"{"limits": {"cpu": "1", "memory": "1Gi"}}"#, #", "initContainers": [{"name": "i"}]"#,
            .burstable
        ),
        (
            "{}", #", "resources": {"limits": {"cpu": "1", "memory": "1Gi"}}"#, .guaranteed
        ),
        (#"{"requests": {"cpu": "1"}}"#, #", "resources": {}"#, .bestEffort),
    ])
    func `the QoS class follows from cpu and memory of all containers or of the pod`(
        _ resources: String, _ others: String, _ qos: QoSClass
    ) throws {
        let (shape, _, told) = try read(#"{"name": "a", "resources": \#(resources)}"#, others)
        #expect(shape?.qos == qos, "\(told)")
    }

    @Test(arguments: [
        (#"{"name": "a", "resources": {"limits": {"cpu": "2x"}}}"#, "`2x` is not a quantity"),
        (#"{"name": "a", "resources": {"limits": {"cpu": ""}}}"#, "`` is not a quantity"),
        (#"{"name": "a", "resources": {"limits": {"cpu": "NaN"}}}"#, "`NaN` is not a quantity"),
        (#"{"name": "a", "resources": {"limits": {"cpu": true}}}"#, "`true` is not a quantity"),
        (#"{"name": "a", "resources": {"limits": {"memory": "9223372036854775808"}}}"#, "too much"),
        (#"{"name": "a", "resources": {"limits": {"cpu": "10E"}}}"#, "too much"),
        (#"{"name": "a", "resources": {"limits": {"cpu": [1]}}}"#, "expected a quantity"),
        (#"{"name": "a", "resources": {"limits": [1]}}"#, "expected a mapping, found a list"),
        (#"{"name": "a", "resources": {"limits": {"cpu": "-1"}}}"#, "is negative"),
        (#"{"name": "a", "resources": {"limits": {"cpus": "1"}}}"#, "no resource that a container"),
        (#"{"name": "a", "resources": {"limits": {"-/x": "1"}}}"#, "no qualified name"),
        (
            #"{"name": "a", "resources": {"limits": {"hugepages-3x": "1"}, "requests": {"cpu": 1}}}"#,
            "pages"
        ),
        (#"{"name": 1}"#, "`spec.containers[0].name`: expected text, found `1`"),
        (#"{"name": "A"}"#, "no DNS label"),
        (#"{"name": "a"}, {"name": "a"}"#, "is there twice"),
        (#"{}"#, "`spec.containers[0].name`: is missing"),
        ("", "`spec.containers`: is missing"),
        (#"{"name": "a", "restartPolicy": "Sometimes"}"#, "not among the values"),
        (#"1"#, "`spec.containers[0]`: expected a mapping, found `1`"),
    ])
    func `a mistake is told at its place`(_ containers: String, _ message: String) throws {
        let (shape, _, told) = try read(containers)
        #expect(shape == nil)
        let errors = told.filter { $0.severity == .error }
        #expect(errors.contains { $0.message.contains(message) }, "\(errors.map(\.message))")
        #expect(errors.allSatisfy { $0.line == 1 && $0.column > 0 })
    }

    @Test func `all mistakes are told at once, unknown fields are noted`() throws {
        let (shape, _, told) = try read(
            #"{"name": "a", "resorces": {}, "resources": {"requests": {"example.com/nic": "1500m"}}}"#,
            #", "restartPolicy": "Never", "tolerations": [{"effect": "No"}], "nodeName": "n""#)
        #expect(shape == nil)
        #expect(told.filter { $0.severity == .error }.count == 4, "\(told.map(\.message))")
        let notes = told.filter { $0.severity == .note }
        #expect(notes.count == 2)
        #expect(notes.contains { $0.hint == "did you mean `resources`?" })
    }

    @Test func `equal templates make equal shapes, in whatever order they are written`() throws {
        let first = try read(
            #"{"name": "a", "resources": {"limits": {"cpu": "1000m", "memory": "1Gi", "b.com/x": "1"}}}"#,
            #", "nodeSelector": {"a": "1", "b": "2"}"#)
        let second = try read(
            #"{"name": "a", "resources": {"limits": {"b.com/x": 1, "memory": "1024Mi", "cpu": 1}}}"#,
            #", "nodeSelector": {"b": "2", "a": "1"}"#)
        #expect(first.shape == second.shape)
        #expect(first.shape != nil)
    }

    // MARK: Owners

    private func owner(_ text: String) throws -> (owner: OwnerManifest?, told: [String]) {
        var resources = ResourceTable()
        var diagnostics = Diagnostics()
        let node = try readJSONSource(text.utf8, file: "owner.json")
        let owner = readOwnerManifest(node, resources: &resources, diagnostics: &diagnostics)
        return (owner, diagnostics.all.map(\.message))
    }

    @Test func `owners say how many pods of which shape`() throws {
        let template = #""template": {"spec": {"containers": [{"name": "a"}]"#
        let deployment = try owner(
            #"{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d"}, "spec": {"replicas": 3, \#(template)}}}}"#
        ).owner
        #expect(deployment?.kind == .deployment)
        #expect(deployment?.replicas == 3)
        #expect(deployment?.name == "d")
        let job = try owner(
            #"{"apiVersion": "batch/v1", "kind": "Job", "spec": {"parallelism": 2, "completions": 5, "backoffLimit": 1, \#(template), "restartPolicy": "Never"}}}}"#
        ).owner
        #expect(job?.kind == .job)
        #expect((job?.replicas, job?.completions, job?.backoffLimit) == (2, 5, 1))
        let pod = try owner(
            #"{"apiVersion": "v1", "kind": "Pod", "metadata": {"namespace": "n"}, "spec": {"containers": [{"name": "a"}]}}"#
        ).owner
        #expect(pod?.kind == ControllerKind.none)
        #expect(pod?.namespace == "n")
    }

    @Test(arguments: [
        (#"{"kind": "Deploymint"}"#, "expected a workload, found `Deploymint`"),
        (#"[]"#, "found an object without `kind`"),
        (#"{"kind": "Job", "apiVersion": "batch/v1", "spec": {}}"#, "`spec.template` is missing"),
        (#"{"kind": "Job", "apiVersion": "v1"}"#, "`apiVersion`: expected `batch/v1`"),
        (
            #"{"kind": "Job", "apiVersion": "batch/v1", "spec": {"template": {"spec": {"containers": [{"name": "a"}]}}}}"#,
            "`spec.template.spec.restartPolicy`: `Always` is not among"
        ),
        (
            #"{"kind": "ReplicaSet", "apiVersion": "apps/v1", "spec": {"replicas": -1, "template": {"spec": {"containers": [{"name": "a"}]}}}}"#,
            "`spec.replicas` is negative"
        ),
        (
            #"{"kind": "ReplicaSet", "apiVersion": "apps/v1", "spec": {"replicas": "3", "template": {"spec": {"containers": [{"name": "a"}]}}}}"#,
            "`spec.replicas`: expected a whole number"
        ),
    ])
    func `a wrong owner is refused`(_ text: String, _ message: String) throws {
        let (owner, told) = try owner(text)
        #expect(owner == nil)
        #expect(told.contains { $0.contains(message) }, "\(told)")
    }
}
