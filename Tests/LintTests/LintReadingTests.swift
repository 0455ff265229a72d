import Foundation
import Lint
import ScenarioInput
import TestSupport
import Testing
import WorkloadModel

@Suite struct `Lint reads what people have` {
    static let podFiles: [String] = {
        guard let folder = SharedFolder.url?.appending(path: "data/k8s/pods") else { return [] }
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        return (names ?? []).sorted()
    }()

    /// The findings of a file as text, or its mistakes.
    func result(_ path: String) throws -> (text: String, codes: Set<String>, isRead: Bool) {
        var input = LintInput()
        let bytes = Array(try SharedFolder.contents(path))
        do throws(InputError) {
            try input.read(bytes, file: path)
        } catch {
            #expect(!error.diagnostics.isEmpty)
            return (error.diagnostics.map(\.message).joined(separator: "\n"), [], false)
        }
        let findings = input.facts.findings()
        let text = findings.written(
            as: .sarif, registry: RA2Codes.registry, tool: LintTool(name: "topsim", version: "0"))
        return (text, Set(findings.all.map(\.code.id)), true)
    }

    @Test(.enabled(if: SharedFolder.isPresent), arguments: podFiles)
    func `every pod file, twice alike`(_ name: String) throws {
        let first = try result("data/k8s/pods/\(name)")
        let second = try result("data/k8s/pods/\(name)")
        #expect(first.text == second.text)
        // Templates of other programs are no YAML, and a key may be there twice; everything else is read.
        let isRefusal = name.hasSuffix(".j2") || first.text.contains("duplicate key")
        #expect(first.isRead || isRefusal, "\(first.text)")
    }

    @Test(.enabled(if: SharedFolder.isPresent))
    func `and finds what is known of some`() throws {
        for name in Self.podFiles where name.hasPrefix("edgeapps_") && !name.contains("values") {
            #expect(try result("data/k8s/pods/\(name)").codes.contains("R0002"), "\(name)")
        }
        let omec = try result("data/k8s/pods/omec_upf-k8s.yaml").codes
        #expect(omec.contains("R0004"))
        #expect(!omec.contains("R0002"))
        #expect(try result("data/k8s/pods/sriovdp_pod_testpmd.yaml").codes.contains("R0007"))
        #expect(try result("data/k8s/pods/nephio_free5gc_udm-deployment.yaml").codes == [])
    }

    @Test(
        .enabled(if: SharedFolder.isPresent),
        arguments: ["kubelet", "nodes", "nrt", "performanceprofile", "sriov"])
    func `other folders of objects without a crash`(_ folder: String) throws {
        let url = try #require(SharedFolder.url).appending(path: "data/k8s/\(folder)")
        var read = 0
        for name in try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() {
            read += try result("data/k8s/\(folder)/\(name)").isRead ? 1 : 0
        }
        #expect(read > 0)
    }
}

@Suite struct `Kubelets in every wrapping` {
    static let wrappings = [
        "kind: KubeletConfiguration\ncpuManagerPolicy: static",
        "kubelet:\n  cpuManagerPolicy: static", "cpuManagerPolicy: static",
        "kind: KubeletConfig\nspec:\n  kubeletConfig: {cpuManagerPolicy: static}",
        "kind: Cluster\nkubeadmConfigPatches:\n- |\n  kind: KubeletConfiguration\n  cpuManagerPolicy: static",
        "kind: Cluster\nnodes:\n- kubeadmConfigPatches:\n  - |\n    kind: KubeletConfiguration\n"
            + "    cpuManagerPolicy: static",
        "kind: List\nitems:\n- kind: KubeletConfiguration\n  cpuManagerPolicy: static",
    ]

    @Test(arguments: wrappings)
    func `are judged`(_ yaml: String) throws {
        let found = try findings(yaml)
        #expect(found.map(\.code.id) == ["R0033"])
        #expect(found.allSatisfy { $0.place.line > 0 })
    }

