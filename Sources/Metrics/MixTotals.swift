import Primitives
import Records

/// Cluster samples integrated over time: each holds until the next one.
struct MixTotals {
    private let targetMix: [MixDemand]
    private var resources: [ResourceTotals]
    private var members: [MemberTotals]
    private var last: ClusterSample?

    private struct ResourceTotals {
        var allocatable: Int128 = 0
        var free: Int128 = 0
        var stranded: Int128 = 0
    }

    private struct MemberTotals {
        var admitted: Int128 = 0
        var fitting: Int128 = 0
    }

    init(targetMix: [MixDemand], resourceCount: Int) {
        self.targetMix = targetMix
        resources = [ResourceTotals](repeating: ResourceTotals(), count: resourceCount)
        members = [MemberTotals](repeating: MemberTotals(), count: targetMix.count)
    }

    mutating func add(_ sample: ClusterSample) {
        close(at: sample.time)
        last = sample
    }

    /// The last sample holds until `end`.
    mutating func close(at end: SimTime) {
        guard let sample = last else { return }
        let weight = Int128((end - sample.time).nanoseconds)
        for resource in sample.resources {
            let position = resource.resource.position
            resources[position].allocatable += Int128(resource.allocatable) * weight
            resources[position].free += Int128(resource.free) * weight
            resources[position].stranded += Int128(resource.stranded) * weight
        }
        for fit in sample.fits {
            members[fit.member].admitted += Int128(fit.admitted) * weight
            members[fit.member].fitting += Int128(fit.fitting) * weight
        }
        last?.time = end
    }

    private var isMeasured: Bool { targetMix.contains { $0.weight > 0 } }

    /// Whether any pod of the mix asks for the resource: of others it says nothing.
    private func isWanted(_ resource: Int) -> Bool {
        targetMix.contains { member in
            member.weight > 0
                && member.requests.contains { $0.resource.position == resource && $0.amount > 0 }
        }
    }

    /// Σ stranded / Σ allocatable.
    func stranded(_ resource: Int) -> Double? {
        let totals = resources[resource]
        guard isWanted(resource), totals.allocatable > 0 else { return nil }
        return Double(totals.stranded) / Double(totals.allocatable)
    }

    /// TF_r(M, π) = Σ_m p_m (free_r − k_π(m) · req_r(m)) / free_r, sums over nodes and time.
    func fragmentation(_ resource: Int) -> Double? {
        let free = resources[resource].free
        guard isWanted(resource), free > 0 else { return nil }
        var weights: Int128 = 0
        var left: Int128 = 0
        for (member, totals) in zip(targetMix, members) {
            let request = member.requests.first { $0.resource.position == resource }?.amount ?? 0
            weights += Int128(member.weight)
            left += Int128(member.weight) * (free - totals.admitted * Int128(request))
        }
        return Double(left) / Double(weights * free)
    }

    /// Σ_m p_m (1 − k_π(m) / k_none(m)) over the members that fit anywhere, weights made to sum to 1 again.
    var policyTax: Double? {
        guard isMeasured else { return nil }
        var weights = 0
        var tax = 0.0
        for (member, totals) in zip(targetMix, members) where totals.fitting > 0 {
            weights += member.weight
            let refused = Double(totals.fitting - totals.admitted) / Double(totals.fitting)
            tax += Double(member.weight) * refused
        }
        return weights > 0 ? tax / Double(weights) : nil
    }
}
