import Primitives

// Recordings of pods, by format. docs/reference/traces.md says what of each format is taken, guessed and dropped.

extension ScenarioKeys {
    static let traces: [KeyTable] = [streamPods, openbPods, huaweiVMs, swfJobs, simKube, csvPods]

    private static let skip = Key(
        "skip", .duration, "Time of the trace that becomes arrival 0; earlier pods are left out",
        default: "0s")
    private static let speed = Key(
        "speed", .integer(1...1_000_000), "How many times faster than recorded", default: "1")
    private static let file = Key(
        "file", .path, "The file, plain or packed by gzip", isRequired: true)
    private static let limits = Key(
        "limits", .choice(["none", "equal"]),
        "Limits of cpu and memory: `none` makes pods Burstable, `equal` Guaranteed",
        default: "none")
    private static let gpuResource = Key(
        "gpuResource", .text, "The extended resource that a pod's GPUs are",
        default: "nvidia.com/gpu")
    private static let every = Key(
        "every", .duration, "Time between two pods, where the trace has none", default: "1s")

    static let streamPods = KeyTable(
        name: "a topsim trace",
        summary: "One pod a line in order of arrival, read in constant memory",
        details: """
            topsim's own format, into which `topsim trace convert` writes every other: docs/reference/trace-format.md.
            The file is read once before the run, to tell every mistake, and once as simulated time passes.
            """,
        keys: [
            Key(
                "format", .choice(["topsim"]), "The first line is `topsim-trace 1`",
                isRequired: true),
            file, skip, speed,
        ])

    static let openbPods = KeyTable(
        name: "an openb trace",
        summary: "Pods of Alibaba's openb trace (GPU cluster 2023), with its own times",
        details: """
            A line becomes a pod of one container that requests `cpu_milli`, `memory_mib` and `num_gpu` devices. It
            arrives at `creation_time` (seconds of the trace are seconds of the simulation) and runs for
            `deletion_time − creation_time` from its start; without a deletion time it runs until the end, and with
            equal times it ends as it starts. A deletion before the creation is refused. `pod_phase` is the recorded
            cluster's doing and is only counted.

            A kubelet knows no share of a GPU: `gpuShare` says what one becomes. The trace's QoS words (LS, BE and so
            on) are Alibaba's, not Kubernetes': a pod's class follows from `limits`, or from the word with
            `qos: limits`. An amount of 0 is not asked for. Notes say how many pods each of this touches. A file in
            another order than that of `creation_time` is read in that order. Lists without times (`multigpu50`) need
            `times: order`.
            """,
        keys: [
            Key(
                "format", .choice(["openb"]),
                "Columns name, cpu_milli, memory_mib, num_gpu, gpu_milli, and, where there are, gpu_spec, qos, pod_phase, creation_time, deletion_time, scheduled_time",
                isRequired: true),
            Key("pods", .path, "The CSV file, plain or packed by gzip", isRequired: true),
            gpuResource,
            Key(
                "gpuShare", .choice(["whole", "ignore"]),
                "What a share of a GPU becomes, which a kubelet does not know: a whole device, or nothing",
                default: "whole"),
            Key(
                "gpuSpec", .choice(["ignore", "select"]),
                "Whether a pod that names GPU models goes to nodes whose `modelLabel` is one of them",
                default: "ignore"),
            Key(
                "modelLabel", .text, "The node label that names the GPU model",
                default: "alibabacloud.com/gpu-card-model"),
            limits,
            Key(
                "qos", .choice(["ignore", "limits"]),
                "Whether LS and Guaranteed get limits that equal the requests, and others none",
                default: "ignore"),
            Key(
                "lifetime", .choice(["total", "running"]),
                "From creation to deletion, or from the recorded start to deletion",
                default: "total"),
            Key(
                "times", .choice(["recorded", "order"]),
                "The recorded times; or pods in the order of the lines, `every` apart, that run for ever",
                default: "recorded"),
            every, skip, speed,
        ])

    static let huaweiVMs = KeyTable(
        name: "a Huawei VM trace",
        summary: "Requests for VMs with a NUMA count, affinity, anti-affinity and fault domains",
        details: """
            A line becomes a Guaranteed pod. With `numa` 1 it is one container; with `numa` 2 it is two containers of
            half the vCPUs and half the memory, each with one device `<numaResource>0` or `<numaResource>1`, which
            nodes of `huawei-machines` offer on that NUMA node: under the policy `single-numa-node` with container
            scope each half is on its own NUMA node, and the VM has exactly the count that it asked for. The lines'
            order is the order of arrival; VMs run for ever.
            """,
        keys: [
            Key(
                "format", .choice(["huawei-vms"]),
                "Columns flavor_vcpus, flavor_ram, numa, strategy, group, domain", isRequired: true),
            file, every,
            Key(
                "numaResource", .text, "The extended resource of a NUMA node, before its number",
                default: "topsim.dev/numa-"),
            Key(
                "affinityTopology", .text, "The node label that VMs of an affinity group share",
                default: "kubernetes.io/hostname"),
            Key(
                "antiAffinityTopology", .text,
                "The node label in which VMs of an anti-affinity group differ",
                default: "kubernetes.io/hostname"),
            Key(
                "faultDomainLabel", .text,
                "The node label that must be a VM's `domain`; empty does not look at it",
                default: "topsim.dev/fault-domain"),
            speed,
        ])

