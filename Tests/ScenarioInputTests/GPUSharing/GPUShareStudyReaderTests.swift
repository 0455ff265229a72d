import ClusterScheduler
import ClusterSimulation
import Foundation
import ScenarioInput
import Testing
import WorkloadModel

@Suite struct GPUShareStudyReaderTests {
    static let nodes =
        "sn,cpu_milli,memory_mib,gpu,model\nb,32000,65536,2,T4\na,64000,65536,4,V100\nc,9000,1024,0,\n"
    static let pods =
        "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec\np2,1000,1024,1,500,T4\np1,2000,1024,2,1000,\n"
    static let study =
        "apiVersion: topsim/v1\nkind: GPUShareStudy\nnodes: nodes.csv\npods: pods.csv\n"

    /// Reads a study in a folder of its own with these files in it.
    static func read(
        _ text: String = study, nodes: String = nodes, pods: String = pods,
        others: [String: String] = [:]
    ) throws -> GPUShareStudy {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "topsim-gpu-share-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let files = ["study.yaml": text, "nodes.csv": nodes, "pods.csv": pods]
            .merging(others) { $1 }
        for (name, text) in files {
            try Data(text.utf8).write(to: folder.appending(path: name))
        }
        return try readGPUShareStudy(
            path: folder.appending(path: "study.yaml").path, overrides: []
        ).study
    }

    @Test func `a small study is read, in order of name`() throws {
        let study = try GPUShareStudyReaderTests.read()
        #expect(study.nodes.map(\.name) == ["a", "b"])
        #expect(study.gpuCount == 6)
        #expect(study.pods.map(\.name) == ["p1", "p2"])
        #expect(study.policies == GPUSharePolicyRegistry.all.map { $0.name })
        #expect(study.seeds == [42])
        let order = try #require(study.orders.first)
        let asked = order.arrivals.reduce(0) { $0 + study.pods[$1.pod].request.totalMilli }
        #expect(asked <= 7800 && asked > 5800)
    }

    @Test func `Node objects say the same as a CSV file`() throws {
        let objects = """
            apiVersion: v1
            kind: Node
            metadata:
              name: b
              labels: {alibabacloud.com/gpu-card-model: T4}
            status:
              allocatable: {cpu: 32000m, memory: 64Gi, pods: '1001', alibabacloud.com/gpu-count: '2'}

            ---

            apiVersion: v1
            kind: Node
            metadata:
              name: a
              labels: {alibabacloud.com/gpu-card-model: V100}
            status:
              allocatable: {cpu: 64, memory: 65536Mi, alibabacloud.com/gpu-count: 4}
            """
        let fromCSV = try GPUShareStudyReaderTests.read()
        let fromObjects = try GPUShareStudyReaderTests.read(nodes: objects)
        #expect(fromCSV.nodes.map(\.name) == fromObjects.nodes.map(\.name))
        for (left, right) in zip(fromCSV.nodes, fromObjects.nodes) {
            #expect(left.capacity.milliCPU == right.capacity.milliCPU)
            #expect(left.capacity.memory == right.capacity.memory)
            #expect(left.capacity.gpuCount == right.capacity.gpuCount)
            #expect(left.capacity.pods == right.capacity.pods)
        }
    }