    @Test(arguments: [
        ("{resourceList: [{resourceName: dpdk, excludeTopology: true}]}", true),
        ("{resourceList: [{resourceName: dpdk}]}", false),
        (
            "{kind: ConfigMap, data: {config.json: '{\"resourceList\": [{\"resourcePrefix\": \"intel.com\", "
                + "\"resourceName\": \"dpdk\", \"excludeTopology\": true}]}'}}", true
        ),
    ])
    func `and so are lists of the SR-IOV device plugin`(_ pools: String, _ isFound: Bool) throws {
        let pod = """
            kind: Pod
            metadata: {name: p}
            spec: {containers: [{name: a, resources: {limits: {cpu: 2, memory: 1Gi, intel.com/dpdk: 1}}}]}
            """
        let codes = try findings(pod + "\n---\n" + pools).map(\.code.id)
        #expect(codes.contains("R0019") == isFound)
    }
}

@Suite struct `Classes of pods` {
    func pod(
        _ limits: String, labels: String = "{}", annotations: String = "{}",
        selector: String = "{}"
    ) -> String {
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: p, labels: \(labels), annotations: \(annotations)}
        spec:
          nodeSelector: \(selector)
          containers: [{name: a, image: a, resources: {limits: {\(limits)}}}]
        """
    }

    func classes(_ yaml: String) throws -> [WorkloadClass?] {
        var input = LintInput()
        try input.read(Array(yaml.utf8), file: "p.yaml")
        return input.facts.classes().map(\.workloadClass)
    }

    @Test(arguments: [
        ("cpu: 500m, memory: 1Gi", nil), ("cpu: '2', memory: 1Gi", WorkloadClass.c1),
        ("cpu: '2', memory: 1Gi, example.com/qat: '1'", .c3),
        ("cpu: '2', memory: 1Gi, example.com/sriov_netdev: '1'", .c3),
        ("cpu: '2', memory: 1Gi, example.com/sriov_dpdk: '1'", .c4),
        ("cpu: '2', memory: 1Gi, hugepages-1Gi: 1Gi", .c4),
        ("cpu: 100m, memory: 1Gi, example.com/qat: '1'", nil),
    ])
    func `are inferred from what they ask for`(_ limits: String, _ want: WorkloadClass?) throws {
        #expect(try classes(pod(limits)) == [want])
    }

    @Test(arguments: [
        ("cpu: '2', memory: 1Gi", WorkloadClass.c2), ("cpu: '2', hugepages-2Mi: 2Mi", .c5),
    ])
    func `with CPU instructions are 2 and 5`(_ limits: String, _ want: WorkloadClass) throws {
        let selector = "{feature.node.kubernetes.io/cpu-cpuid.AVX2: 'true'}"
        #expect(try classes(pod(limits, selector: selector)) == [want])
    }

    @Test func `are said by label before annotation, and by the command before both`() throws {
        let yaml = pod(
            "cpu: '2', memory: 1Gi", labels: "{topsim/workload-class: c3}",
            annotations: "{topsim/workload-class: c2}")
        #expect(try classes(yaml) == [.c3])
        #expect(try findings(yaml).map(\.code.id) == ["R0022"])
        var input = LintInput()
        try input.read(Array(yaml.utf8), file: "p.yaml")
        #expect(input.facts.findings(as: .c1).all == [])
    }
}

@Suite struct `Nodes that a pod may land on` {
    /// A c1 pod, a node with the labels given, whose kubelet gives no exclusive CPUs, and one without labels that does.
    private func codes(_ spec: String, _ labels: String, taint: String = "") throws -> [String] {
        try findings(
            """
            apiVersion: topsim/v1
            kind: Scenario
            nodes:
              shared: {machine: 1s1n4c1t, labels: {\(labels)}, taints: [\(taint)]}
              exclusive:
                machine: 1s1n4c1t
                kubelet: {cpuManagerPolicy: static, reservedSystemCPUs: "0"}
            workload:
              w:
                class: c1
                template:
                  spec:
                    \(spec)
                    containers: [{name: a, image: a, resources: {limits: {cpu: "1", memory: 1Gi}}}]
            """
        ).map(\.code.id)
    }

    private func affinity(_ expression: String) -> String {
        "affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: "
            + "{nodeSelectorTerms: [{matchExpressions: [\(expression)]}]}}}"
    }

    @Test(arguments: [
        ("", "", true), ("nodeSelector: {a: x}", "a: x", true),
        ("nodeSelector: {a: y}", "a: x", false),
    ])
    func `are told by selector`(_ spec: String, _ labels: String, _ isFound: Bool) throws {
        #expect(try codes(spec, labels) == (isFound ? ["R0027"] : []))
    }

    @Test(arguments: [
        ("{key: a, operator: In, values: [x, y]}", "a: x", true),
        ("{key: a, operator: In, values: [y]}", "a: x", false),
        ("{key: a, operator: NotIn, values: [x]}", "a: x", false),
        ("{key: a, operator: NotIn, values: [x]}", "", true),
        ("{key: a, operator: Exists}", "a: x", true), ("{key: a, operator: Exists}", "", false),
        ("{key: a, operator: DoesNotExist}", "a: x", false),
        ("{key: a, operator: Gt, values: ['3']}", "a: '4'", true),
        ("{key: a, operator: Lt, values: ['3']}", "a: '4'", false),
        ("{key: a, operator: Gt, values: ['3']}", "a: x", false),
    ])
    func `and by affinity`(_ expression: String, _ labels: String, _ isFound: Bool) throws {
        #expect(try codes(affinity(expression), labels) == (isFound ? ["R0027"] : []))
    }

    @Test func `and by taint`() throws {
        let taint = "{key: t, value: v, effect: NoSchedule}"
        #expect(try codes("", "", taint: taint) == [])
        #expect(try codes("tolerations: [{operator: Exists}]", "", taint: taint) == ["R0027"])
        let preference = "{key: t, value: v, effect: PreferNoSchedule}"
        #expect(try codes("", "", taint: preference) == ["R0027"])
    }

    @Test func `and a node's name in a pod that runs is the scheduler's`() throws {
        let pod = """
            kind: Pod
            metadata: {name: p, labels: {topsim/workload-class: c1}}
            spec:
              nodeName: n
              containers: [{name: a, resources: {limits: {cpu: 1, memory: 1Gi}}}]
            """
        #expect(try findings(pod).map(\.code.id) == ["R0025"])
        #expect(try findings(pod + "\nstatus: {phase: Running}").map(\.code.id) == [])
    }
}

@Suite struct `Bad input for lint` {
    @Test(arguments: [
        ("- 1", "expected a Kubernetes object"), ("kind: Deployment\nspec: {}", "has no pod"),
        (
            "kind: Pod\nspec: {containers: [{resources: {limits: {cpu: lots}}}]}",
            "is not a quantity"
        ),
        (
            "kind: Pod\nspec: {containers: [{resources: {limits: {cpu: 9E}}}]}", "is too much"
        ),
        ("kind: KubeletConfiguration\nreservedSystemCPUs: 3-1", "is no list of CPUs"),
        ("kind: KubeletConfiguration\nreservedSystemCPUs: 0-99999999999", "is no list of CPUs"),
        (
            "kind: Pod\nmetadata: {annotations: {k8s.v1.cni.cncf.io/networks: '[{'}}\nspec: {}",
            "is no JSON list"
        ),
        ("apiVersion: topsim/v1\nkind: Scenario", "nodes"), ("a: [", ""), ("\u{0}", ""),
    ])
    func `is told`(_ text: String, _ part: String) {
        var input = LintInput()
        let error = #expect(throws: InputError.self) {
            try input.read(Array(text.utf8), file: "x.yaml")
        }
        let messages = error?.diagnostics.map(\.message).joined(separator: "\n") ?? ""
        #expect(part.isEmpty || messages.contains(part), "\(messages)")
    }

    @Test func `but unknown kinds are passed over with a word`() throws {
        var input = LintInput()
        try input.read(Array("kind: Service\nmetadata: {name: s}\n---\na: 1".utf8), file: "x.yaml")
        #expect(input.report.notes.map(\.subject) == ["Service s", "document"])
        #expect(input.facts.findings().all == [])
    }
}
