import Foundation
import TestSupport
import Testing

/// `topsim import` on small inputs of its own, so that a bare clone has them.
@Suite struct ImportCommandTests {
    static let node = """
        apiVersion: v1
        kind: Node
        metadata: {name: edge-0, labels: {node-role.kubernetes.io/worker: ""}}
        spec: {taints: [{key: dedicated, value: cnf, effect: NoSchedule}]}
        status:
          capacity: {cpu: "16", memory: 64Gi, pods: "100", vendor.com/nic: "4"}
          allocatable: {cpu: "14", memory: 63Gi, pods: "100", vendor.com/nic: "4"}

        """
    static let kubelet = """
        apiVersion: kubelet.config.k8s.io/v1beta1
        kind: KubeletConfiguration
        cpuManagerPolicy: static
        reservedSystemCPUs: "0,1"
        topologyManagerPolicy: single-numa-node

        """
    static let pods = """
        apiVersion: k8s.cni.cncf.io/v1
        kind: NetworkAttachmentDefinition
        metadata: {name: fast, annotations: {k8s.v1.cni.cncf.io/resourceName: vendor.com/nic}}
        ---
        apiVersion: apps/v1
        kind: Deployment
        metadata: {name: upf}
        spec:
          replicas: 2
          selector: {matchLabels: {app: upf}}
          template:
            metadata: {labels: {app: upf}, annotations: {k8s.v1.cni.cncf.io/networks: fast}}
            spec:
              tolerations: [{key: dedicated, operator: Exists}]
              containers: [{name: upf, resources: {limits: {cpu: "2", memory: 1Gi}}}]
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: old}
        spec:
          nodeName: edge-0
          containers: [{name: c, resources: {requests: {cpu: 100m}}}]
        status: {phase: Running}

        """

    private func folder() throws -> ScratchFolder {
        let folder = try ScratchFolder()
        try folder.write(Self.node, to: "nodes.yaml")
        try folder.write(Self.kubelet, to: "kubelet.yaml")
        try folder.write(Self.pods, to: "pods.yaml")
        return folder
    }

    private func run(
        _ line: String, in folder: ScratchFolder, exit code: Int32 = 0
    ) throws -> FinishedCommand {
        let result = try RunTopsim.run(shell: line, in: folder)
        #expect(result.exitCode == code, "\(line): \(result.standardOutput)\(result.standardError)")
        return result
    }

    private func text(_ name: String, in folder: ScratchFolder) throws -> String {
        try String(contentsOf: folder.file(name), encoding: .utf8)
    }

    @Test func `a machine becomes a scenario that runs`() throws {
        let folder = try folder()
        _ = try run("topsim machine 2s1n4c2t --format hwloc > m.xml", in: folder)
        let done = try run("topsim import machine m.xml -o out --nodes 3", in: folder)
        #expect(done.standardOutput.hasPrefix("out: 3 nodes in 1 group, an example pod\n"))
        #expect(done.standardOutput.contains("taken 2, guessed 2, dropped 0"))
        let ran = try run("topsim run out/scenario.yaml", in: folder)
        #expect(ran.standardOutput.contains("3 nodes, 48 CPUs"))
        #expect(ran.standardOutput.contains("1 ran"))
    }

