import ClusterSimulation
import HardwareModel
import WorkloadModel

/// The keys of a scenario file, `apiVersion: topsim/v1`.
package enum ScenarioKeys {
    package static let scenario = KeyTable(
        name: "a scenario",
        summary: "What to simulate: machines, node groups, a scheduler, and what asks for room",
        keys: [
            Key(
                "apiVersion", .choice(["topsim/v1"]), "The version of this format", isRequired: true
            ),
            Key("kind", .choice(["Scenario"]), "What the file is", isRequired: true),
            Key("metadata", .table(metadata), "Name and description", default: "{}"),
            Key("seed", .seed, "Where all randomness comes from", default: "0"),
            Key(
                "epoch", .instant, "Simulated time 0, in UTC", default: "1970-01-01T00:00:00Z"),
            Key(
                "until", .either([.choice(["workload-finished"]), .duration]),
                "When the run ends: after a duration, or when no pod is left that could end",
                default: "workload-finished"),
            Key(
                "machines", .map(.table(machine), names: .free(what: "machine")),
                "What one machine is, by name", default: "{}"),
            Key(
                "nodes", .map(.table(nodeGroup), names: .label(what: "a node group")),
                "Groups of equal nodes, by name", isRequired: true),
            Key(
                "scheduler", .table(scheduler),
                "What of a KubeSchedulerConfiguration decides placement",
                default: "{}"),
            Key(
                "priorityClasses",
                .map(.table(priorityClass), names: .free(what: "priority class")),
                "PriorityClasses that pods name, by name", default: "{}"),
            Key(
                "podDisruptionBudgets",
                .map(.table(disruptionBudget), names: .label(what: "a budget")),
                "PodDisruptionBudgets, by name; preemption spares what they protect if it can",
                default: "{}"),
            Key(
                "network", .table(network),
                "What the cluster network costs pods and nodes", default: "{}"),
            Key(
                "topologyExporter", .table(topologyExporter),
                "When nodes publish their NUMA nodes, for NodeResourceTopologyMatch", default: "{}"),
            Key(
                "timings", .table(timings), "How long the control plane's steps take", default: "{}"
            ),
            Key(
                "manifests", .list(.table(manifest)),
                "Kubernetes objects that ask for room, before `workload`", default: "[]"),
            Key(
                "workload", .map(.table(workload), names: .label(what: "a workload")),
                "What asks for room, by name, in the order of the file"),
            Key("record", .table(record), "What is recorded, and how often", default: "{}"),
            Key(
                "thresholds", .list(.text),
                "What must hold at the end, such as `aligned.numa >= 0.95`; a run that breaks one exits with 1"
            ),
        ]
            + lifecycle + kubernetes)

    static let metadata = KeyTable(
        name: "metadata", summary: "Who the scenario is",
        keys: [
            Key("name", .text, "What reports call it; the file's name when absent"),
            Key("description", .text, "A sentence or two", default: "\"\""),
        ])

    static let record = KeyTable(
        name: "the record settings", summary: "What a run writes down",
        keys: [
            Key(
                "level", .choice(RecordSettings.Level.allCases.map(\.rawValue)),
                "Aggregates only; pods, containers and refusals as well; or memory blocks and devices too",
                default: "pods"),
            Key("sampleEvery", .duration, "Simulated time between two samples", default: "1m"),
            Key(
                "targetMix", .map(.integer(1...1_000_000), names: .free(what: "workload")),
                "Workloads and whole weights that fragmentation and policy tax are measured against",
                default: "{}"),
        ])

    static let timings = KeyTable(
        name: "the timings",
        summary:
            "Control plane latencies and client limits; defaults are those of a healthy cluster",
        keys: [
            Key(
                "watch", .duration, "A write at the API server until a watcher sees it",
                default: "5ms"),
            Key(
                "schedulingCycle", .duration, "One scheduling cycle; cycles do not overlap",
                default: "5ms"),
            Key(
                "nodeExamined", .duration, "What each node that a cycle examines adds to it",
                default: "1600ns"),
            Key("bind", .duration, "The binding's write; bindings overlap", default: "4ms"),
            Key("admission", .duration, "The kubelet's own admission", default: "5ms"),
            Key(
                "statusUpdate", .duration, "The kubelet's GET and PATCH of a refused pod's status",
                default: "8ms"),
            Key(
                "controllerQPS", .integer(1...1_000_000), "Writes a second of each controller",
                default: "20"),
            Key(
                "controllerBurst", .integer(1...1_000_000),
                "Writes that a controller may make at once",
                default: "30"),
            Key(
                "controllerWrite", .duration,
                "A controller's write, from leaving its client until the answer", default: "4ms"),
            Key(
                "terminatedPodGCThreshold", .integer(0...1_000_000_000),
                "Pods that ended and are kept before pod GC deletes the oldest; 0 keeps all",
                default: "12500"),
        ])
}

