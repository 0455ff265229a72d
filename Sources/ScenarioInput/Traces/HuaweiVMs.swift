import Primitives
import WorkloadModel

extension TraceFormat {
    /// Requests for VMs of Huawei Cloud with a NUMA count, affinity, anti-affinity and fault domains (CC0).
    static let huaweiVMs = TraceFormat(
        name: "huawei-vms",
        summary: "VM requests with NUMA count, affinity, anti-affinity and fault domains",
        options: [
            "every", "numaResource", "affinityTopology", "antiAffinityTopology",
            "faultDomainLabel",
        ],
        recognises: {
            startsWithHeader($0, naming: ["flavor_vcpus", "flavor_ram", "numa", "strategy"])
        },
        open: { input, options, resources throws(InputError) in
            try HuaweiVMReader(input, try HuaweiVMMapping(options, resources: &resources))
        })
}

struct HuaweiVMMapping: Sendable {
    /// The extended resource of a NUMA node is this and its number.
    static let numaResource = "topsim.dev/numa-"
    static let faultDomainLabel = "topsim.dev/fault-domain"
    /// The label of a VM that names its group.
    static let groupLabel = "topsim.dev/group"

    var every: SimDuration
    var numaResources: [ResourceIndex]
    var affinityTopology: String
    var antiAffinityTopology: String
    var faultDomainLabel: String

    init(_ options: TraceOptions, resources: inout ResourceTable) throws(InputError) {
        every = try options.duration("every", default: .seconds(1))
        let prefix = options["numaResource"] ?? HuaweiVMMapping.numaResource
        numaResources = (0..<2).map { resources.intern("\(prefix)\($0)") }
        affinityTopology = options["affinityTopology"] ?? "kubernetes.io/hostname"
        antiAffinityTopology = options["antiAffinityTopology"] ?? "kubernetes.io/hostname"
        faultDomainLabel = options["faultDomainLabel"] ?? HuaweiVMMapping.faultDomainLabel
    }
}

/// One request as it stands in the file, checked.
struct HuaweiVM: Hashable {
    enum Strategy: String, CaseIterable {
        case none = ""
        case affinity
        case antiAffinity = "anti-affinity"
        case faultDomain = "fault_domain"
    }

    var vCPUs: Int64
    var gibibytes: Int64
    /// How many NUMA nodes it has, 1 or 2.
    var numa: Int64
    var strategy: Strategy
    /// Numbered within its strategy; nil without one.
    var group: Int64?
    var domain: Int64?

    static let columns = ["flavor_vcpus", "flavor_ram", "numa", "strategy", "group", "domain"]

    init(_ row: CSVRow, _ columns: CSVColumns) throws(InputError) {
        try columns.check(row)
        vCPUs = try row.integer(columns["flavor_vcpus"], "flavor_vcpus", in: 1...100_000)
        gibibytes = try row.integer(columns["flavor_ram"], "flavor_ram", in: 1...1_000_000)
        numa = try row.integer(columns["numa"], "numa", in: 1...2)
        if numa == 2, vCPUs % 2 != 0 {
            throw row.error(
                columns["flavor_vcpus"], "\(vCPUs) vCPUs cannot be halved over two NUMA nodes")
        }
        let word = row.text(columns["strategy"])
        guard let strategy = Strategy(rawValue: word) else {
            throw row.error(
                columns["strategy"],
                "`strategy` is `\(word)`, and nothing, `affinity`, `anti-affinity` or `fault_domain` was expected"
            )
        }
        self.strategy = strategy
        guard strategy != .none else { return }
        group = try row.integer(columns["group"], "group", in: 0...1_000_000_000)
        if strategy == .faultDomain {
            domain = try row.integer(columns["domain"], "domain", in: 0...1000)
        }
    }

    /// `affinity-7`; nil without a strategy. The number alone is not enough: each strategy counts from 0.
    var groupName: String? {
        guard let group else { return nil }
        return "\(strategy == .faultDomain ? "fault-domain" : strategy.rawValue)-\(group)"
    }
}

private struct HuaweiVMReader: TraceRecordReader {
    private var file: CSVFile
    private let columns: CSVColumns
    private let mapping: HuaweiVMMapping
    private var rows = 0
    private var withTwo = 0
    private var byStrategy = [Int](repeating: 0, count: HuaweiVM.Strategy.allCases.count)
    private var known: [HuaweiVM: PodShapeIndex] = [:]

