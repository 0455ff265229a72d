import ClusterScheduler

/// The fingerprint of a multiset of pods.
enum TopologyFingerprintVectors {
    @Sendable static func run(
        _ json: JSONValue, _ machines: VectorMachines
    ) throws(VectorStop) {
        var hashes: [UInt64] = []
        for pod in json["pods"]?.elements ?? [] {
            let names = pod.elements.compactMap(\.text)
            guard names.count == 2 else { throw .malformed("a pod is namespace and name") }
            hashes.append(PodFingerprint.hash(namespace: names[0], name: names[1]))
        }
        let expected = try required(json["fingerprint"]?.text, "fingerprint")
        try requireEqual(
            "fingerprint", expected: expected, got: PodFingerprint(hashes: hashes).text)
        try requireEqual(
            "fingerprint as read", expected: expected, got: PodFingerprint(text: expected)?.text)
    }
}