    static let swfJobs = KeyTable(
        name: "a batch trace", summary: "Jobs in the Standard Workload Format, 18 or 21 columns",
        details: """
            A job arrives at its submit time and runs for its run time once it has started; its recorded wait is what
            a simulation answers, and is not read. For strict first-come-first-served order set
            `scheduler.queueDiscipline: fcfs`. The pods of one job are scheduled one by one.
            """,
        keys: [
            Key(
                "format", .choice(["swf"]), "18 columns, or 21 as the CERIT-SC logs have",
                isRequired: true),
            file,
            Key(
                "jobs", .choice(["nodes", "pod", "processors"]),
                "What a job becomes: a pod for each node of its node specification (one pod where it has none), one pod of all its processors, or a pod for each processor",
                default: "nodes"),
            Key(
                "memory", .choice(["ignore", "requested"]),
                "Whether the requested memory is asked for: KB a processor with 18 columns, bytes a node with 21",
                default: "ignore"),
            limits,
            Key(
                "constraints", .choice(["ignore", "select"]),
                "Whether clusters, hosts and exclusive nodes of the node specification are looked at",
                default: "ignore"),
            Key(
                "origin", .choice(["first", "zero"]),
                "Whether the first submit time becomes time 0, or times are taken as they are",
                default: "first"),
            skip, speed,
        ])

    static let simKube = KeyTable(
        name: "a SimKube trace",
        summary:
            "Kubernetes objects that were applied and deleted over time, as JSON or MessagePack",
        details: """
            Owners become their pods: as many as `replicas` says when the object is applied, more or fewer when it is
            applied again, none once it is deleted. A changed template replaces all pods of its owner at once.
            Lifetimes of pods are those of `pod_lifecycles`. The first event becomes time 0.
            """,
        keys: [
            Key(
                "format", .choice(["simkube"]), "JSON, or MessagePack (`.sktrace`)",
                isRequired: true),
            file, skip, speed,
        ])

    static let csvPods = KeyTable(
        name: "a CSV trace", summary: "A pod a line, in columns that are named here",
        details: """
            The first line names the columns. Fields may be in quotes, lines may end in CR LF, and the file may be
            packed by gzip.
            """,
        keys: [
            Key(
                "format", .choice(["csv"]), "Comma-separated values with a header", isRequired: true
            ),
            file,
            Key("columns", .table(csvColumns), "Which column means what", isRequired: true),
            Key(
                "missing", .choice(["error", "none", "skip"]),
                "What an empty field of a named column is: a mistake, nothing asked (a lifetime without end), or a line to leave out",
                default: "error"),
            Key(
                "origin", .choice(["first", "zero"]),
                "Whether the first arrival becomes time 0, or times are taken as they are",
                default: "first"),
            gpuResource, limits, skip, speed,
        ])

    static let csvColumns = KeyTable(
        name: "the columns of a CSV trace",
        summary: "A column's name in the header, or `{column: …, unit: …}`",
        keys: [
            Key(
                "arrival", csvTime, "When the pod arrives; `s` when no unit is given",
                isRequired: true),
            Key("lifetime", csvTime, "How long it runs"),
            Key("end", csvTime, "When it is over, instead of a lifetime"),
            Key("cpu", csvColumn(["cores", "milli"]), "CPUs; `cores` when no unit is given"),
            Key(
                "memory", csvColumn(CSVMapping.sizes.map(\.name)),
                "Memory; `B` when no unit is given"),
            Key("gpu", .text, "Whole GPUs"),
            Key("priority", .text, "The pod's priority"),
            Key("count", .text, "Equal pods that arrive together"),
            Key("name", .text, "The pod's name; lines are numbered when it is absent"),
            Key("group", .text, "What belongs together"),
        ])

    private static let csvTime = csvColumn(RecordedTime.units.map(\.name) + ["timestamp"])

    private static func csvColumn(_ units: [String]) -> ValueType {
        .either([
            .text,
            .table(
                KeyTable(
                    name: "a column", summary: "A column and its unit",
                    keys: [
                        Key("column", .text, "Its name in the header", isRequired: true),
                        Key("unit", .choice(units), "What its numbers are"),
                    ])),
        ])
    }

    static let listedArrivals = KeyTable(
        name: "listed arrivals", summary: "Arrival times from a column of a CSV file",
        details: """
            The first arrival is at `start`. Times are time stamps such as `2023-11-16 18:17:03.9799600`, or numbers
            of `unit`; other columns are not looked at.
            """,
        keys: [
            Key("process", .choice(["list"]), "The process", isRequired: true),
            Key("start", .duration, "When the process starts", default: "0s"),
            file,
            Key("column", .text, "The column's name in the header", isRequired: true),
            Key(
                "unit", .choice(["timestamp"] + RecordedTime.units.map(\.name)),
                "What the times are", default: "timestamp"),
            speed,
            Key("count", .integer(1...1_000_000_000), "Owners at most; no end when absent"),
        ])
}
