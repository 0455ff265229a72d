import Primitives

/// One label key of the nodes: its values as small numbers, and the value of the node at each position.
package struct LabelColumn: Sendable {
    package let key: String
    /// Values by number.
    package private(set) var values: [String] = []
    /// Each value as a whole number, nil where it is none; for `Gt` and `Lt`.
    private(set) var integers: [Int64?] = []
    /// Number of the value of the node at each position, -1 where the node has no such label.
    package fileprivate(set) var at: [Int32] = []
    /// Some node has no such label.
    fileprivate(set) var lacksSome = false
    private var numbers: [String: Int32] = [:]

    init(key: String) { self.key = key }

    /// The number of a value, a new one when it is new.
    mutating func number(of value: String) -> Int32 {
        if let known = numbers[value] { return known }
        let number = Int32(values.count)
        values.append(value)
        integers.append(Int64(value))
        numbers[value] = number
        return number
    }

    func number(ifKnown value: String) -> Int32? { numbers[value] }
}

/// The columns of those label keys that some pod asks about; others cost nothing.
package struct LabelColumns: Sendable {
    package private(set) var columns: [LabelColumn] = []
    private var indices: [String: Int] = [:]

    /// Stands for the node's name in place of a label key; no label key is empty.
    static let nodeName = ""
    static let hostname = "kubernetes.io/hostname"

    package subscript(index: Int) -> LabelColumn {
        _read { yield columns[index] }
    }

    mutating func number(of value: String, in column: Int) -> Int32 {
        columns[column].number(of: value)
    }

    func index(of key: String) -> Int? { indices[key] }

    /// The column of `key`, made when it is asked for the first time.
    mutating func column(_ key: String, of roster: NodeRoster) -> Int {
        if let known = indices[key] { return known }
        let index = columns.count
        columns.append(LabelColumn(key: key))
        indices[key] = index
        fill(index, from: roster)
        return index
    }

    /// Reads every column again, after nodes came or changed. Numbers of values stay what they were.
    mutating func refill(from roster: NodeRoster) {
        for index in columns.indices { fill(index, from: roster) }
    }

    private mutating func fill(_ index: Int, from roster: NodeRoster) {
        let key = columns[index].key
        let isName = key == LabelColumns.nodeName
        let namesDecide = isName || (key == LabelColumns.hostname && roster.hasHostnameLabels)
        var numberOfKind: [Int32] = []
        for kind in roster.kinds {
            numberOfKind.append(kind.label(key).map { columns[index].number(of: $0) } ?? -1)
        }
        var at: [Int32] = []
        at.reserveCapacity(roster.count)
        for node in roster.order.nodes {
            let ofKind = numberOfKind[roster.kindOfNode[node.position]]
            if namesDecide, isName || ofKind < 0 {
                at.append(columns[index].number(of: roster.name(of: node)))
            } else {
                at.append(ofKind)
            }
        }
        columns[index].at = at
        columns[index].lacksSome = at.contains { $0 < 0 }
    }
}
