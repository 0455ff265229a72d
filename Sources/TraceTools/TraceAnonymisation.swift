import Crypto
import Foundation
package import Primitives
package import ScenarioInput
package import WorkloadModel

/// A trace that can be given away: names become tokens, labels go or become tokens, sizes may be rounded.
///
/// A token is the first 80 bits of HMAC-SHA256 under the salt, of the kind and the name: equal names stay equal, in
/// other traces of the same salt too, and without the salt nobody can try names. Times, lifetimes, extended resources
/// and well-known topology keys stay as they are.
package struct TraceAnonymisation: TraceTransformation {
    /// What becomes of labels, and of selectors, tolerations and rules that speak of them.
    package enum Labels: String, CaseIterable, Sendable {
        /// They go, and with them each rule that selects by one that goes.
        case drop
        /// Keys and values become tokens, so that rules among pods mean what they meant.
        case hash
    }

    private let key: SymmetricKey
    package var labels = Labels.drop
    /// Keys of labels that stay as they are.
    package var keptLabels: Set<String> = []
    /// Milli-CPUs to whose multiple a request is rounded up; 0 leaves it.
    package var cpuStep: Int64 = 0
    /// Bytes to whose multiple a request of memory is rounded up; 0 leaves it.
    package var memoryStep: Int64 = 0
    /// Shapes that lost a rule about other pods or nodes.
    package private(set) var shapesWithLostRules = 0

    /// - Parameter salt: A secret; short ones can be tried out.
    package init(salt: String) { key = SymmetricKey(data: Data(salt.utf8)) }

    /// The token of a name.
    package func token(_ kind: String, _ name: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(
            for: Data("\(kind)\u{0}\(name)".utf8), using: key)
        let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567")
        var text = kind + "-"
        var bits: UInt32 = 0
        var count = 0
        for byte in code.prefix(10) {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 5 {
                count -= 5
                text.append(alphabet[Int(bits >> UInt32(count)) & 31])
            }
        }
        return text
    }

    package mutating func records(
        for record: TraceRecord, of source: inout TraceSource, isDone: inout Bool
    ) -> [TraceRecord] {
        var record = record
        record.name = token("pod", record.name)
        if !record.group.isEmpty { record.group = token("group", record.group) }
        return [record]
    }

    /// Names of shapes may tell what they are for.
    package func identifier(_ given: String) -> String? { nil }

    package mutating func shape(_ shape: PodShape, resources: ResourceTable) throws -> PodShape? {
        var shape = shape
        if shape.namespace != "default" { shape.namespace = token("ns", shape.namespace) }
        if shape.schedulerName != "default-scheduler" {
            shape.schedulerName = token("scheduler", shape.schedulerName)
        }
        for index in shape.containers.indices {
            shape.containers[index].name = "c\(index)"
            shape.containers[index].image = ""
        }
        if shape.containers.count == 1 { shape.containers[0].name = "main" }
        var change = LabelChange(anonymisation: self)
        shape.labels = change.labels(shape.labels)
        shape.nodeSelector = change.labels(shape.nodeSelector)
        shape.tolerations = shape.tolerations.compactMap { change.toleration($0) }
        shape.placement = shape.placement.flatMap { change.rules($0) }
        if change.lostRules { shapesWithLostRules += 1 }
        return try shape.withAmounts(in: resources) { amount in
            let step =
                amount.resource == ResourceTable.cpu
                ? cpuStep : amount.resource == ResourceTable.memory ? memoryStep : 0
            guard step > 1 else { return amount.amount }
            let (sum, overflow) = amount.amount.addingReportingOverflow(step - 1)
            return overflow ? nil : sum / step * step
        }
    }
}

/// Labels, and what speaks of them, of one shape.
private struct LabelChange {
    let anonymisation: TraceAnonymisation
    var lostRules = false

    /// The key in the new trace, or nil where it goes.
    private func key(_ key: String) -> String? {
        if anonymisation.keptLabels.contains(key) { return key }
        return anonymisation.labels == .hash ? anonymisation.token("l", key) : nil
    }

    private func value(_ value: String, of key: String) -> String {
        if value.isEmpty || anonymisation.keptLabels.contains(key) { return value }
        return anonymisation.token("v", value)
    }

    func labels(_ labels: [Label]) -> [Label] {
        labels.compactMap { label in
            key(label.key).map { Label(key: $0, value: value(label.value, of: label.key)) }
        }.sorted { $0.key < $1.key }
    }

    mutating func toleration(_ toleration: Toleration) -> Toleration? {
        if toleration.key.isEmpty { return toleration }
        guard let key = key(toleration.key) else {
            lostRules = true
            return nil
        }
        return Toleration(
            key: key, value: toleration.value.map { value($0, of: toleration.key) },
            effect: toleration.effect)
    }

