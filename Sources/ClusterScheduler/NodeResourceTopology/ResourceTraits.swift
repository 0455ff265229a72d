package import Primitives

/// What NodeResourceTopologyMatch makes of a resource by its name.
///
/// Source: k/k pkg/apis/core/v1/helper/helpers.go and scheduler-plugins pkg/noderesourcetopology/resourcerequests.
package struct ResourceTraits: OptionSet, Hashable, Sendable, BitwiseCopyable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let cpu = ResourceTraits(rawValue: 1)
    /// Its name is in nobody's namespace but a vendor's.
    package static let extended = ResourceTraits(rawValue: 2)
    /// cpu, memory or huge pages, which only Guaranteed pods have a NUMA node of their own for.
    package static let numaAffine = ResourceTraits(rawValue: 4)
    /// May belong to the node as a whole: storage and extended resources.
    package static let hostLevel = ResourceTraits(rawValue: 8)
    /// The scheduler believes that every node has it.
    package static let always = ResourceTraits(rawValue: 16)
    /// A node has it if its allocatable lists it.
    package static let scalar = ResourceTraits(rawValue: 32)
    package static let memory = ResourceTraits(rawValue: 64)

    package init(_ name: String) {
        self = []
        let isPrefixed = name.occurs("kubernetes.io/")
        let isNative = isPrefixed || !name.utf8.contains(UInt8(ascii: "/"))
        let isHugePage = name.hasPrefix("hugepages-")
        if name == "cpu" { insert(.cpu) }
        if name == "cpu" || name == "memory" || isHugePage { insert(.numaAffine) }
        if name == "memory" || isHugePage { insert(.memory) }
        if !isNative { insert(.extended) }
        if !isNative || name == "storage" || name == "ephemeral-storage" { insert(.hostLevel) }
        if ["cpu", "memory", "pods", "ephemeral-storage"].contains(name) { insert(.always) }
        if isHugePage || isPrefixed || name.hasPrefix("attachable-volumes-")
            || (!isNative && !name.hasPrefix("requests."))
        {
            insert(.scalar)
        }
    }

    package var isCPU: Bool { contains(.cpu) }
}

extension String {
    /// Whether `text` occurs in it anywhere.
    fileprivate func occurs(_ text: String) -> Bool {
        let bytes = Array(utf8)
        let wanted = Array(text.utf8)
        guard bytes.count >= wanted.count else { return false }
        return (0...(bytes.count - wanted.count)).contains { start in
            bytes[start..<start + wanted.count].elementsEqual(wanted)
        }
    }
}

/// The resources that a node's allocatable lists, whatever the amount.
package struct AllocatableNames: Sendable {
    private var isListed: [Bool]

    /// - Parameter resources: positions of the resources that are listed.
    package init(_ resources: some Sequence<ResourceIndex>) {
        isListed = []
        for resource in resources {
            while isListed.count <= resource.position { isListed.append(false) }
            isListed[resource.position] = true
        }
    }

    func has(_ resource: ResourceIndex, _ traits: ResourceTraits) -> Bool {
        if traits.contains(.always) { return true }
        guard traits.contains(.scalar), resource.position < isListed.count else { return false }
        return isListed[resource.position]
    }
}
