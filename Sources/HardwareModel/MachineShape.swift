/// How many of each part a regular machine has in each part around it, as in `2s2n8c2t`.
///
/// Counts are per parent, as hwloc's synthetic topologies count: 2 sockets × 2 NUMA nodes × 8 cores × 2 CPUs are
/// 64 CPUs. The letters are `s` sockets, `d` dies, `n` NUMA nodes, `l` (or `u`) uncore caches, `c` cores and `t`
/// CPUs of a core. Each may be left out and is then 1 (NUMA nodes: one a socket; dies: not told apart), but one of
/// `c` and `t` must be there. Parts nest in the order in which they are written: `2s1l2n4c` has one L3 over two
/// NUMA nodes, as Intel's sub-NUMA clusters do, and `1n2s4c` one NUMA node over two sockets. Dies lie in sockets;
/// cores and then CPUs come last.
public struct MachineShape: Hashable, Sendable {
    /// A kind of part that holds others.
    public enum Part: Character, Sendable, CaseIterable {
        case socket = "s", die = "d", numaNode = "n", uncoreCache = "l", core = "c", cpu = "t"
    }

    /// One level of nesting.
    public struct Level: Hashable, Sendable {
        public var part: Part
        /// How many in each part around it.
        public var count: Int
    }

    /// All levels from the outermost, those left out included; a die level only when it was written.
    public let levels: [Level]
    /// The shape as it was written.
    public let text: String

    /// How many there are of `part` in one parent.
    public func count(of part: Part) -> Int { levels.first { $0.part == part }?.count ?? 1 }

    /// How many there are of `part` on the whole machine.
    public func total(of part: Part) -> Int {
        guard let position = levels.firstIndex(where: { $0.part == part }) else { return 0 }
        return levels[...position].reduce(1) { $0 * $1.count }
    }
}

/// What is wrong with a shape.
public struct MachineShapeError: Error, Hashable, Sendable {
    public enum Reason: Hashable, Sendable {
        case empty
        /// A count was expected and this stands there; nil at the end.
        case missingCount(before: Character?)
        case missingLetter
        case unknownLetter(Character)
        /// 0, or more digits than any machine needs.
        case countOutOfRange(String)
        case repeatedLetter(Character)
        case wrongOrder(Character, after: Character)
        case withoutCores
        case tooManyCPUs
        case tooManyNUMANodes
    }

    public var reason: Reason
    /// The shape as it was written.
    public var text: String
}

extension MachineShapeError: CustomStringConvertible {
    /// One sentence without a full stop.
    public var description: String {
        let shape = "machine shape `\(text)`"
        return switch reason {
        case .empty: "a machine shape is empty"
        case .missingCount(let letter?): "\(shape) has no count before `\(letter)`"
        case .missingCount(nil): "\(shape) ends where a count was expected"
        case .missingLetter: "\(shape) ends with a count that no letter follows"
        case .unknownLetter(let letter):
            "\(shape) has `\(letter)`, which is none of s, d, n, l, c and t"
        case .countOutOfRange(let digits):
            "\(shape) has the count \(digits), which is not 1 to 1024"
        case .repeatedLetter(let letter): "\(shape) has `\(letter)` twice"
        case .wrongOrder(let letter, let earlier):
            "\(shape) has `\(letter)` after `\(earlier)`, and it must come before"
        case .withoutCores: "\(shape) has neither cores (`c`) nor CPUs (`t`)"
        case .tooManyCPUs: "\(shape) has more than \(Machine.cpuLimit) CPUs"
        case .tooManyNUMANodes: "\(shape) has more than \(Machine.numaNodeLimit) NUMA nodes"
        }
    }

    /// What a shape looks like.
    public static let hint =
        "a shape counts per parent: `2s2n8c2t` is 2 sockets × 2 NUMA nodes × 8 cores × 2 CPUs"
}

extension MachineShape {
    /// Bytes of memory on each NUMA node where none are given: 64 GiB.
    public static let defaultMemoryPerNUMANode: Int64 = 64 << 30
}