// MARK: Machines

extension ScenarioKeys {
    static let machine = KeyTable(
        name: "a machine",
        summary: "The hardware of one node: a shape, a file from a real machine, or this computer",
        keys: [
            Key(
                "shape", .text,
                "Counts per parent: `2s1n16c2t` is 2 sockets of 1 NUMA node of 16 cores of 2 CPUs"),
            Key("hwloc", .path, "A file of hwloc XML, as `lstopo machine.xml` writes it"),
            Key(
                "sysfs", .path,
                "A dump of /sys and /proc: a folder, or an archive packed by tar, gzip, bzip2 or xz; `#name` "
                    + "behind it is one machine of several"),
            Key(
                "machineInfo", .path,
                "A file of cadvisor's MachineInfo, what a kubelet sees, as JSON"),
            Key("lscpu", .path, "What `lscpu -p` prints, or `lscpu -J`"),
            Key(
                "numactl", .path, "What `numactl -H` prints: memory and distances beside `lscpu`",
                with: "lscpu"),
            Key(
                "inline", .table(inlineMachine),
                "Sockets, NUMA nodes, cores and CPUs one by one"),
            Key("host", .boolean, "`true`: the computer that runs topsim"),
            Key(
                "numbering", .choice(["adjacent", "split", "alternate"]),
                "OS indices of CPUs: siblings side by side, first threads before second, or sockets by turns",
                with: "shape", default: "adjacent"),
            Key(
                "memoryPerNUMANode", .either([.bytes, .list(.bytes)]),
                "Memory of every NUMA node, or of each in turn; replaces what a file says",
                default: "64Gi", defaultWith: "shape"),
            Key(
                "hugepagesPerNUMANode",
                .either([hugePages, .list(hugePages)]),
                "Huge pages by page size, on every NUMA node or on each in turn: `{1Gi: 16, 2Mi: 1024}`"
            ),
            Key(
                "distances", .list(.list(.integer(10...255))),
                "SLIT distances between NUMA nodes, row by row: 10 is local"),
            Key("devices", .list(.table(device)), "What device plugins offer", default: "[]"),
        ],
        exactlyOneOf: [["shape", "hwloc", "sysfs", "machineInfo", "lscpu", "inline", "host"]])

    static let inlineMachine = KeyTable(
        name: "an inline machine",
        summary: "A machine as groups of CPUs by OS index; only NUMA nodes are needed",
        keys: [
            Key(
                "numaNodes", .list(.table(inlineNUMANode)), "Memory and the CPUs near it",
                isRequired: true),
            Key("sockets", .list(.table(inlineSocket)), "One that holds every CPU when absent"),
            Key("dies", .list(.table(inlineDie)), "Not told apart when absent"),
            Key(
                "uncoreCaches", .list(.table(inlineCache)), "Groups of CPUs that share an L3 cache"),
            Key(
                "cores", .list(.either([.cpuList, .table(inlineCore)])),
                "The CPUs of each core; every CPU is a core when absent"),
        ])

