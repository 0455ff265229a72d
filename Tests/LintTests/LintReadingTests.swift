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
        // Templates of other programs are no YAML; everything else is read.
        #expect(first.isRead || name.hasSuffix(".j2"), "\(first.text)")
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
