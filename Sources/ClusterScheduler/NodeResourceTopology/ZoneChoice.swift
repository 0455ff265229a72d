import Primitives
import WorkloadModel

/// The zone that one list of requests would be given: the lowest id that has all of it.
///
/// Source: scheduler-plugins pkg/noderesourcetopology/filter.go, `resourcesAvailableInAnyNUMANodes`,
/// `subtractFromNUMA`.
enum ZoneChoice {
    /// The lowest id that qualifies for every request, or nil. Where nothing depends on a zone that is 0, even if there is
    /// no such zone.
    static func lowestID<Amount: ZoneAmount>(
        for requests: [TopologyPod<Amount>.Request], qos: QoSClass, _ layout: ZoneLayout,
        _ amounts: [Amount], _ names: AllocatableNames
    ) -> Int? {
        var candidates = ~UInt64(0)
        for request in requests where !request.amount.isZero {
            let resource = request.resource
            guard names.has(resource, request.traits) else { return nil }
            let isShared = qos != .guaranteed && request.traits.contains(.numaAffine)
            guard layout.listsOnNUMA(resource) else {
                if request.traits.contains(.hostLevel) { continue }
                return nil
            }
            var qualified = UInt64(0)
            for (position, row) in layout.numaRows.enumerated()
            where layout.lists(resource, row: row) {
                let available = amounts[row &* layout.resourceCount &+ resource.position]
                if isShared || !(available < request.amount) {
                    qualified |= 1 &<< UInt64(layout.numaIDs[position])
                }
            }
            candidates &= qualified
            if candidates == 0 { return nil }
        }
        return candidates.trailingZeroBitCount
    }

    /// What would leave a zone with less than nothing.
    struct Deficit<Amount: ZoneAmount> {
        var request: TopologyPod<Amount>.Request
        var available: Amount
    }

    /// Takes the requests out of every zone with this id; what it returns, if anything, is where that failed.
    static func subtract<Amount: ZoneAmount>(
        _ requests: [TopologyPod<Amount>.Request], qos: QoSClass, fromID id: Int,
        _ layout: ZoneLayout, _ amounts: inout [Amount]
    ) -> Deficit<Amount>? {
        for (position, row) in layout.numaRows.enumerated() where layout.numaIDs[position] == id {
            for request in requests where !request.amount.isZero {
                if qos != .guaranteed && request.traits.contains(.numaAffine) { continue }
                guard layout.lists(request.resource, row: row) else { continue }
                let cell = row &* layout.resourceCount &+ request.resource.position
                guard !(amounts[cell] < request.amount) else {
                    return Deficit(request: request, available: amounts[cell])
                }
                amounts[cell].subtract(request.amount)
            }
        }
        return nil
    }
}
