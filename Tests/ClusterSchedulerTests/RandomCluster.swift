import ClusterScheduler
import Primitives
import WorkloadModel

/// A random cluster with random shapes that use every placement rule, and random operations on it.
struct RandomCluster {
    var random: RandomStream
    var resources = ResourceTable()
    var settings = SchedulerSettings()
    var table = PodShapeTable()
    let nodeCount: Int
    private let device: ResourceIndex

    init(seed: UInt64, nodes: Int) {
        random = RandomStream(seed: seed, name: "random-cluster")
        nodeCount = nodes
        device = resources.intern("example.com/vf")
        settings.percentageOfNodesToScore = [0, 0, 5, 30, 100][below(5)]
        var profile = SchedulerProfile()
        if below(3) == 0 { profile.fit.strategy = "MostAllocated" }
        if below(8) == 0 {
            profile.fit.strategy = "RequestedToCapacityRatio"
            profile.fit.shape = [
                FitArguments.ShapePoint(utilization: 0, score: 0),
                FitArguments.ShapePoint(utilization: 100, score: 10),
            ]
        }
        if below(6) == 0 { profile.fit.resources.append(ResourceWeight("example.com/vf", 3)) }
        if below(8) == 0 { profile.weights["NodeResourcesFit"] = 400 }
        if below(8) == 0 { profile.disabledScores = ["TaintToleration", "ImageLocality"] }
        settings.profiles = [profile]
        settings.objects.namespaces = [
            NamespaceObject(name: "default", labels: [Label(key: "team", value: "a")]),
            NamespaceObject(name: "other", labels: [Label(key: "team", value: "b")]),
        ]
        settings.objects.services = [
            SelectorObject(
                kind: .service, name: "s", selector: LabelSelector(matchLabels: [label("app", 0)]))
        ]
        for _ in 0..<(2 + below(10)) { _ = table.intern(shape()) }
    }

    mutating func below(_ bound: Int) -> Int { Int(random.below(UInt64(bound))) }

    private func label(_ key: String, _ value: Int) -> Label {
        Label(key: key, value: "\(key)-\(value)")
    }

    mutating func node() -> NodeDescription {
        var node = NodeDescription(
            allocatable: [
                Int64(2 + below(15)) * 1000, Int64(2 + below(30)) << 30, 0, Int64(below(4)),
            ],
            allowedPods: Int64(3 + below(30)))
        if below(8) > 0 { node.labels.append(label("zone", below(4))) }
        if below(3) > 0 { node.labels.append(label("disk", below(3))) }
        node.labels.append(
            Label(key: "topology.kubernetes.io/zone", value: "z\(below(3))"))
        if below(9) == 0 {
            node.taints = [Taint(key: "k", value: "v", effect: .noSchedule)]
        } else if below(9) == 0 {
            node.taints = [Taint(key: "k", value: "w", effect: .preferNoSchedule)]
        }
        node.isUnschedulable = below(30) == 0
        if below(4) == 0 {
            node.images = [NodeImage(names: ["app:\(below(2))"], size: Int64(1 + below(900)) << 20)]
        }
        return node
    }

    mutating func roster() -> NodeRoster {
        let kinds = (0..<(1 + below(min(nodeCount, 12)))).map { _ in node() }
        return NodeRoster(
            kinds: kinds, kindOfNode: (0..<nodeCount).map { _ in below(kinds.count) },
            hasHostnameLabels: true)
    }

    // MARK: Shapes

    private mutating func selector() -> LabelSelector {
        if below(6) == 0 {
            return LabelSelector(
                matchExpressions: [LabelSelectorRequirement(key: "tier", operation: .exists)])
        }
        return LabelSelector(matchLabels: [label("app", below(3))])
    }

    private mutating func term() -> PodAffinityTerm {
        PodAffinityTerm(
            labelSelector: selector(),
            topologyKey: ["zone", "disk", "kubernetes.io/hostname"][below(3)],
            namespaceSelector: below(3) == 0 ? LabelSelector() : nil)
    }

    private mutating func constraint() -> TopologySpreadConstraint {
        var constraint = TopologySpreadConstraint(
            maxSkew: Int64(1 + below(4)),
            topologyKey: ["zone", "disk", "kubernetes.io/hostname"][below(3)],
            whenUnsatisfiable: below(2) == 0 ? .doNotSchedule : .scheduleAnyway,
            labelSelector: selector())
        if below(4) == 0 { constraint.minDomains = Int64(1 + below(5)) }
        if below(4) == 0 { constraint.nodeTaintsPolicy = .honor }
        return constraint
    }

    private mutating func shape() -> PodShape {
        var shape = PodShape(
            qos: .burstable,
            containers: [
                ContainerShape(
                    name: "c", kind: .app, image: below(2) == 0 ? "app:\(below(2))" : "")
            ])
        let milliCPU = Int64(below(12)) * 100
        let memory = Int64(below(12)) << 28
        shape.requests = [
            ResourceAmount(ResourceTable.cpu, milliCPU),
            ResourceAmount(ResourceTable.memory, memory),
            ResourceAmount(device, below(5) == 0 ? 1 : 0),
        ].filter { $0.amount > 0 }
        shape.nonZeroMilliCPU = max(milliCPU, 100)
        shape.nonZeroMemory = max(memory, 200 << 20)
        shape.namespace = below(4) == 0 ? "other" : "default"
        shape.labels = [label("app", below(3))]
        if below(2) == 0 { shape.labels.append(label("tier", 0)) }
        shape.priority = Int32(below(3))
        if below(4) == 0 { shape.tolerations = [Toleration(key: "k", value: nil, effect: nil)] }
        if below(6) == 0 { shape.nodeSelector = [label("disk", below(3))] }
        var rules = PlacementRules()
        if below(5) == 0 {
            rules.requiredNodeTerms = [
                NodeSelectorTerm(matchExpressions: [
                    NodeSelectorRequirement(
                        key: "zone", operation: .isNotIn, values: ["zone-\(below(4))"])
                ])
            ]
        }
        if below(4) == 0 {
            rules.preferredNodeTerms = [
                PreferredNodeTerm(
                    weight: Int64(1 + below(100)),
                    term: NodeSelectorTerm(matchExpressions: [
                        NodeSelectorRequirement(key: "disk", operation: .exists)
                    ]))
            ]
        }
        if below(4) == 0 { rules.topologySpread = (0...below(3)).map { _ in constraint() } }
        if below(5) == 0 { rules.podAffinity.required = [term()] }
        if below(5) == 0 { rules.podAntiAffinity.required = [term()] }
        if below(4) == 0 {
            rules.podAffinity.preferred = [
                PreferredPodAffinityTerm(weight: Int64(1 + below(100)), term: term())
            ]
        }
        if below(4) == 0 {
            rules.podAntiAffinity.preferred = [
                PreferredPodAffinityTerm(weight: Int64(1 + below(100)), term: term())
            ]
        }
        if below(8) == 0 { rules.hostPorts = [HostPort(port: Int32(8000 + below(2)))] }
        if !rules.isEmpty { shape.placement = rules }
        return shape
    }

    /// One more shape, for a run that learns of it late.
    mutating func addShape() { _ = table.intern(shape()) }
}
