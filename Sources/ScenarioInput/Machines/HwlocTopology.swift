import HardwareModel

/// The objects of a hwloc XML file, in document order, and its tables of distances between NUMA nodes.
struct HwlocTopology {
    /// Most objects that are kept; the largest real machine here has 1,700.
    static let objectLimit = 100_000
    /// Most NUMA nodes that a distance table may name.
    static let distanceLimit = 1024

    var objects: [HwlocObject] = []
    var distances: [HwlocDistances] = []
    /// 1, 2 or 3.
    var version = 1
    let bytes: [UInt8]

    /// Reads the whole document.
    init(_ bytes: [UInt8]) throws(XMLError) {
        self.bytes = bytes
        var reader = HwlocTopologyReader(bytes)
        try reader.read()
        objects = reader.objects
        distances = reader.distances
        version = reader.version
    }
}

/// Walks through the document once, keeping what a machine needs.
private struct HwlocTopologyReader {
    var scanner: XMLScanner
    var objects: [HwlocObject] = []
    var distances: [HwlocDistances] = []
    var version = 1
    /// By depth of open elements: the object that the element is, or nil for another element.
    private var open: [Int?] = []
    /// The table of distances being read, and the depth of its element.
    private var table:
        (distances: HwlocDistances, depth: Int, wanted: Int, place: Int, base: Double)?
    /// What the text that comes next belongs to.
    private var textBelongsTo: TextOwner?

    private enum TextOwner { case indexes, values }

    init(_ bytes: [UInt8]) { scanner = XMLScanner(bytes) }

    mutating func read() throws(XMLError) {
        while true {
            switch try scanner.next() {
            case .opened: try opened()
            case .closed: try closed()
            case .text(let range): try text(range)
            case .ended:
                guard objects.contains(where: { $0.kind == .cpu }) else {
                    throw XMLError(position: 0, message: "no PU object, so the machine has no CPU")
                }
                return
            }
        }
    }

    private mutating func opened() throws(XMLError) {
        if open.isEmpty { try root() }
        var object: Int?
        if scanner.isNamed("object") {
            object = try readObject()
        } else if scanner.isNamed("info") {
            try readInfo()
        } else if scanner.isNamed("page_type") {
            try readPages()
        } else if scanner.isNamed("distances2") || scanner.isNamed("distances") {
            try openDistances()
        } else if table != nil {
            try openInsideDistances()
        }
        open.append(object)
    }

    private mutating func closed() throws(XMLError) {
        open.removeLast()
        textBelongsTo = nil
        if let table, open.count == table.depth { try closeDistances() }
    }

    private mutating func root() throws(XMLError) {
        guard scanner.isNamed("topology") else {
            throw XMLError(
                position: scanner.place,
                message:
                    "the outermost element is `<\(scanner.string(scanner.name.prefix(40)))>`, and "
                    + "hwloc XML has `<topology>`",
                hint: "`lstopo --of xml FILE.xml` writes the machine it runs on")
        }
        guard let text = try scanner.text("version", limit: 20) else { return }
        guard let major = text.split(separator: ".").first.flatMap({ Int($0) }),
            (1...3).contains(major)
        else {
            throw XMLError(
                position: scanner.place,
                message: "hwloc XML of version `\(text)`, and versions 1 to 3 can be read")
        }
        version = major
    }
}

// MARK: Objects

