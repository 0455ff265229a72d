#if canImport(CNuma)
    internal import CNuma
#endif

/// Keeps threads that work for long on one NUMA node of this computer, so that their memory stays near.
public enum ThreadBinding {
    /// Binds the calling thread to a NUMA node, in turn by `worker`; does nothing on a computer with one NUMA node.
    ///
    /// - Returns: The NUMA node, by OS index, or nil when nothing was bound.
    @discardableResult
    public static func bindToNUMANode(worker: Int) -> Int? {
        #if canImport(CNuma)
            guard numa_available() >= 0 else { return nil }
            let count = Int(numa_num_configured_nodes())
            guard count > 1 else { return nil }
            let node = Int32(worker % count)
            guard numa_run_on_node(node) == 0 else { return nil }
            numa_set_localalloc()
            return Int(node)
        #else
            return nil
        #endif
    }
}
