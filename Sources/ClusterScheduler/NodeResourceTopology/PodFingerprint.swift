/// A number for a set of pods, by which scheduler and exporter tell whether they speak of the same pods.
///
/// Source: k8stopologyawareschedwg/podfingerprint 0.2.2: the hashes of the pods, sorted, hashed.
package struct PodFingerprint: Hashable, Sendable {
    package var value: UInt64

    package init(value: UInt64) { self.value = value }

    /// Of pods by their hashes, in any order; a pod that comes twice counts twice.
    package init(hashes: [UInt64]) {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(hashes.count * 8)
        for hash in hashes.sorted() {
            for shift in stride(from: UInt64(0), to: 64, by: 8) {
                bytes.append(UInt8(truncatingIfNeeded: hash &>> shift))
            }
        }
        value = XXHash64.hash(bytes, seed: 0)
    }

    /// The hash of one pod.
    package static func hash(namespace: String, name: String) -> UInt64 {
        hash(name: Array(name.utf8), namespaceHash: hash(namespace: namespace))
    }

    /// What a namespace adds to the hashes of its pods.
    package static func hash(namespace: String) -> UInt64 {
        XXHash64.hash(Array(namespace.utf8), seed: 0)
    }

    package static func hash(name: [UInt8], namespaceHash: UInt64) -> UInt64 {
        XXHash64.hash(name, seed: namespaceHash)
    }

    private static let prefix = "pfp0v001"

    /// Reads a fingerprint; nil for a text that no set of pods has.
    package init?(text: String) {
        guard text.hasPrefix(PodFingerprint.prefix), text.utf8.count == 24 else { return nil }
        guard let value = UInt64(text.dropFirst(8), radix: 16) else { return nil }
        self.value = value
        guard self.text == text else { return nil }
    }

    package var text: String {
        let digits = String(value, radix: 16)
        return PodFingerprint.prefix + String(repeating: "0", count: 16 - digits.count) + digits
    }
}
