/// README section 3: the Static policy. With policy `None` no block is ever given.
package struct LiteralMemoryManager {
    package struct Table: Hashable {
        package var total: Int
        package var systemReserved: Int
        package var allocatable: Int
        package var reserved: Int
        package var free: Int
    }

    package struct Node: Hashable {
        package var assignments: Int
        /// Ascending.
        package var cells: [Int]
        package var tables: [String: Table]
    }

    package struct Block: Hashable {
        package var type: String
        package var nodes: [Int]
        package var size: Int

        package init(type: String, nodes: [Int], size: Int) {
            self.type = type
            self.nodes = nodes
            self.size = size
        }
    }

    let machine: LiteralMachine
    let settings: LiteralSettings
    package var nodes: [Int: Node] = [:]
    package var entries: [String: [String: [Block]]] = [:]
    package var podEntries: [String: [Block]] = [:]
    /// Of the pod that allocated last: bytes by node subset and type.
    var reusable: (uid: String, sizes: [UInt64: [String: Int]]) = ("", [:])

    var isStatic: Bool { settings.memoryPolicy == "Static" }

    init(_ machine: LiteralMachine, _ settings: LiteralSettings) {
        self.machine = machine
        self.settings = settings
        guard isStatic else { return }
        for node in machine.nodes {
            var reserved: [String: Int] = [:]
            for entry in settings.reservedMemory where entry.node == node.id {
                reserved.merge(entry.limits, uniquingKeysWith: +)
            }
            let pages = node.hugePages.values.reduce(0, +)
            let system = reserved["memory"] ?? 0
            let allocatable = node.memory - system - pages
            var tables = [
                "memory": Table(
                    total: node.memory, systemReserved: system, allocatable: allocatable,
                    reserved: 0, free: allocatable)
            ]
            for (name, size) in node.hugePages {
                tables[name] = Table(
                    total: size, systemReserved: reserved[name] ?? 0,
                    allocatable: size - (reserved[name] ?? 0), reserved: 0,
                    free: size - (reserved[name] ?? 0))
            }
            nodes[node.id] = Node(assignments: 0, cells: [node.id], tables: tables)
        }
    }

    // MARK: Requests

    static func isMemory(_ name: String) -> Bool {
        name == "memory" || name.hasPrefix("hugepages-")
    }

    static func amounts(_ requests: [String: Int]) -> [String: Int] {
        requests.filter { isMemory($0.key) }
    }

    /// What the container asks for; nil where the manager takes no notice of it.
    func wanted(_ pod: LiteralPod, _ container: LiteralContainer) -> [String: Int]? {
        guard isStatic, pod.qos(settings) == "Guaranteed" else { return nil }
        if pod.podLevel != nil {
            guard settings.podLevelManagers else { return nil }
            return container.isGuaranteed
                ? LiteralMemoryManager.amounts(container.requests) : [:]
        }
        return LiteralMemoryManager.amounts(container.requests)
    }

    /// Like CPU over time, but only types that app containers ask for.
    func podWanted(_ pod: LiteralPod) -> [String: Int] {
        if let podLevel = pod.podLevel {
            return LiteralMemoryManager.amounts(podLevel.requests)
        }
        var sum: [String: Int] = [:]
        let types = Set(pod.containers.filter { $0.kind == .app }.flatMap { $0.requests.keys })
        for type in types where LiteralMemoryManager.isMemory(type) {
            sum[type] = pod.overTime { $0.requests[type] ?? 0 }
        }
        return sum
    }

    // MARK: Hints

    func hints(_ pod: LiteralPod, _ container: LiteralContainer) throws -> LiteralHints {
        guard let wanted = wanted(pod, container) else { return [] }
        if let blocks = entries[pod.uid]?[container.name] { return regenerate(blocks, wanted) }
        return try LiteralMemoryManager.list(calculate(pod, wanted), wanted)
    }

    func podHints(_ pod: LiteralPod) throws -> LiteralHints {
        guard isStatic, pod.qos(settings) == "Guaranteed" else { return [] }
        if pod.podLevel != nil {
            guard settings.podLevelManagers else { return [] }
            if budgetProblem(pod) != nil {
                return podWanted(pod).keys.sorted().map { ($0, []) }
            }
        }
        let wanted = podWanted(pod)
        for container in pod.containers {
            guard let blocks = entries[pod.uid]?[container.name] else { continue }
            return regenerate(blocks, wanted)
        }
        return try LiteralMemoryManager.list(calculate(pod, wanted), wanted)
    }

    /// One list, repeated for each type; where nothing fits the map is empty.
    static func list(_ hints: [LiteralHint], _ wanted: [String: Int]) -> LiteralHints {
        if hints.isEmpty { return [] }
        return wanted.keys.sorted().map { ($0, hints) }
    }

    func regenerate(_ blocks: [Block], _ wanted: [String: Int]) -> LiteralHints {
        guard blocks.count == wanted.count else { return [] }
        var hints: LiteralHints = []
        for block in blocks {
            guard wanted[block.type] == block.size else { return [] }
            hints.append((block.type, [LiteralHint(mask(of: block.nodes), true)]))
        }
        return hints.sorted { $0.resource < $1.resource }
    }

    func reusable(_ pod: LiteralPod, _ mask: UInt64, _ type: String) -> Int {
        reusable.uid == pod.uid ? reusable.sizes[mask]?[type] ?? 0 : 0
    }

    func sum(_ mask: UInt64, _ type: String, _ field: KeyPath<Table, Int>) throws -> Int {
        try bits(of: mask).reduce(0) { sum, id in
            // The kubelet would dereference nil.
            guard let table = nodes[id]!.tables[type] else { throw LiteralRefusal.panics }
            return sum + table[keyPath: field]
        }
    }

    func calculate(_ pod: LiteralPod, _ wanted: [String: Int]) throws -> [LiteralHint] {
        if wanted.isEmpty { return [] }
        var smallest = machine.nodes.count
        var masks: [UInt64] = []
        subset: for mask in subsets(of: machine.nodeIDs) {
            let own = bits(of: mask)
            for (type, size) in wanted where try sum(mask, type, \.allocatable) < size {
                continue subset
            }
            smallest = min(smallest, own.count)
            if own.count == 1, nodes[own[0]]!.cells.count > 1 { continue }
            if own.count > 1 {
                for id in own where nodes[id]!.assignments > 0 && nodes[id]!.cells != own {
                    continue subset
                }
            }
            for (type, size) in wanted
            where try sum(mask, type, \.free) + reusable(pod, mask, type) < size {
                continue subset
            }
            masks.append(mask)
        }
        return masks.map { LiteralHint($0, $0.nonzeroBitCount == smallest) }
    }

    /// Preferred first, then narrower.
    static func best(_ hints: [LiteralHint]) -> LiteralHint {
        var best = hints[0]
        for hint in hints.dropFirst() {
            if hint.preferred != best.preferred {
                if hint.preferred { best = hint }
            } else if isNarrower(hint.mask!, best.mask!) {
                best = hint
            }
        }
        return best
    }

    // MARK: Allocation

    mutating func allocate(
        _ pod: LiteralPod, _ container: LiteralContainer, _ affinity: LiteralHint
    ) throws {
        guard let wanted = wanted(pod, container) else { return }
        if let blocks = entries[pod.uid]?[container.name] {
            updateReusable(pod, container, blocks)
            return
        }
        let nodes = try chooseNodes(pod, wanted, affinity)
        let blocks = charge(pod, wanted, nodes)
        updateReusable(pod, container, blocks)
        entries[pod.uid, default: [:]][container.name] = blocks
        shrinkInitContainers(pod, container, blocks)
    }

    func chooseNodes(
        _ pod: LiteralPod, _ wanted: [String: Int], _ given: LiteralHint
    ) throws -> UInt64 {
        func refusal(_ text: String) -> LiteralRefusal { .unexpected("[memorymanager] \(text)") }
        var chosen = given
        if given.mask == nil {
            let own = try calculate(pod, wanted)
            if own.isEmpty {
                throw refusal(
                    "failed to get the default NUMA affinity, no NUMA nodes with enough memory is"
                        + " available")
            }
            chosen = LiteralMemoryManager.best(own)
            if !chosen.preferred, given.preferred {
                throw refusal("failed to find the default preferred hint")
            }
        }
        for (type, size) in wanted where try sum(chosen.mask!, type, \.free) < size {
            let own = try calculate(pod, wanted).filter {
                $0.mask! & chosen.mask! == chosen.mask!
            }
            if own.isEmpty {
                throw refusal("failed to find NUMA nodes to extend the current topology hint")
            }
            let wasPreferred = given.mask == nil ? chosen.preferred : given.preferred
            chosen = LiteralMemoryManager.best(own)
            if !chosen.preferred, wasPreferred {
                throw refusal("failed to find the extended preferred hint")
            }
            break
        }
        let own = bits(of: chosen.mask!)
        if own.count > 1 {
            for id in own where nodes[id]!.assignments > 0 && nodes[id]!.cells != own {
                throw refusal("preferred hint violates NUMA node allocation")
            }
        }
        return chosen.mask!
    }

    /// Blocks of the full request; the tables are charged what is not reused.
    mutating func charge(
        _ pod: LiteralPod, _ wanted: [String: Int], _ mask: UInt64
    ) -> [Block] {
        var blocks: [Block] = []
        for (type, size) in wanted.sorted(by: { $0.key < $1.key }) {
            blocks.append(Block(type: type, nodes: bits(of: mask), size: size))
            let old = reusable(pod, mask, type)
            LiteralMemoryManager.charge(
                max(0, size - old), type, to: bits(of: mask), &nodes)
        }
        return blocks
    }

    static func charge(
        _ size: Int, _ type: String, to mask: [Int], _ nodes: inout [Int: Node]
    ) {
        var left = size
        for id in mask {
            nodes[id]!.assignments += 1
            nodes[id]!.cells = mask
            let part = min(left, max(0, nodes[id]!.tables[type]!.free))
            nodes[id]!.tables[type]!.free -= part
            nodes[id]!.tables[type]!.reserved += part
            left -= part
        }
    }

    mutating func updateReusable(
        _ pod: LiteralPod, _ container: LiteralContainer, _ blocks: [Block]
    ) {
        if reusable.uid != pod.uid { reusable = (pod.uid, [:]) }
        for block in blocks {
            let subset = mask(of: block.nodes)
            let old = reusable.sizes[subset]?[block.type] ?? 0
            reusable.sizes[subset, default: [:]][block.type] =
                container.kind == .initContainer
                ? max(old, block.size) : max(0, old - block.size)
        }
    }

    mutating func shrinkInitContainers(
        _ pod: LiteralPod, _ container: LiteralContainer, _ blocks: [Block]
    ) {
        for block in blocks {
            var left = block.size
            for earlier in pod.containers where earlier.kind != .app {
                if earlier.name == container.name { break }
                guard earlier.kind == .initContainer,
                    var old = entries[pod.uid]?[earlier.name]
                else { continue }
                for index in old.indices
                where old[index].type == block.type && old[index].nodes == block.nodes {
                    let part = min(left, old[index].size)
                    old[index].size -= part
                    left -= part
                }
                entries[pod.uid]![earlier.name] = old
            }
        }
    }

    // MARK: Pod-level resources

    func budgetProblem(_ pod: LiteralPod) -> String? {
        let budget = podWanted(pod)["memory"] ?? 0
        func own(_ container: LiteralContainer) -> Int {
            container.isGuaranteed ? container.requests["memory"] ?? 0 : 0
        }
        var sidecars = 0
        for container in pod.containers {
            if container.kind == .sidecar { sidecars += own(container) }
            if container.kind == .initContainer, own(container) == 0, sidecars >= budget {
                return "pod rejected, pod has shared init containers but no memory available for"
                    + " them"
            }
        }
        let running = pod.containers.filter { $0.kind != .initContainer }
        if running.contains(where: { own($0) == 0 }),
            running.reduce(0, { $0 + own($1) }) >= budget
        {
            return "pod rejected, sum of exclusive container memory requests equals pod budget,"
                + " leaving no memory for shared containers"
        }
        return nil
    }

    mutating func allocateBubble(_ pod: LiteralPod, _ affinity: LiteralHint) throws {
        guard isStatic, pod.qos(settings) == "Guaranteed" else { return }
        if let problem = budgetProblem(pod) {
            throw LiteralRefusal.typed("EmptyPodSharedPoolError", problem)
        }
        let wanted = podWanted(pod)
        let chosen = try chooseNodes(pod, wanted, affinity)
        podEntries[pod.uid] = charge(pod, wanted, chosen)
        func own(_ container: LiteralContainer, _ type: String) -> Int {
            container.isGuaranteed ? container.requests[type] ?? 0 : 0
        }
        func blocks(_ size: (String) -> Int) -> [Block] {
            wanted.keys.sorted().compactMap { type in
                let bytes = size(type)
                return bytes > 0
                    ? Block(type: type, nodes: bits(of: chosen), size: bytes) : nil
            }
        }
        var cut: [String: [Block]] = [:]
        var left = wanted
        for container in pod.containers where container.kind != .app {
            if container.isGuaranteed {
                cut[container.name] = blocks { own(container, $0) }
                if container.kind == .sidecar {
                    for type in wanted.keys { left[type]! -= own(container, type) }
                }
            } else if container.kind == .initContainer {
                cut[container.name] = blocks { left[$0]! }
            }
        }
        for container in pod.containers where container.kind == .app && container.isGuaranteed {
            cut[container.name] = blocks { own(container, $0) }
            for type in wanted.keys { left[type]! -= own(container, type) }
        }
        for container in pod.containers where cut[container.name] == nil {
            cut[container.name] = blocks { left[$0]! }
        }
        entries[pod.uid] = cut
    }

    // MARK: Release and restart

    /// The runtime told the id of a container: memory of every earlier regular init container is freed.
    mutating func start(_ pod: LiteralPod, _ container: LiteralContainer) {
        for earlier in pod.containers where earlier.kind != .app {
            if earlier.name == container.name { break }
            if earlier.kind == .initContainer { remove(pod.uid, earlier.name) }
        }
    }

    mutating func remove(_ uid: String, _ container: String) {
        guard let blocks = entries[uid]?.removeValue(forKey: container) else { return }
        if podEntries[uid] != nil {
            // The bubble is freed when the last container goes.
            if entries[uid]!.isEmpty, let bubble = podEntries.removeValue(forKey: uid) {
                release(bubble)
            }
        } else {
            release(blocks)
        }
        if entries[uid]!.isEmpty { entries[uid] = nil }
    }

    mutating func release(_ blocks: [Block]) {
        for block in blocks {
            var left = block.size
            for id in block.nodes {
                nodes[id]!.assignments -= 1
                if nodes[id]!.assignments == 0 { nodes[id]!.cells = [id] }
                let part = min(left, nodes[id]!.tables[block.type]!.reserved)
                nodes[id]!.tables[block.type]!.reserved -= part
                nodes[id]!.tables[block.type]!.free += part
                left -= part
            }
        }
    }

    mutating func sweep(active: Set<String>, order: [LiteralPod]) {
        for pod in order where !active.contains(pod.uid) {
            for container in pod.containers { remove(pod.uid, container.name) }
        }
    }

    mutating func restore(_ previous: LiteralMemoryManager, order: [LiteralPod]) throws {
        func refuse(_ text: String) -> LiteralStartError {
            LiteralStartError(stage: "start", message: "start memory manager error: \(text)")
        }
        guard settings.memoryPolicy == previous.settings.memoryPolicy else {
            throw refuse(
                "could not restore state from checkpoint: [memorymanager] configured policy"
                    + " \"\(settings.memoryPolicy)\" differs from state checkpoint policy"
                    + " \"\(previous.settings.memoryPolicy)\", please drain this node and delete"
                    + " the memory manager checkpoint file"
                    + " \"/var/lib/kubelet/memory_manager_state\" before restarting Kubelet")
        }
        guard isStatic else { return }
        var expected = nodes
        for pod in order {
            let blocks =
                previous.podEntries[pod.uid]
                ?? pod.containers.flatMap { previous.entries[pod.uid]?[$0.name] ?? [] }
            for block in blocks {
                LiteralMemoryManager.charge(block.size, block.type, to: block.nodes, &expected)
            }
        }
        for (id, node) in previous.nodes {
            let other = expected[id]!
            var isEqual = node.assignments == other.assignments && node.cells == other.cells
            for (type, table) in node.tables {
                guard let twin = other.tables[type] else {
                    isEqual = false
                    continue
                }
                isEqual =
                    isEqual && table.total == twin.total
                    && table.systemReserved == twin.systemReserved
                    && table.allocatable == twin.allocatable
                for field in [\Table.free, \Table.reserved] {
                    let sum = node.cells.reduce(0) {
                        $0 + previous.nodes[$1]!.tables[type]![keyPath: field]
                            - expected[$1]!.tables[type]![keyPath: field]
                    }
                    isEqual = isEqual && sum == 0
                }
            }
            if !isEqual {
                throw refuse(
                    "[memorymanager] the expected machine state is different from the real one")
            }
        }
        (nodes, entries, podEntries) = (previous.nodes, previous.entries, previous.podEntries)
    }
}