    private static let osIndex = Key(
        "osIndex", .integer(0...1_000_000), "The kernel's number", isRequired: true)
    private static let cpus = Key("cpus", .cpuList, "Its CPUs by OS index", isRequired: true)

    static let inlineNUMANode = KeyTable(
        name: "a NUMA node", summary: "Memory and the CPUs whose local memory it is",
        keys: [
            osIndex,
            Key("cpus", .cpuList, "Its CPUs by OS index; none for memory alone", default: "\"\""),
            Key("memory", .bytes, "All of its memory, huge pages included", default: "64Gi"),
            Key("hugepages", hugePages, "Huge pages by page size", default: "{}"),
            Key(
                "kind", .choice(NUMANode.Kind.allCases.map(\.rawValue)), "What the memory is",
                default: "dram"),
            Key("socket", .integer(0...1_000_000), "The socket of a node without CPUs"),
        ])

    static let inlineSocket = KeyTable(
        name: "a socket", summary: "A processor package",
        keys: [osIndex, cpus, Key("model", .text, "The processor's name", default: "\"\"")])

    static let inlineDie = KeyTable(
        name: "a die", summary: "A die of a socket", keys: [osIndex, cpus])

    static let inlineCache = KeyTable(
        name: "an uncore cache", summary: "CPUs that share an L3 cache",
        keys: [cpus, Key("size", .bytes, "Its size", default: "0")])

    static let inlineCore = KeyTable(
        name: "a core", summary: "The CPUs of one core",
        keys: [
            cpus,
            Key("osIndex", .integer(0...1_000_000), "The kernel's core_id; counted when absent"),
        ])

    static let hugePages = ValueType.map(.integer(0...1 << 40), names: .free(what: "page size"))

    static let device = KeyTable(
        name: "a device resource",
        summary: "Devices of one extended resource, as a device plugin reports them",
        keys: [
            Key(
                "resource", .text, "The extended resource, such as `intel.com/sriov_vfs`",
                isRequired: true),
            Key("count", .integer(1...100_000), "How many; their names are `<resource>-<number>`"),
            Key("ids", .list(.text), "Their names, when they matter"),
            Key(
                "numaNode", .integer(0...1_000_000),
                "OS index of the NUMA node that they are local to; none when absent"),
            Key(
                "numaNodes", .list(.integer(0...1_000_000)),
                "Local to all of these NUMA nodes together"),
            Key(
                "perNUMANode", .boolean,
                "`true`: `count` devices on each NUMA node that has CPUs"),
            Key(
                "excludeTopology", .boolean,
                "`true`: the plugin tells the kubelet of no NUMA node, as the SR-IOV plugin's key of this name"
            ),
            Key(
                "preferredAllocation",
                .either([
                    .choice(
                        DeviceResource.PreferredAllocation.allCases.filter { $0 != .list }
                            .map(\.rawValue)), .list(.text),
                ]),
                "What the plugin prefers among free devices: lowest or highest ids, `packed` on the fewest NUMA nodes, `spread` over them, or a list of ids",
                default: "none"),
            Key(
                "registersAt", .duration,
                "When the plugin registers with the kubelet; at once when absent"
            ),
        ],
        exactlyOneOf: [["count", "ids"]])
}

// MARK: Nodes

