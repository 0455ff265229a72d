/// How NodeResourceTopologyMatch keeps what nodes publish, in the words of its arguments.
package struct TopologyCacheSettings: Hashable, Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        /// Reads the object for every call.
        case passthrough = "Passthrough"
        /// Takes every reservation off every zone until a resync.
        case overReserve = "OverReserve"
        /// Uses no node between a reservation and the end of its binding.
        case discardReserved = "DiscardReserved"
    }

    /// Which pods a fingerprint is expected to cover.
    package enum ResyncMethod: String, Sendable, CaseIterable {
        case all = "All"
        case onlyExclusiveResources = "OnlyExclusiveResources"
        /// As the object's attribute says.
        case autodetect = "Autodetect"
    }

    /// Whether changed attributes make a node be read again.
    package enum ResyncScope: String, Sendable, CaseIterable {
        case all = "All"
        case onlyResources = "OnlyResources"
    }

    /// Which pods of other schedulers make a node unusable until it is read again.
    package enum ForeignPodsDetection: String, Sendable, CaseIterable {
        case all = "All"
        case none = "None"
        case onlyExclusiveResources = "OnlyExclusiveResources"
    }

    /// Which pods the lister shows: running ones only, or all that are past Pending.
    package enum InformerMode: String, Sendable, CaseIterable {
        case shared = "Shared"
        case dedicated = "Dedicated"
    }

    package var kind = Kind.overReserve
    package var resyncMethod = ResyncMethod.autodetect
    package var resyncScope = ResyncScope.all
    package var foreignPods = ForeignPodsDetection.all
    package var informerMode = InformerMode.dedicated

    package init() {}
}
