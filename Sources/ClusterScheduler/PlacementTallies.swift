/// A spread constraint of a shape with its tally.
struct SpreadConstraint: Sendable {
    var tally: Int
    var column: Int
    var maxSkew: Int64
    var minDomains: Int64
    /// 1 when the pod would count itself.
    var selfMatch: Int64
    var isHostname: Bool
}

/// What the tallies say about pods of one shape: positions in `PlacementTallies.tallies`.
struct ShapeTallies: Sendable {
    var hardSpread: [SpreadConstraint] = []
    var softSpread: [SpreadConstraint] = []
    /// A node without one of the keys of `softSpread` is ignored.
    var requiresAllKeys = true
    /// Tallies of required affinity, one for each key of a term.
    var affinity: [Int] = []
    var matchesOwnAffinity = false
    var antiAffinity: [Int] = []
    var existingAntiAffinity: [Int] = []
    var preference: [Int] = []

    var filters: Bool { !hardSpread.isEmpty || filtersByPods }
    var filtersByPods: Bool {
        !affinity.isEmpty || !antiAffinity.isEmpty || !existingAntiAffinity.isEmpty
    }
}

/// Every tally, and which of them a pod of each shape counts in.
package struct PlacementTallies: Sendable {
    private(set) var tallies: [DomainTally] = []
    private(set) var ofShape: [ShapeTallies] = []
    private var definitions: [TallyDefinition] = []
    private var indices: [TallyDefinition: Int] = [:]
    /// By class: twice the shape, one more for pods that are being deleted.
    private var contributions: [[Contribution]] = []

    private struct Contribution: Sendable {
        var tally: Int
        var weight: Int64
        var occurrences: Int64
    }

    /// The count of the emptiest domain of a constraint; 0 when there are fewer domains than it wants.
    func smallestCount(_ constraint: SpreadConstraint) -> Int64 {
        Int64(tallies[constraint.tally].domainCount) < constraint.minDomains
            ? 0 : tallies[constraint.tally].minimum
    }

    /// Counts a pod that comes (`sign` 1) or goes (-1).
    mutating func count(
        shape: Int, isTerminating: Bool, at position: Int, sign: Int64,
        columns: borrowing LabelColumns
    ) {
        let podClass = shape * 2 + (isTerminating ? 1 : 0)
        for index in contributions[podClass].indices {
            let contribution = contributions[podClass][index]
            let column = tallies[contribution.tally].column
            tallies[contribution.tally].add(
                sign * contribution.weight, occurrences: sign * contribution.occurrences,
                at: position, domain: columns[column].at[position])
        }
    }

    /// Makes room for a shape; `PlacementCompiler` says what is in it.
    mutating func append(_ shape: ShapeTallies) {
        ofShape.append(shape)
        contributions.append([])
        contributions.append([])
    }

    mutating func link(existingAntiAffinity tally: Int, to shape: Int) {
        if !ofShape[shape].existingAntiAffinity.contains(tally) {
            ofShape[shape].existingAntiAffinity.append(tally)
        }
    }

    mutating func link(preference tally: Int, to shape: Int) {
        if !ofShape[shape].preference.contains(tally) { ofShape[shape].preference.append(tally) }
    }

    mutating func setTallies(_ tallies: ShapeTallies, of shape: Int) { ofShape[shape] = tallies }

    func index(of definition: TallyDefinition) -> Int? { indices[definition] }

    mutating func append(_ definition: TallyDefinition, _ tally: DomainTally) -> Int {
        let index = tallies.count
        tallies.append(tally)
        definitions.append(definition)
        indices[definition] = index
        return index
    }

    var definitionCount: Int { definitions.count }
    func definition(_ index: Int) -> TallyDefinition { definitions[index] }

    /// From now on a pod of the class counts in the tally.
    mutating func add(
        weight: Int64, occurrences: Int64, ofClass podClass: Int, to tally: Int
    ) {
        contributions[podClass].append(
            Contribution(tally: tally, weight: weight, occurrences: occurrences))
    }

    /// Counts pods that were there before their class contributed to the tally.
    mutating func countResident(
        tally: Int, weight: Int64, occurrences: Int64, at position: Int,
        columns: borrowing LabelColumns
    ) {
        let column = tallies[tally].column
        tallies[tally].add(
            weight, occurrences: occurrences, at: position,
            domain: columns[column].at[position])
    }
}
