public import WorkloadModel

extension LintFacts {
    /// Every finding about what was read, in the order of the text.
    ///
    /// - Parameter forced: The class of every pod, whatever it says.
    public func findings(as forced: WorkloadClass? = nil) -> LintFindings {
        var run = LintRun(facts: self)
        let judged = pods.map { run.judge($0, as: forced) }
        for (pod, judged) in zip(pods, judged) { run.check(pod, judged) }
        for node in nodes { run.check(node) }
        for partition in partitions { run.check(partition) }
        for network in networks { run.check(network) }
        run.checkPages()
        run.checkNeighbours(judged)
        return run.sorted()
    }

    /// The class of each pod, for a report: what it says or what it asks for.
    public func classes() -> [(pod: PodFacts, workloadClass: WorkloadClass?, isStated: Bool)] {
        pods.map { ($0, $0.statedClass ?? $0.inferredClass(in: self), $0.statedClass != nil) }
    }
}

/// One walk over what was read.
struct LintRun {
    let facts: LintFacts
    /// Where the pod that is checked may land.
    private(set) var eligible: [NodeFacts] = []
    private var found: [LintFinding] = []

    init(facts: LintFacts) { self.facts = facts }

    func judge(_ pod: PodFacts, as forced: WorkloadClass?) -> JudgedClass? {
        if let stated = forced ?? pod.statedClass {
            return JudgedClass(workloadClass: stated, isStated: true)
        }
        return pod.inferredClass(in: facts).map {
            JudgedClass(workloadClass: $0, isStated: false)
        }
    }

    mutating func add(
        _ code: LintCode, _ subject: String, at place: LintPlace, _ message: String,
        hint: String? = nil
    ) {
        found.append(LintFinding(code, subject, at: place, message, hint: hint))
    }

    mutating func check(_ pod: PodFacts, _ judged: JudgedClass?) {
        eligible = facts.eligibleNodes(for: pod)
        checkWords(pod, judged)
        checkQuantities(pod)
        if let judged { checkQoS(pod, judged) }
        checkCores(pod, judged)
        checkHugePages(pod, judged)
        checkDevices(pod, judged)
        checkNetworks(pod, judged)
        checkFeatures(pod, judged)
        checkFreedom(pod, judged)
        if let judged { checkNodes(of: pod, judged) }
        checkSize(pod, judged)
    }

    /// By file in the order of reading, line, column, code.
    func sorted() -> LintFindings {
        var files: [String: Int] = [:]
        for place in facts.places where files[place.file] == nil { files[place.file] = files.count }
        func key(_ finding: LintFinding) -> (Int, Int, Int) {
            (files[finding.place.file] ?? files.count, finding.place.line, finding.place.column)
        }
        let order = found.indices.sorted { left, right in
            let (one, other) = (key(found[left]), key(found[right]))
            if one != other { return one < other }
            if found[left].code.id != found[right].code.id {
                return found[left].code.id < found[right].code.id
            }
            return left < right
        }
        var findings = LintFindings()
        var last: LintFinding?
        for index in order where found[index] != last {
            findings.add(found[index])
            last = found[index]
        }
        return findings
    }
}

extension LintFacts {
    fileprivate var places: [LintPlace] {
        pods.map(\.place) + nodes.map(\.place) + partitions.map(\.place) + networks.map(\.place)
            + pools.map(\.place)
    }

    /// Nodes that the scheduler may choose, as far as labels and taints say; those of unknown labels are among them.
    fileprivate func eligibleNodes(for pod: PodFacts) -> [NodeFacts] {
        nodes.filter { $0.isEligible(for: pod) }
    }
}

extension NodeFacts {
    func isEligible(for pod: PodFacts) -> Bool {
        if let wanted = pod.nodeName, !name.isEmpty { return name == wanted }
        guard let labels else { return true }
        return pod.nodeSelector.allSatisfy(labels.contains)
            && (pod.affinityTerms.isEmpty
                || pod.affinityTerms.contains { $0.allSatisfy { $0.holds(for: labels) } })
            && taints.allSatisfy { taint in
                taint.effect == .preferNoSchedule
                    || pod.tolerations.contains { $0.tolerates(taint) }
            }
    }
}

/// `a`, `a and b`, `a, b and 3 more`.
func enumerated(_ names: [String]) -> String {
    switch names.count {
    case 0: ""
    case 1: names[0]
    case 2: "\(names[0]) and \(names[1])"
    case 3: "\(names[0]), \(names[1]) and \(names[2])"
    default: "\(names[0]), \(names[1]) and \(names.count - 2) more"
    }
}

/// An amount as a manifest writes it: `1500m`, `16Gi`, `2`.
func shown(_ amount: Int64, of resource: String) -> String {
    if resource == "cpu" {
        return amount % 1000 == 0 ? "\(amount / 1000)" : "\(amount)m"
    }
    if resource == "memory" || resource.hasPrefix("hugepages-") {
        for (unit, power) in [("Gi", 30), ("Mi", 20), ("Ki", 10)] as [(String, Int64)]
        where amount != 0 && amount % (1 << power) == 0 {
            return "\(amount >> power)\(unit)"
        }
    }
    return "\(amount)"
}
