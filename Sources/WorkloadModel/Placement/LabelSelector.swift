/// Which labels an object must have: all of `matchLabels`, all of `matchExpressions`; one without either takes anything.
public struct LabelSelector: Hashable, Sendable {
    public var matchLabels: [Label]
    public var matchExpressions: [LabelSelectorRequirement]

    public init(
        matchLabels: [Label] = [], matchExpressions: [LabelSelectorRequirement] = []
    ) {
        self.matchLabels = matchLabels
        self.matchExpressions = matchExpressions
    }

    public var isEmpty: Bool { matchLabels.isEmpty && matchExpressions.isEmpty }

    public func matches(_ labels: [Label]) -> Bool {
        matchLabels.allSatisfy { labels.contains($0) }
            && matchExpressions.allSatisfy { $0.matches(labels) }
    }
}

/// One expression on an object's label.
public struct LabelSelectorRequirement: Hashable, Sendable {
    public enum Operator: String, Sendable, CaseIterable {
        case isIn = "In"
        case isNotIn = "NotIn"
        case exists = "Exists"
        case doesNotExist = "DoesNotExist"
    }

    public var key: String
    public var operation: Operator
    public var values: [String]

    public init(key: String, operation: Operator, values: [String] = []) {
        self.key = key
        self.operation = operation
        self.values = values
    }

    /// `NotIn` holds where there is no such label. (k/k staging apimachinery/pkg/labels Requirement.Matches)
    public func matches(_ labels: [Label]) -> Bool {
        let label = labels.first { $0.key == key }
        switch operation {
        case .isIn: return label.map { values.contains($0.value) } ?? false
        case .isNotIn: return label.map { !values.contains($0.value) } ?? true
        case .exists: return label != nil
        case .doesNotExist: return label == nil
        }
    }
}
