/// What tells a pod object from every other, derived from (workload, owner, replica, incarnation): the same in every run.
///
/// Kubernetes draws UIDs at random; these are 63 bits, printed as 16 lowercase hexadecimal digits.
public struct PodUID: Hashable, Sendable, BitwiseCopyable {
    public var bits: UInt64

    /// - Parameter workloadKey: `workloadKey(namespace:name:)` of the pod's workload.
    public init(workloadKey: UInt64, owner: UInt32, replica: UInt32, incarnation: UInt32) {
        let ordinal = UInt64(owner) << 32 | UInt64(replica)
        bits = mixed(mixed(workloadKey ^ mixed(ordinal)) &+ UInt64(incarnation)) >> 1
    }

    /// FNV-1a of `namespace/name`.
    public static func workloadKey(namespace: String, name: String) -> UInt64 {
        var key: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in "\(namespace)/\(name)".utf8 {
            key = (key ^ UInt64(byte)) &* 0x0000_0100_0000_01b3
        }
        return key
    }
}

extension PodUID: CustomStringConvertible {
    public var description: String {
        let digits = String(bits, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}

/// SplitMix64's finalizer: a bijection that spreads every bit over all others.
private func mixed(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9e37_79b9_7f4a_7c15
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
}
