/// Expressions that a node must all satisfy; a term without any matches no node.
public struct NodeSelectorTerm: Hashable, Sendable {
    /// On the node's labels.
    public var matchExpressions: [NodeSelectorRequirement]
    /// On the node's fields, of which there is `metadata.name`.
    public var matchFields: [NodeSelectorRequirement]

    public init(
        matchExpressions: [NodeSelectorRequirement] = [],
        matchFields: [NodeSelectorRequirement] = []
    ) {
        self.matchExpressions = matchExpressions
        self.matchFields = matchFields
    }
}

/// One expression on a node's label or field.
public struct NodeSelectorRequirement: Hashable, Sendable {
    public enum Operator: String, Sendable, CaseIterable {
        case isIn = "In"
        case isNotIn = "NotIn"
        case exists = "Exists"
        case doesNotExist = "DoesNotExist"
        /// The label as a whole number is greater than the only value.
        case greaterThan = "Gt"
        case lessThan = "Lt"
    }

    public var key: String
    public var operation: Operator
    public var values: [String]

    public init(key: String, operation: Operator, values: [String] = []) {
        self.key = key
        self.operation = operation
        self.values = values
    }
}

/// A term that makes a node better by `weight`, 1 to 100.
public struct PreferredNodeTerm: Hashable, Sendable {
    public var weight: Int64
    public var term: NodeSelectorTerm

    public init(weight: Int64, term: NodeSelectorTerm) {
        self.weight = weight
        self.term = term
    }
}
