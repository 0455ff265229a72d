/// One way to satisfy one request: NUMA nodes that would do, and whether there is no narrower way.
package struct TopologyHint: Hashable, Sendable {
    /// Nil is "any NUMA nodes".
    package var affinity: NUMAMask?
    package var isPreferred: Bool

    package init(_ affinity: NUMAMask?, isPreferred: Bool) {
        self.affinity = affinity
        self.isPreferred = isPreferred
    }
}
