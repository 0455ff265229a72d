import WorkloadModel

// R0001, R0010, R0012: huge pages.

extension LintRun {
    mutating func checkHugePages(_ pod: PodFacts, _ judged: JudgedClass?) {
        let sizes = pod.hugePages
        if sizes.isEmpty, let judged, judged.workloadClass.isDataplane,
            pod.traffic != .signalling,
            judged.isStated
                || pod.networkDevices(in: facts).contains(where: DeviceWords.isUserSpace)
        {
            add(
                RA2Codes.hugePagesMissing, pod.subject, at: pod.place,
                "\(judged.shown) needs huge pages, and no container asks for any",
                hint: "add `hugepages-1Gi` or `hugepages-2Mi` to the limits")
        }
        let nodes = eligible.filter(\.isNode)
        guard !nodes.isEmpty, nodes.allSatisfy({ $0.resources != nil }) else { return }
        for size in sizes where !nodes.contains(where: { ($0.resources?[size] ?? 0) > 0 }) {
            let offered = Set(
                nodes.flatMap { ($0.resources ?? [:]).filter { $0.value > 0 }.keys }
            ).filter { $0.hasPrefix("hugepages-") }.sorted()
            add(
                RA2Codes.hugePageSizeNotOffered, pod.subject, at: pod.place,
                "it asks for `\(size)`, and no node that it may land on has such pages",
                hint: offered.isEmpty
                    ? "set up huge pages on the nodes"
                    : "the nodes have \(enumerated(offered.map { "`\($0)`" }))")
        }
    }

    /// R0012: what all pods that stay ask for, size by size.
    mutating func checkPages() {
        let nodes = facts.nodes.filter(\.isNode)
        guard !nodes.isEmpty, nodes.allSatisfy({ $0.resources != nil }) else { return }
        let nodeCount = nodes.reduce(0) { $0 + $1.count }
        for size in Set(facts.pods.flatMap(\.hugePages)).sorted() {
            var asked: Int64 = 0
            var largest: (pod: PodFacts, amount: Int64)?
            for pod in facts.pods where !pod.isTransient {
                let amount = multiplying(
                    pod.request(size), Int64(pod.replicas ?? nodeCount))
                asked = adding(asked, amount)
                if amount > largest?.amount ?? 0 { largest = (pod, amount) }
            }
            let offered = nodes.reduce(Int64(0)) {
                adding($0, multiplying($1.resources?[size] ?? 0, Int64($1.count)))
            }
            // A size that nobody offers is R0010.
            guard let largest, offered > 0, asked > offered else { continue }
            add(
                RA2Codes.pagesOvercommitted, largest.pod.subject, at: largest.pod.place,
                "all pods that stay ask for \(shown(asked, of: size)) of `\(size)`, "
                    + "\(shown(largest.amount, of: size)) of it these; the nodes have \(shown(offered, of: size))",
                hint: "add pages or nodes, or lower the number of replicas")
        }
    }
}
