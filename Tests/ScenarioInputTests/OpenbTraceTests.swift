import ClusterSimulation
import Foundation
import HardwareModel
import Primitives
import ScenarioInput
import TestSupport
import Testing
import WorkloadModel

@Suite struct `The openb trace` {
    /// A folder of small files that is gone after the test.
    struct Folder {
        let url: URL
        init(_ files: [String: String]) throws {
            url = FileManager.default.temporaryDirectory.appending(
                path: "topsim-openb-\(UUID().uuidString)")
            try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
            for (name, text) in files {
                try Data(text.utf8).write(to: url.appending(path: name))
            }
        }
        func remove() { try? FileManager.default.removeItem(at: url) }
    }

    static let header =
        "name,cpu_milli,memory_mib,num_gpu,gpu_milli,gpu_spec,qos,pod_phase,creation_time,deletion_time,scheduled_time\n"

    func scenario(trace: String = "", nodes: String = "{machine: 1s4c}") -> String {
        """
        apiVersion: topsim/v1
        kind: Scenario
        nodes: {n: \(nodes)}
        workload:
          openb:
            trace: {format: openb, pods: pods.csv\(trace)}
        """
    }

    func load(
        pods: String, nodes: String? = nil, trace: String = "", group: String = "{machine: 1s4c}"
    ) throws -> (LoadedScenario, [TracePod], PodShapeTable) {
        var files = ["pods.csv": pods]
        if let nodes { files["nodes.csv"] = nodes }
        let folder = try Folder(files)
        defer { folder.remove() }
        let loaded = try readScenario(
            text: scenario(trace: trace, nodes: group), file: "s.yaml", folder: folder.url.path,
            surroundings: ScenarioSurroundings(environment: [:]))
        guard case .trace(let source)? = loaded.scenario.workloads.first?.source else {
            throw Failed()
        }
        var shapes = PodShapeTable()
        var reader = try source.makeReader(resources: loaded.scenario.resources)
        var pods: [TracePod] = []
        while let pod = try reader.next(shapes: &shapes) { pods.append(pod) }
        return (loaded, pods, shapes)
    }

