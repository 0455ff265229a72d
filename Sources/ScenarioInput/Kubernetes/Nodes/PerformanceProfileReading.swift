import Primitives
import WorkloadModel

/// Reads a PerformanceProfile.
///
/// - Throws: All mistakes at once: sets of CPUs that overlap, page sizes that no CPU has, placeholders of a template
///   that nobody filled in.
public func readPerformanceProfile(
    _ node: SourceNode, report: inout ImportReport
) throws(InputError) -> PerformanceProfile {
    let placeholders = placeholders(in: node)
    if !placeholders.isEmpty { throw InputError(placeholders) }
    let place = ObjectPlace(node)
    let group = "performance.openshift.io/"
    return try readForeignObject(
        node, kind: "PerformanceProfile",
        apiVersions: ["v2", "v1", "v1alpha1"].map { group + $0 }, known: ["spec"], report: &report
    ) { reader, fields, report in
        let metadata = reader.foreignMetadata(fields)
        var profile = PerformanceProfile(name: metadata.name, node: node)
        reader.annotations(metadata, of: &profile, place, &report)
        guard let spec = fields["spec"] else {
            reader.diagnostics.error(at: node, "a PerformanceProfile without `spec`")
            return nil
        }
        reader.specification(spec, of: &profile, place, &report)
        if profile.poolLabels.isEmpty, let role = profile.role {
            profile.poolLabels = [
                Label(key: "machineconfiguration.openshift.io/role", value: role)
            ]
        }
        report.taken(
            place.subject,
            "reserved \(profile.reserved), isolated \(profile.isolated), offlined "
                + "\(profile.offlined.isEmpty ? "none" : "\(profile.offlined)")",
            file: place.file, line: place.line)
        return profile
    }
}

/// Texts such as `$isolated`, which a template has for values that are still to be written.
private func placeholders(in node: SourceNode) -> [Diagnostic] {
    var found: [Diagnostic] = []
    func search(_ node: SourceNode, at path: String) {
        guard found.count < 20 else { return }
        func tell(_ text: String, at mark: SourceMark) {
            guard let dollar = text.firstIndex(of: "$") else { return }
            let name = text[text.index(after: dollar)...].prefix {
                $0.isLetter || $0.isNumber || $0 == "_"
            }
            guard let first = name.first, first.isLetter else { return }
            found.append(
                Diagnostic(
                    file: mark.file, line: mark.line, column: mark.column,
                    message: "`\(path)` has the placeholder `$\(name)`, which nobody filled in",
                    hint: "write the value for your machine in its place"))
        }
        switch node.value {
        case .scalar(let text, _): tell(text, at: node.mark)
        case .sequence(let elements):
            for (index, element) in elements.enumerated() {
                search(element, at: "\(path)[\(index)]")
            }
        case .mapping(let entries):
            for entry in entries where entry.key != "annotations" {
                tell(entry.key, at: entry.keyMark)
                search(entry.value, at: joined(path, entry.key))
            }
        case .null: break
        }
    }
    search(node, at: "")
    return found
}

extension ManifestReader {
    fileprivate mutating func annotations(
        _ metadata: ForeignMetadata, of profile: inout PerformanceProfile, _ place: ObjectPlace,
        _ report: inout ImportReport
    ) {
        for (key, value, node) in metadata.annotations {
            switch key {
            case "kubeletconfig.experimental":
                let name = "\(node.mark.file) (annotation of line \(node.mark.line))"
                do throws(InputError) {
                    profile.experimental = try readJSONSource(Array(value.utf8), file: name)
                    report.taken(
                        place.subject, "the annotation `\(key)` under the rendered configuration",
                        file: place.file, line: node.mark.line)
                } catch {
                    for diagnostic in error.diagnostics { diagnostics.add(diagnostic) }
                }
            case "kubeletconfig.prefer-align-cpus-by-uncorecache":
                profile.prefersUncoreAlignment = ["1", "t", "T", "TRUE", "true", "True"]
                    .contains(value)
            default:
                report.dropped(
                    place.subject, "the annotation `\(key)`", file: place.file,
                    line: node.mark.line)
            }
        }
    }

