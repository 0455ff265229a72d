public import HardwareModel
public import WorkloadModel

/// What the device plugins of one node offer: pools matched against the devices of its machine.
///
/// Policies and accelerators make virtual functions on the cards that they select; a plugin's pools take devices
/// that are there and that no pool before them took. Where the machine does not tell its devices, the count is what
/// the pool says and the place what its names hint at, and both are reported as guesses.
/// - Parameter labels: The node's, which pools may select by.
public func placeDevicePools(
    _ pools: [DevicePool], on machine: Machine, labels: [Label], report: inout ImportReport
) -> [DeviceResource] {
    var placing = DevicePoolPlacing(machine: machine, labels: labels)
    // Of policies for one card the smaller number goes first, then the later name. (the operator's ByPriority)
    let made = pools.filter { !$0.isPlugin }.sorted {
        $0.priority != $1.priority ? $0.priority < $1.priority : $0.name > $1.name
    }
    for pool in made { placing.place(pool) }
    for pool in pools where pool.isPlugin { placing.place(pool) }
    report.append(placing.report)
    // In the order in which the pools were given.
    return pools.map(\.resource).reduce(into: [DeviceResource]()) { result, name in
        guard !result.contains(where: { $0.name == name }),
            let resource = placing.resources.first(where: { $0.name == name })
        else { return }
        result.append(resource)
    }
}

extension DevicePool {
    fileprivate var isPlugin: Bool {
        if case .plugin = kind { true } else { false }
    }
}

private struct DevicePoolPlacing {
    let machine: Machine
    let labels: [Label]
    var resources: [DeviceResource] = []
    var report = ImportReport()
    /// Virtual functions that were given out, by card: how many it has, and which are taken.
    private var cards: [String: (count: Int, taken: Set<Int>)] = [:]
    /// Of each resource.
    private var ids: [Set<String>] = []
    /// PCI addresses that a pool has.
    private var taken: Set<String> = []
    /// Most devices of one resource.
    private static let limit = 100_000
    /// Virtual functions that may still be handed out.
    private var budget = 1_000_000

    init(machine: Machine, labels: [Label]) {
        self.machine = machine
        self.labels = labels
    }

    private mutating func guessed(_ pool: DevicePool, _ reason: String) {
        report.guessed(pool.subject, reason, file: pool.file, line: pool.line)
    }

    private mutating func dropped(_ pool: DevicePool, _ reason: String) {
        report.dropped(pool.subject, reason, file: pool.file, line: pool.line)
    }

    mutating func place(_ pool: DevicePool) {
        guard pool.selects(labels) else {
            dropped(pool, "it is for other nodes than those of `\(machine.name)`")
            return
        }
        switch pool.kind {
        case .policy(let count): placeFunctions(of: pool, count: count)
        case .accelerator(let count): placeFunctions(of: pool, count: count)
        case .plugin: placeThere(pool)
        }
    }

    private mutating func add(_ devices: [PluginDevice], to pool: DevicePool) {
        let position =
            resources.firstIndex { $0.name == pool.resource }
            ?? {
                resources.append(DeviceResource(name: pool.resource, devices: []))
                ids.append([])
                return resources.count - 1
            }()
        for device in devices {
            guard resources[position].devices.count < DevicePoolPlacing.limit else {
                dropped(pool, "more than \(grouped(DevicePoolPlacing.limit)) devices")
                return
            }
            guard ids[position].insert(device.id).inserted else { continue }
            var device = device
            if pool.excludesTopology { device.numaNodes = nil }
            resources[position].devices.append(device)
        }
    }

    // MARK: Virtual functions that are made

    private mutating func placeFunctions(of pool: DevicePool, count: Int) {
        let selector = pool.selectors.first ?? DeviceSelector()
        let found = machine.devices.filter {
            $0.physicalFunction == nil && fits($0, selector, ofCard: pool)
        }
        if found.isEmpty { return guessCards(of: pool, selector, count: count) }
        for card in found {
            let address = card.pciBusID ?? card.name
            let ranges = ranges(of: selector, on: card)
            let numbers = take(ranges, of: address, count: count, pool)
            let functions = machine.devices.filter { $0.physicalFunction == card.pciBusID }
                .compactMap(\.pciBusID).sorted()
            let nodes = card.numaNodes.isEmpty ? nil : card.numaNodes
            add(
                numbers.map { number in
                    PluginDevice(
                        id: number < functions.count && card.pciBusID != nil
                            ? functions[number] : "\(address)-vf\(number)", numaNodes: nodes)
                }, to: pool)
        }
    }