    /// FGD puts the share where it leaves most that is of use to the other pod; worked out by hand.
    ///
    /// The pod of two GPUs can go to `a` or `b`; the share may only go to `b`, whose GPUs are T4. Placing the pair on
    /// `b` would leave no T4, so it goes to `a`.
    @Test func `the pair leaves the only GPUs that the share may have`() throws {
        let study = try GPUShareStudyReaderTests.read(
            GPUShareStudyReaderTests.study + "policies: [FGD]\norders: order.txt\n",
            others: ["order.txt": "P p1\nP p2\nP p2-tuned-0\nN 0000-b\nN 0001-a\n"])
        let run = GPUShareRun(0, of: study)
        #expect(
            run.placements.map { $0.node < 0 ? "-" : study.nodes[Int($0.node)].name } == [
                "a", "b", "b",
            ])
        // The second share goes beside the first.
        #expect(run.placements.map(\.gpus) == [0b11, 0b1, 0b1])
    }

    static let mistakes: [(name: String, text: String, nodes: String, pods: String, said: String)] =
        [
            ("unknown key", study + "seed: 1\n", nodes, pods, "unknown key `seed`"),
            ("unknown policy", study + "policies: [Foo]\n", nodes, pods, "found `Foo`"),
            ("policy twice", study + "policies: [FGD, FGD]\n", nodes, pods, "`FGD` is here twice"),
            ("no policy", study + "policies: []\n", nodes, pods, "no policy"),
            (
                "seeds backwards", study + "seeds: {from: 5, to: 4}\n", nodes, pods,
                "seeds from 5 to 4"
            ),
            ("inflation of nothing", study + "inflation: 0\n", nodes, pods, "a number above 0"),
            (
                "no such file", study.replacing("pods.csv", with: "none.csv"), nodes, pods,
                "none.csv"
            ),
            ("no orders", study + "orders: none-{seed}.txt\n", nodes, pods, "none-42.txt"),
            ("empty pods", study, nodes, "", "the file is empty"),
            (
                "no pod", study, nodes, "name,cpu_milli,memory_mib,num_gpu,gpu_milli\n",
                "names no pod"
            ),
            ("pod twice", study, nodes, pods + "p1,1,1,0,0,\n", "`p1` is here twice"),
            (
                "share of two", study, nodes, pods + "p3,1,1,2,500,\n",
                "`gpu_milli` is 500 for 2 GPUs"
            ),
            ("nothing of a GPU", study, nodes, pods + "p3,1,1,1,0,\n", "nothing of it"),
            ("text for a number", study, nodes, pods + "p3,x,1,1,1,\n", "`cpu_milli` is `x`"),
            ("fields missing", study, nodes, pods + "p3,1\n", "2 fields"),
            (
                "no GPU at all", study, "sn,cpu_milli,memory_mib,gpu,model\na,1,1,0,\n", pods,
                "no node has a GPU"
            ),
            ("node twice", study, nodes + "a,1,1,1,T4\n", pods, "`a` is here twice"),
            ("not a Node", study, "kind: Pod\n", pods, "expected a Node"),
            (
                "a Node of nothing", study, "kind: Node\nmetadata: {name: a}\n", pods,
                "status.allocatable"
            ),
            ("broken YAML", study, "kind: [\n", pods, "nodes.csv"),
        ]

    @Test(arguments: mistakes.indices)
    func `mistakes are told with what was found`(_ index: Int) throws {
        let (name, text, nodes, pods, said) = GPUShareStudyReaderTests.mistakes[index]
        let error = #expect(throws: InputError.self, "\(name)") {
            try GPUShareStudyReaderTests.read(text, nodes: nodes, pods: pods)
        }
        let messages = (error?.diagnostics ?? []).map { "\($0.file): \($0.message)" }
        #expect(messages.contains { $0.contains(said) }, "\(name): \(messages)")
    }

    @Test(arguments: [
        ("P p1\n", "2 nodes have no line"), ("X p1\n", "expected `P pod`"),
        ("P p9\nN 0-a\nN 1-b\n", "`p9` is not in the pod list"),
        ("P p1-tuned-x\nN 0-a\nN 1-b\n", "not in the pod list"),
        ("P p1\nN 0-a\nN 1-a\n", "`a` is here twice"), ("N 0-a\nN 1-b\n", "nothing would arrive"),
        ("P p1\nN a\nN 1-b\n", "no rank and node"), ("\u{1F}\u{8B}", "found"),
    ])
    func `mistakes in an order are told`(_ order: String, _ said: String) throws {
        let error = #expect(throws: InputError.self) {
            try GPUShareStudyReaderTests.read(
                GPUShareStudyReaderTests.study + "orders: order.txt\n",
                others: ["order.txt": order])
        }
        let messages = (error?.diagnostics ?? []).map(\.message)
        #expect(messages.contains { $0.contains(said) }, "\(messages)")
    }
}