    fileprivate mutating func specification(
        _ node: SourceNode, of profile: inout PerformanceProfile, _ place: ObjectPlace,
        _ report: inout ImportReport
    ) {
        let noted = [
            "globallyDisableIrqLoadBalancing": "interrupts are not simulated",
            "net": "queues of network cards are not simulated",
            "kernelPageSize": "the kernel's base page size is not simulated",
            "hardwareTuning": "frequencies are not simulated",
            "machineConfigLabel": "it names what the operator makes, not nodes",
        ]
        guard
            let fields = fields(
                of: node, at: "spec",
                known: [
                    "cpu", "hugepages", "numa", "realTimeKernel", "additionalKernelArgs",
                    "nodeSelector", "machineConfigPoolSelector", "workloadHints",
                ] + noted.keys.sorted())
        else { return }
        for key in noted.keys.sorted() where fields[key] != nil {
            report.dropped(
                place.subject, "`spec.\(key)`: \(noted[key] ?? "")", file: place.file,
                line: fields[key]?.mark.line ?? place.line)
        }
        profile.nodeSelector = texts("nodeSelector", of: fields)
            .map { Label(key: $0.key, value: $0.value) }.sorted { $0.key < $1.key }
        profile.poolLabels = texts("machineConfigPoolSelector", of: fields)
            .map { Label(key: $0.key, value: $0.value) }.sorted { $0.key < $1.key }
        for (index, element) in list("additionalKernelArgs", of: fields).enumerated() {
            if let text = text(element, at: "spec.additionalKernelArgs[\(index)]") {
                profile.kernelArguments += text.split(whereSeparator: \.isWhitespace)
                    .map { String($0) }
            }
        }
        if profile.hasNoSMT {
            report.taken(
                place.subject, "`nosmt`: only the first CPU of each core is online",
                file: place.file, line: fields["additionalKernelArgs"]?.mark.line ?? place.line)
        }
        let others = profile.kernelArguments.filter { !$0.hasPrefix("nosmt") }
        if !others.isEmpty {
            report.dropped(
                place.subject, "kernel arguments \(others.joined(separator: " "))",
                file: place.file, line: fields["additionalKernelArgs"]?.mark.line ?? place.line)
        }
        if let kernel = fields["realTimeKernel"] {
            profile.isRealTime =
                self.fields(of: kernel, at: "spec.realTimeKernel", known: ["enabled"])
                .flatMap { boolean("enabled", of: $0) } ?? false
            report.dropped(
                place.subject, "the real-time kernel: what runs on a CPU is not simulated",
                file: place.file, line: kernel.mark.line)
        }
        if let hints = fields["workloadHints"] {
            let own = self.fields(
                of: hints, at: "spec.workloadHints",
                known: ["mixedCpus"],
                silent: [
                    "realTime", "highPowerConsumption", "perPodPowerManagement",
                    "perPodpowerManagement",
                ])
            profile.hasMixedCPUs = own.flatMap { boolean("mixedCpus", of: $0) } ?? false
        }
        if let numa = fields["numa"] {
            profile.topologyPolicy = self.fields(
                of: numa, at: "spec.numa", known: ["topologyPolicy"]
            ).flatMap { text("topologyPolicy", of: $0) }
        }
        cpus(fields, of: &profile)
        if let pages = fields["hugepages"] { hugePages(pages, of: &profile) }
    }

    // MARK: CPUs