    /// Whether a card is one that a policy selects: every criterion that is given must hold.
    private func fits(
        _ device: Device, _ selector: DeviceSelector, ofCard pool: DevicePool
    ) -> Bool {
        if case .policy = pool.kind {
            // Class 0x02: network controllers; a device off the bus has no class.
            guard device.pciClass.map({ $0 >> 8 == 0x02 }) ?? true else { return false }
        }
        if !selector.vendors.isEmpty, !selector.vendors.contains(device.vendorID ?? -1) {
            return false
        }
        if !selector.devices.isEmpty, !selector.devices.contains(device.deviceID ?? -1) {
            return false
        }
        if !selector.physicalFunctions.isEmpty {
            let names = device.osNames + [device.name]
            guard selector.physicalFunctions.contains(where: { names.contains($0.name) }) else {
                return false
            }
        }
        for addresses in [selector.rootDevices.map(\.name), selector.pciAddresses]
        where !addresses.isEmpty {
            guard let own = device.pciBusID,
                addresses.contains(where: { isSameAddress($0, own) })
            else { return false }
        }
        return selector != DeviceSelector()
    }

    private func isSameAddress(_ a: String, _ b: String) -> Bool {
        func full(_ address: String) -> String {
            let lower = address.lowercased()
            return lower.filter { $0 == ":" }.count == 1 ? "0000:" + lower : lower
        }
        return full(a) == full(b)
    }

    private func ranges(of selector: DeviceSelector, on card: Device) -> [ClosedRange<Int>] {
        let names = card.osNames + [card.name]
        let named =
            selector.physicalFunctions.filter { names.contains($0.name) }
            + selector.rootDevices.filter { isSameAddress($0.name, card.pciBusID ?? "") }
        if named.contains(where: { $0.virtualFunctions.isEmpty }) { return [] }
        return named.flatMap(\.virtualFunctions)
    }

    /// Virtual functions of a card that nobody has: those of the ranges, or all.
    private mutating func take(
        _ ranges: [ClosedRange<Int>], of card: String, count: Int, _ pool: DevicePool
    ) -> [Int] {
        budget -= count
        guard budget >= 0 else {
            dropped(pool, "more virtual functions in all than are listed one by one")
            return []
        }
        var state = cards[card] ?? (count: count, taken: [])
        if state.count != count {
            guessed(
                pool,
                "`\(card)` has \(state.count) virtual functions, as a policy that goes before says, "
                    + "and not \(count)")
        }
        let wanted =
            ranges.isEmpty
            ? Array(0..<state.count)
            : ranges.flatMap { Array($0.clamped(to: 0...max(0, state.count - 1))) }
        if ranges.isEmpty, !state.taken.isEmpty {
            dropped(pool, "`\(card)` is taken by a policy that goes before")
            return []
        }
        let numbers = state.count == 0 ? [] : wanted.filter { state.taken.insert($0).inserted }
        if numbers.count < wanted.count {
            dropped(
                pool,
                "\(wanted.count - numbers.count) of its virtual functions of `\(card)` are "
                    + "taken by a policy that goes before")
        }
        cards[card] = state
        return numbers
    }

    /// Cards that the machine does not tell: as many functions as the policy says, where names hint.
    private mutating func guessCards(
        of pool: DevicePool, _ selector: DeviceSelector, count: Int
    ) {
        var cards = selector.physicalFunctions + selector.rootDevices
        cards += selector.pciAddresses.map { DeviceSelector.NamedFunctions(name: $0) }
        if cards.isEmpty { cards = [.init(name: pool.name)] }
        let nodes = hintedNodes(pool)
        let place = nodes.map { "on NUMA node \($0[0])" } ?? "without a place"
        guessed(
            pool,
            "no device of `\(machine.name)` fits; \(count) virtual functions on each of "
                + "\(cards.map { "`\($0.name)`" }.joined(separator: ", ")) are taken, \(place)")
        for card in cards {
            let numbers = take(card.virtualFunctions, of: card.name, count: count, pool)
            add(
                numbers.map { PluginDevice(id: "\(card.name)-vf\($0)", numaNodes: nodes) },
                to: pool)
        }
    }

    private func hintedNodes(_ pool: DevicePool) -> [Int]? {
        guard let hint = pool.numaHint, machine.numaNode(withOSIndex: hint) != nil else {
            return nil
        }
        return [hint]
    }

