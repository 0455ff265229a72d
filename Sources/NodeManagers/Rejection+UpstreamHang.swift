extension Rejection {
    /// A real kubelet never comes to this answer: it loops for ever.
    public var isUpstreamHang: Bool {
        switch cause {
        case .cpuDistributionNeverEnds: true
        default: false
        }
    }
}