    private mutating func cpus(_ fields: ManifestFields, of profile: inout PerformanceProfile) {
        guard let node = fields["cpu"] else {
            diagnostics.error(
                at: fields.node, "`spec.cpu` is missing",
                hint: "it has `reserved` and `isolated`, which together are all CPUs")
            return
        }
        guard
            let cpu = self.fields(
                of: node, at: "spec.cpu",
                known: ["reserved", "isolated", "offlined", "shared", "balanceIsolated"])
        else { return }
        for key in ["reserved", "isolated"] where cpu[key] == nil {
            diagnostics.error(
                at: node, "`spec.cpu.\(key)` is missing", hint: "a list of CPUs such as `0-3,8`")
        }
        profile.reserved = set("reserved", of: cpu)
        profile.isolated = set("isolated", of: cpu)
        profile.offlined = set("offlined", of: cpu)
        profile.shared = set("shared", of: cpu)
        profile.reservedText = cpu["reserved"]?.text ?? ""
        let sets = [
            ("reserved", profile.reserved), ("isolated", profile.isolated),
            ("offlined", profile.offlined), ("shared", profile.shared),
        ]
        for (index, first) in sets.enumerated() {
            for second in sets[(index + 1)...] {
                let both = first.1.intersection(second.1)
                // Shared CPUs are a part of the isolated ones in some versions of the operator.
                if both.isEmpty || (first.0 == "isolated" && second.0 == "shared") { continue }
                diagnostics.error(
                    at: cpu[second.0] ?? node,
                    "`spec.cpu`: \(first.0) and \(second.0) overlap in CPUs \(both)",
                    hint: "every CPU is in one of the lists")
            }
        }
    }

    /// A list of CPUs, quoted or a single bare number.
    private mutating func set(_ key: String, of fields: ManifestFields) -> CPUSet {
        guard let node = fields[key] else { return CPUSet() }
        guard let text = node.text else {
            wrongType(node, at: fields.path(key), expected: "a list of CPUs such as `0-3,8`")
            return CPUSet()
        }
        do throws(CPUListError) {
            return try CPUSet(parsing: text)
        } catch {
            diagnostics.error(
                at: node, "`\(fields.path(key))`: \(error)",
                hint: "a list of CPUs is written `0-3,8`")
            return CPUSet()
        }
    }

    // MARK: Huge pages

    private static let pageSizes: [String: Int64] = [
        "64k": 64 << 10, "2M": 2 << 20, "32M": 32 << 20, "512M": 512 << 20, "1G": 1 << 30,
        "16G": 16 << 30,
    ]

    private mutating func pageSize(_ key: String, of fields: ManifestFields) -> Int64? {
        guard let node = fields[key], let text = text(node, at: fields.path(key)) else {
            return nil
        }
        if let size = ManifestReader.pageSizes[text] { return size }
        let names = ManifestReader.pageSizes.sorted { $0.value < $1.value }.map { "`\($0.key)`" }
        diagnostics.error(
            at: node, "`\(fields.path(key))`: `\(text)` is no size of a huge page",
            hint: "sizes are \(names.joined(separator: ", "))")
        return nil
    }

    private mutating func hugePages(_ node: SourceNode, of profile: inout PerformanceProfile) {
        guard
            let fields = fields(
                of: node, at: "spec.hugepages", known: ["defaultHugepagesSize", "pages"])
        else { return }
        profile.defaultHugePageSize = pageSize("defaultHugepagesSize", of: fields)
        for (index, element) in list("pages", of: fields).enumerated() {
            let path = "spec.hugepages.pages[\(index)]"
            guard
                let page = self.fields(of: element, at: path, known: ["size", "count", "node"]),
                let size = pageSize("size", of: page),
                let count = integer("count", of: page, as: Int64.self)
            else { continue }
            guard count >= 0, count <= (1 << 50) / size else {
                diagnostics.error(
                    at: page["count"] ?? element, "`\(path).count`: \(count) pages cannot be")
                continue
            }
            let numaNode = integer("node", of: page, as: Int32.self).map { Int($0) }
            if let numaNode, numaNode < 0 {
                diagnostics.error(
                    at: page["node"] ?? element, "`\(path).node`: no NUMA node is \(numaNode)")
                continue
            }
            if profile.pages.contains(where: { $0.size == size && $0.numaNode == numaNode }) {
                diagnostics.error(
                    at: element, "`\(path)`: pages of this size and node are here twice")
                continue
            }
            profile.pages.append(.init(size: size, count: count, numaNode: numaNode))
        }
    }
}
