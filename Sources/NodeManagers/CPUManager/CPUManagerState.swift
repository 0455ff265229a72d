package import Primitives

/// What is taken of one node's CPUs: the shared pool, and each container's exclusive CPUs.
///
/// Sets are kept in as many words as the machine needs, one row a container. (cm/cpumanager/state/state_mem.go)
package struct CPUManagerState: Sendable {
    /// The shared pool, reserved CPUs included unless `strict-cpu-reservation` is on.
    package var pool: CPUSet
    /// CPUs of the pod's finished init containers that its next containers may use again. Belongs to the
    /// admission that is going on.
    package var reusable = CPUSet()
    package var hasReusable = false

    /// How often a container got CPUs that were not free (see `UpstreamBugCounts`).
    package internal(set) var busyThreadsTaken: Int64 = 0
    /// How often a pod's share was replaced, and the CPUs that no one has had since.
    package private(set) var sharesReplaced: Int64 = 0
    package private(set) var lostCPUs = CPUSet()

    let wordsPerSet: Int
    private var rows: [UInt64] = []
    private var isExclusive: [Bool] = []

    package init(pool: CPUSet, wordsPerSet: Int) {
        self.pool = pool
        self.wordsPerSet = wordsPerSet
    }

    /// Makes room for slots below `count`.
    package mutating func grow(to count: Int) {
        guard isExclusive.count < count else { return }
        isExclusive.append(contentsOf: repeatElement(false, count: count - isExclusive.count))
        rows.append(
            contentsOf: repeatElement(0, count: count * wordsPerSet - rows.count))
    }

    /// Forgets the reuse of an earlier pod.
    mutating func beginAdmission() {
        guard hasReusable else { return }
        reusable = CPUSet()
        hasReusable = false
    }

    /// The container's exclusive CPUs; nil when it runs in the shared pool.
    package func cpus(of container: ContainerSlot) -> CPUSet? {
        guard isExclusive[container.index] else { return nil }
        var set = CPUSet()
        let start = container.index &* wordsPerSet
        for word in 0..<wordsPerSet { set[word: word] = rows[start &+ word] }
        return set
    }

    /// All CPUs that containers have entries of, those of finished init containers too.
    package var exclusiveCPUs: CPUSet {
        var set = CPUSet()
        for index in isExclusive.indices where isExclusive[index] {
            let start = index &* wordsPerSet
            for word in 0..<wordsPerSet { set[word: word] |= rows[start &+ word] }
        }
        return set
    }

    package func hasExclusiveCPUs(_ container: ContainerSlot) -> Bool {
        isExclusive[container.index]
    }

    /// Gives the container `cpus` and takes them out of the shared pool.
    package mutating func assign(_ cpus: CPUSet, to container: ContainerSlot) {
        record(cpus, of: container)
        let wordsPerSet = wordsPerSet
        for word in 0..<wordsPerSet { pool[word: word] &= ~cpus[word: word] }
    }

    /// Gives a pod its share. One that it has already, from before a restart, is lost.
    mutating func assignShare(_ cpus: CPUSet, to share: ContainerSlot) {
        if let old = self.cpus(of: share) {
            sharesReplaced += 1
            lostCPUs.formUnion(old)
        }
        assign(cpus, to: share)
        lostCPUs.subtract(cpus)
    }

    /// Writes the container's entry and leaves the pool as it is.
    mutating func record(_ cpus: CPUSet, of container: ContainerSlot) {
        isExclusive[container.index] = true
        let start = container.index &* wordsPerSet
        for word in 0..<wordsPerSet { rows[start &+ word] = cpus[word: word] }
    }

    /// Lets the pod's later containers use `cpus` of a finished init container again.
    package mutating func allowReuse(of cpus: CPUSet) {
        reusable.formUnion(cpus)
        hasReusable = true
    }

    /// `cpus` belong to a container that runs on.
    package mutating func endReuse(of cpus: CPUSet) {
        guard hasReusable else { return }
        reusable.subtract(cpus)
    }

    /// Takes back what the pod's containers hold.
    package mutating func release(_ pod: ContainerRange) {
        for index in pod.indices where isExclusive[index] {
            isExclusive[index] = false
            let start = index &* wordsPerSet
            for word in 0..<wordsPerSet { pool[word: word] |= rows[start &+ word] }
        }
    }

    /// Forgets the pod's entries and leaves the pool as it is.
    mutating func discard(_ pod: ContainerRange) {
        for index in pod.indices { isExclusive[index] = false }
    }
}
