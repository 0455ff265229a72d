/// Upstream bugs of the kubelet that a scenario may have fixed, to see what a fix would buy. None is by default.
///
/// docs/fidelity.md describes each under the same name. Kubelets of one `NodeModel` have them fixed or not from
/// their start on.
public struct UpstreamFixes: OptionSet, Hashable, Sendable {
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The set of fixes called `names`; names that no fix has are left out.
    public init(names: [String]) {
        self = []
        for fix in UpstreamFix.allCases where names.contains(fix.rawValue) { formUnion(fix.option) }
    }

    public static let sharedCombinationMemory = UpstreamFixes(rawValue: 1 << 0)
    public static let endlessDealing = UpstreamFixes(rawValue: 1 << 1)
    public static let busyThreadsOfFreeCore = UpstreamFixes(rawValue: 1 << 2)
    public static let singleBlockOnGroup = UpstreamFixes(rawValue: 1 << 3)
    public static let noMemoryHintIsNoPreference = UpstreamFixes(rawValue: 1 << 4)
    public static let unhintedInitHugePages = UpstreamFixes(rawValue: 1 << 5)
    public static let shareNeverReturned = UpstreamFixes(rawValue: 1 << 6)
    public static let secondShareAfterRestart = UpstreamFixes(rawValue: 1 << 7)
    public static let ownCPUsNotCounted = UpstreamFixes(rawValue: 1 << 8)
    public static let initMemoryChargedAgain = UpstreamFixes(rawValue: 1 << 9)
    public static let exitedInitContainerDevices = UpstreamFixes(rawValue: 1 << 10)
    public static let emptyPoolRefused = UpstreamFixes(rawValue: 1 << 11)
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
    case emptyPoolRefused = "empty-pool-refused"

    public var option: UpstreamFixes {
        switch self {
        case .sharedCombinationMemory: .sharedCombinationMemory
        case .endlessDealing: .endlessDealing
        case .busyThreadsOfFreeCore: .busyThreadsOfFreeCore
        case .singleBlockOnGroup: .singleBlockOnGroup
        case .noMemoryHintIsNoPreference: .noMemoryHintIsNoPreference
        case .unhintedInitHugePages: .unhintedInitHugePages
        case .shareNeverReturned: .shareNeverReturned
        case .secondShareAfterRestart: .secondShareAfterRestart
        case .ownCPUsNotCounted: .ownCPUsNotCounted
        case .initMemoryChargedAgain: .initMemoryChargedAgain
        case .exitedInitContainerDevices: .exitedInitContainerDevices
        case .emptyPoolRefused: .emptyPoolRefused
        }
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
        case .emptyPoolRefused:
            "a kubelet starts again on a node whose pods hold every CPU"
        }
    }
}
