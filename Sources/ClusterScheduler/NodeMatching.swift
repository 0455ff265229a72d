import WorkloadModel

/// Node selector terms with keys and values as numbers: one of the terms must match.
struct NodeTermMatcher: Hashable, Sendable {
    fileprivate var terms: [[Requirement]]

    fileprivate struct Requirement: Hashable, Sendable {
        var column: Int
        var operation: NodeSelectorRequirement.Operator
        /// Numbers of values in the column.
        var values: [Int32]
        /// The only value of `Gt` and `Lt`; nil where it is no number, which matches nothing.
        var bound: Int64?
    }

    /// A term without requirements matches nothing.
    init(
        _ terms: [NodeSelectorTerm], columns: inout LabelColumns, roster: NodeRoster
    ) {
        self.terms = []
        for term in terms {
            var requirements: [Requirement] = []
            let all =
                term.matchExpressions.map { ($0.key, $0) }
                + term.matchFields.map { (LabelColumns.nodeName, $0) }
            for (key, written) in all {
                let column = columns.column(key, of: roster)
                requirements.append(
                    Requirement(
                        column: column, operation: written.operation,
                        values: written.values.map { columns.number(of: $0, in: column) },
                        bound: written.values.first.flatMap { Int64($0) }))
            }
            if !requirements.isEmpty { self.terms.append(requirements) }
        }
    }

    /// All of the labels of a `nodeSelector`.
    init(labels: [Label], columns: inout LabelColumns, roster: NodeRoster) {
        var requirements: [Requirement] = []
        for label in labels {
            let column = columns.column(label.key, of: roster)
            requirements.append(
                Requirement(
                    column: column, operation: .isIn,
                    values: [columns.number(of: label.value, in: column)]))
        }
        terms = [requirements]
    }

    func matches(_ position: Int, _ columns: borrowing LabelColumns) -> Bool {
        for term in terms where term.allSatisfy({ $0.holds(at: position, columns) }) {
            return true
        }
        return false
    }
}

extension NodeTermMatcher.Requirement {
    fileprivate func holds(at position: Int, _ columns: borrowing LabelColumns) -> Bool {
        let value = columns[column].at[position]
        switch operation {
        case .isIn: return value >= 0 && values.contains(value)
        case .isNotIn: return value < 0 || !values.contains(value)
        case .exists: return value >= 0
        case .doesNotExist: return value < 0
        case .greaterThan, .lessThan:
            guard value >= 0, let bound, let number = columns[column].integers[Int(value)] else {
                return false
            }
            return operation == .greaterThan ? number > bound : number < bound
        }
    }
}

/// What `nodeSelector` and required node affinity ask together; nil parts ask nothing.
struct NodeRequirement: Hashable, Sendable {
    var selector: NodeTermMatcher?
    var terms: NodeTermMatcher?

    init(_ shape: PodShape, columns: inout LabelColumns, roster: NodeRoster) {
        if !shape.nodeSelector.isEmpty {
            selector = NodeTermMatcher(
                labels: shape.nodeSelector, columns: &columns, roster: roster)
        }
        if let required = shape.placement?.requiredNodeTerms {
            terms = NodeTermMatcher(required, columns: &columns, roster: roster)
        }
    }

    var asksNothing: Bool { selector == nil && terms == nil }

    func matches(_ position: Int, _ columns: borrowing LabelColumns) -> Bool {
        if let selector, !selector.matches(position, columns) { return false }
        if let terms, !terms.matches(position, columns) { return false }
        return true
    }
}

/// Preferred terms: what each adds to a node's score.
struct NodePreference: Sendable {
    private var terms: [(weight: Int64, matcher: NodeTermMatcher)] = []

    init(_ preferred: [PreferredNodeTerm], columns: inout LabelColumns, roster: NodeRoster) {
        for term in preferred where term.weight != 0 {
            terms.append(
                (term.weight, NodeTermMatcher([term.term], columns: &columns, roster: roster)))
        }
    }

    func score(_ position: Int, _ columns: borrowing LabelColumns) -> Int64 {
        var sum: Int64 = 0
        for term in terms where term.matcher.matches(position, columns) { sum += term.weight }
        return sum
    }
}
