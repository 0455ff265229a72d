extension PodManifest {
    /// Fills in what the API fills in when a pod is created: requests from limits, pod-level values from containers'.
    ///
    /// (k/k pkg/apis/core/v1/defaults.go SetDefaults_Pod, SetDefaults_ResourceList, 1.36, gate PodLevelResources on)
    package mutating func applyDefaults() {
        for index in spec.containers.indices {
            spec.containers[index].resources.fillRequestsFromLimits()
        }
        for index in spec.initContainers.indices {
            spec.initContainers[index].resources.fillRequestsFromLimits()
        }
        fillPodLevelHugePageLimits()
        fillPodLevelRequests()
        roundUp()
        if spec.restartPolicy.isEmpty { spec.restartPolicy = "Always" }
        if spec.schedulerName.isEmpty { spec.schedulerName = "default-scheduler" }
        if spec.terminationGracePeriodSeconds == nil { spec.terminationGracePeriodSeconds = 30 }
        // The API replaces a negative grace period by 1.
        if let seconds = spec.terminationGracePeriodSeconds, seconds < 0 {
            spec.terminationGracePeriodSeconds = 1
        }
        if spec.hostNetwork {
            for index in spec.containers.indices { spec.containers[index].fillHostPorts() }
            for index in spec.initContainers.indices { spec.initContainers[index].fillHostPorts() }
        }
    }

    /// A pod that gives any pod-level value gets pod-level limits of the huge pages that its containers may use.
    private mutating func fillPodLevelHugePageLimits() {
        guard let resources = spec.resources,
            !resources.limits.isEmpty || !resources.requests.isEmpty
        else { return }
        let together = spec.aggregateLimits
        spec.resources?.limits.fill(from: together) {
            ResourceNames.isHugePages($0) && resources.requests[$0] == nil
        }
    }

    /// A pod that gives pod-level limits gets pod-level requests: what its containers request together, else the limit.
    private mutating func fillPodLevelRequests() {
        guard let limits = spec.resources?.limits, !limits.isEmpty else { return }
        let together = spec.aggregateRequests
        spec.resources?.requests.fill(from: together) {
            ResourceNames.isForPods($0) && ResourceNames.isOvercommittable($0)
        }
        spec.resources?.requests.fill(from: limits, where: ResourceNames.isForPods)
    }

    private mutating func roundUp() {
        for index in spec.containers.indices { spec.containers[index].resources.roundUp() }
        for index in spec.initContainers.indices { spec.initContainers[index].resources.roundUp() }
        spec.resources?.roundUp()
        spec.overhead.roundUpToMilli()
    }
}

extension ResourceRequirements {
    fileprivate mutating func fillRequestsFromLimits() {
        requests.fill(from: limits) { _ in true }
    }

    fileprivate mutating func roundUp() {
        requests.roundUpToMilli()
        limits.roundUpToMilli()
    }
}

extension ContainerManifest {
    fileprivate mutating func fillHostPorts() {
        for index in ports.indices where ports[index].hostPort == 0 {
            ports[index].hostPort = ports[index].containerPort
        }
    }
}
