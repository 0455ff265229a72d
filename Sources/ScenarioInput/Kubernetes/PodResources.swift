package import WorkloadModel

// What a pod asks for as a whole. (k/k staging component-helpers/resource/helpers.go)

extension PodSpecification {
    /// What all containers request together: the larger of the running sum and the peak while init containers run.
    package var aggregateRequests: ResourceQuantities { aggregate { $0.resources.requests } }

    /// The same rule applied to limits.
    package var aggregateLimits: ResourceQuantities { aggregate { $0.resources.limits } }

    /// While an init container runs, the sidecars declared before it run as well; sidecars stay until the end.
    func aggregate(
        _ amounts: (ContainerManifest) -> ResourceQuantities
    ) -> ResourceQuantities {
        var running = ResourceQuantities()
        for container in containers { running.add(amounts(container)) }
        var sidecars = ResourceQuantities()
        var peak = ResourceQuantities()
        for container in initContainers {
            let own = amounts(container)
            if container.isRestartable {
                running.add(own)
                sidecars.add(own)
                peak.formMaximum(sidecars)
            } else {
                var together = own
                together.add(sidecars)
                peak.formMaximum(together)
            }
        }
        running.formMaximum(peak)
        return running
    }

    /// The pod's requests as the scheduler and the kubelet's predicates count them: pod-level values where given, else
    /// the containers', plus overhead. (PodRequests)
    package var effectiveRequests: ResourceQuantities {
        var requests = aggregateRequests
        if let resources, resources.requests.namesPodLevelResource {
            requests.override(with: resources.requests)
        }
        requests.add(overhead)
        return requests
    }

    /// The pod's limits; overhead is added to those that are not zero. (PodLimits)
    package var effectiveLimits: ResourceQuantities {
        var limits = aggregateLimits
        if let resources,
            resources.requests.namesPodLevelResource || resources.limits.namesPodLevelResource
        {
            limits.override(with: resources.limits)
        }
        for entry in overhead.entries {
            guard let limit = limits[entry.name], !limit.isZero else { continue }
            limits.set(entry.name, to: limit + entry.quantity, at: entry.node)
        }
        return limits
    }

    /// `effectiveRequests` without pod-level values, where a container without a cpu request counts as 100m and one
    /// without a memory request as 200 MiB: what the scheduler scores.
    ///
    /// (k/k pkg/scheduler/util/pod_resources.go, framework/plugins/noderesources/resource_allocation.go)
    var scoredRequests: ResourceQuantities {
        var requests = aggregate { container in
            var amounts = container.resources.requests
            if amounts["cpu"] == nil {
                amounts.set("cpu", to: Quantity(milli: 100), at: container.node)
            }
            if amounts["memory"] == nil {
                amounts.set("memory", to: Quantity(units: 200 << 20), at: container.node)
            }
            return amounts
        }
        requests.add(overhead)
        return requests
    }
}

extension ResourceQuantities {
    fileprivate var namesPodLevelResource: Bool {
        entries.contains { ResourceNames.isForPods($0.name) }
    }

    fileprivate mutating func override(with podLevel: ResourceQuantities) {
        for entry in podLevel.entries where ResourceNames.isForPods(entry.name) {
            set(entry.name, to: entry.quantity, at: entry.node)
        }
    }
}

// MARK: Quality of service

extension PodSpecification {
    /// The pod's class: by `spec.resources` alone when it is there, else by all containers, init containers included.
    ///
    /// (k/k pkg/apis/core/v1/helper/qos ComputePodQOS, gate PodLevelResources on)
    package var qos: QoSClass {
        let judged = resources.map { [$0] } ?? (containers + initContainers).map(\.resources)
        var requests = ResourceQuantities()
        var limits = ResourceQuantities()
        var isLimited = true
        for requirements in judged {
            requests.add(requirements.requests.countingForQoS)
            let own = requirements.limits.countingForQoS
            limits.add(own)
            // Pod-level resources without any limit pass here and fail the comparison below.
            let isExempt = resources != nil && requirements.limits.isEmpty
            if own.entries.count < 2 && !isExempt { isLimited = false }
        }
        if requests.isEmpty && limits.isEmpty { return .bestEffort }
        let isCovered = requests.entries.allSatisfy { limits[$0.name] == $0.quantity }
        let isSame = requests.entries.count == limits.entries.count
        return isLimited && isCovered && isSame ? .guaranteed : .burstable
    }
}

extension ResourceQuantities {
    /// Cpu and memory above zero.
    fileprivate var countingForQoS: ResourceQuantities {
        var counting = ResourceQuantities()
        for entry in entries
        where ["cpu", "memory"].contains(entry.name) && entry.quantity.sign > 0 {
            counting.set(entry.name, to: entry.quantity, at: entry.node)
        }
        return counting
    }
}