    init(_ input: TraceInput, _ mapping: HuaweiVMMapping) throws(InputError) {
        var file = try CSVFile(input)
        columns = try CSVColumns(of: &file, needed: HuaweiVM.columns)
        self.file = file
        self.mapping = mapping
    }

    mutating func next(shapes: inout PodShapeTable) throws(InputError) -> TraceRecord? {
        guard let row = try file.next() else { return nil }
        let vm = try HuaweiVM(row, columns)
        let (time, overflow) = mapping.every.nanoseconds.multipliedReportingOverflow(by: Int64(rows))
        guard !overflow else { throw row.error(0, "`every` puts this line past the end of time") }
        defer { rows += 1 }
        if vm.numa == 2 { withTwo += 1 }
        byStrategy[HuaweiVM.Strategy.allCases.firstIndex(of: vm.strategy) ?? 0] += 1
        return TraceRecord(
            name: "vm-\(rows)", arrival: SimTime(nanoseconds: time), shape: shape(vm, &shapes),
            group: vm.groupName ?? "", line: row.line)
    }

    private mutating func shape(_ vm: HuaweiVM, _ shapes: inout PodShapeTable) -> PodShapeIndex {
        if let index = known[vm] { return index }
        var parts: [(name: String, requests: [ResourceAmount])] = []
        for part in 0..<vm.numa {
            var requests = [
                ResourceAmount(ResourceTable.cpu, vm.vCPUs * 1000 / vm.numa),
                ResourceAmount(ResourceTable.memory, (vm.gibibytes << 30) / vm.numa),
            ]
            if vm.numa == 2 { requests.append(ResourceAmount(mapping.numaResources[Int(part)], 1)) }
            parts.append((vm.numa == 1 ? "vm" : "numa-\(part)", requests))
        }
        var shape = PodShape(recorded: parts, limits: .equal)
        if let name = vm.groupName {
            let label = Label(key: HuaweiVMMapping.groupLabel, value: name)
            shape.labels = [label]
            var placement = PlacementRules()
            let others = LabelSelector(matchLabels: [label])
            switch vm.strategy {
            case .affinity:
                placement.podAffinity.required = [
                    PodAffinityTerm(
                        labelSelector: others, topologyKey: mapping.affinityTopology)
                ]
            case .antiAffinity:
                placement.podAntiAffinity.required = [
                    PodAffinityTerm(
                        labelSelector: others, topologyKey: mapping.antiAffinityTopology)
                ]
            case .faultDomain:
                if !mapping.faultDomainLabel.isEmpty, let domain = vm.domain {
                    shape.nodeSelector = [
                        Label(key: mapping.faultDomainLabel, value: String(domain))
                    ]
                }
            case .none: break
            }
            if !placement.isEmpty { shape.placement = placement }
        }
        let index = shapes.intern(shape)
        known[vm] = index
        return index
    }

    var report: ImportReport {
        var report = ImportReport()
        let name = file.name
        report.taken(
            "columns", "\(HuaweiVM.columns.joined(separator: ", ")) of \(grouped(rows)) VMs",
            file: name)
        report.taken(
            "numa",
            "\(grouped(withTwo)) of \(grouped(rows)) VMs are two containers of half the size, each on its own NUMA node",
            file: name)
        report.guessed("times", "the order of the lines, and no VM ever ends", file: name)
        report.guessed("flavor_ram", "GB are taken as GiB", file: name)
        report.guessed(
            "vCPUs", "each is a whole CPU of the machine: Guaranteed pods, no overcommitment",
            file: name)
        if byStrategy[1] > 0 {
            report.guessed(
                "affinity", "VMs of a group share one `\(mapping.affinityTopology)`", file: name)
        }
        if byStrategy[2] > 0 {
            report.guessed(
                "anti-affinity",
                "no two VMs of a group share one `\(mapping.antiAffinityTopology)`", file: name)
        }
        if byStrategy[3] > 0 {
            if mapping.faultDomainLabel.isEmpty {
                report.dropped("fault_domain", "not looked at (`faultDomainLabel`)", file: name)
            } else {
                report.guessed(
                    "fault_domain",
                    "a VM goes to nodes whose `\(mapping.faultDomainLabel)` is its domain", file: name
                )
            }
        }
        return report
    }
}
