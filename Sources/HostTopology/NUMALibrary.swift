/// What libnuma tells of NUMA nodes; a protocol, so that tests invent machines and hosts without it work.
public protocol NUMALibrary: Sendable {
    /// Whether the kernel answers NUMA questions; not so in some containers.
    var isAvailable: Bool { get }
    /// Bytes of memory on the node with an OS index; nil when it cannot tell.
    func memory(ofNode node: Int) -> Int64?
    /// SLIT value between two nodes by OS index; nil when it cannot tell.
    func distance(from: Int, to: Int) -> Int?
}
