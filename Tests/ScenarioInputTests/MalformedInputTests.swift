import Foundation
import NodeManagers
import ScenarioInput
import Testing

/// One kind of bad input, and what must be said of it.
struct MalformedInput: Sendable, CustomTestStringConvertible {
    var name: String
    /// The scenario's bytes; nil when `path` names something else.
    var scenario: [UInt8]?
    var path = "s.yaml"
    /// Files beside it.
    var files: [String: [UInt8]] = [:]
    var folders: [String] = []
    var overrides: [String] = []
    /// `file:line:column: message` of every mistake, in order; a place of 0:0 is left out.
    var expected: [String]

    var testDescription: String { name }

    init(
        _ name: String, _ scenario: String, files: [String: String] = [:], folders: [String] = [],
        overrides: [String] = [], _ expected: String...
    ) {
        self.name = name
        self.scenario = Array(scenario.utf8)
        self.files = files.mapValues { Array($0.utf8) }
        self.folders = folders
        self.overrides = overrides
        self.expected = expected
    }

    init(_ name: String, _ scenario: String, expected: [String]) {
        self.name = name
        self.scenario = Array(scenario.utf8)
        self.expected = expected
    }

    init(
        _ name: String, bytes: [UInt8]?, path: String = "s.yaml", folders: [String] = [],
        _ expected: String...
    ) {
        self.name = name
        scenario = bytes
        self.path = path
        self.folders = folders
        self.expected = expected
    }
}

private let head = "apiVersion: topsim/v1\nkind: Scenario\n"
private let workload = "workload: {w: {trace: {format: openb, pods: pods.csv}}}\n"
private let nodes = "nodes: {n: {machine: 1s4c}}\n"
private let pods = [
    "pods.csv": """
    name,cpu_milli,memory_mib,num_gpu,gpu_milli,creation_time,deletion_time
    p,1000,1024,0,0,0,10
    """
]