    @Test func `a cluster keeps its names, taints, devices, kubelets and the pods on its nodes`()
        throws
    {
        let folder = try folder()
        _ = try run("topsim machine 2s1n4c2t --memory 32Gi --format hwloc > edge-0.xml", in: folder)
        let done = try run(
            "topsim import auto nodes.yaml kubelet.yaml pods.yaml edge-0.xml -o out", in: folder)
        #expect(
            done.standardOutput.hasPrefix("out: 1 node in 1 group, 2 workloads in 1 manifest\n"))
        let scenario = try text("out/scenario.yaml", in: folder)
        for line in [
            "nodeNames: [\"edge-0\"]", "- key: \"dedicated\"", "resource: \"vendor.com/nic\"",
            "topologyManagerPolicy: single-numa-node", "reservedSystemCPUs: \"0-1\"",
            "networkAttachments: [\"networks.yaml\"]", "- file: \"manifests/pods.yaml\"",
        ] { #expect(scenario.contains(line), "\(line)") }
        let ran = try run("topsim run out/scenario.yaml -o r.sqlite", in: folder)
        #expect(ran.standardOutput.contains("3 ran"))
        // The machine is the described one, and the networks took a device a pod.
        #expect(ran.standardOutput.contains("16 CPUs, 2 NUMA nodes"))
        #expect(!ran.standardError.contains("no node is called"))
        let report = try text("out/report.md", in: folder)
        #expect(report.contains("its machine from `edge-0.xml`"))
        #expect(report.contains("each use takes one `vendor.com/nic`"))
    }

    @Test func `networks of a manifest decide how many pods fit`() throws {
        let folder = try folder()
        try folder.write(
            Self.pods.replacingOccurrences(of: "replicas: 2", with: "replicas: 6"), to: "many.yaml")
        _ = try run("topsim import auto nodes.yaml many.yaml -o out", in: folder)
        let ran = try run("topsim run out/scenario.yaml", in: folder)
        // 4 devices, 6 pods that take one each; 7 wanted with the pod that runs already.
        #expect(ran.standardOutput.contains("7 wanted   5 ran"))
    }

