import DiscreteEvents
import Primitives
import Records
import WorkloadModel

/// StatefulSets of owners that change.
///
/// Source: k/k pkg/controller/statefulset/stateful_set_control.go; the shared folder's spec/controllers.md section 3.
/// MaxUnavailableStatefulSet is off, as by default in 1.36: an update deletes one pod at a time.
extension Simulation {
    mutating func syncStatefulSet(_ position: UInt32) {
        let owner = lifecycle.rollouts.owners[Int(position)]
        let isOrdered = owner.strategy.podManagementPolicy == .orderedReady
        guard let newest = owner.newest else { return }
        if let next = owner.nextAvailability(after: time) { requestRollout(position, at: next) }
        var byOrdinal: [UInt32: Int] = [:]
        for (place, pod) in owner.pods.enumerated() { byOrdinal[pod.replica] = place }
        let health = owner.pods.map {
            $0.isAvailable(at: time, minReadySeconds: owner.strategy.minReadySeconds)
        }
        func isHealthy(_ place: Int) -> Bool { health[place] }
        var isMissing: [UInt32] = []
        for ordinal in 0..<UInt32(owner.replicas) {
            guard let place = byOrdinal[ordinal] else {
                isMissing.append(ordinal)
                if isOrdered { break }
                continue
            }
            if isOrdered, !isHealthy(place) { return putStatefulSetStatus(position) }
        }
        if !isMissing.isEmpty {
            createOrdinals(position, isMissing, newest)
            if isOrdered { return putStatefulSetStatus(position) }
        }
        let surplus = owner.pods.indices.filter { owner.pods[$0].replica >= UInt32(owner.replicas) }
            .sorted { owner.pods[$0].replica > owner.pods[$1].replica }
        let firstUnhealthy = owner.pods.indices.filter { !isHealthy($0) }
            .min { owner.pods[$0].replica < owner.pods[$1].replica }
        for place in surplus {
            let pod = owner.pods[place]
            if pod.stage == .leaving || pod.isDeleting || pod.stage == .asked {
                if isOrdered { return putStatefulSetStatus(position) }
                continue
            }
            if isOrdered, !isHealthy(place), firstUnhealthy != place {
                return putStatefulSetStatus(position)
            }
            deleteOrdinal(position, place)
            if isOrdered { return putStatefulSetStatus(position) }
        }
        putStatefulSetStatus(position)
        updateStatefulSet(position, byOrdinal, newest, health)
    }

    /// Deletes the highest ordinal that is of an old template, once all above it are well.
    private mutating func updateStatefulSet(
        _ position: UInt32, _ byOrdinal: [UInt32: Int], _ newest: Int, _ health: [Bool]
    ) {
        let owner = lifecycle.rollouts.owners[Int(position)]
        let partition = min(owner.strategy.partition, owner.replicas)
        if owner.strategy.kind == .rollingUpdate {
            for ordinal in (partition..<owner.replicas).reversed() {
                guard let place = byOrdinal[UInt32(ordinal)] else { return }
                let pod = owner.pods[place]
                if pod.revision != newest, pod.stage != .leaving {
                    guard !pod.isDeleting, pod.stage != .asked else { return }
                    return deleteOrdinal(position, place)
                }
                guard health[place] else { return }
            }
        } else {
            for ordinal in 0..<owner.replicas {
                guard let place = byOrdinal[UInt32(ordinal)], health[place] else { return }
            }
        }
        guard owner.pods.count == owner.replicas, health.allSatisfy({ $0 }) else {
            return
        }
        if partition == 0, owner.pods.allSatisfy({ $0.revision == newest }) {
            lifecycle.rollouts.owners[Int(position)].currentRevision = newest
        }
        rolloutIsComplete(position)
    }

    /// Makes ordinals that are missing, in batches of 1, 2, 4 … where nothing waits for another.
    private mutating func createOrdinals(
        _ position: UInt32, _ ordinals: [UInt32], _ newest: Int
    ) {
        let owner = lifecycle.rollouts.owners[Int(position)]
        var (begin, batch, rest) = (time, 1, ordinals[...])
        while !rest.isEmpty {
            var end = begin
            for ordinal in rest.prefix(batch) {
                let isOld =
                    owner.strategy.kind == .rollingUpdate
                    && Int(ordinal) < owner.strategy.partition
                let slot = rolloutPod(
                    position, revision: isOld ? owner.currentRevision : newest, replica: ordinal)
                end = max(end, create(slot, by: .statefulSet, at: begin))
            }
            rest = rest.dropFirst(batch)
            batch *= 2
            begin = end
        }
        waitForWrites(position, begin + scenario.timings.watch)
    }

    private mutating func deleteOrdinal(_ position: UInt32, _ place: Int) {
        let seen = deleteRolloutPod(position, place, by: .statefulSet)
        waitForWrites(position, seen)
    }

    private mutating func waitForWrites(_ position: UInt32, _ seen: SimTime) {
        lifecycle.rollouts.owners[Int(position)].notBefore = max(
            lifecycle.rollouts.owners[Int(position)].notBefore, seen)
    }

    private mutating func putStatefulSetStatus(_ position: UInt32) {
        let owner = lifecycle.rollouts.owners[Int(position)]
        var counts = RolloutCounts()
        for pod in owner.pods where pod.stage != .asked {
            counts.total += 1
            if pod.revision == owner.newest { counts.updated += 1 }
            if pod.stage == .ready { counts.ready += 1 }
        }
        guard counts != owner.lastCounts else { return }
        lifecycle.rollouts.owners[Int(position)].lastCounts = counts
        let leaves = clients.write(.statefulSet, at: time)
        counters.statusWrites.add(.statefulSet)
        waitForWrites(
            position, leaves + scenario.timings.controllerWrite + scenario.timings.watch)
        requestRollout(position, at: lifecycle.rollouts.owners[Int(position)].notBefore)
    }
}