extension ScenarioKeys {
    static let nodeGroup = KeyTable(
        name: "a node group",
        summary: "Equal nodes: one machine and one kubelet configuration, many times",
        keys: [
            Key("machine", .text, "A name under `machines`, or a shape"),
            Key("count", .integer(1...1_000_000), "How many nodes", with: "machine", default: "1"),
            Key(
                "devices", .list(.table(device)),
                "What device plugins offer, besides the machine's", with: "machine", default: "[]"),
            Key("trace", .variants(by: "format", nodeTraces), "Nodes that a file names"),
            Key(
                "labels", .map(.text, names: .free(what: "label")), "Node labels", default: "{}"),
            Key("taints", .list(.table(taint)), "Node taints", default: "[]"),
            Key(
                "kubelet", .foreign(.kubeletConfiguration(kubelet)),
                "A KubeletConfiguration, under its own keys", default: "{}"),
            Key(
                "virtualMachines", .table(virtualMachines),
                "The nodes are virtual machines: how they lie on their hosts", with: "machine"),
            Key(
                "kubeletRestarts", .list(.table(kubeletRestart)),
                "When kubelets of the group restart on their checkpoints", default: "[]"),
            Key(
                "deviceChanges", .list(.table(deviceChange)),
                "When device plugins go and come, and devices fail", default: "[]"),
        ] + nodeObjects,
        exactlyOneOf: [["machine", "trace"]])

    static let taint = KeyTable(
        name: "a taint", summary: "Keeps pods away that do not tolerate it",
        keys: [
            Key("key", .text, "The taint's name", isRequired: true),
            Key("value", .text, "Its value", default: "\"\""),
            Key(
                "effect", .choice(TaintEffect.allCases.map(\.rawValue)), "What it does",
                isRequired: true),
        ])

    static let openbNodes = KeyTable(
        name: "a node list", summary: "Nodes of Alibaba's openb trace, one group per node shape",
        details: """
            Nodes of equal CPUs, memory, GPUs and model become one group, called `<group>-<CPUs>c-<GiB>g` and, with
            GPUs, `-<count><model>`; the nodes keep their names. The GPUs are devices `gpu-0`, `gpu-1` … spread over
            the NUMA nodes with CPUs in their order. With `memory: trace` the trace's memory replaces the machine's,
            in equal parts on the NUMA nodes with CPUs, and there are no huge pages.
            """,
        keys: [
            Key(
                "format", .choice(["openb-nodes"]),
                "CSV with columns sn, cpu_milli, memory_mib, gpu, model; or Node objects in YAML",
                isRequired: true),
            Key("file", .path, "The file, plain or packed by gzip", isRequired: true),
            Key(
                "machines", .list(.table(nodeShape)),
                "The machine of each node shape; the first entry that fits is taken",
                isRequired: true),
            Key(
                "memory", .choice(["trace", "machine"]),
                "Whose memory a node has: the trace's, spread evenly over the NUMA nodes, or the machine's",
                default: "trace"),
            Key(
                "gpuResource", .text, "The extended resource of a node's GPUs",
                default: "nvidia.com/gpu"),
            Key(
                "modelLabel", .text, "The node label that names the GPU model",
                default: "alibabacloud.com/gpu-card-model"),
        ])

    static let nodeShape = KeyTable(
        name: "a node shape",
        summary: "What a node must have for this machine; an absent key fits all",
        keys: [
            Key("machine", .text, "A name under `machines`, or a shape", isRequired: true),
            Key("cpu", .integer(1...100_000), "Whole CPUs"),
            Key("memory", .bytes, "Memory"),
            Key("gpu", .integer(0...1_000), "How many GPUs"),
            Key("model", .text, "The GPU model"),
        ])

