extension UpstreamBugCounts {
    /// Each bug by the name that docs/fidelity.md gives it, those that never showed included.
    public var named: [(name: String, count: Int64)] {
        [
            ("busy-threads-of-free-core", busyThreadsOfFreeCore),
            ("single-block-on-group", singleBlockOnGroup),
            ("share-never-returned", shareNeverReturned),
            ("second-share-after-restart", secondShareAfterRestart),
        ]
    }

    public static func += (total: inout UpstreamBugCounts, other: UpstreamBugCounts) {
        total.busyThreadsOfFreeCore += other.busyThreadsOfFreeCore
        total.singleBlockOnGroup += other.singleBlockOnGroup
        total.shareNeverReturned += other.shareNeverReturned
        total.secondShareAfterRestart += other.secondShareAfterRestart
    }
}