extension HwlocTopologyReader {
    private mutating func readObject() throws(XMLError) -> Int {
        guard let type = try scanner.text("type", limit: 40) else {
            throw XMLError(position: scanner.place, message: "an object without a `type`")
        }
        guard objects.count < HwlocTopology.objectLimit else {
            throw XMLError(
                position: scanner.place, message: "more than \(HwlocTopology.objectLimit) objects")
        }
        let kind = HwlocObject.Kind(
            type: type, cacheDepth: try scanner.number("depth"),
            cacheType: try scanner.number("cache_type"))
        let parent = open.last { $0 != nil } ?? nil
        var object = HwlocObject(kind: kind, parent: parent, place: scanner.place)
        object.osIndex = try scanner.number("os_index")
        object.gpIndex = try scanner.number("gp_index")
        object.subtype = try scanner.text("subtype", limit: 40) ?? ""
        object.cpuset = scanner.raw("cpuset")
        object.nodeset = scanner.raw("nodeset")
        if parent == nil {
            object.allowedCPUs = scanner.raw("allowed_cpuset")
            object.onlineCPUs = scanner.raw("online_cpuset")
            object.allowedNodes = scanner.raw("allowed_nodeset")
        }
        switch kind {
        case .numaNode, .machine: object.size = Int64(try scanner.number("local_memory") ?? 0)
        case .uncoreCache: object.size = Int64(try scanner.number("cache_size") ?? 0)
        case .osDevice:
            object.name = try scanner.text("name", limit: 80) ?? ""
            object.osKind = OSDeviceKind(
                hwloc: try scanner.number("osdev_type"), subtype: object.subtype, version: version)
        case .pciDevice:
            object.pciBusID = try scanner.text("pci_busid", limit: 20)
            object.pciType = try scanner.text("pci_type", limit: 60) ?? ""
            object.linkSpeed = linkSpeed(try scanner.text("pci_link_speed", limit: 40))
        default: break
        }
        if kind == .cpu || kind == .numaNode, object.osIndex == nil {
            throw XMLError(
                position: scanner.place, message: "a \(type) object without an `os_index`")
        }
        objects.append(object)
        return objects.count - 1
    }

    /// kB/s of a speed in GB/s such as `15.753846`; 0 for anything else.
    private func linkSpeed(_ text: String?) -> Int {
        guard let text, let speed = Double(text), speed.isFinite, (0..<1_000_000).contains(speed)
        else { return 0 }
        return Int((speed * 1_000_000).rounded())
    }

    private mutating func readInfo() throws(XMLError) {
        guard let object = open.last ?? nil, let name = scanner.raw("name") else { return }
        if scanner.equals(name, "CPUModel") {
            objects[object].model = try scanner.text("value", limit: 120) ?? ""
        } else if objects[object].kind == .pciDevice || objects[object].kind == .osDevice {
            try readDeviceInfo(name, of: object)
        } else if objects[object].kind == .numaNode, scanner.equals(name, "MemoryOnly") {
            objects[object].isMemoryOnly = try scanner.text("value", limit: 8) == "1"
        } else if objects[object].kind == .numaNode, objects[object].subtype.isEmpty {
            // 1.x gives a NUMA node's subtype as an info; newer versions say which DAX device the memory came from.
            if scanner.equals(name, "Type") || scanner.equals(name, "DAXType") {
                objects[object].subtype = try scanner.text("value", limit: 40) ?? ""
            } else if scanner.equals(name, "DAXDevice") {
                objects[object].subtype = "SPM"
            }
        }
    }

    private mutating func readDeviceInfo(
        _ name: Range<Int>, of object: Int
    ) throws(XMLError) {
        if scanner.equals(name, "PhysicalFunction") {
            objects[object].physicalFunction = try scanner.text("value", limit: 20)
        } else if scanner.equals(name, "Driver") {
            objects[object].driver = try scanner.text("value", limit: 80) ?? ""
        } else if scanner.equals(name, "LocalNUMANodes") {
            let words = try scanner.text("value", limit: 4096)?.split(separator: ",") ?? []
            objects[object].localNUMANodes = words.compactMap { Int($0) }.filter { $0 >= 0 }
        }
    }

    private mutating func readPages() throws(XMLError) {
        guard let object = open.last ?? nil else { return }
        let size = try scanner.number("size") ?? 0
        let count = try scanner.number("count") ?? 0
        guard size > 0, objects[object].pages.count < 32 else { return }
        objects[object].pages.append(.init(size: Int64(size), count: Int64(count)))
    }
}

// MARK: Distances

extension HwlocTopologyReader {
    /// Bit of `kind` that says that values are latencies (hwloc/distances.h, HWLOC_DISTANCES_KIND_MEANS_LATENCY).
    private static let latencyKind = 4