@Suite struct `Malformed input` {
    static let corpus: [MalformedInput] = [
        MalformedInput(
            "no such file", bytes: nil, path: "absent.yaml", "absent.yaml: no such file"),
        MalformedInput(
            "a folder in place of a file", bytes: nil, path: "folder", folders: ["folder"],
            "folder: a folder, where a file was expected"),
        MalformedInput(
            "an empty file", "", "s.yaml: the file is empty, and a scenario was expected"),
        MalformedInput(
            "two documents", head + "---\n" + head,
            "s.yaml:4:1: a second document: a scenario is one"),
        MalformedInput(
            "not YAML", "nodes: [a, b\nworkload: c\n",
            "s.yaml:2:9: did not find expected ',' or ']' (while parsing a flow sequence at 1:8)"),
        MalformedInput(
            "not UTF-8", bytes: Array("kind: ".utf8) + [0xE4, 0x0A],
            "s.yaml:1:7: not UTF-8: byte 6 of the file begins no character"),
        MalformedInput(
            "UTF-16", bytes: [0xFF, 0xFE, 0x61, 0x00],
            "s.yaml:1:1: not UTF-8: byte 0 of the file begins no character"),
        MalformedInput(
            "NUL bytes", bytes: Array("kind: a".utf8) + [0],
            "s.yaml:1:8: a NUL byte in a text"),
        MalformedInput(
            "a file of zeros", bytes: [UInt8](repeating: 0, count: 1 << 20),
            "s.yaml:1:1: a NUL byte in a text"),
        MalformedInput(
            "a file that is too large",
            bytes: [UInt8](repeating: UInt8(ascii: "#"), count: (4 << 20) + 1),
            "s.yaml: the file is larger than 4,194,304 bytes, the most that is read"),
        MalformedInput(
            "a list instead of a mapping", "- 1\n- 2\n",
            "s.yaml:1:1: expected a scenario, found a list"),
        MalformedInput(
            "deep nesting", head + "nodes: " + String(repeating: "{a: ", count: 50_000),
            "s.yaml:3:408: more than 100 levels of lists and mappings"),
        MalformedInput(
            "billion laughs",
            "a: &a [x,x,x,x,x,x,x,x,x]\n"
                + zip("bcdefghij", "abcdefghi").map {
                    "\($0): &\($0) [\(Array(repeating: "*\($1)", count: 9).joined(separator: ","))]\n"
                }.joined(),
            "s.yaml:5:4: more than 400,000 values once aliases are expanded"),
        MalformedInput(
            "an alias within its own value", "nodes: &n {a: *n}\n",
            "s.yaml:1:15: found undefined alias `*n`"),
        MalformedInput(
            "a duplicate key", head + nodes + nodes + workload,
            "s.yaml:4:1: duplicate key `nodes`"),
        MalformedInput(
            "unknown keys", head + "sede: 1\n" + nodes + workload + "recrod: {}\n", files: pods,
            "s.yaml:3:1: unknown key `sede` in a scenario",
            "s.yaml:6:1: unknown key `recrod` in a scenario"),
        MalformedInput(
            "missing keys", head,
            "s.yaml:1:1: a scenario needs `nodes`", "s.yaml:1:1: a scenario needs `workload`"),
        MalformedInput(
            "wrong types",
            head + "seed: -1\nuntil: soon\nepoch: 2026-13-01T00:00:00Z\nnodes: 7\n"
                + "record: {sampleEvery: 5, level: all}\n" + workload, files: pods,
            "s.yaml:3:7: expected a whole number from 0 to 2⁶⁴ − 1, found `-1`",
            "s.yaml:4:8: expected `workload-finished`, or a duration such as `1h30m` or `500ms`, found `soon`",
            "s.yaml:5:8: expected a time such as `2026-01-01T00:00:00Z`, or Unix seconds, found `2026-13-01T00:00:00Z`",
            "s.yaml:6:8: expected a mapping by a node group, found `7`",
            "s.yaml:7:23: expected a duration such as `1h30m` or `500ms`, found `5`",
            "s.yaml:7:33: expected `summary` or `pods` or `full`, found `all`"),
        MalformedInput(
            "another version", "apiVersion: topsim/v2\nkind: Scenery\n" + nodes + workload,
            files: pods,
            "s.yaml:1:13: expected `topsim/v1`, found `topsim/v2`",
            "s.yaml:2:7: expected `Scenario`, found `Scenery`"),
        MalformedInput(
            "10^18 nodes and a negative count",
            head
                + "nodes: {a: {machine: 1s4c, count: 1000000000000000000}, b: {machine: 1s4c, count: -3}}\n"
                + workload, files: pods,
            "s.yaml:3:35: expected a whole number from 1 to 1,000,000, found `1000000000000000000`",
            "s.yaml:3:83: expected a whole number from 1 to 1,000,000, found `-3`"),
        MalformedInput(
            "too many node groups",
            head + "nodes:\n" + (0..<20_000).map { "  n\($0): {machine: nope}\n" }.joined()
                + workload,
            files: pods, "s.yaml:4:3: 20,000 entries in one mapping; at most 10,000 are read"),
        MalformedInput(
            "too many mistakes", head + (0..<20_000).map { "k\($0): 1\n" }.joined(),
            expected: (0..<100).map { "s.yaml:\($0 + 3):1: unknown key `k\($0)` in a scenario" }
                + ["s.yaml: there may be more mistakes; the first 100 are shown"]),
        MalformedInput(
            "too many nodes together",
            head
                + "nodes: {a: {machine: 1s4c, count: 1000000}, b: {machine: 1s4c, count: 1000000}}\n"
                + workload, files: pods,
            "s.yaml:3:8: 2,000,000 nodes; at most 1,000,000 are simulated"),
        MalformedInput(
            "an unknown machine and a bad shape",
            head + "machines: {dual: {shape: 2s4c}, odd: {shape: 2q}}\n"
                + "nodes: {a: {machine: dula}, b: {machine: odd}}\n" + workload, files: pods,
            "s.yaml:3:46: machine shape `2q` has `q`, which is none of s, d, n, l, c and t",
            "s.yaml:4:22: no machine is called `dula`"),
        MalformedInput(
            "an impossible machine",
            head + """
                machines:
                  m:
                    inline:
                      numaNodes: [{osIndex: 0, cpus: 0-3}, {osIndex: 0, cpus: 3-5}]
                      cores: [0-1, 2-3, 4-5, 7]

                """ + "nodes: {a: {machine: m}}\n" + workload, files: pods,
            "s.yaml:6:7: machine `m`: CPU 3 is in both NUMA node 0 and NUMA node 0",
            "s.yaml:6:7: machine `m`: two NUMA nodes have the OS index 0"),
        MalformedInput(
            "more huge pages than memory",
            head
                + "machines: {m: {shape: 1s4c, memoryPerNUMANode: 1Gi, hugepagesPerNUMANode: {1Gi: 2}}}\n"
                + "nodes: {a: {machine: m}}\n" + workload, files: pods,
            "s.yaml:3:12: machine `m`: the huge pages of NUMA node 0 (2 × 1Gi) are 2147483648 bytes, more than its 1073741824 bytes of memory"
        ),
        MalformedInput(
            "sizes of 2^63 and below 0",
            head
                + "machines: {m: {shape: 1s4c, memoryPerNUMANode: 9223372036854775808}, k: {shape: 1s4c, memoryPerNUMANode: -1Gi}}\n"
                + nodes + workload, files: pods,
            "s.yaml:3:48: `9223372036854775808` is too large",
            "s.yaml:3:106: `-1Gi` is negative"),
        MalformedInput(
            "2^63 huge pages",
            head
                + "machines: {m: {shape: 1s4c, hugepagesPerNUMANode: {1Gi: 9223372036854775808}}}\n"
                + nodes + workload, files: pods,
            "s.yaml:3:57: expected a whole number from 0 to 1,099,511,627,776, found `9223372036854775808`"
        ),
        MalformedInput(
            "not a number",
            head + nodes
                + "workload: {w: {template: {spec: {containers: [{name: c, image: i}]}}, lifetime: {distribution: lognormal, median: 1h, sigma: .nan}}}\n"
                + "record: {targetMix: {w: 1e400}}\n",
            "s.yaml:4:126: expected a number above 0, found `.nan`",
            "s.yaml:5:25: expected a whole number from 1 to 1,000,000, found `1e400`"),
        MalformedInput(
            "an unknown process and distribution",
            head + nodes
                + "workload: {w: {template: {spec: {containers: [{name: c, image: i}]}}, arrivals: {process: poison}, lifetime: {distribution: normal}}}\n",
            "s.yaml:4:91: unknown process `poison`", "s.yaml:4:125: unknown distribution `normal`"),
        MalformedInput(
            "keys that exclude each other",
            head + "machines: {m: {shape: 1s4c, host: true}}\nnodes: {a: {count: 3}}\n" + workload,
            files: pods,
            "s.yaml:3:29: `shape` and `host` exclude each other in a machine",
            "s.yaml:4:12: a node group needs one of `machine`, `trace`",
            "s.yaml:4:13: `count` goes with `machine`, which is not here"),
        MalformedInput(
            "a trace with missing columns", head + nodes + workload,
            files: ["pods.csv": "name,cpu_milli,memory_mib\np,1,1\n"],
            "pods.csv:1:1: missing columns `num_gpu`, `gpu_milli`, `creation_time`, `deletion_time`"
        ),
        MalformedInput(
            "a trace that is cut off", head + nodes + workload,
            files: [
                "pods.csv":
                    "name,cpu_milli,memory_mib,num_gpu,gpu_milli,creation_time,deletion_time\np,1000,1"
            ],
            "pods.csv:2:9: 3 fields, and the header names 7"),
        MalformedInput(
            "a trace that is a folder", head + nodes + workload, folders: ["pods.csv"],
            "s.yaml:4:45: `pods.csv`: a folder, where a file was expected"),
        MalformedInput(
            "a trace that is not there", head + nodes + workload,
            "s.yaml:4:45: `pods.csv`: no such file"),
        MalformedInput(
            "a folder of an environment variable that is not there",
            head + nodes
                + "workload: {w: {trace: {format: openb, pods: '${NOWHERE:-../nowhere}/p.csv'}}}\n",
            "s.yaml:4:45: `${NOWHERE:-../nowhere}/p.csv`: the folder `../nowhere`, where the file is looked for, is not there"
        ),
        MalformedInput(
            "truncated XML", head + "machines: {m: {hwloc: m.xml}}\n" + nodes + workload,
            files: pods.merging(["m.xml": "<topology version=\"2.0\"><object type=\"Mach"]) { $1 },
            "m.xml:1:43: the file ends inside `<object>`, which line 1 opens"),
        MalformedInput(
            "override paths that match nothing", head + nodes + workload, files: pods,
            overrides: [
                "nodes.m.count=3", "sede=3", "nodes.n.machin=x", "seed", "workload.w.trace.0=x",
            ],
            "--set nodes.m.count=3: nothing is called `m` in `nodes`",
            "--set sede=3: nothing is called `sede` in the scenario",
            "--set nodes.n.machin=x: nothing is called `machin` in `nodes.n`",
            "--set seed: an override is `path.to.key=value`",
            "--set workload.w.trace.0=x: nothing is called `0` in `workload.w.trace`"),
        MalformedInput(
            "an override that is not YAML", head + nodes + workload, files: pods,
            overrides: ["nodes.*.count=[1"],
            "--set nodes.*.count=[1: did not find expected ',' or ']' (while parsing a flow sequence at 1:1)"
        ),
        MalformedInput(
            "overrides of the wrong type", head + nodes + workload, files: pods,
            overrides: ["nodes.*.count={}", "seed=many"],
            "--set nodes.*.count={}: expected a whole number from 1 to 1,000,000, found a mapping",
            "--set seed=many: expected a whole number from 0 to 2⁶⁴ − 1, found `many`"),
        MalformedInput(
            "names that no node or pod can have",
            head
                + "nodes: {Upper_Case: {machine: 1s4c}}\nworkload: {../w: {trace: {format: openb, pods: pods.csv}}}\n",
            files: pods,
            "s.yaml:3:9: `Upper_Case` cannot be a node group",
            "s.yaml:4:12: `../w` cannot be a workload"),
        MalformedInput(
            "devices without a place",
            head
                + "machines: {m: {shape: 1s4c, devices: [{resource: a.b/c, count: 1, numaNode: 4}, {resource: cpu, count: 1}]}}\n"
                + nodes + workload, files: pods,
            "s.yaml:3:77: machine `m` has no NUMA node 4",
            "s.yaml:3:92: `cpu` is no extended resource"),
        MalformedInput(
            "kubelets that would not start",
            head
                + "nodes: {a: {machine: 1s4c, kubelet: {cpuManagerPolicy: static}}, b: {machine: 1s4c, kubelet: {memoryManagerPolicy: statik}}}\n"
                + workload, files: pods,
            "s.yaml:3:9: node group `a`: a kubelet would not start: [cpumanager] unable to determine reserved CPU resources for static policy",
            "s.yaml:3:116: unknown Memory Manager policy `statik`"),
        MalformedInput(
            "another kubelet, and gates that it refuses",
            head
                + "kubeletVersion: '1.34'\nfeatureGates: {NodeSwap: false, PodLevelResourceManagers: 2}\n"
                + "upstreamHang: wait\nfixed: [endless-dealing, everything]\n" + nodes + workload,
            files: pods,
            "s.yaml:3:17: kubelet 1.34 is not modelled, only 1.36 is",
            "s.yaml:4:26: feature gate `NodeSwap` is locked to true and cannot be set to false",
            "s.yaml:4:59: expected `true` or `false`, found `2`",
            "s.yaml:5:15: expected `reject` or `stallNode`, found `wait`",
            "s.yaml:6:26: expected \(UpstreamFix.allCases.map { "`\($0.rawValue)`" }.joined(separator: " or ")), found `everything`"
        ),
        MalformedInput(
            "a gate that needs another",
            head + "featureGates: {PodLevelResources: false}\n"
                + "nodes: {n: {machine: 1s4c, kubelet: {featureGates: {PodLevelResourceManagers: true}}}}\n"
                + workload,
            files: pods,
            "s.yaml:4:52: feature gate `PodLevelResourceManagers` needs `PodLevelResources`, which is off"
        ),
        MalformedInput(
            "restarts that cannot be",
            head + """
                nodes:
                  n:
                    machine: 1s4c
                    kubeletRestarts:
                      - {every: 1h}
                      - {at: 1h, every: 1ms}
                      - {at: -1h, plugins: sometimes}
                      - {at: 1h, nodes: [1]}
                      - {at: 1h, nodes: []}
                      - {at: 1h, kubelet: {cpuManagerPolicy: statc, maxPods: many}}
                      - {at: 1h, kubelet: {memoryManagerPolicy: statc}}
                      - 1h

                """ + workload, files: pods,
            "s.yaml:7:9: a kubelet restart needs `at`",
            "s.yaml:8:25: a kubelet that restarts more often than once a second",
            "s.yaml:9:14: expected a duration such as `1h30m` or `500ms`, found `-1h`",
            "s.yaml:9:28: expected `before` or `after` or `never`, found `sometimes`",
            "s.yaml:10:26: node group `n` has no node 1, its nodes are 0 to 0",
            "s.yaml:11:25: an empty list of nodes",
            "s.yaml:12:62: `maxPods`: expected a whole number, found `many`",
            "s.yaml:13:49: unknown Memory Manager policy `statc`",
            "s.yaml:14:9: expected a kubelet restart, found `1h`"),
        MalformedInput(
            "device changes that cannot be",
            head + """
                machines: {m: {shape: 1s4c, devices: [{resource: a.b/c, count: 2, numaNode: 0}]}}
                nodes:
                  n:
                    machine: m
                    deviceChanges:
                      - {at: 1h, resource: a.b/c}
                      - {at: 1h, resource: a.b/d, plugin: lost}
                      - {at: 1h, resource: a.b/c, plugin: gone}
                      - {at: 1h, resource: a.b/c, unhealthy: [c-0, c-2]}
                      - {at: 1h, resource: a.b/c, plugin: lost, unhealthy: []}
                      - {resource: a.b/c, nodes: [5], unhealthy: []}

                """ + workload, files: pods,
            "s.yaml:8:9: a device change needs one of `plugin`, `unhealthy`",
            "s.yaml:9:28: no device plugin of node group `n` offers `a.b/d`",
            "s.yaml:10:43: expected `lost` or `registers`, found `gone`",
            "s.yaml:11:52: `a.b/c` has no device `c-2`",
            "s.yaml:12:49: `plugin` and `unhealthy` exclude each other in a device change",
            "s.yaml:13:9: a device change needs `at`"),
        MalformedInput(
            "preferences that no plugin has",
            head + """
                machines:
                  m:
                    shape: 1s4c
                    devices:
                      - {resource: a.b/c, count: 2, preferredAllocation: neat}
                      - {resource: a.b/d, count: 2, preferredAllocation: [d-1, d-2], excludeTopology: no}
                      - {resource: a.b/e, count: 2, registersAt: later}

                """ + nodes + workload, files: pods,
            "s.yaml:7:58: expected `none` or `lowest` or `highest` or `packed` or `spread`, found `neat`",
            "s.yaml:8:64: `a.b/d` has no device `d-2`",
            "s.yaml:8:87: expected `true` or `false`, found `no`",
            "s.yaml:9:50: expected a duration such as `1h30m` or `500ms`, found `later`"),
        MalformedInput(
            "a pod that Kubernetes refuses",
            head + nodes
                + "workload: {w: {template: {spec: {containers: [{name: c, image: i, resources: {limits: {cpu: 1, memory: 2x}, requests: {cpu: 2}}}]}}}}\n",
            "s.yaml:4:104: `2x` is not a quantity",
            "s.yaml:4:125: `spec.containers[0].resources.requests`: the cpu request `2` is above its limit `1`"
        ),
        MalformedInput(
            "arrivals and lifetimes that cannot be drawn",
            head + nodes
                + """
                workload:
                  a:
                    template: &t {spec: {containers: [{name: c, image: i}]}}
                    arrivals: {process: renewal, gap: 0}
                    lifetime: {distribution: uniform, low: 2s, high: 1s}
                  b:
                    template: *t
                    arrivals: {process: poisson, rate: 0/h}
                  c:
                    template: *t
                    arrivals: {process: curve, rates: [0/h]}

                """,
            "s.yaml:7:15: arrivals without a count need gaps of at least 1 ns on average",
            "s.yaml:8:15: a uniform distribution needs 0 ≤ low ≤ high, not 2.0 s and 1.0 s",
            "s.yaml:11:40: a rate at which nothing arrives",
            "s.yaml:14:15: a curve on which nothing arrives"),
        MalformedInput(
            "a node shape without a machine",
            head
                + "nodes: {n: {trace: {format: openb-nodes, file: nodes.csv, machines: [{cpu: 4, machine: 1s4c}]}}}\n"
                + workload,
            files: pods.merging([
                "nodes.csv": "sn,cpu_milli,memory_mib,gpu,model\na,8000,1024,2,T4\nb,4000,1024,0,\n"
            ]) { $1 },
            "s.yaml:3:69: no machine for 1 nodes of 8 CPUs, 1,024 MiB and 2 GPUs T4"),
    ]

