/// Upstream bugs of the kubelet that a scenario may have fixed, to see what a fix would buy. None is by default.
///
/// docs/fidelity.md describes each under the same name. Kubelets of one `NodeModel` have them fixed or not from
/// their start on.
public struct UpstreamFixes: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The set of fixes called `names`; names that no fix has are left out.
    public init(names: [String]) {
        self.init(UpstreamFix.allCases.filter { names.contains($0.rawValue) }.map(\.option))
    }

    public func contains(_ fix: UpstreamFix) -> Bool { contains(fix.option) }
}

/// One bug of the kubelet that can be had fixed, by the name of the bug.
public enum UpstreamFix: String, CaseIterable, Sendable {
    case sharedCombinationMemory = "shared-combination-memory"
    case endlessDealing = "endless-dealing"
    case busyThreadsOfFreeCore = "busy-threads-of-free-core"
    case singleBlockOnGroup = "single-block-on-group"
    case noMemoryHintIsNoPreference = "no-memory-hint-is-no-preference"
    case unhintedInitHugePages = "unhinted-init-huge-pages"
    case shareNeverReturned = "share-never-returned"
    case secondShareAfterRestart = "second-share-after-restart"
    case ownCPUsNotCounted = "own-cpus-not-counted"
    case initMemoryChargedAgain = "init-memory-charged-again"
    case exitedInitContainerDevices = "exited-init-container-devices"

    var option: UpstreamFixes {
        UpstreamFixes(rawValue: 1 << UInt32(UpstreamFix.allCases.firstIndex(of: self) ?? 31))
    }

    /// What a kubelet with the fix does, in one line.
    public var summary: String {
        switch self {
        case .sharedCombinationMemory:
            "`distribute-cpus-across-numa` uses the combination of NUMA nodes that it found best"
        case .endlessDealing:
            "`distribute-cpus-across-numa` passes over combinations whose leftovers cannot be dealt"
        case .busyThreadsOfFreeCore:
            "a core or socket is free when all of its own CPUs are, whatever the average"
        case .singleBlockOnGroup:
            "a block on one NUMA node is refused where the node belongs to a group"
        case .noMemoryHintIsNoPreference:
            "no list of memory hints means that nothing fits, not that anything does"
        case .unhintedInitHugePages:
            "with pod scope, huge pages that only an init container wants are hinted as well"
        case .shareNeverReturned:
            "a pod-level share of CPUs that cannot be cut up goes back to the pool"
        case .secondShareAfterRestart:
            "a pod that has a pod-level share keeps it when it is admitted again"
        case .ownCPUsNotCounted:
            "`full-pcpus-only` counts the CPUs that the container or its init containers have"
        case .initMemoryChargedAgain:
            "memory of an init container that is over is not taken again after a restart"
        case .exitedInitContainerDevices:
            "a running pod needs no plugin for the devices of init containers that are over"
        }
    }
}
