/// The order of events that share an instant: a lower phase happens first.
///
/// What is given back at an instant can be taken at that instant, so releases come before arrivals, and a sample
/// sees everything that the instant changed.
public enum EventPhase: UInt8, CaseIterable, Comparable, Sendable, BitwiseCopyable {
    /// Resources are given back.
    case release
    /// Nodes fail, return, or publish what they have.
    case nodeChange
    /// Controllers react to what they have seen.
    case controller
    /// New work enters.
    case arrival
    /// A node is asked to admit what was bound to it.
    case admission
    /// The scheduler decides.
    case scheduling
    /// State is looked at.
    case sample
    /// The run ends.
    case end

    @inlinable
    public static func < (lhs: EventPhase, rhs: EventPhase) -> Bool { lhs.rawValue < rhs.rawValue }
}
