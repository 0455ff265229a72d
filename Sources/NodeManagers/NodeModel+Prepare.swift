import Primitives
public import WorkloadModel

extension NodeModel {
    /// What this kind of node makes of `shape`; keep it and use it for every pod of the shape.
    public func prepare(_ shape: PodShape) -> PreparedPod {
        let podLevelIsHonoured = gates.podLevelResources
        let honouredPodLevel = podLevelIsHonoured ? shape.podLevel : nil
        let qos =
            shape.podLevel == nil || podLevelIsHonoured
            ? shape.qos : PodRequests.qosClass(of: shape, podLevel: nil)
        let managesPodLevel = gates.podLevelResources && gates.podLevelResourceManagers
        // Pods with pod-level resources get nothing exclusive unless both gates are on.
        let isManaged = qos == .guaranteed && (shape.podLevel == nil || managesPodLevel)

        var unknown: ResourceIndex?
        var earlier: [Int] = []
        var containers: [PreparedContainer] = []
        for (position, container) in shape.containers.enumerated() {
            let isEligible =
                isManaged && (shape.podLevel == nil || isGuaranteedAlone(container.resources))
            let cpus =
                isEligible ? wholeCPUs(container.resources.request(ResourceTable.cpu)) : 0
            var memory = MemoryDemand()
            memory.isManaged = isManaged
            if isEligible {
                memory.amounts = memoryAmounts(container.resources.requests, &unknown)
            }
            memory.minimumNodes = memoryPolicy.minimumNodes(for: memory.amounts)
            memory.earlierInitContainers = earlier
            if container.kind == .initContainer {
                memory.isReusable = true
                earlier.append(position)
            }
            let devices = deviceDemands(container.resources.limits)
            containers.append(
                PreparedContainer(
                    kind: container.kind, cpus: cpus, memory: memory, devices: devices,
                    minimumNodes: minimumNodes(cpus: cpus, memory, devices)))
        }

        var memory = MemoryDemand()
        memory.isManaged = isManaged
        if isManaged {
            memory.amounts = podMemory(containers)
            memory.minimumNodes = memoryPolicy.minimumNodes(for: memory.amounts)
        }
        let podLimits = PodRequests.total(
            of: shape, .limits, podLevel: nil, overhead: false, resourceCount: resources.count)
        var named: Set<ResourceIndex> = []
        for container in shape.containers {
            for item in container.resources.limits { named.insert(item.resource) }
        }
        let devices = deviceDemands(
            podLimits.indices.map(ResourceIndex.init).filter(named.contains).map {
                ResourceAmount($0, podLimits[$0.position])
            })
        return PreparedPod(
            shape: shape, qos: qos, containers: containers,
            requests: predicateRequests(shape, podLevel: honouredPodLevel),
            cpus: isManaged ? podCPUs(containers) : 0, memory: memory, devices: devices,
            unknownMemoryType: memoryPolicy.totals.isEmpty ? nil : unknown,
            podLevel: podLevelDemand(shape, qos: qos, &unknown))
    }

    /// A request of whole CPUs as a count; 0 for any other.
    private func wholeCPUs(_ milliCPU: Int64?) -> Int {
        guard let milliCPU, milliCPU % 1000 == 0 else { return 0 }
        return Int(milliCPU / 1000)
    }

    /// The pod-level gate's test of a container: cpu and memory requests equal to limits and above 0.
    private func isGuaranteedAlone(_ resources: ContainerResources) -> Bool {
        for resource in [ResourceTable.cpu, ResourceTable.memory] {
            guard let request = resources.request(resource), request > 0,
                request == resources.limit(resource)
            else { return false }
        }
        return true
    }

    private func memoryAmounts(
        _ requests: [ResourceAmount], _ unknown: inout ResourceIndex?
    ) -> [MemoryAmount] {
        guard !memoryPolicy.totals.isEmpty else { return [] }
        var amounts: [MemoryAmount] = []
        for item in requests {
            if let type = memoryTypes.position(of: item.resource) {
                amounts.append(MemoryAmount(type: type, bytes: item.amount))
            } else if resources.hugePageSize(item.resource) != nil {
                unknown = item.resource
            }
        }
        return amounts.sorted { $0.type < $1.type }
    }

    private func deviceDemands(_ limits: [ResourceAmount]) -> [DeviceDemand] {
        var demands: [DeviceDemand] = []
        for item in limits {
            guard let kind = deviceManager.catalog.kind(of: item.resource) else { continue }
            let count = Int(clamping: item.amount)
            demands.append(
                DeviceDemand(
                    kind: kind, count: count,
                    minimumNodes: deviceManager.catalog.kinds[kind].minimumNodes(
                        for: count, layout: layout)))
        }
        return demands.sorted { $0.kind < $1.kind }
    }

    /// The most CPUs at any time: sidecars add up, an init container runs beside the sidecars before it.
    /// (podGuaranteedCPUs)
    private func podCPUs(_ containers: [PreparedContainer]) -> Int {
        var sidecars = 0
        var peak = 0
        var apps = 0
        for container in containers {
            switch container.kind {
            case .app: apps += container.cpus
            case .sidecar: sidecars += container.cpus
            case .initContainer: peak = max(peak, sidecars + container.cpus)
            }
        }
        return max(peak, apps + sidecars)
    }

