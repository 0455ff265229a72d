import Metrics
import Primitives
package import Reporting
import ScenarioInput
import WorkloadModel

/// A trace as people and programs are told of it.
package struct TraceReport {
    private let statistics: TraceStatistics
    private let source: TraceSource
    /// Shapes in tables, those with most pods first.
    private static let shownShapes = 10

    package init(_ statistics: TraceStatistics, of source: TraceSource) {
        self.statistics = statistics
        self.source = source
    }

    private var name: String { source.inputs.map(\.name).joined(separator: " + ") }

    private var shapesByPods: [TraceStatistics.Shape] {
        statistics.shapes.enumerated().sorted {
            ($1.element.pods, $0.offset) < ($0.element.pods, $1.offset)
        }.map(\.element)
    }

    // MARK: Text

    package var text: String {
        var text = "\(name): \(source.formats.joined(separator: " + ")), "
        text += "\(HumanFormat.count(statistics.pods)) pods"
        if statistics.records != statistics.pods {
            text += " in \(HumanFormat.count(statistics.records)) records"
        }
        text += ", \(HumanFormat.count(Int64(statistics.shapes.count))) shapes\n"
        guard statistics.records > 0 else { return text }
        text += "arrivals from \(duration(statistics.firstArrival)) to "
        text += "\(duration(statistics.lastArrival))"
        if statistics.lastEnd > 0 { text += ", the last end at \(duration(statistics.lastEnd))" }
        text += "\nmost at once: \(HumanFormat.count(statistics.mostAtOnce)) pods at "
        text += "\(duration(statistics.mostAtOnceTime))\n"
        var facts: [String] = []
        func add(_ count: Int64, _ what: String) {
            if count > 0 { facts.append("\(HumanFormat.count(count)) \(what)") }
        }
        add(statistics.endless, "never end")
        add(statistics.deleted, "are deleted at a time of their own")
        add(statistics.grouped, "belong to a group")
        if !facts.isEmpty { text += facts.joined(separator: "; ") + "\n" }
        return text + "\n" + quantiles + "\n" + shapes + needs
    }

    private func duration(_ nanoseconds: Int64) -> String {
        HumanFormat.duration(SimDuration(nanoseconds: nanoseconds))
    }

    private var quantiles: String {
        var table = PlainTable(["", "P50#", "P90#", "P99#", "MOST#", "MEAN#", "AT ONCE#"])
        func add(
            _ title: String, _ distribution: LatencyDistribution?, atOnce: String = "",
            _ shown: (Int64) -> String
        ) {
            guard let distribution else { return }
            table.add([
                title, shown(distribution.p50), shown(distribution.p90), shown(distribution.p99),
                shown(distribution.max), shown(Int64(distribution.mean.rounded())), atOnce,
            ])
        }
        add("gap", statistics.gaps.distribution, duration)
        add("lifetime", statistics.lifetimes.distribution, duration)
        for size in statistics.sizes {
            add(
                source.resources[size.resource], statistics.distribution(of: size.resource),
                atOnce: amount(Int64(clamping: size.most), of: size)
            ) { amount($0, of: size) }
        }
        return table.text
    }

    /// Milli-CPUs as CPUs and bytes as people read them.
    private func amount(_ amount: Int64, of size: TraceStatistics.Size) -> String {
        if size.resource == ResourceTable.cpu {
            let (whole, rest) = amount.quotientAndRemainder(dividingBy: 1000)
            guard rest > 0 else { return HumanFormat.count(whole) }
            var digits = "\(1000 + rest)".dropFirst()
            while digits.last == "0" { digits.removeLast() }
            return "\(HumanFormat.count(whole)).\(digits)"
        }
        let isBytes =
            size.resource <= ResourceTable.ephemeralStorage
            || source.resources.hugePageSize(size.resource) != nil
        return isBytes ? HumanFormat.bytes(amount) : HumanFormat.count(amount)
    }

    private var shapes: String {
        var table = PlainTable(["SHAPE", "PODS#", "SHARE#", "QOS", "ASKS FOR"])
        let all = shapesByPods
        for shape in all.prefix(TraceReport.shownShapes) {
            let asked = source.shapes[shape.shape]
            let words = asked.requests.map {
                "\(source.resources[$0.resource])=\(quantityText($0, resources: source.resources))"
            }
            table.add([
                shape.identifier, HumanFormat.count(shape.pods),
                HumanFormat.percent(shape.pods, of: statistics.pods), asked.qos.rawValue,
                words.isEmpty ? "nothing" : words.joined(separator: " "),
            ])
        }
        let more = all.count - TraceReport.shownShapes
        let rest = more > 0 ? "and \(HumanFormat.count(Int64(more))) more shapes\n" : ""
        return table.text + rest
    }

    /// Pods by what of a node's topology they would get or need.
    private var needs: String {
        let counts = needCounts
        guard statistics.pods > 0 else { return "" }
        var table = PlainTable(["NEED", "PODS#", "SHARE#"])
        for (need, pods) in counts where pods > 0 {
            table.add([
                need, HumanFormat.count(pods), HumanFormat.percent(pods, of: statistics.pods),
            ])
        }
        return table.isEmpty ? "" : "\n" + table.text
    }

    private var needCounts: [(need: String, pods: Int64)] {
        var counts: [(need: String, pods: Int64)] = [
            ("exclusive CPUs", 0), ("devices", 0), ("huge pages", 0), ("affinity", 0),
        ]
        // Containers that are tied to a NUMA node by a device of it, as VMs with a NUMA count become.
        var parted: [(need: String, pods: Int64)] = []
        for entry in statistics.shapes {
            let shape = source.shapes[entry.shape]
            if shape.wantsExclusiveCPUs { counts[0].pods += entry.pods }
            var hasDevices = false
            var hasPages = false
            for request in shape.requests where request.resource > ResourceTable.ephemeralStorage {
                if source.resources.hugePageSize(request.resource) == nil {
                    hasDevices = true
                } else {
                    hasPages = true
                }
            }
            if hasDevices { counts[1].pods += entry.pods }
            if hasPages { counts[2].pods += entry.pods }
            if shape.placement != nil { counts[3].pods += entry.pods }
            let parts = shape.requests.count { source.resources[$0.resource].contains("/numa-") }
            if parts > 0 {
                let need = "\(parts) NUMA nodes by name"
                if let index = parted.firstIndex(where: { $0.need == need }) {
                    parted[index].pods += entry.pods
                } else {
                    parted.append((need, entry.pods))
                }
            }
        }
        return counts + parted.sorted { $0.need < $1.need }
    }

    // MARK: JSON

    package var json: JSONValue {
        var members: [JSONValue.Member] = [
            .init("files", .array(source.inputs.map { .string($0.name) })),
            .init("formats", .array(source.formats.map { .string($0) })),
            .init("pods", .integer(statistics.pods)),
            .init("records", .integer(statistics.records)),
            .init("firstArrivalNanoseconds", .integer(statistics.firstArrival)),
            .init("lastArrivalNanoseconds", .integer(statistics.lastArrival)),
            .init("lastEndNanoseconds", .integer(statistics.lastEnd)),
            .init("endlessPods", .integer(statistics.endless)),
            .init("deletedPods", .integer(statistics.deleted)),
            .init("groupedPods", .integer(statistics.grouped)),
            .init("mostPodsAtOnce", .integer(statistics.mostAtOnce)),
            .init("mostPodsAtOnceNanoseconds", .integer(statistics.mostAtOnceTime)),
            .init("gapNanoseconds", distribution(statistics.gaps.distribution)),
            .init("lifetimeNanoseconds", distribution(statistics.lifetimes.distribution)),
        ]
        let sizes = statistics.sizes.compactMap { size -> JSONValue.Member? in
            guard let found = statistics.distribution(of: size.resource) else { return nil }
            guard case .object(var facts) = distribution(found) else { return nil }
            facts.append(.init("mostAtOnce", .integer(Int64(clamping: size.most))))
            return .init(source.resources[size.resource], .object(facts))
        }
        members.append(.init("requests", .object(sizes)))
        members.append(
            .init(
                "needs",
                .object(needCounts.filter { $0.pods > 0 }.map { .init($0.need, .integer($0.pods)) })
            ))
        let shapes = shapesByPods.map { entry -> JSONValue in
            let shape = source.shapes[entry.shape]
            return .object([
                .init("shape", .string(entry.identifier)), .init("pods", .integer(entry.pods)),
                .init("qos", .string(shape.qos.rawValue)),
                .init("namespace", .string(shape.namespace)),
                .init(
                    "requests",
                    .object(
                        shape.requests.map {
                            .init(source.resources[$0.resource], .integer($0.amount))
                        })),
            ])
        }
        members.append(.init("shapes", .array(shapes)))
        return .object(members)
    }

    private func distribution(_ distribution: LatencyDistribution?) -> JSONValue {
        guard let distribution else { return .null }
        return .object([
            .init("count", .integer(distribution.count)), .init("p50", .integer(distribution.p50)),
            .init("p90", .integer(distribution.p90)), .init("p99", .integer(distribution.p99)),
            .init("max", .integer(distribution.max)), .init("mean", .number(distribution.mean)),
        ])
    }
}
