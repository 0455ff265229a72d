#if canImport(CNuma)
    internal import CNuma

    /// The system's libnuma, for this computer alone.
    ///
    /// It warns on stderr about files that it cannot read, so `HostMachine` asks only for nodes whose files are
    /// there. Source: numa(3).
    public struct LibNUMA: NUMALibrary {
        public let isAvailable: Bool

        public init() { isAvailable = numa_available() >= 0 }

        public func memory(ofNode node: Int) -> Int64? {
            guard isAvailable, let node = Int32(exactly: node), node <= numa_max_node() else {
                return nil
            }
            let bytes = numa_node_size64(node, nil)
            return bytes > 0 ? Int64(bytes) : nil
        }

        public func distance(from: Int, to: Int) -> Int? {
            guard isAvailable, let from = Int32(exactly: from), let to = Int32(exactly: to) else {
                return nil
            }
            // 0 means that the kernel has no table.
            let distance = numa_distance(from, to)
            return distance > 0 ? Int(distance) : nil
        }
    }
#endif
