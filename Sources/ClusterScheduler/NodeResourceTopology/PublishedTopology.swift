package import Primitives
package import WorkloadModel

/// A NodeResourceTopology object as the plugin reads it: numbers by row and resource.
package struct PublishedTopology<Amount: ZoneAmount>: Sendable {
    /// Tells versions of one object apart.
    package var version: Int
    package var configuration: TopologyManagerConfiguration
    package var layout: ZoneLayout
    /// `available`, `layout.resourceCount` a zone.
    package var amounts: [Amount]
    /// The fingerprint of the pods that the exporter counted; nil where it tells none that could ever match.
    package var fingerprint: UInt64?
    package var fingerprintCovers: FingerprintCover

    package init(
        version: Int, configuration: TopologyManagerConfiguration, layout: ZoneLayout,
        amounts: [Amount], fingerprint: UInt64?, fingerprintCovers: FingerprintCover
    ) {
        self.version = version
        self.configuration = configuration
        self.layout = layout
        self.amounts = amounts
        self.fingerprint = fingerprint
        self.fingerprintCovers = fingerprintCovers
    }
}

extension PublishedTopology {
    /// Reads an object of the API. A resource that a zone repeats counts as its last entry.
    ///
    /// - Returns: nil when an amount cannot be held as `Amount`.
    package init?(
        _ object: NodeTopologyObject, version: Int, resources: inout ResourceTable,
        amount: (Quantity, ResourceTraits) -> Amount?
    ) {
        for zone in object.zones { for item in zone.resources { _ = resources.intern(item.name) } }
        let count = resources.count
        var amounts = Array(repeating: Amount.zero, count: object.zones.count * count)
        var listed: [[ResourceIndex]] = []
        for (row, zone) in object.zones.enumerated() {
            var names: [ResourceIndex] = []
            for item in zone.resources {
                let resource = resources.intern(item.name)
                guard let read = amount(item.available, ResourceTraits(item.name)) else {
                    return nil
                }
                names.append(resource)
                amounts[row * count + resource.position] = read
            }
            listed.append(names)
        }
        let layout = ZoneLayout(
            zones: object.zones.map { zone in
                ZoneLayout.Zone(
                    name: zone.name, type: zone.type,
                    costs: zone.costs.map { ZoneLayout.Cost(name: $0.name, value: $0.value) })
            }, listed: listed, resources: resources)
        let text = object.fingerprint
        self.init(
            version: version,
            configuration: TopologyManagerConfiguration(
                deprecated: object.topologyPolicies, attributes: object.attributes),
            layout: layout, amounts: amounts,
            fingerprint: text.value.flatMap { PodFingerprint(text: $0)?.value },
            fingerprintCovers: text.covers)
    }

    /// The amount that a zone lists, by position in `layout.zones`; nil when it does not list it.
    package func available(_ resource: ResourceIndex, row: Int) -> Amount? {
        layout.lists(resource, row: row)
            ? amounts[row * layout.resourceCount + resource.position] : nil
    }
}

extension NodeTopologyObject {
    /// The first attribute counts, even an empty one; only without it the annotation does.
    fileprivate var fingerprint: (value: String?, covers: FingerprintCover) {
        if let attribute = attributes.first(where: { $0.name == "nodeTopologyPodsFingerprint" }) {
            let method = attributes.first { $0.name == "nodeTopologyPodsFingerprintMethod" }
            return (
                attribute.value,
                method?.value == "with-exclusive-resources" ? .exclusive : .unspecified
            )
        }
        let annotation = annotations.first { $0.name == "topology.node.k8s.io/fingerprint" }
        return (annotation?.value, .allAsAnnotation)
    }
}

/// Which pods a fingerprint covers, as far as the object says.
package enum FingerprintCover: Sendable {
    /// An annotation: always all pods.
    case allAsAnnotation
    /// The attribute, whose method is none or another.
    case unspecified
    /// The attribute with method `with-exclusive-resources`.
    case exclusive
}
