extension Rejection {
    /// A real kubelet never comes to this answer: it loops for ever, or longer than anyone waits.
    public var isUpstreamHang: Bool {
        switch cause {
        case .cpuDistributionNeverEnds, .upstreamWouldStall: true
        default: false
        }
    }
}
