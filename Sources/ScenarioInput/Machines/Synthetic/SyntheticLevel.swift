/// What one level of a synthetic string is made of.
enum SyntheticPart: Hashable {
    case socket, die, numaNode, group, core, cpu
    /// Instruction caches are told apart, since only data makes a cache an uncore cache.
    case cache(level: Int, holdsData: Bool)

    var isCache: Bool { if case .cache = self { true } else { false } }

    var isUncoreCache: Bool { self == .cache(level: 3, holdsData: true) }
}

/// How the objects of a level are numbered, when it is not in their own order.
enum SyntheticIndexes: Equatable {
    /// One number for each.
    case listed([Int])
    /// Loops from the fastest: of every `step` objects, `count` numbers.
    case interleaved([Loop])
    /// Loops over levels above, by their part, from the fastest.
    case byParts([SyntheticPart])

    struct Loop: Equatable {
        var step: Int
        var count: Int
    }
}

/// One level of a synthetic string: so many equal parts in each part of the level before.
struct SyntheticLevel {
    /// Nil where only a number was given.
    var part: SyntheticPart?
    /// How many in each part around it.
    var count: Int
    /// How many on the whole machine.
    var total: Int
    /// Position in the text.
    var place: Int
    var attributes = SyntheticAttributes()
    /// NUMA nodes that hang at each part of this level.
    var attached: [SyntheticAttributes] = []
}

/// What stands in parentheses behind a level.
struct SyntheticAttributes {
    /// Bytes of a NUMA node or a cache; nil when not given or 0.
    var size: Int64?
    var hasSideCache = false
    var indexes: SyntheticIndexes?
    /// Where `indexes` stands in the text.
    var indexesPlace = 0
    /// Names that are not known.
    var unknown: [String] = []
}

/// What is wrong with a synthetic string, and where.
struct SyntheticError: Error {
    /// Position in the bytes.
    var position: Int
    var message: String
    var hint: String?
}
