import ClusterSimulation
import Foundation
import Primitives
import ScenarioInput
import TestSupport
import Testing
import WorkloadModel

struct NetworkInjectionTests {
    private let table = NetworkAttachmentTable([
        NetworkAttachment(name: "fast", resource: "intel.com/vf"),
        NetworkAttachment(namespace: "ran", name: "fast", resource: "intel.com/ran"),
        NetworkAttachment(name: "lan"),
        NetworkAttachment(
            name: "far", resource: "nv.com/vf",
            nodeSelector: Label(key: "site", value: "far")),
    ])

    private func inject(
        _ annotation: String, resources: String = "{}", namespace: String = "default"
    ) throws -> (containers: [SourceNode], template: SourceNode, report: ImportReport) {
        let template = try NodeSideFiles.document(
            """
            metadata: {annotations: {k8s.v1.cni.cncf.io/networks: '\(annotation)'}}
            spec:
              containers:
              - {name: a, image: i, resources: {limits: {cpu: 1}}}
              - {name: b, image: i, resources: \(resources)}
            """)
        var report = ImportReport()
        let result = try injectNetworks(
            into: template, namespace: namespace, from: table, report: &report)
        return (result["spec"]?["containers"]?.elements ?? [], result, report)
    }

    private func amounts(_ container: SourceNode, _ list: String) -> [String: String] {
        var amounts: [String: String] = [:]
        for entry in container["resources"]?[list]?.entries ?? [] {
            amounts[entry.key] = entry.value.text
        }
        return amounts
    }

    @Test(arguments: [
        ("fast", ["intel.com/vf": "1"]), ("fast, fast,fast", ["intel.com/vf": "3"]),
        ("fast@net1, ran/fast@net2", ["intel.com/vf": "1", "intel.com/ran": "1"]),
        ("lan", [:]), ("lan,fast", ["intel.com/vf": "1"]), ("nowhere, fast", ["intel.com/vf": "1"]),
        (
            #"[{"name": "fast"}, {"name": "fast", "namespace": "ran", "interface": "e"}]"#,
            ["intel.com/vf": "1", "intel.com/ran": "1"]
        ),
        (#"[{"name": "fast", "ips": ["10.0.0.1/24"]}, {"name": "fast"}]"#, ["intel.com/vf": "2"]),
        ("[]", [:]),
    ])
    func `each mention of a network takes a device of the first container`(
        _ annotation: String, _ want: [String: String]
    ) throws {
        let (containers, _, _) = try inject(annotation)
        #expect(amounts(containers[0], "requests") == want)
        #expect(
            amounts(containers[0], "limits") == want.merging(["cpu": "1"]) { first, _ in first })
        #expect(amounts(containers[1], "limits").isEmpty)
    }

    @Test func `names without a namespace are in the pod's own`() throws {
        let (containers, _, _) = try inject("fast", namespace: "ran")
        #expect(amounts(containers[0], "requests") == ["intel.com/ran": "1"])
    }

    @Test func `a resource that some container asks for is left as it is`() throws {
        let (containers, _, _) = try inject(
            "fast,fast,ran/fast", resources: "{limits: {intel.com/vf: 1}}")
        #expect(amounts(containers[0], "requests") == ["intel.com/ran": "1"])
        #expect(amounts(containers[1], "limits") == ["intel.com/vf": "1"])
    }

    @Test func `unknown networks are noted, and a network may select nodes`() throws {
        let (_, template, report) = try inject("far, nowhere")
        #expect(template["spec"]?["nodeSelector"]?["site"]?.text == "far")
        #expect(
            report.notes.contains {
                $0.outcome == .dropped && $0.reason.contains("default/nowhere")
            })
    }

    @Test(arguments: ["a/b/c", "a@b@c", "Fast", "fast,,lan", #"[{"interface": "x"}]"#, "[1]"])
    func `an annotation that is no list of networks is refused`(_ annotation: String) throws {
        #expect(throws: InputError.self) { try inject(annotation) }
    }

    @Test func `a scenario's pods get the devices of their networks`() throws {
        let text = """
            apiVersion: topsim/v1
            kind: Scenario
            until: 1m
            nodes:
              worker:
                machine: 2s1n4c2t
                devices: [{resource: intel.com/vf, count: 3}]
            networkAttachments:
            - apiVersion: k8s.cni.cncf.io/v1
              kind: NetworkAttachmentDefinition
              metadata:
                name: sriov
                annotations: {k8s.v1.cni.cncf.io/resourceName: intel.com/vf}
              spec: {config: '{"type": "sriov"}'}
            workload:
              upf:
                template:
                  metadata: {annotations: {k8s.v1.cni.cncf.io/networks: "sriov, sriov"}}
                  spec: {containers: [{name: c, image: i}]}
            """
        let scenario = try readScenario(
            text: text, file: "networks.yaml", folder: "/",
            surroundings: ScenarioSurroundings(environment: [:])
        ).scenario
        guard case .generated(let shape, _, _) = scenario.workloads[0].source else {
            Issue.record("no shape")
            return
        }
        let resource = try #require(scenario.resources.index(of: "intel.com/vf"))
        #expect(shape.requests == [ResourceAmount(resource, 2)])
        #expect(shape.containers[0].resources.limits == [ResourceAmount(resource, 2)])
    }

    /// Pods and their networks from one manifest, whose second container asks for the devices itself.
    @Test(.enabled(if: SharedFolder.isPresent), arguments: [true, false])
    func `the pods of a real user plane get their access and core devices once`(
        _ asksItself: Bool
    ) throws {
        let path = "data/k8s/pods/omec_upf-k8s.yaml"
        var text = try String(decoding: SharedFolder.contents(path), as: UTF8.self)
        if !asksItself {
            text = text.replacing("          intel.com/sriov_vfio_access_net: '1'\n", with: "")
                .replacing("          intel.com/sriov_vfio_core_net: '1'\n", with: "")
        }
        let (objects, _) = try NodeSideFiles.read(text: text)
        #expect(objects.networks.count == 2)
        let documents = try readSourceDocuments(Array(text.utf8), file: path)
        let template = try #require(documents.first { $0["kind"]?.text == "Pod" })
        var report = ImportReport()
        let result = try injectNetworks(
            into: template, namespace: "default", from: NetworkAttachmentTable(objects.networks),
            report: &report)
        let containers = try #require(result["spec"]?["containers"]?.elements)
        for network in ["access", "core"] {
            let holders = containers.map {
                amounts($0, "limits")["intel.com/sriov_vfio_\(network)_net"] ?? ""
            }
            #expect(holders == (asksItself ? ["", "1", "", ""] : ["1", "", "", ""]))
            let requested = amounts(containers[0], "requests")
            #expect(
                requested["intel.com/sriov_vfio_\(network)_net"] == (asksItself ? nil : "1"))
        }
    }
}
