/// What a container asks of nri-plugins' topology-aware policy, after its classification.
/// (nri-plugins, topology-aware/policy/pod-preferences.go)
package struct TopologyAwareRequest: Sendable, Hashable {
    package enum Class: Sendable, Hashable {
        /// Runs on the reserved CPUs.
        case reserved
        case bestEffort
        /// Milli-CPU of its limit; nil is unlimited.
        case burstable(limit: Int?)
        case guaranteed
    }

    /// What an operator or a pod says of a container; the plugin's defaults unless told.
    package struct Preferences: Sendable, Hashable {
        /// Set by annotation.
        package var annotatedIsolated: Bool?
        package var annotatedShared: Bool?
        package var configuredIsolated = true
        package var configuredShared = false

        package init() {}
    }

    package var kind: Class
    /// Exclusive CPUs.
    package var exclusive: Int
    /// Milli-CPU of shared CPUs.
    package var shared: Int
    package var wantsIsolated: Bool

    /// - Parameter milliCPU: the container's request.
    package init(
        _ kind: Class, milliCPU: Int, preferences: Preferences = Preferences()
    ) {
        self.kind = kind
        exclusive = 0
        shared = milliCPU
        wantsIsolated = false
        switch kind {
        case .bestEffort: shared = 0
        case .reserved, .burstable: break
        case .guaranteed:
            let (whole, rest) = (milliCPU / 1000, milliCPU % 1000)
            let prefersShared = preferences.annotatedShared ?? preferences.configuredShared
            let isolated = preferences.annotatedIsolated ?? preferences.configuredIsolated
            if whole == 1, !prefersShared {
                exclusive = 1
                shared = rest
                wantsIsolated = isolated
            } else if whole >= 2, rest > 0, preferences.annotatedShared == false {
                exclusive = whole
                shared = rest
                wantsIsolated = isolated
            } else if whole >= 2, rest == 0, !prefersShared {
                exclusive = whole
                shared = 0
                wantsIsolated = preferences.annotatedIsolated ?? false
            }
        }
    }
}