    /// What of a KubeletConfiguration decides placement. Other keys of it may be pasted; they are noted.
    static let kubelet = KeyTable(
        name: "a KubeletConfiguration",
        summary:
            "The node's kubelet, under KubeletConfiguration's own keys (kubelet.config.k8s.io/v1beta1)",
        keys: [
            Key(
                "cpuManagerPolicy", .choice(RegisteredNames.cpuManagerPolicies),
                "How CPUs are handed out",
                default: "none"),
            Key(
                "cpuManagerPolicyOptions", .map(.string, names: .free(what: "option")),
                "Options of the static CPU policy, as quoted booleans"),
            Key(
                "memoryManagerPolicy", .choice(RegisteredNames.memoryManagerPolicies),
                "How memory and huge pages are handed out", default: "None"),
            Key(
                "reservedMemory", .list(.table(reservedMemory)),
                "Memory kept back on each NUMA node, for the Static policy"),
            Key(
                "topologyManagerPolicy",
                .choice(RegisteredNames.topologyManagerPolicies),
                "What becomes of a pod whose resources do not align", default: "none"),
            Key(
                "topologyManagerScope", .choice(["container", "pod"]),
                "Whether containers or pods are aligned", default: "container"),
            Key(
                "topologyManagerPolicyOptions", .map(.string, names: .free(what: "option")),
                "Options of the Topology Manager, as quoted values; `topsim policies` lists them"),
            Key(
                "kubeReserved", .map(.string, names: .free(what: "resource")),
                "Kept back for Kubernetes' own daemons"),
            Key(
                "systemReserved", .map(.string, names: .free(what: "resource")),
                "Kept back for the operating system"),
            Key(
                "evictionHard", .map(.string, names: .free(what: "signal")),
                "Of which `memory.available` is kept back as well",
                default: "{memory.available: 100Mi}"),
            Key("reservedSystemCPUs", .text, "A CPU list that is never handed out: `0,32`"),
            Key("maxPods", .integer(1...1_000_000), "Pods that the node takes", default: "110"),
            Key(
                "featureGates", .map(.boolean, names: .free(what: "feature")),
                "Gates that differ from the version's defaults"),
        ])

    static let reservedMemory = KeyTable(
        name: "a reserved memory entry", summary: "Memory kept back on one NUMA node",
        keys: [
            Key("numaNode", .integer(0...1_000_000), "OS index of the NUMA node", isRequired: true),
            Key(
                "limits", .map(.bytes, names: .free(what: "memory type")),
                "Bytes by `memory` or `hugepages-<size>`", isRequired: true),
        ])
}

// MARK: Workload

extension ScenarioKeys {
    static let workload = KeyTable(
        name: "a workload",
        summary: "Owners that arrive over time, each with pods of one shape; or a trace",
        keys: [
            Key("namespace", .text, "The pods' namespace", default: "default"),
            Key(
                "controller", .choice(ControllerKind.allCases.map(\.rawValue)),
                "What owns the pods, which decides what follows a refusal; `Pod` is a bare pod",
                default: "Pod"),
            Key(
                "replicas", .integer(1...10_000_000), "Pods of each owner", with: "template",
                default: "1"),
            Key(
                "backoffLimit", .integer(0...2_147_483_647),
                "How many pods fail before a Job is given up",
                default: "6"),
            Key(
                "parallelism", .integer(1...10_000_000),
                "Pods of a Job that run at once; all `replicas` when absent", with: "template"),
            Key("template", .foreign(.podTemplate), "A pod template: `{metadata: …, spec: …}`"),
            Key(
                "arrivals", .variants(by: "process", arrivals), "When owners arrive",
                with: "template",
                default: "{process: fixed}"),
            Key(
                "lifetime",
                .either([
                    .choice(["forever"]), .duration, .variants(by: "distribution", distributions),
                ]),
                "How long a pod runs once it has started", with: "template", default: "forever"),
            Key("trace", .variants(by: "format", traces), "Pods that a recording names"),
            rolloutKey,
        ] + workloadCategories,
        exactlyOneOf: [["template", "trace"]])

    private static let start = Key("start", .duration, "When the process starts", default: "0s")
    private static let count = Key(
        "count", .integer(1...1_000_000_000), "Owners at most; no end when absent")