    // MARK: Devices that are there

    private mutating func placeThere(_ pool: DevicePool) {
        guard case .plugin(let type) = pool.kind else { return }
        let withFunctions = Set(machine.devices.compactMap(\.physicalFunction))
        var found: [PluginDevice] = []
        var hasUnknownDriver = false
        for device in machine.devices {
            guard let address = device.pciBusID, !taken.contains(address),
                !withFunctions.contains(address), isOfType(type, device)
            else { continue }
            let fitting = pool.selectors.first { fits(device, there: $0) }
            guard let fitting else { continue }
            if !fitting.drivers.isEmpty, device.driver.isEmpty { hasUnknownDriver = true }
            taken.insert(address)
            found.append(
                PluginDevice(
                    id: address, numaNodes: device.numaNodes.isEmpty ? nil : device.numaNodes))
        }
        if hasUnknownDriver {
            guessed(
                pool, "`\(machine.name)` does not tell drivers; its devices count as fitting")
        }
        found.sort { $0.id < $1.id }
        if found.isEmpty { found = guessDevices(of: pool) }
        add(found, to: pool)
    }

    private func isOfType(_ type: DevicePool.DeviceType, _ device: Device) -> Bool {
        guard let pciClass = device.pciClass else { return false }
        return switch type {
        case .netDevice, .auxNetDevice: pciClass >> 8 == 0x02
        // Class 0x12: processing accelerators; 0x0b40: co-processors.
        case .accelerator: pciClass >> 8 == 0x12 || pciClass == 0x0b40
        }
    }

    private func fits(_ device: Device, there selector: DeviceSelector) -> Bool {
        if !selector.vendors.isEmpty, !selector.vendors.contains(device.vendorID ?? -1) {
            return false
        }
        if !selector.devices.isEmpty, !selector.devices.contains(device.deviceID ?? -1) {
            return false
        }
        if !selector.drivers.isEmpty, !device.driver.isEmpty,
            !selector.drivers.contains(device.driver)
        {
            return false
        }
        if !selector.pciAddresses.isEmpty,
            !selector.pciAddresses.contains(where: { isSameAddress($0, device.pciBusID ?? "") })
        {
            return false
        }
        if selector.isRDMA, !device.osKinds.isEmpty, !device.osKinds.contains(.openFabrics) {
            return false
        }
        let card = machine.devices.first { $0.pciBusID == device.physicalFunction }
        let number = functionNumber(of: device)
        if !selector.physicalFunctions.isEmpty {
            let names = (card ?? device).osNames + [(card ?? device).name]
            guard
                selector.physicalFunctions.contains(where: {
                    names.contains($0.name) && $0.contains(number)
                })
            else { return false }
        }
        if !selector.rootDevices.isEmpty {
            let address = device.physicalFunction ?? device.pciBusID ?? ""
            guard
                selector.rootDevices.contains(where: {
                    isSameAddress($0.name, address) && $0.contains(number)
                })
            else { return false }
        }
        return true
    }

    /// Which virtual function of its card a device is; 0 for a card itself.
    private func functionNumber(of device: Device) -> Int {
        guard let card = device.physicalFunction, let address = device.pciBusID else { return 0 }
        return machine.devices.filter { $0.physicalFunction == card }.compactMap(\.pciBusID)
            .sorted().firstIndex(of: address) ?? 0
    }

    /// Devices that the pool itself counts: addresses, and ranges of virtual functions.
    private mutating func guessDevices(of pool: DevicePool) -> [PluginDevice] {
        let nodes = hintedNodes(pool)
        var ids: [String] = []
        for selector in pool.selectors {
            ids += selector.pciAddresses
            for card in selector.physicalFunctions + selector.rootDevices {
                for range in card.virtualFunctions where budget > 0 {
                    budget -= range.count
                    ids += range.map { "\(card.name)-vf\($0)" }
                }
            }
        }
        if ids.isEmpty {
            dropped(
                pool,
                "no device of `\(machine.name)` fits, and the pool does not say how many there are")
        } else {
            guessed(
                pool,
                "no device of `\(machine.name)` fits; the \(ids.count) that the pool names are taken "
                    + (nodes.map { "on NUMA node \($0[0])" } ?? "without a place"))
        }
        return ids.map { PluginDevice(id: $0, numaNodes: nodes) }
    }
}
