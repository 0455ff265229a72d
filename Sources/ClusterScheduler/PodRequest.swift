package import Primitives
package import WorkloadModel

/// What filters and scores read of a pod: its shape, with what never changes worked out once.
package final class PodRequest: Sendable {
    /// Position in the scheduler's table of shapes.
    package let index: Int
    package let shape: PodShape
    /// Position of its profile, -1 when it names no profile of the scheduler.
    package let profile: Int
    /// Effective requests, without those that the scheduler is told to ignore.
    package let requests: [ResourceAmount]
    /// What it adds to a node's sums: a container without a request counts as 100m and 200Mi.
    package let nonZeroMilliCPU: Int64
    package let nonZeroMemory: Int64
    /// What NodeResourcesFit scores: the same by containers alone, whatever the pod-level resources are.
    package let scoredMilliCPU: Int64
    package let scoredMemory: Int64
    /// Actual requests.
    package let milliCPU: Int64
    package let memory: Int64
    package let tolerations: [Toleration]
    package let priority: Int32
    package let hostPorts: [HostPort]
    /// Whether it tolerates the taint of a cordoned node.
    let toleratesUnschedulable: Bool
    let node: NodeRequirement
    let preference: NodePreference
    /// Positions that required affinity on `metadata.name` leaves, nil for all. (NodeAffinity's PreFilterResult)
    let allowedNames: [Int32]?
    /// Number of each container's image, -1 where no node has it.
    let images: [Int32]

    init(
        _ shape: PodShape, index: Int, profile: Int, settings: SchedulerSettings,
        columns: inout LabelColumns, images table: ImageTable, roster: NodeRoster
    ) {
        self.index = index
        self.shape = shape
        self.profile = profile
        requests =
            settings.ignoresEphemeralStorage
            ? shape.requests.filter { $0.resource != ResourceTable.ephemeralStorage }
            : shape.requests
        scoredMilliCPU = shape.nonZeroMilliCPU
        scoredMemory = shape.nonZeroMemory
        func added(_ resource: ResourceIndex, _ scored: Int64) -> Int64 {
            guard let amount = shape.podLevel?.request(resource) else { return scored }
            return amount + (shape.overhead.first { $0.resource == resource }?.amount ?? 0)
        }
        nonZeroMilliCPU = added(ResourceTable.cpu, shape.nonZeroMilliCPU)
        nonZeroMemory = added(ResourceTable.memory, shape.nonZeroMemory)
        milliCPU = shape.request(ResourceTable.cpu)
        memory = shape.request(ResourceTable.memory)
        tolerations = shape.tolerations
        priority = shape.priority
        hostPorts = shape.placement?.hostPorts ?? []
        let cordoned = Taint(
            key: "node.kubernetes.io/unschedulable", value: "", effect: .noSchedule)
        toleratesUnschedulable = shape.tolerations.contains { $0.tolerates(cordoned) }
        node = NodeRequirement(shape, columns: &columns, roster: roster)
        preference = NodePreference(
            shape.placement?.preferredNodeTerms ?? [], columns: &columns, roster: roster)
        allowedNames = PodRequest.allowedNames(
            shape.placement?.requiredNodeTerms, columns: &columns, roster: roster)
        images = shape.containers.map { table.number(of: $0.image) ?? -1 }
    }

    /// The effective request of a resource, 0 when the pod does not ask for it.
    package func request(_ resource: ResourceIndex) -> Int64 {
        for request in requests where request.resource == resource { return request.amount }
        return 0
    }

    /// Numbers of the names in the name column: within a term those that all its `In` fields share, over the terms all.
    private static func allowedNames(
        _ terms: [NodeSelectorTerm]?, columns: inout LabelColumns, roster: NodeRoster
    ) -> [Int32]? {
        guard let terms, !terms.isEmpty else { return nil }
        var union: [String] = []
        for term in terms {
            let lists = term.matchFields.filter {
                $0.key == "metadata.name" && $0.operation == .isIn
            }
            guard let first = lists.first else { return nil }
            union += first.values.filter { name in
                lists.allSatisfy { $0.values.contains(name) }
            }
        }
        let column = columns.column(LabelColumns.nodeName, of: roster)
        var numbers: [Int32] = []
        for name in union {
            let number = columns.number(of: name, in: column)
            if !numbers.contains(number) { numbers.append(number) }
        }
        return numbers
    }
}