    @Test(arguments: corpus)
    func `is refused with its place, all mistakes at once, in a moment`(
        _ input: MalformedInput
    ) throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "topsim-malformed-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for name in input.folders {
            try FileManager.default.createDirectory(
                at: folder.appending(path: name), withIntermediateDirectories: true)
        }
        for (name, bytes) in input.files {
            try Data(bytes).write(to: folder.appending(path: name))
        }
        if let bytes = input.scenario {
            try Data(bytes).write(to: folder.appending(path: "s.yaml"))
        }

        let path = folder.appending(path: input.path).path
        let clock = ContinuousClock()
        var found: [Diagnostic] = []
        let time = clock.measure {
            do throws(InputError) {
                _ = try readScenario(
                    path: path, overrides: input.overrides,
                    surroundings: ScenarioSurroundings(environment: [:]))
            } catch {
                found = error.diagnostics
            }
        }
        let said = found.filter { $0.severity == .error }.map { diagnostic in
            let file = diagnostic.file.replacing(folder.path + "/", with: "")
            let place = diagnostic.line > 0 ? ":\(diagnostic.line):\(diagnostic.column)" : ""
            return "\(file)\(place): \(diagnostic.message)"
        }
        #expect(said == input.expected)
        #expect(!render(found, colour: false).isEmpty)
        // A generous bound for a busy machine; each takes milliseconds.
        #expect(time < .seconds(5))
    }

    @Test func `there are kinds enough`() {
        #expect(Set(Self.corpus.map(\.name)).count == Self.corpus.count)
        #expect(Self.corpus.count >= 20)
    }
}
