public import Primitives

/// One member of the target mix: its weight among the others and what one pod of it asks for.
public struct MixDemand: Sendable, Hashable {
    public var weight: Int
    public var requests: [ResourceAmount]

    public init(weight: Int, requests: [ResourceAmount]) {
        self.weight = weight
        self.requests = requests
    }
}