    private mutating func openDistances() throws(XMLError) {
        guard table == nil, let count = try scanner.number("nbobjs") else { return }
        let isOld = scanner.isNamed("distances")
        var table = HwlocDistances(
            indexing: .osIndex([]), count: count, values: [], name: try scanner.text("name") ?? "")
        var base = 1.0
        if isOld {
            guard (open.last ?? nil) == 0, let depth = try scanner.number("relative_depth") else {
                return
            }
            base = Double(try scanner.text("latency_base") ?? "1") ?? 1
            table.indexing = .logical(depth: depth)
        } else {
            let kind = try scanner.number("kind") ?? 0
            let isLatency = table.name == "NUMALatency" || kind & Self.latencyKind != 0
            guard try scanner.text("type") == "NUMANode", isLatency else { return }
            if try scanner.text("indexing") == "gp" { table.indexing = .gpIndex([]) }
        }
        guard (1...HwlocTopology.distanceLimit).contains(count) else {
            throw XMLError(
                position: scanner.place,
                message: "a table of distances for \(count) objects, and the limit is "
                    + "\(HwlocTopology.distanceLimit)")
        }
        self.table = (table, open.count, count * count, scanner.place, base)
    }

    private mutating func openInsideDistances() throws(XMLError) {
        if scanner.isNamed("indexes") {
            textBelongsTo = .indexes
        } else if scanner.isNamed("u64values") {
            textBelongsTo = .values
        } else if scanner.isNamed("latency"), let table {
            let written = try scanner.text("value", limit: 40) ?? ""
            let value = (Double(written) ?? .nan) * table.base
            guard value.isFinite, value >= 0, value < 1_000_000 else {
                throw XMLError(
                    position: scanner.place, message: "the latency `\(written)` is not a distance")
            }
            try append(Int(value.rounded()))
        }
    }

    private mutating func append(_ value: Int) throws(XMLError) {
        guard let table, table.distances.values.count < table.wanted else {
            throw XMLError(
                position: scanner.place,
                message: "more distances than the table's number of objects squared")
        }
        self.table?.distances.values.append(value)
    }

    private mutating func text(_ range: Range<Int>) throws(XMLError) {
        guard let owner = textBelongsTo else { return }
        for word in scanner.bytes[range].split(whereSeparator: { $0 <= 0x20 }) {
            let written = String(decoding: word.prefix(40), as: UTF8.self)
            guard let value = Int(written), value >= 0 else {
                throw XMLError(
                    position: word.startIndex,
                    message:
                        "`\(written)` stands in a table of distances, and a whole number was expected"
                )
            }
            switch owner {
            case .values: try append(value)
            case .indexes: try appendIndex(value)
            }
        }
    }

    private mutating func appendIndex(_ value: Int) throws(XMLError) {
        guard var table else { return }
        switch table.distances.indexing {
        case .osIndex(let indexes) where indexes.count < table.distances.count:
            table.distances.indexing = .osIndex(indexes + [value])
        case .gpIndex(let indexes) where indexes.count < table.distances.count:
            table.distances.indexing = .gpIndex(indexes + [value])
        default:
            throw XMLError(
                position: scanner.place, message: "more indexes than the table has objects")
        }
        self.table = table
    }

    private mutating func closeDistances() throws(XMLError) {
        guard let table else { return }
        self.table = nil
        let indexCount: Int? =
            switch table.distances.indexing {
            case .osIndex(let indexes), .gpIndex(let indexes): indexes.count
            case .logical: nil
            }
        guard table.distances.values.count == table.wanted,
            indexCount == nil || indexCount == table.distances.count
        else {
            throw XMLError(
                position: table.place,
                message: "a table of distances for \(table.distances.count) objects has "
                    + "\(table.distances.values.count) values instead of \(table.wanted)")
        }
        distances.append(table.distances)
    }
}

// MARK: Questions

extension HwlocTopology {
    /// The bitmap in a range of the file; nil without one.
    func bitmap(_ range: Range<Int>?) throws(XMLError) -> HwlocBitmap? {
        guard let range else { return nil }
        guard let bitmap = HwlocBitmap(String(decoding: bytes[range], as: UTF8.self)) else {
            throw XMLError(
                position: range.lowerBound,
                message:
                    "`\(String(decoding: bytes[range.prefix(40)], as: UTF8.self))` is not a bitmap of "
                    + "hex words such as `0x0000ffff,,0x1`")
        }
        return bitmap
    }

    /// Whether `object` is `ancestor` or lies inside it.
    func isInside(_ object: Int, _ ancestor: Int) -> Bool {
        var current: Int? = object
        while let position = current, position >= ancestor {
            if position == ancestor { return true }
            current = objects[position].parent
        }
        return false
    }

    /// How many objects are around `object`.
    func depth(of object: Int) -> Int {
        var depth = 0
        var current = objects[object].parent
        while let position = current {
            depth += 1
            current = objects[position].parent
        }
        return depth
    }
}