    mutating func rules(_ given: PlacementRules) -> PlacementRules? {
        var rules = PlacementRules()
        rules.mayPreempt = given.mayPreempt
        rules.hostPorts = given.hostPorts.map { HostPort(port: $0.port, transport: $0.transport) }
        rules.schedulingGates = given.schedulingGates.map { anonymisation.token("gate", $0) }
        let required = given.requiredNodeTerms?.compactMap { term($0) }
        rules.requiredNodeTerms = required?.isEmpty == true ? nil : required
        rules.preferredNodeTerms = given.preferredNodeTerms.compactMap { preferred in
            term(preferred.term).map { PreferredNodeTerm(weight: preferred.weight, term: $0) }
        }
        rules.podAffinity = pods(given.podAffinity)
        rules.podAntiAffinity = pods(given.podAntiAffinity)
        rules.topologySpread = given.topologySpread.compactMap { constraint in
            var constraint = constraint
            if let selector = constraint.labelSelector {
                guard let changed = self.selector(selector) else { return nil }
                constraint.labelSelector = changed
            }
            constraint.topologyKey = topology(constraint.topologyKey)
            guard let keys = self.keys(constraint.matchLabelKeys) else { return nil }
            constraint.matchLabelKeys = keys
            return constraint
        }
        return rules.isEmpty ? nil : rules
    }

    /// Keys by which every cluster names its nodes and zones say nothing about anyone.
    private func topology(_ key: String) -> String {
        let isKnown =
            key == "kubernetes.io/hostname" || key.hasPrefix("topology.kubernetes.io/")
            || anonymisation.keptLabels.contains(key)
        return isKnown ? key : anonymisation.token("l", key)
    }

    /// Fields name nodes and go; so does a term of which nothing is left.
    private mutating func term(_ given: NodeSelectorTerm) -> NodeSelectorTerm? {
        var term = NodeSelectorTerm()
        if !given.matchFields.isEmpty { lostRules = true }
        for expression in given.matchExpressions {
            guard let key = key(expression.key) else {
                lostRules = true
                continue
            }
            var expression = expression
            let isNumber =
                expression.operation == .greaterThan || expression.operation == .lessThan
            if !isNumber {
                expression.values = expression.values.map { value($0, of: expression.key) }
            }
            expression.key = key
            term.matchExpressions.append(expression)
        }
        return term.matchExpressions.isEmpty ? nil : term
    }

    private mutating func pods(_ given: PodAffinityRules) -> PodAffinityRules {
        PodAffinityRules(
            required: given.required.compactMap { term($0) },
            preferred: given.preferred.compactMap { preferred in
                term(preferred.term).map {
                    PreferredPodAffinityTerm(weight: preferred.weight, term: $0)
                }
            })
    }

    private mutating func term(_ given: PodAffinityTerm) -> PodAffinityTerm? {
        var term = given
        if let selector = given.labelSelector {
            guard let changed = self.selector(selector) else { return nil }
            term.labelSelector = changed
        }
        if let selector = given.namespaceSelector {
            guard let changed = self.selector(selector) else { return nil }
            term.namespaceSelector = changed
        }
        term.topologyKey = topology(given.topologyKey)
        term.namespaces = given.namespaces.map {
            $0 == "default" ? $0 : anonymisation.token("ns", $0)
        }
        guard let keys = self.keys(given.matchLabelKeys),
            let others = self.keys(given.mismatchLabelKeys)
        else { return nil }
        term.matchLabelKeys = keys
        term.mismatchLabelKeys = others
        return term
    }

    /// Nil where one goes, and the rule with it.
    private mutating func keys(_ given: [String]) -> [String]? {
        let changed = given.compactMap { key($0) }
        if changed.count == given.count { return changed }
        lostRules = true
        return nil
    }

    /// Nil where it speaks of a label that goes, and the rule with it.
    private mutating func selector(_ given: LabelSelector) -> LabelSelector? {
        var selector = LabelSelector()
        selector.matchLabels = labels(given.matchLabels)
        for expression in given.matchExpressions {
            guard let key = key(expression.key) else { continue }
            selector.matchExpressions.append(
                LabelSelectorRequirement(
                    key: key, operation: expression.operation,
                    values: expression.values.map { value($0, of: expression.key) }))
        }
        if selector.matchLabels.count == given.matchLabels.count,
            selector.matchExpressions.count == given.matchExpressions.count
        {
            return selector
        }
        lostRules = true
        return nil
    }
}
