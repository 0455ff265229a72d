package import Primitives
package import WorkloadModel

/// What the plugin reads of a pod: its shape, with what never changes worked out once.
package final class TopologyPod<Amount: ZoneAmount>: Sendable {
    package struct Request: Sendable {
        package var resource: ResourceIndex
        package var traits: ResourceTraits
        package var amount: Amount

        package init(_ resource: ResourceIndex, _ traits: ResourceTraits, _ amount: Amount) {
            self.resource = resource
            self.traits = traits
            self.amount = amount
        }
    }

    package struct Container: Sendable {
        package var kind: ContainerShape.Kind
        /// One for each resource that is mentioned, 0 included.
        package var requests: [Request]

        package init(kind: ContainerShape.Kind, requests: [Request]) {
            self.kind = kind
            self.requests = requests
        }
    }

    package let qos: QoSClass
    /// Init containers and sidecars in their order, then app containers in theirs.
    let containers: [Container]
    /// Of the pod as a whole: what pod scope and reservations count.
    let effective: [Request]
    /// A container mentions an extended resource; overhead does not count.
    let mentionsExtended: Bool
    /// Extended resources of containers that run on, which make the pod exclusive where the node lists one of them.
    private let exclusiveCandidates: [ResourceIndex]
    /// Whole CPUs, memory or huge pages of a Guaranteed pod.
    private let isExclusiveEverywhere: Bool
    let appCount: Int

    package init(qos: QoSClass, containers: [Container], overhead: [Request]) {
        self.qos = qos
        self.containers = containers
        effective = TopologyPod.effective(containers, overhead)
        mentionsExtended = containers.contains { container in
            container.requests.contains { $0.traits.contains(.extended) }
        }
        let lasting = containers.filter { $0.kind != .initContainer }.flatMap(\.requests)
        exclusiveCandidates = lasting.filter { $0.traits.contains(.extended) }.map(\.resource)
        isExclusiveEverywhere =
            qos == .guaranteed
            && lasting.contains { request in
                guard Amount.zero < request.amount else { return false }
                if request.traits.contains(.memory) { return true }
                return request.traits.isCPU && request.amount.isWhole(isCPU: true)
            }
        appCount = containers.count { $0.kind == .app }
    }

    /// Per resource the larger of the app containers' sum and any init container's or sidecar's request, plus overhead.
    ///
    /// Sidecars are not added up. Source: scheduler-plugins pkg/util/resource.go, `GetPodEffectiveRequest`.
    private static func effective(_ containers: [Container], _ overhead: [Request]) -> [Request] {
        var result: [Request] = []
        func place(_ request: Request) -> Int {
            if let known = result.firstIndex(where: { $0.resource == request.resource }) {
                return known
            }
            result.append(Request(request.resource, request.traits, .zero))
            return result.count - 1
        }
        for container in containers where container.kind == .app {
            for request in container.requests { result[place(request)].amount.add(request.amount) }
        }
        for container in containers where container.kind != .app {
            for request in container.requests {
                let position = place(request)
                result[position].amount = max(result[position].amount, request.amount)
            }
        }
        for request in overhead { result[place(request)].amount.add(request.amount) }
        return result.sorted { $0.resource < $1.resource }
    }

    /// Whether the pod holds something that no other pod may use, as the plugin believes.
    ///
    /// Source: scheduler-plugins pkg/noderesourcetopology/resourcerequests/exclusive.go.
    ///
    /// - Parameter layout: What the node listed when it was read last, if it ever was.
    func isExclusive(on layout: ZoneLayout?) -> Bool {
        guard let layout, !isExclusiveEverywhere else { return isExclusiveEverywhere }
        return exclusiveCandidates.contains { layout.lists($0) }
    }
}

extension TopologyPod<CompactAmount> {
    /// The pods of a run that have one shape.
    package convenience init(_ shape: PodShape, traits: [ResourceTraits]) {
        func requests(_ amounts: [ResourceAmount]) -> [Request] {
            amounts.map {
                Request($0.resource, traits[$0.resource.position], CompactAmount($0.amount))
            }
        }
        let containers = shape.containers.map {
            Container(kind: $0.kind, requests: requests($0.resources.requests))
        }
        self.init(qos: shape.qos, containers: containers, overhead: requests(shape.overhead))
    }
}
