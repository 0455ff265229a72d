import HardwareModel

extension HwlocMachine {
    /// PCI devices with every name that the OS has for them, and OS devices that are not on PCI.
    func devices() throws(XMLError) -> [Device] {
        var devices: [Device] = []
        var deviceOfObject: [Int: Int] = [:]
        let known = Set(numaNodes.compactMap { topology.objects[$0].osIndex })
        // By the object that gives the place: many devices share one, and its bitmap is parsed once.
        var nodesNear: [Int?: [Int]] = [:]
        for (index, object) in topology.objects.enumerated() {
            guard object.kind == .pciDevice || object.kind == .osDevice else { continue }
            let home = home(of: index)
            if nodesNear[home] == nil { nodesNear[home] = try numaNodes(near: home) }
            let near = nodesNear[home] ?? []
            switch object.kind {
            case .pciDevice:
                deviceOfObject[index] = devices.count
                devices.append(pciDevice(index, told(by: object, known) ?? near))
            case .osDevice:
                if let owner = pciOwner(of: index), let device = deviceOfObject[owner] {
                    devices[device].add(osName: object.name, object.osKind)
                } else if !object.name.isEmpty {
                    devices.append(
                        Device(
                            name: object.name, numaNodes: told(by: object, known) ?? near,
                            osNames: [object.name],
                            osKinds: [object.osKind]))
                }
            default: break
            }
        }
        return devices
    }

    private func pciDevice(_ index: Int, _ near: [Int]) -> Device {
        let object = topology.objects[index]
        let (pciClass, vendor, device) = parse(pciType: object.pciType)
        return Device(
            name: object.pciBusID ?? "PCI device", pciBusID: object.pciBusID, pciClass: pciClass,
            vendorID: vendor, deviceID: device, numaNodes: near,
            physicalFunction: object.physicalFunction, driver: object.driver,
            linkSpeed: object.linkSpeed)
    }

    /// The NUMA nodes that a device names itself, as our own files do.
    private func told(by object: HwlocObject, _ known: Set<Int>) -> [Int]? {
        object.localNUMANodes?.filter { known.contains($0) }
    }

    /// The PCI device around an OS device; an NVMe's namespace may hang below the controller's own device.
    private func pciOwner(of index: Int) -> Int? {
        var object = topology.objects[index].parent
        while let current = object, topology.objects[current].isIO {
            if topology.objects[current].kind == .pciDevice { return current }
            object = topology.objects[current].parent
        }
        return nil
    }

    /// The first object around a device that is not I/O: the device is where that is.
    private func home(of index: Int) -> Int? {
        var object = topology.objects[index].parent
        while let current = object, topology.objects[current].isIO {
            object = topology.objects[current].parent
        }
        return object
    }

    /// OS indices of the NUMA nodes near an object; none for the whole machine.
    private func numaNodes(near home: Int?) throws(XMLError) -> [Int] {
        guard let home, let set = try topology.bitmap(topology.objects[home].nodeset) else {
            return []
        }
        let all = numaNodes.compactMap { topology.objects[$0].osIndex }.sorted()
        let nodes = all.filter { set.contains($0) }
        return nodes.count == all.count && all.count > 1 ? [] : nodes
    }

    /// `0200 [8086:1533] [17aa:404d] 03` as class, vendor and device.
    private func parse(pciType: String) -> (pciClass: Int?, vendor: Int?, device: Int?) {
        let words = pciType.split(separator: " ")
        let pciClass = words.first.flatMap { Int($0, radix: 16) }
        guard words.count > 1, words[1].hasPrefix("["), words[1].hasSuffix("]") else {
            return (pciClass, nil, nil)
        }
        let ids = words[1].dropFirst().dropLast().split(separator: ":").map { Int($0, radix: 16) }
        return ids.count == 2 ? (pciClass, ids[0], ids[1]) : (pciClass, nil, nil)
    }
}

extension Device {
    /// Adds a name; the first becomes what the device is called.
    fileprivate mutating func add(osName: String, _ kind: OSDeviceKind) {
        guard !osName.isEmpty, !osNames.contains(osName), osNames.count < 64 else { return }
        if osNames.isEmpty { name = osName }
        osNames.append(osName)
        osKinds.append(kind)
    }
}
