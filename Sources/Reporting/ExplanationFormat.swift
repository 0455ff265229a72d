import Primitives
import Records

/// Words and numbers that explanations are made of.
struct ExplanationFormat {
    let resources: ResourceTable

    /// `cpu 20`, `memory 10Gi`, `example.com/nic 2`: amounts as a manifest would have them.
    func text(_ amount: ResourceAmount) -> String {
        "\(resources[amount.resource]) \(value(amount.amount, of: amount.resource))"
    }

    func value(_ amount: Int64, of resource: ResourceIndex) -> String {
        if resource == ResourceTable.cpu {
            return amount % 1000 == 0 ? "\(amount / 1000)" : "\(amount)m"
        }
        guard resource == ResourceTable.memory || resources.hugePageSize(resource) != nil else {
            return "\(amount)"
        }
        return bytes(amount)
    }

    /// With the largest binary unit that divides: `10Gi`, `2148Mi`.
    func bytes(_ bytes: Int64) -> String {
        let units: [(suffix: String, shift: Int64)] = [
            ("Ti", 40), ("Gi", 30), ("Mi", 20), ("Ki", 10),
        ]
        for unit in units where bytes != 0 && bytes % (1 << unit.shift) == 0 {
            return "\(bytes >> unit.shift)\(unit.suffix)"
        }
        return "\(bytes)"
    }

    /// `{0,1}*`: NUMA nodes in braces, a star when preferred; `any` for no restriction.
    func text(_ hint: MergeExplanation.Hint) -> String {
        (hint.numaNodes.map { "{\($0)}" } ?? "any") + (hint.isPreferred ? "*" : "")
    }

    func nodes(_ nodes: NUMANodeSet) -> String { "{\(nodes)}" }
}

extension MergeRule {
    /// Why the merge ended where it did, after the merged hint and a colon.
    func reason(needed: Int) -> String {
        let nodes = needed == 1 ? "1 NUMA node" : "\(needed) NUMA nodes"
        switch self {
        case .noPreference: return "no resource has a preference"
        case .preferredByAll: return "the best of the sets that every resource prefers"
        case .asWideAsNeeded:
            return "no set is preferred by all; the best of \(nodes), as many as the neediest"
                + " resource needs"
        case .narrowerThanNeeded:
            return "no set is preferred by all and none has \(nodes), as the neediest resource"
                + " needs; the widest below"
        case .widerThanNeeded:
            return "no set is preferred by all and none has \(nodes) or fewer; the narrowest above"
        case .nothingInCommon:
            return "no combination of hints has a NUMA node in common, so all of them"
        case .numaAllocationStrategy:
            return "of the equally wide sets the one that numa-allocation-strategy wants"
        }
    }
}
