package import ClusterScheduler
package import NodeManagers
package import Primitives
import WorkloadModel

/// What an exporter on every node of one kind puts into its NodeResourceTopology object.
///
/// One zone a NUMA node. `available` is what the pod-resources API calls allocatable less what it lists: reserved CPUs are
/// in neither, and what holds nothing exclusive does not count. Follows resource-topology-exporter,
/// pkg/resourcemonitor/resourcemonitor.go (`Scan`).
package struct NodeTopologyExporter: Sendable {
    package let layout: ZoneLayout
    private let configuration: TopologyManagerConfiguration
    private let allocatable: NUMAAmounts
    private let coversExclusiveOnly: Bool
    private let namespaceHash: UInt64
    /// Kept so that its memory serves again.
    private var held: NUMAAmounts

    package init(_ model: NodeModel, fingerprint: TopologyPublishingSettings.Fingerprint) {
        let told = model.allocatableByNUMANode
        allocatable = told
        held = NUMAAmounts(nodeCount: told.nodeCount, resourceCount: told.resourceCount)
        coversExclusiveOnly = fingerprint == .withExclusiveResources
        namespaceHash = PodFingerprint.hash(namespace: "default")
        configuration = TopologyManagerConfiguration(
            deprecated: [],
            attributes: [
                NodeTopologyObject.Attribute(
                    name: "topologyManagerPolicy", value: model.settings.topologyManagerPolicy),
                NodeTopologyObject.Attribute(
                    name: "topologyManagerScope", value: model.settings.topologyManagerScope),
            ])
        let numaNodes = model.layout
        var listed: [[ResourceIndex]] = []
        for node in 0..<numaNodes.count {
            let resources = (0..<told.resourceCount).map { ResourceIndex($0) }
                .filter { told[node, $0] > 0 }
            // A NUMA node with nothing to give is still told, with no CPUs.
            listed.append(resources.isEmpty ? [ResourceTable.cpu] : resources)
        }
        layout = ZoneLayout(
            zones: (0..<numaNodes.count).map { from in
                ZoneLayout.Zone(
                    name: "node-\(numaNodes.osIndices[from])", type: "Node",
                    costs: (0..<numaNodes.count).map { to in
                        ZoneLayout.Cost(
                            name: "node-\(numaNodes.osIndices[to])",
                            value: numaNodes.distances[from * numaNodes.count + to])
                    })
            }, listed: listed, resources: model.resources)
    }

    /// The object of a node in `state`.
    ///
    /// - Complexity: O(containers of the node).
    package mutating func object(
        of state: borrowing NodeState, _ model: NodeModel, version: Int
    ) -> PublishedTopology<CompactAmount> {
        held.clear()
        var hashes: [UInt64] = []
        let (onlyExclusive, namespaceHash) = (coversExclusiveOnly, namespaceHash)
        model.addHoldings(of: state, to: &held) { pod, hasLocality in
            guard hasLocality || !onlyExclusive else { return }
            hashes.append(PodFingerprint.hash(of: pod, namespaceHash: namespaceHash))
        }
        var amounts: [CompactAmount] = []
        amounts.reserveCapacity(allocatable.amounts.count)
        for (index, amount) in allocatable.amounts.enumerated() {
            amounts.append(CompactAmount(max(0, amount - held.amounts[index])))
        }
        return PublishedTopology(
            version: version, configuration: configuration, layout: layout, amounts: amounts,
            fingerprint: PodFingerprint(hashes: hashes).value,
            fingerprintCovers: onlyExclusive ? .exclusive : .unspecified)
    }
}

extension PodFingerprint {
    /// The hash of a run's pod, whose name is its number.
    package static func hash(of pod: PodIndex, namespaceHash: UInt64) -> UInt64 {
        var digits: [UInt8] = []
        var rest = pod.rawValue
        repeat {
            digits.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        return hash(name: digits.reversed(), namespaceHash: namespaceHash)
    }
}
