import ResultsDatabase

/// What this topsim is and what it models.
enum Version {
    static let topsim = "0.1.0"
    /// The Kubernetes release whose kubelet and scheduler are modelled.
    static let kubernetes = "1.36"

    static let text = """
        topsim \(topsim)
        results schema \(Schema.version)
        kubelet \(kubernetes)
        scheduler \(kubernetes)
        """
}
