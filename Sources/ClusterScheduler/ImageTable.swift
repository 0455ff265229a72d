import Primitives

/// Container images on nodes: which there are, how large, and on how many nodes each lies.
///
/// An image's size is what the first node that lists it says. Source: k/k pkg/scheduler/backend/cache/cache.go,
/// addNodeImageStates; names are completed with `:latest` as image_locality.go does it.
struct ImageTable: Sendable {
    private var numbers: [String: Int32] = [:]
    private(set) var sizes: [Int64] = []
    private(set) var nodeCounts: [Int64] = []
    /// Numbers of the images of each kind of node, ascending.
    private(set) var ofKind: [[Int32]]

    init(_ roster: NodeRoster) {
        ofKind = roster.kinds.map { _ in [] }
        guard roster.kinds.contains(where: { !$0.images.isEmpty }) else { return }
        var isListed = Array(repeating: false, count: roster.kinds.count)
        for node in roster.order.nodes {
            let kind = roster.kindOfNode[node.position]
            if !isListed[kind] {
                isListed[kind] = true
                var own = Set<Int32>()
                for image in roster.kinds[kind].images {
                    for name in image.names { own.insert(add(name, size: image.size)) }
                }
                ofKind[kind] = own.sorted()
            }
            for image in ofKind[kind] { nodeCounts[Int(image)] += 1 }
        }
    }

    private mutating func add(_ name: String, size: Int64) -> Int32 {
        if let known = numbers[name] { return known }
        let number = Int32(sizes.count)
        numbers[name] = number
        sizes.append(size)
        nodeCounts.append(0)
        return number
    }

    func number(of name: String) -> Int32? { numbers[ImageTable.normalized(name)] }

    /// `name:latest` where the part after the last slash has no tag.
    static func normalized(_ name: String) -> String {
        let bytes = Array(name.utf8)
        let colon = bytes.lastIndex(of: UInt8(ascii: ":")) ?? -1
        let slash = bytes.lastIndex(of: UInt8(ascii: "/")) ?? -1
        return colon <= slash ? name + ":latest" : name
    }
}
