/// The names of every resource of a scenario, each with a dense index.
///
/// Quantities travel as `Int64` in the resource's own unit: milli-CPU for `cpu`, bytes for `memory`,
/// `ephemeral-storage` and `hugepages-*`, whole units for extended resources.
public struct ResourceTable: Sendable, Equatable {
    public static let cpu = ResourceIndex(rawValue: 0)
    public static let memory = ResourceIndex(rawValue: 1)
    public static let ephemeralStorage = ResourceIndex(rawValue: 2)

    /// Names in order of index, as Kubernetes spells them.
    public private(set) var names: [String] = ["cpu", "memory", "ephemeral-storage"]
    private var indices: [String: ResourceIndex] = [
        "cpu": ResourceTable.cpu, "memory": ResourceTable.memory,
        "ephemeral-storage": ResourceTable.ephemeralStorage,
    ]

    public init() {}

    public var count: Int { names.count }

    /// The index of `name`, added at the end when it is new.
    public mutating func intern(_ name: String) -> ResourceIndex {
        if let known = indices[name] { return known }
        let index = ResourceIndex(names.count)
        names.append(name)
        indices[name] = index
        return index
    }

    public func index(of name: String) -> ResourceIndex? { indices[name] }

    public subscript(index: ResourceIndex) -> String { names[index.position] }

    /// Bytes in one page when `index` is a `hugepages-<size>` resource, else nil.
    public func hugePageSize(_ index: ResourceIndex) -> Int64? {
        ResourceTable.hugePageSize(ofResource: names[index.position])
    }
}

/// One amount of one resource, in the resource's own unit (see `ResourceTable`).
public struct ResourceAmount: Hashable, Sendable, BitwiseCopyable {
    public var resource: ResourceIndex
    public var amount: Int64

    @inlinable
    public init(_ resource: ResourceIndex, _ amount: Int64) {
        self.resource = resource
        self.amount = amount
    }
}

extension ResourceTable {
    /// `hugepages-2Mi` for 2,097,152: the largest binary unit that divides, as Kubernetes prints it.
    public static func hugePageResource(ofSize bytes: Int64) -> String {
        let units: [(suffix: String, shift: Int64)] = [
            ("Ei", 60), ("Pi", 50), ("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10),
        ]
        for unit in units where bytes & ((1 << unit.shift) - 1) == 0 && bytes >> unit.shift > 0 {
            return "hugepages-\(bytes >> unit.shift)\(unit.suffix)"
        }
        return "hugepages-\(bytes)"
    }

    /// The page size in a resource name as `hugePageResource(ofSize:)` writes it; nil for another name.
    public static func hugePageSize(ofResource name: String) -> Int64? {
        let prefix = "hugepages-"
        guard name.hasPrefix(prefix) else { return nil }
        let size = name.dropFirst(prefix.count)
        let digits = size.prefix { $0.isASCII && $0.isNumber }
        guard let count = Int64(digits), count > 0 else { return nil }
        let shifts: [Substring: Int64] = [
            "": 0, "Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60,
        ]
        guard let shift = shifts[size.dropFirst(digits.count)] else { return nil }
        let (bytes, overflow) = count.multipliedReportingOverflow(by: 1 << shift)
        return overflow ? nil : bytes
    }
}
