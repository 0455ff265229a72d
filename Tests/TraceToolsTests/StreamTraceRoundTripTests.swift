import Primitives
import ScenarioInput
import Testing
import WorkloadModel

import TraceTools

@Suite struct `What is written in topsim's own format is read back` {
    @Test(arguments: 0..<30 as Range<UInt64>)
    func `traces drawn by chance are the same after a conversion, and their text after two`(
        _ seed: UInt64
    ) throws {
        var random = RandomTrace(seed: seed)
        let text = random.text(pods: 200)
        var conversion = TraceConversion()
        let once = try TraceText.changed(text, by: &conversion)
        #expect(try TraceText.pods(once) == TraceText.pods(text))
        #expect(try TraceText.changed(once, by: &conversion) == once)
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func `every shape that Kubernetes takes is said, whatever it asks for`(_ seed: UInt64) throws {
        var maker = RandomShape(seed: seed)
        var table = PodShapeTable()
        var resources = ResourceTable()
        for name in RandomShape.resources { _ = resources.intern(name) }
        let sink = TraceText.Sink()
        var writer = try StreamTraceWriter(resources: resources, sink: sink.take)
        var written: [PodShape] = []
        for pod in 0..<12 {
            let shape = try #require(rebuiltShape(maker.shape(resources), resources: resources))
            written.append(shape)
            try writer.write(
                TraceRecord(
                    name: "p \(pod)%20-é", arrival: SimTime(nanoseconds: Int64(pod)),
                    shape: table.intern(shape)), shapes: table)
        }
        try writer.finish()
        let pods = try TraceText.pods(sink.text)
        #expect(pods.map(\.shape) == written)
        #expect(pods.map(\.name) == (0..<12).map { "p \($0)%20-é" })
    }

    @Test func `names that would end a word, or say that there is none, are kept`() throws {
        let names = ["-", "a b", "%", "%2D", "tab\there", "line\nfeed", "ünï", "%%", "\u{7F}"]
        var table = PodShapeTable()
        let shape = table.intern(
            PodShape(
                qos: .bestEffort,
                containers: [
                    ContainerShape(name: "main", kind: .app)
                ]
            ).scored)
        let sink = TraceText.Sink()
        var writer = try StreamTraceWriter(resources: ResourceTable(), sink: sink.take)
        for (index, name) in names.enumerated() {
            try writer.write(
                TraceRecord(
                    name: name, arrival: SimTime(nanoseconds: Int64(index)), shape: shape,
                    group: name), shapes: table)
        }
        try writer.finish()
        let pods = try TraceText.pods(sink.text)
        #expect(pods.map(\.name) == names)
        #expect(pods.map(\.group) == names)
    }

    @Test func `pods out of order are not written`() throws {
        var table = PodShapeTable()
        let shape = table.intern(
            PodShape(
                qos: .bestEffort,
                containers: [
                    ContainerShape(name: "main", kind: .app)
                ]
            ).scored)
        var writer = try StreamTraceWriter(resources: ResourceTable()) { _ in }
        try writer.write(
            TraceRecord(name: "a", arrival: SimTime(nanoseconds: 5), shape: shape), shapes: table)
        #expect(throws: StreamTraceProblem.self) {
            try writer.write(
                TraceRecord(name: "b", arrival: SimTime(nanoseconds: 4), shape: shape),
                shapes: table)
        }
    }
}

extension PodShape {
    /// With what a container without requests counts as.
    var scored: PodShape {
        var shape = self
        shape.nonZeroMilliCPU = 100
        shape.nonZeroMemory = 200 << 20
        return shape
    }
}

/// Shapes of every kind, drawn from a seed.
struct RandomShape {
    static let resources = ["nvidia.com/gpu", "example.com/vf", "hugepages-2Mi", "hugepages-1Gi"]
    var random: RandomTrace

    init(seed: UInt64) { random = RandomTrace(seed: seed &+ 1000) }

