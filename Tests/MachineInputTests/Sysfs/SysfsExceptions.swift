/// A fact in which the kernel's own word and hwloc's reading of it differ, and why ours is the kernel's.
struct SysfsException: Sendable {
    enum Source: Sendable { case derived, expected }

    var dump: String
    var sources: [Source] = [.derived, .expected]
    var cause: String
    var facts: [TopologyFacts.Fact] = []
    /// What our reading has instead.
    var ours: [TopologyFacts.Fact: String] = [:]
    var device: String?
    var deviceNodes: [Int]?

    static let all: [SysfsException] = []
}