    @Test func `a line becomes a pod with its times, its amounts and its GPUs`() throws {
        let (loaded, pods, shapes) = try load(
            pods: Self.header + """
                p-0,12000,16384,1,1000,,LS,Running,0,100,0
                p-1,6000,12288,1,460,,LS,Running,7,7,7
                p-2,500,0,0,0,,BE,Pending,9,,
                p-3,12000,16384,1,1000,,LS,Running,9,10,10
                """)
        #expect(pods.map(\.name) == ["p-0", "p-1", "p-2", "p-3"])
        #expect(
            pods.map(\.arrival.nanoseconds) == [0, 7_000_000_000, 9_000_000_000, 9_000_000_000])
        #expect(pods.map(\.lifetime?.nanoseconds) == [100_000_000_000, 0, nil, 1_000_000_000])
        #expect(pods[0].shape == pods[3].shape)
        let gpu = try #require(loaded.scenario.resources.index(of: "nvidia.com/gpu"))
        let first = shapes[pods[0].shape]
        #expect(first.qos == .burstable)
        #expect(
            first.requests == [
                ResourceAmount(ResourceTable.cpu, 12000),
                ResourceAmount(ResourceTable.memory, 16384 << 20), ResourceAmount(gpu, 1),
            ])
        #expect(first.containers[0].resources.limits == [ResourceAmount(gpu, 1)])
        #expect(shapes[pods[1].shape].request(gpu) == 1)
        #expect(shapes[pods[2].shape].requests == [ResourceAmount(ResourceTable.cpu, 500)])
        #expect(shapes[pods[2].shape].nonZeroMemory == 200 << 20)
        let notes = loaded.notes.map(\.message)
        #expect(
            notes.contains {
                $0.hasPrefix("1 of 4 pods: ") && $0.hasSuffix("(`gpuShare: whole`)")
            })
        #expect(
            notes.contains { $0 == "1 of 4 pods: have no deletion time and run until the end" }
        )
    }

    @Test func `options decide what kubelets do not know`() throws {
        let lines = """
            p-0,2000,1024,1,500,A|A,LS,Running,10,30,0
            p-1,2000,1024,2,1000,A|B,LS,Running,5,,7
            """
        let (loaded, pods, shapes) = try load(
            pods: Self.header + lines,
            trace:
                ", gpuShare: ignore, limits: equal, gpuSpec: select, skip: 4s, speed: 2, gpuResource: a.b/gpu"
        )
        let gpu = try #require(loaded.scenario.resources.index(of: "a.b/gpu"))
        // Not in order of creation: read in that order all the same.
        #expect(pods.map(\.name) == ["p-1", "p-0"])
        #expect(pods.map(\.arrival.nanoseconds) == [500_000_000, 3_000_000_000])
        #expect(pods[1].lifetime?.nanoseconds == 10_000_000_000)
        #expect(pods.map { shapes[$0.shape].request(gpu) } == [2, 0])
        #expect(pods.map { shapes[$0.shape].qos } == [.guaranteed, .guaranteed])
        #expect(
            shapes[pods[1].shape].nodeSelector == [
                Label(key: "alibabacloud.com/gpu-card-model", value: "A")
            ])
        #expect(shapes[pods[0].shape].nodeSelector.isEmpty)
    }

    @Test func `node shapes become groups with the trace's names, memory and GPUs`() throws {
        let (loaded, _, _) = try load(
            pods: Self.header + "p-0,12000,16384,1,1000,,LS,Running,0,100,0\n",
            nodes: """
                sn,cpu_milli,memory_mib,gpu,model\r
                a-0,8000,4097,3,T4\r
                b-0,4000,2048,0,\r
                a-1,8000,4097,3,T4\r
                """,
            group:
                "{trace: {format: openb-nodes, file: nodes.csv, machines: [{cpu: 8, machine: 2s2c2t}, {cpu: 4, machine: 1s4c}]}}"
        )
        let groups = loaded.scenario.nodeGroups
        #expect(groups.map(\.name) == ["n-8c-4097m-3t4", "n-4c-2g"])
        #expect(groups[0].nodeNames == ["a-0", "a-1"])
        #expect(groups[0].machine.numaNodes.map(\.memory) == [2049 << 20, 2048 << 20])
        #expect(groups[0].devices.map(\.name) == ["nvidia.com/gpu"])
        #expect(groups[0].devices[0].devices.map(\.numaNodes) == [[0], [0], [1]])
        #expect(groups[0].labels == [Label(key: "alibabacloud.com/gpu-card-model", value: "T4")])
        #expect(groups[1].devices.isEmpty)
    }

    static let mistakes: [(lines: String, place: String, message: String)] = [
        ("", "", "the file is empty"),
        (
            "name,cpu_milli\n", "1:1",
            "missing columns `memory_mib`, `num_gpu`, `gpu_milli`, `creation_time`, `deletion_time`"
        ),
        (header, "", "the file names no pod"),
        (header + "p,1,1,0,0,,,,5,4,\n", "2:16", "`deletion_time` 4 is before `creation_time` 5"),
        (
            header + "p,x,1,0,0,,,,5,6,\n", "2:3",
            "`cpu_milli` is `x`, and a whole number from 0 to 1,000,000,000 was expected"
        ),
        (header + "p,1,1,0,0,,,,5\n", "2:15", "9 fields, and the header names 11"),
        (header + "p,1,1,2,500,,,,5,6,\n", "2:9", "`gpu_milli` is 500 for 2 GPUs"),
        (header + "p q,1,1,0,0,,,,5,6,\n", "2:1", "`p q` cannot name a pod"),
        (
            header + "p,9223372036854775808,1,0,0,,,,5,6,\n", "2:3",
            "`cpu_milli` is `9223372036854775808`, and a whole number from 0 to 1,000,000,000 was expected"
        ),
        (
            header + String(repeating: "x", count: 200_000), "2:1",
            "a line of more than 65,536 bytes"
        ),
    ]

    @Test(arguments: mistakes)
    func `a malformed file is refused with line and column`(
        _ lines: String, _ place: String, _ message: String
    ) throws {
        let error = #expect(throws: InputError.self) { try load(pods: lines) }
        let diagnostic = try #require(error?.diagnostics.first { $0.file == "pods.csv" })
        #expect(diagnostic.message == message)
        #expect((diagnostic.line == 0 ? "" : "\(diagnostic.line):\(diagnostic.column)") == place)
    }

    @Test func `all bad lines are told at once`() throws {
        let error = #expect(throws: InputError.self) {
            try load(pods: Self.header + "p,x,1,0,0,,,,5,6,\nq,1,y,0,0,,,,5,6,\n")
        }
        #expect(error?.diagnostics.map(\.line) == [2, 3])
    }

    @Test(.enabled(if: SharedFolder.isPresent))
    func `the recorded pods and nodes are all read`() throws {
        let folder = try #require(SharedFolder.url).appending(path: "data/traces/openb")
        let loaded = try readScenario(
            text: """
                apiVersion: topsim/v1
                kind: Scenario
                nodes:
                  openb:
                    trace: {format: openb-nodes, file: openb_node_list_all_node.csv, machines: [{machine: 2s8c2t}]}
                workload:
                  openb: {trace: {format: openb, pods: openb_pod_list_default.csv}}
                """, file: "s.yaml", folder: folder.path)
        #expect(loaded.scenario.nodeGroups.count == 27)
        #expect(loaded.scenario.nodeGroups.reduce(0) { $0 + $1.count } == 1523)
        guard case .trace(let source)? = loaded.scenario.workloads.first?.source else {
            throw Failed()
        }
        var shapes = PodShapeTable()
        var reader = try source.makeReader(resources: loaded.scenario.resources)
        var count = 0
        var last = SimTime.zero
        while let pod = try reader.next(shapes: &shapes) {
            #expect(pod.arrival >= last)
            last = pod.arrival
            count += 1
        }
        #expect(count == 8152)
        #expect(
            loaded.notes.contains {
                $0.message.hasPrefix("3,078 of 8,152 pods: ")
                    && $0.message.hasSuffix("(`gpuShare: whole`)")
            })
    }
}