    /// As for CPUs, but only of types that app containers ask for. (getPodRequestedResources)
    private func podMemory(_ containers: [PreparedContainer]) -> [MemoryAmount] {
        let count = memoryTypes.count
        var sidecars = Array(repeating: Int64(0), count: count)
        var peak = sidecars
        var apps = sidecars
        var asked: UInt32 = 0
        let hintsInitTypes = fixes.contains(.unhintedInitHugePages)
        for container in containers {
            for amount in container.memory.amounts {
                switch container.kind {
                case .app:
                    apps[amount.type] += amount.bytes
                    asked |= 1 << UInt32(amount.type)
                case .sidecar: sidecars[amount.type] += amount.bytes
                case .initContainer:
                    if hintsInitTypes { asked |= 1 << UInt32(amount.type) }
                    peak[amount.type] = max(
                        peak[amount.type], sidecars[amount.type] + amount.bytes)
                }
            }
        }
        return (0..<count).filter { asked >> UInt32($0) & 1 != 0 }.map {
            MemoryAmount(type: $0, bytes: max(peak[$0], apps[$0] + sidecars[$0]))
        }
    }

    /// Requests that the predicates compare: cpu and memory, then the rest by name.
    private func predicateRequests(
        _ shape: PodShape, podLevel: ContainerResources?
    ) -> [ResourceAmount] {
        var totals = PodRequests.total(
            of: shape, .requests, podLevel: podLevel, overhead: true,
            resourceCount: resources.count)
        if gates.podLevelResources, !shape.requests.isEmpty {
            // Whoever read the pod has counted already.
            totals = Array(repeating: 0, count: resources.count)
            for item in shape.requests { totals[item.resource.position] = item.amount }
        }
        return totals.indices.map(ResourceIndex.init)
            .filter { totals[$0.position] > 0 && $0 != ResourceTable.ephemeralStorage }
            .sorted { left, right in
                let fixed = [ResourceTable.cpu, ResourceTable.memory]
                let (a, b) = (fixed.firstIndex(of: left) ?? 2, fixed.firstIndex(of: right) ?? 2)
                return a != b ? a < b : resources[left] < resources[right]
            }
            .map { ResourceAmount($0, totals[$0.position]) }
    }

    private func podLevelDemand(
        _ shape: PodShape, qos: QoSClass, _ unknown: inout ResourceIndex?
    ) -> PodLevelDemand? {
        guard gates.podLevelResources, gates.podLevelResourceManagers,
            let podLevel = shape.podLevel
        else { return nil }
        var demand = PodLevelDemand()
        demand.isGuaranteed = qos == .guaranteed
        if demand.isGuaranteed {
            demand.cpus = wholeCPUs(podLevel.request(ResourceTable.cpu))
            demand.memory.isManaged = true
            demand.memory.amounts = memoryAmounts(podLevel.requests, &unknown)
                .filter { $0.bytes > 0 }
            demand.memory.minimumNodes = memoryPolicy.minimumNodes(for: demand.memory.amounts)
        }
        return demand
    }

    /// The fewest NUMA nodes that could hold all of a container if nothing were taken.
    private func minimumNodes(
        cpus: Int, _ memory: MemoryDemand, _ devices: [DeviceDemand]
    ) -> Int {
        // More than any one resource needs on its own is never enough; all NUMA nodes are the most there is.
        var bound = max(alignment.minimumNodes(forCPUs: cpus), 1)
        if !memory.amounts.isEmpty { bound = max(bound, memory.minimumNodes) }
        for demand in devices where demand.minimumNodes != NUMALayout.tooManyToTell {
            bound = max(bound, demand.minimumNodes)
        }
        guard bound < layout.count, couldHold(cpus, memory, devices, on: layout.all) else {
            return layout.count
        }
        if layout.isWide { return fewestNodes(cpus, memory, devices) }
        return layout.narrowestMask(ofAtLeast: bound) {
            couldHold(cpus, memory, devices, on: $0)
        }?.count
            ?? layout.count
    }

    private func fewestNodes(
        _ cpus: Int, _ memory: MemoryDemand, _ devices: [DeviceDemand]
    ) -> Int {
        var thresholds: [NodeThreshold] = []
        if cpus > 0 {
            thresholds.append(
                NodeThreshold(
                    amounts: layout.positions.map {
                        Int64(alignment.assignableCPUs(on: NUMAMask(node: $0)))
                    }, need: Int64(cpus)))
        }
        for amount in memory.amounts where amount.bytes > 0 {
            thresholds.append(
                NodeThreshold(
                    amounts: layout.positions.map {
                        memoryPolicy.totals[$0 * memoryTypes.count + amount.type].allocatable
                    }, need: amount.bytes))
        }
        let coverage = devices.map { demand in
            // Devices without topology are everywhere.
            let kind = deviceManager.catalog.kinds[demand.kind]
            let withTopology = kind.groups.reduce(0) { $0 + $1.count }
            return kind.coverage(need: demand.count - (kind.ids.count - withTopology))
        }
        let fewest = layout.fewestNodes(thresholds, coverage: coverage)
        return fewest == NUMALayout.tooManyToTell ? layout.count : fewest
    }

    private func couldHold(
        _ cpus: Int, _ memory: MemoryDemand, _ devices: [DeviceDemand], on mask: NUMAMask
    ) -> Bool {
        if cpus > alignment.assignableCPUs(on: mask) { return false }
        for amount in memory.amounts {
            let total = mask.reduce(Int64(0)) {
                $0 + memoryPolicy.totals[$1 * memoryTypes.count + amount.type].allocatable
            }
            if total < amount.bytes { return false }
        }
        for demand in devices {
            let kind = deviceManager.catalog.kinds[demand.kind]
            let withTopology = kind.groups.reduce(0) { $0 + $1.count }
            let here = kind.groups.reduce(0) {
                $0 + ($1.nodes.intersects(mask) ? $1.count : 0)
            }
            if here + kind.ids.count - withTopology < demand.count { return false }
        }
        return true
    }
}