    @Test func `standard input and one JSON list are taken as tools print them`() throws {
        let folder = try folder()
        let done = try run(
            "cat pods.yaml | topsim import manifests - -o out --nodes 2 --machine 1s1n8c2t",
            in: folder)
        #expect(done.standardOutput.hasPrefix("out: 2 nodes in 1 group, 2 workloads"))
        try folder.write(
            """
            {"kind": "List", "apiVersion": "v1", "items": [
            {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n"},
             "status": {"capacity": {"cpu": "8", "memory": "16Gi", "pods": "110"},
                        "allocatable": {"cpu": "8", "memory": "16Gi", "pods": "110"}}},
            {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "uid": "1"},
             "spec": {"nodeName": "n", "containers": [{"name": "c"}]}, "status": {"phase": "Running"}}]}
            """, to: "all.json")
        let json = try run("topsim import cluster all.json -o now --format json", in: folder)
        #expect(json.standardOutput.contains("\"1 node in 1 group\", \"1 workload in 1 manifest\""))
        #expect(
            try run("topsim run now/scenario.yaml", in: folder).standardOutput.contains("1 ran"))
    }

    @Test func `a recording needs a machine, and runs on as many as are said`() throws {
        let folder = try folder()
        try folder.write(TraceCommandTests.trace(pods: 50), to: "t.trace")
        let refused = try run("topsim import trace t.trace -o out", in: folder, exit: 2)
        #expect(refused.standardError.contains("says nothing about the nodes"))
        #expect(!FileManager.default.fileExists(atPath: folder.file("out").path))
        let done = try run(
            "topsim import trace t.trace --machine 2s1n8c2t --nodes 4 -o out", in: folder)
        #expect(done.standardOutput.hasPrefix("out: 4 nodes in 1 group, 1 recording\n"))
        let ran = try run("topsim run out/scenario.yaml", in: folder)
        #expect(ran.standardOutput.contains("50 ran"))
    }

    @Test func `sources of one machine are compared fact by fact`() throws {
        let folder = try folder()
        _ = try run(
            """
            topsim machine 2s1n4c2t --memory 32Gi --format hwloc > a.xml
            topsim machine 2s1n4c2t --memory 32Gi --format machineinfo > a.json
            topsim machine 2s1n4c2t --memory 30Gi --format machineinfo > b.json
            """, in: folder)
        let same = try run("topsim import machine a.xml a.json nodes.yaml --check", in: folder)
        #expect(same.standardOutput.hasPrefix("3 sources: a.xml, a.json, nodes.yaml\n0 differ, "))
        #expect(same.standardOutput.contains("nodes.yaml is silent on "))
        let other = try run("topsim import auto a.xml b.json --check", in: folder, exit: 1)
        #expect(
            other.standardOutput.contains(
                "differs: memory of NUMA node 0: 34359738368 bytes in a.xml, 32212254720 bytes in b.json"
            ))
    }

    @Test func `an earlier import is replaced by force, another folder never`() throws {
        let folder = try folder()
        _ = try run("topsim import cluster nodes.yaml -o out", in: folder)
        let there = try run("topsim import cluster nodes.yaml -o out", in: folder, exit: 2)
        #expect(there.standardError.contains("an earlier import is there"))
        _ = try run("echo mine > out/notes.txt", in: folder)
        _ = try run("topsim import cluster nodes.yaml -o out --force", in: folder)
        _ = try run("mkdir mine && echo x > mine/x", in: folder)
        let mine = try run("topsim import cluster nodes.yaml -o mine --force", in: folder, exit: 2)
        #expect(mine.standardError.contains("no earlier import is in it"))
        #expect(try text("mine/x", in: folder) == "x\n")
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
        #expect(!left.contains { $0.contains(".import-") })
    }

    @Test func `the same files give the same bytes`() throws {
        let folder = try folder()
        for name in ["a/out", "b/out"] {
            _ = try run(
                "topsim import auto nodes.yaml kubelet.yaml pods.yaml -o \(name)", in: folder)
        }
        _ = try run("diff -r a/out b/out", in: folder)
    }

    static let mistakes: [(String, String)] = [
        ("topsim import auto missing.yaml -o out", "no such file"),
        ("topsim import auto empty -o out", "the file is empty"),
        ("topsim import auto noise -o out", "nobody knows what this is"),
        (
            "topsim import machine nodes.yaml -o out",
            "where a machine was expected|nobody knows what this is"
        ),
        ("topsim import trace nodes.yaml -o out", "Kubernetes objects, and `trace` was asked for"),
        ("topsim import cluster pods.yaml -o out", "no Node is in the files"),
        ("topsim import auto nodes.yaml nodes.yaml -o out", "a second Node is called `edge-0`"),
        ("topsim import auto nodes.yaml --nodes 3 -o out", "`--nodes` with Nodes"),
        (
            "topsim import auto nodes.yaml --machine edge-1=2s1n4c2t -o out",
            "no Node is called `edge-1`"
        ),
        ("topsim import auto broken.yaml noise -o out", "broken.yaml"),
        ("topsim import auto - - -o out", "standard input is read once"),
        ("topsim import auto nodes.yaml --machine 2s8x -o out", "2s8x"),
        ("topsim import machine --check nodes.yaml", "nothing to compare it with"),
        ("topsim import auto bad.xml -o out", "bad.xml"),
        ("topsim import auto nodes.yaml", "say where the scenario goes"),
    ]

    @Test(arguments: mistakes)
    func `a mistake is told and nothing is written`(line: String, words: String) throws {
        let folder = try folder()
        try folder.write("", to: "empty")
        try folder.write("what is this\n", to: "noise")
        try folder.write(
            "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {containers: 5}\n",
            to: "broken.yaml")
        try folder.write("<?xml version=\"1.0\"?><topology version=\"2.0\"><object", to: "bad.xml")
        let result = try run(line, in: folder, exit: 2)
        #expect(
            words.split(separator: "|").contains { result.standardError.contains($0) },
            "\(result.standardError)")
        #expect(!FileManager.default.fileExists(atPath: folder.file("out").path))
    }

    @Test func `all mistakes of all files are told at once`() throws {
        let folder = try folder()
        try folder.write("what is this\n", to: "noise")
        let result = try run("topsim import auto noise missing.yaml -o out", in: folder, exit: 2)
        #expect(result.standardError.contains("nobody knows what this is"))
        #expect(result.standardError.contains("no such file"))
    }
}