    static let arrivals: [KeyTable] = [
        KeyTable(
            name: "fixed arrivals", summary: "The first owner at `start`, then one each `every`",
            keys: [
                Key("process", .choice(["fixed"]), "The process", isRequired: true),
                start,
                Key("every", .duration, "Time between two owners", default: "0s"),
                Key("count", .integer(1...1_000_000_000), "Owners in all", default: "1"),
            ]),
        KeyTable(
            name: "Poisson arrivals", summary: "Independent arrivals at a constant rate",
            keys: [
                Key("process", .choice(["poisson"]), "The process", isRequired: true),
                start, Key("rate", .rate, "Owners per time", isRequired: true), count,
            ]),
        KeyTable(
            name: "Weibull arrivals",
            summary: "Independent gaps from a Weibull distribution: bursty below shape 1",
            keys: [
                Key("process", .choice(["weibull"]), "The process", isRequired: true),
                start, Key("shape", .number(above: 0), "The shape k", isRequired: true),
                Key("scale", .duration, "The scale λ of the gaps", isRequired: true), count,
            ]),
        KeyTable(
            name: "renewal arrivals", summary: "Independent gaps from any distribution",
            keys: [
                Key("process", .choice(["renewal"]), "The process", isRequired: true),
                start,
                Key(
                    "gap", .either([.duration, .variants(by: "distribution", distributions)]),
                    "Time between two owners", isRequired: true),
                count,
            ]),
        KeyTable(
            name: "on-off arrivals",
            summary: "Poisson arrivals while on, none while off, starting on",
            keys: [
                Key("process", .choice(["on-off"]), "The process", isRequired: true),
                start, Key("rate", .rate, "Owners per time while on", isRequired: true),
                Key(
                    "burst", .either([.duration, .variants(by: "distribution", distributions)]),
                    "How long a burst lasts", isRequired: true),
                Key(
                    "pause", .either([.duration, .variants(by: "distribution", distributions)]),
                    "How long a pause lasts", isRequired: true),
                count,
            ]),
        KeyTable(
            name: "arrivals by a curve",
            summary: "Poisson arrivals whose rate follows a table over each period, such as a day",
            keys: [
                Key("process", .choice(["curve"]), "The process", isRequired: true),
                start, Key("period", .duration, "How long the table spans", default: "24h"),
                Key(
                    "rates", .list(.rate), "Rates of equal parts of the period, in turn",
                    isRequired: true),
                count,
            ]),
        cronArrivals,
        listedArrivals,
    ]

    static let distributions: [KeyTable] = [
        KeyTable(
            name: "a fixed duration", summary: "Always the same",
            keys: [
                Key("distribution", .choice(["fixed"]), "The distribution", isRequired: true),
                Key("value", .duration, "The duration", isRequired: true),
            ]),
        KeyTable(
            name: "an exponential distribution", summary: "Memoryless",
            keys: [
                Key("distribution", .choice(["exponential"]), "The distribution", isRequired: true),
                Key("mean", .duration, "The mean", isRequired: true),
            ]),
        KeyTable(
            name: "a log-normal distribution",
            summary: "exp of a normal variable: most are short, some very long",
            keys: [
                Key("distribution", .choice(["lognormal"]), "The distribution", isRequired: true),
                Key("median", .duration, "The median", isRequired: true),
                Key("sigma", .number(above: 0), "The deviation of the logarithm", isRequired: true),
            ]),
        KeyTable(
            name: "a Weibull distribution", summary: "Long-tailed below shape 1",
            keys: [
                Key("distribution", .choice(["weibull"]), "The distribution", isRequired: true),
                Key("shape", .number(above: 0), "The shape k", isRequired: true),
                Key("scale", .duration, "The scale λ", isRequired: true),
            ]),
        KeyTable(
            name: "a uniform distribution", summary: "Equally likely between two durations",
            keys: [
                Key("distribution", .choice(["uniform"]), "The distribution", isRequired: true),
                Key("low", .duration, "The shortest", isRequired: true),
                Key("high", .duration, "The longest", isRequired: true),
            ]),
        KeyTable(
            name: "an empirical distribution", summary: "One of some measured durations",
            keys: [
                Key("distribution", .choice(["empirical"]), "The distribution", isRequired: true),
                Key("values", .list(.duration), "The durations", isRequired: true),
                Key(
                    "weights", .list(.number(above: 0)),
                    "How often each occurs; equally when absent"),
            ]),
    ]
}