    mutating func shape(_ resources: ResourceTable) -> PodShape {
        var containers: [ContainerShape] = []
        if random.chance(1, of: 4) {
            containers.append(
                ContainerShape(
                    name: "prepare", kind: random.pick([.initContainer, .sidecar]),
                    resources: amounts(resources)))
        }
        let isPlain = containers.isEmpty && random.chance(1, of: 2)
        containers.append(
            ContainerShape(
                name: isPlain ? "main" : "app", kind: .app, resources: amounts(resources),
                image: random.chance(1, of: 4) ? "image:1" : ""))
        var shape = PodShape(qos: .bestEffort, containers: containers)
        if random.chance(1, of: 3) { shape.namespace = "ran" }
        if random.chance(1, of: 3) { shape.priority = Int32(random.random.below(1000)) - 500 }
        if random.chance(1, of: 3) { shape.labels = labels() }
        if random.chance(1, of: 4) { shape.nodeSelector = labels() }
        if random.chance(1, of: 5) { shape.schedulerName = "other" }
        if random.chance(1, of: 5) { shape.terminationGracePeriodSeconds = 5 }
        if random.chance(1, of: 5) {
            shape.overhead = [ResourceAmount(ResourceTable.cpu, 250)]
        }
        if random.chance(1, of: 4) {
            shape.tolerations = [
                Toleration(key: "", value: nil, effect: nil),
                Toleration(key: "k", value: "v", effect: .noSchedule),
            ]
        }
        if random.chance(1, of: 3) { shape.placement = placement() }
        return shape
    }

    private mutating func amounts(_ resources: ResourceTable) -> ContainerResources {
        var requests: [ResourceAmount] = []
        var limits: [ResourceAmount] = []
        if random.chance(4, of: 5) {
            let cpu = ResourceAmount(ResourceTable.cpu, Int64(1 + random.random.below(9000)))
            requests.append(cpu)
            if random.chance(1, of: 2) { limits.append(cpu) }
            let memory = ResourceAmount(
                ResourceTable.memory, Int64(1 + random.random.below(1 << 36)))
            requests.append(memory)
            if random.chance(1, of: 2) {
                limits.append(ResourceAmount(memory.resource, memory.amount * 2))
            } else if random.chance(1, of: 2) {
                limits.append(memory)
            }
            for name in RandomShape.resources where random.chance(1, of: 4) {
                guard let resource = resources.index(of: name) else { continue }
                let unit = resources.hugePageSize(resource) ?? 1
                let amount = ResourceAmount(
                    resource, unit * Int64(1 + random.random.below(4)))
                requests.append(amount)
                limits.append(amount)
            }
        }
        return ContainerResources(requests: requests, limits: limits)
    }

    private mutating func labels() -> [Label] {
        ["app", "example.com/tier"].filter { _ in random.chance(2, of: 3) }.map {
            Label(key: $0, value: random.pick(["web", "db", ""]))
        }
    }

    private mutating func selector() -> LabelSelector {
        LabelSelector(
            matchLabels: labels(),
            matchExpressions: random.chance(1, of: 2)
                ? [LabelSelectorRequirement(key: "app", operation: .isNotIn, values: ["x", "y"])]
                : [])
    }

    private mutating func placement() -> PlacementRules {
        var rules = PlacementRules()
        if random.chance(1, of: 2) {
            let requirement = NodeSelectorRequirement(
                key: "size", operation: .greaterThan, values: ["4"])
            rules.requiredNodeTerms = [
                NodeSelectorTerm(matchExpressions: [requirement]),
                NodeSelectorTerm(matchFields: [
                    NodeSelectorRequirement(
                        key: "metadata.name", operation: .isIn, values: ["node-1"])
                ]),
            ]
        }
        if random.chance(1, of: 3) {
            rules.preferredNodeTerms = [
                PreferredNodeTerm(
                    weight: 7,
                    term: NodeSelectorTerm(matchExpressions: [
                        NodeSelectorRequirement(key: "ssd", operation: .exists)
                    ]))
            ]
        }
        if random.chance(1, of: 2) {
            let term = PodAffinityTerm(
                labelSelector: selector(), topologyKey: "kubernetes.io/hostname",
                namespaces: ["ran"], namespaceSelector: LabelSelector(),
                matchLabelKeys: random.chance(1, of: 2) ? ["app"] : [])
            rules.podAntiAffinity.required = [term]
            rules.podAffinity.preferred = [PreferredPodAffinityTerm(weight: 3, term: term)]
        }
        if random.chance(1, of: 2) {
            var spread = TopologySpreadConstraint(
                maxSkew: 2, topologyKey: "zone", whenUnsatisfiable: .doNotSchedule,
                labelSelector: selector())
            spread.minDomains = 3
            spread.nodeAffinityPolicy = .ignore
            spread.nodeTaintsPolicy = .honor
            rules.topologySpread = [spread]
        }
        if random.chance(1, of: 3) {
            rules.hostPorts = [
                HostPort(port: 80), HostPort(port: 53, address: "10.0.0.1", transport: .udp),
            ]
        }
        if random.chance(1, of: 4) { rules.schedulingGates = ["wait"] }
        if random.chance(1, of: 4) { rules.mayPreempt = false }
        return rules
    }
}
