import HardwareModel
import ScenarioInput
import Testing

/// What someone may write wrong: one error each, at its place, that says what to do.
struct NodeSideMistakeTests {
    private static func node(_ capacity: String, spec: String = "{}") -> String {
        "{apiVersion: v1, kind: Node, metadata: {name: n}, spec: \(spec), status: {capacity: \(capacity)}}"
    }

    private static func profile(_ spec: String) -> String {
        "{apiVersion: performance.openshift.io/v2, kind: PerformanceProfile, metadata: {name: p}, spec: \(spec)}"
    }

    private static func policy(_ spec: String) -> String {
        "{apiVersion: sriovnetwork.openshift.io/v1, kind: SriovNetworkNodePolicy, metadata: {name: p}, spec: \(spec)}"
    }

    private static func pool(_ resource: String) -> String {
        #"{"resourceList": [\#(resource)]}"#
    }

    static let cases: [(text: String, message: String)] = [
        (node("{cpu: eight, memory: 1Gi}"), "`eight` is not a quantity"),
        (node("{cpu: -1, memory: 1Gi}"), "is negative"),
        (node("{memory: 1Gi}"), "does not say how much cpu"),
        (node("{cpu: 1, memory: 9999999999999Ei}"), "is too much"),
        (
            node("{cpu: 1, memory: 1Gi}", spec: "{taints: [{key: a, effect: Never}]}"),
            "no effect of a taint"
        ),
        ("{apiVersion: v1, kind: Node, metadata: {name: n}}", "has no `status`"),
        ("{apiVersion: v1, kind: Node, status: {capacity: {cpu: 1}}}", "a Node without a name"),
        ("{apiVersion: v2, kind: Node, metadata: {name: n}}", "expected `v1`, found `v2`"),
        (profile("{cpu: {reserved: '0'}}"), "`spec.cpu.isolated` is missing"),
        (
            profile("{cpu: {reserved: 0-3, isolated: 3-7}}"),
            "reserved and isolated overlap in CPUs 3"
        ),
        (profile("{cpu: {reserved: 3-0, isolated: '4'}}"), "`spec.cpu.reserved`"),
        (profile("{cpu: {reserved: '0', isolated: $isolated}}"), "placeholder `$isolated`"),
        (
            profile(
                "{cpu: {reserved: '0', isolated: '1'}, hugepages: {pages: [{size: 3M, count: 1}]}}"),
            "`3M` is no size of a huge page"
        ),
        (
            profile(
                "{cpu: {reserved: '0', isolated: '1'}, hugepages: {pages: [{size: 2M, count: 1}, {size: 2M, count: 2}]}}"
            ),
            "here twice"
        ),
        (
            policy("{resourceName: a, nicSelector: {pfNames: [e]}}"),
            "no number of virtual functions"
        ),
        (policy("{resourceName: a, numVfs: 4, nicSelector: {}}"), "selects nothing"),
        (
            policy("{resourceName: a b, numVfs: 4, nicSelector: {pfNames: [e]}}"),
            "no extended resource"
        ),
        (
            policy("{resourceName: a, numVfs: 4, nicSelector: {pfNames: ['e#5-2']}}"),
            "no range of virtual functions"
        ),
        (
            policy("{resourceName: a, numVfs: 4, nicSelector: {vendor: intel}}"),
            "hexadecimal digits"
        ),
        (pool(""), "`resourceList` has no resource"),
        (pool(#"{"selectors": {}}"#), "`resourceList[0].resourceName` is missing"),
        (pool(#"{"resourceName": "a", "deviceType": "disk"}"#), "`disk` is unknown"),
        (
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: c}, data: {config.json: '{\"resourceList\": [{{}'}}",
            "expected a key in quotes"
        ),
        (
            "{apiVersion: k8s.cni.cncf.io/v1, kind: NetworkAttachmentDefinition, metadata: {name: n, annotations: {k8s.v1.cni.cncf.io/resourceName: vf}}}",
            "no extended resource"
        ),
        (
            "{apiVersion: topology.node.k8s.io/v1alpha2, kind: NodeResourceTopology, metadata: {name: n}, zones: [{name: left, type: Node}]}",
            "names no NUMA node"
        ),
        (
            "{apiVersion: kind.x-k8s.io/v1alpha4, kind: Cluster, nodes: [{role: manager}]}",
            "`manager` is no role of a kind node"
        ),
        (
            "{apiVersion: kind.x-k8s.io/v1alpha4, kind: Cluster, kubeadmConfigPatches: ['{kind: KubeletConfiguration, cpuManagerPolice: static}']}",
            "unknown field `cpuManagerPolice`"
        ),
        (
            "{kind: InitConfiguration, apiVersion: kubeadm.k8s.io/v1beta4, nodeRegistration: {kubeletExtraArgs: [{name: kube-reserved, value: half}]}}",
            "has no `=`"
        ),
        (
            "{apiVersion: machineconfiguration.openshift.io/v1, kind: KubeletConfig, metadata: {name: k}, spec: {}}",
            "without `spec.kubeletConfig`"
        ),
        (
            "{apiVersion: sriovfec.intel.com/v2, kind: SriovFecClusterConfig, metadata: {name: f}, spec: {physicalFunction: {vfAmount: many}}}",
            "expected a whole number, found `many`"
        ),
    ]

    @Test(arguments: cases.indices)
    func `a mistake is one clear error at its place`(_ index: Int) {
        let (text, message) = NodeSideMistakeTests.cases[index]
        let found = NodeSideFiles.refusals(text)
        #expect(found.contains { $0.message.contains(message) }, "\(found.map(\.message))")
        #expect(found.count { $0.severity == .error } <= 2, "\(found.map(\.message))")
        #expect(found.allSatisfy { $0.line > 0 || !$0.file.isEmpty })
    }

    /// Cut off anywhere, a text is read or refused, never more.
    @Test func `texts that end early are read or refused`() throws {
        for (text, _) in NodeSideMistakeTests.cases {
            for length in stride(from: 0, to: text.utf8.count, by: 7) {
                let bytes = Array(text.utf8.prefix(length))
                _ = try? readNodeSideObjects(bytes, file: "cut.yaml")
            }
        }
    }

    @Test func `two nodes of one name are told`() throws {
        let text = "\(NodeSideMistakeTests.node("{cpu: 1, memory: 1Gi}"))"
        let (objects, _) = try NodeSideFiles.read(text: "\(text)\n---\n\(text)")
        var report = ImportReport()
        #expect(throws: InputError.self) { try groupNodes(objects.nodes, report: &report) }
    }

    /// Small files that say much: each is refused before it costs anything.
    @Test func `what a small text says many times over is refused`() throws {
        let patch = String(repeating: "#", count: 1 << 19)
        let patches = Array(repeating: "*p", count: 100).joined(separator: ", ")
        let kind =
            "{apiVersion: kind.x-k8s.io/v1alpha4, kind: Cluster, x: &p '\(patch)', kubeadmConfigPatches: [\(patches)]}"
        #expect(
            NodeSideFiles.refusals(kind).contains { $0.message.contains("texts inside these") })
        let nodes = Array(repeating: "{role: worker}", count: 1001).joined(separator: ", ")
        #expect(
            NodeSideFiles.refusals(
                "{apiVersion: kind.x-k8s.io/v1alpha4, kind: Cluster, nodes: [\(nodes)]}"
            ).contains { $0.message.contains("at most 1,000") })
        let resources = (0..<1001).map { "a.b/\($0): 1" }.joined(separator: ", ")
        #expect(
            NodeSideFiles.refusals(NodeSideMistakeTests.node("{\(resources)}"))
                .contains { $0.message.contains("1,001 resources") })

        let many = (0..<200).map {
            "{apiVersion: v1, kind: Node, metadata: {name: n\($0)}, status: {capacity: {cpu: \(7000 + $0), memory: 1Gi}}}"
        }
        let (objects, _) = try NodeSideFiles.read(text: many.joined(separator: "\n---\n"))
        var report = ImportReport()
        #expect(throws: InputError.self) { try groupNodes(objects.nodes, report: &report) }
    }

    @Test func `virtual functions without end are counted, not listed`() throws {
        let names = (0..<2000).map { "e\($0)" }.joined(separator: ", ")
        let (objects, _) = try NodeSideFiles.read(
            text: NodeSideMistakeTests.policy(
                "{resourceName: a, numVfs: 65535, nicSelector: {pfNames: [\(names)]}}"))
        let machine = try MachineShape(parsing: "1s1n1c1t").makeMachine(memoryPerNUMANode: 1 << 30)
        var report = ImportReport()
        let resources = placeDevicePools(objects.pools, on: machine, labels: [], report: &report)
        #expect(resources.first?.devices.count == 100_000)
        #expect(report.count(of: .dropped) > 0)
    }
}
