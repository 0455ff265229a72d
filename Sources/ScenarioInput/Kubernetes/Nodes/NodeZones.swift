/// What a NodeResourceTopology says about one node: its NUMA nodes and what each has.
///
/// (k8stopologyawareschedwg/noderesourcetopology-api, v1alpha1 and v1alpha2)
public struct NodeZones: Hashable, Sendable {
    /// The node's name.
    public var name: String
    /// Zones of type `Node`, ascending by OS index.
    public var zones: [Zone] = []

    public struct Zone: Hashable, Sendable {
        public var osIndex: Int
        public var capacity = NodeAmounts()
        public var allocatable = NodeAmounts()
        public var available = NodeAmounts()
        /// Distances to zones by OS index.
        public var costs: [Cost] = []
    }

    public struct Cost: Hashable, Sendable {
        public var osIndex: Int
        public var value: Int
    }

    /// Most zones that are read.
    public static let limit = 1024
}

/// Reads a NodeResourceTopology as a hint at the NUMA nodes of a Node.
public func readNodeZones(
    _ node: SourceNode, report: inout ImportReport
) throws(InputError) -> NodeZones {
    try readForeignObject(
        node, kind: "NodeResourceTopology",
        apiVersions: ["topology.node.k8s.io/v1alpha2", "topology.node.k8s.io/v1alpha1"],
        known: ["zones", "topologyPolicies", "attributes"], report: &report
    ) { reader, fields, report in
        var result = NodeZones(name: reader.foreignMetadata(fields).name)
        let elements = reader.list("zones", of: fields)
        guard elements.count <= NodeZones.limit else {
            reader.diagnostics.error(
                at: fields["zones"] ?? fields.node,
                "\(grouped(elements.count)) zones; at most \(grouped(NodeZones.limit)) are read")
            return nil
        }
        for (index, element) in elements.enumerated() {
            if let zone = reader.zone(element, at: "zones[\(index)]", known: result) {
                result.zones.append(zone)
            }
        }
        result.zones.sort { $0.osIndex < $1.osIndex }
        return result
    }
}

extension ManifestReader {
    /// One zone; nil for one that is no NUMA node, and after a mistake that was told.
    fileprivate mutating func zone(
        _ node: SourceNode, at path: String, known: NodeZones
    ) -> NodeZones.Zone? {
        guard
            let fields = fields(
                of: node, at: path, known: ["name", "type", "resources", "costs"],
                silent: ["parent", "attributes"])
        else { return nil }
        guard (text("type", of: fields) ?? "Node") == "Node" else { return nil }
        let name = text("name", of: fields) ?? ""
        guard let osIndex = numaNode(name) else {
            diagnostics.error(
                at: fields["name"] ?? node, "`\(path).name`: `\(name)` names no NUMA node",
                hint: "zones of type `Node` are called `node-0`, `node-1` and so on")
            return nil
        }
        if known.zones.contains(where: { $0.osIndex == osIndex }) {
            diagnostics.error(at: fields["name"] ?? node, "the zone `\(name)` is here twice")
            return nil
        }
        var zone = NodeZones.Zone(osIndex: osIndex)
        for (index, element) in list("resources", of: fields).enumerated() {
            guard
                let resource = self.fields(
                    of: element, at: "\(path).resources[\(index)]",
                    known: ["name", "capacity", "allocatable", "available"]),
                let name = text("name", of: resource)
            else { continue }
            zone.capacity[name] = resource["capacity"].flatMap { amount($0, of: name) }
            zone.allocatable[name] = resource["allocatable"].flatMap { amount($0, of: name) }
            zone.available[name] = resource["available"].flatMap { amount($0, of: name) }
        }
        for (index, element) in list("costs", of: fields).enumerated() {
            guard
                let cost = self.fields(
                    of: element, at: "\(path).costs[\(index)]", known: ["name", "value"]),
                let other = text("name", of: cost).flatMap({ numaNode($0) }),
                let value = integer("value", of: cost, as: Int64.self)
            else { continue }
            zone.costs.append(NodeZones.Cost(osIndex: other, value: Int(value)))
        }
        return zone
    }

    private func numaNode(_ name: String) -> Int? {
        guard name.hasPrefix("node-"), let index = Int(name.dropFirst(5)), index >= 0,
            index < 1 << 20
        else { return nil }
        return index
    }
}
